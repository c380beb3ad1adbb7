package oauth

import (
	"cmp"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/hostname"
	"github.com/seed-a6e4e5a4/imbot/internal/loopback"
)

const (
	tokenPath     = "/oauth/token/" //nolint:gosec // a path, not a token
	authorizePath = "/oauth/authorize/"
)

// defaultHost is the OAuth server for a token that names no known one.
const defaultHost = "oauth.bitrix.info"

// knownHosts are Bitrix24's own OAuth servers. An application's secret is sent to no other, whatever a token says.
var knownHosts = map[string]bool{
	defaultHost:           true,
	"oauth.bitrix24.tech": true, // of portals in Russia and its neighbors
}

// tokenURL returns where token requests go: to TokenURL if there is one, and otherwise to the server that a token
// names, if that is a known one.
func (a App) tokenURL(serverEndpoint string) (string, error) {
	if a.TokenURL != "" {
		u, problem := parseURL(a.TokenURL)
		if problem != "" {
			return "", &imbot.ParamError{Param: "token URL", Err: errors.New(problem)}
		}
		return u.String(), nil
	}
	host := defaultHost
	if u, err := url.Parse(serverEndpoint); err == nil && (u.Port() == "" || u.Port() == "443") {
		if named := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")); knownHosts[named] {
			host = named
		}
	}
	return "https://" + host + tokenPath, nil
}

// parseURL returns a URL with its host in normal form, or says what is wrong with it in words that do not repeat it.
func parseURL(raw string) (u *url.URL, problem string) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, "is not a URL with a host"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback.Is(u.Hostname())):
		return nil, "has to start with https:// (http:// is for loopback addresses only)"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "has a user name, a query or a fragment"
	case !hostname.Normalize(u):
		return nil, "has a host in no usual spelling; write it in small letters, or in its ASCII form (xn--…), without a dot at its end"
	default:
		return u, ""
	}
}

// normalEndpoint returns an endpoint that a server names with its host in normal form, or nothing where it is none that
// can be used.
func normalEndpoint(named string) string {
	u, problem := parseURL(named)
	if problem != "" {
		return ""
	}
	return u.String()
}

// believed returns the endpoint that an answer names for a portal whose endpoint was known, or nothing where tokens
// must not be sent there.
func (a App) believed(named, known string) string {
	to, from := hostOf(named), hostOf(known)
	switch {
	case to == from, known == "", to == hostOf(a.TokenURL), isCloud(to), imbot.RenamedPortal(from, to), a.trusts(to):
		return named
	default:
		return ""
	}
}

// hostOf returns the host of an endpoint, with the port unless it is the usual one.
func hostOf(endpoint string) string {
	u, problem := parseURL(endpoint)
	if problem != "" {
		return ""
	}
	return u.Host
}

// trusts reports whether TrustHost accepts a host. Where it panics it does not, and the new pair is not lost.
func (a App) trusts(host string) bool {
	if a.TrustHost == nil {
		return false
	}
	trusted, err := guarded("TrustHost", nil, func() (bool, error) { return a.TrustHost(host), nil })
	return err == nil && trusted
}

// isCloud reports whether a host is NAME.bitrix24.TLD, with a TLD under which the name is Bitrix24's own.
func isCloud(host string) bool {
	name, domain, _ := strings.Cut(host, ".")
	tld, ok := strings.CutPrefix(domain, "bitrix24.")
	return ok && name != "" && cloudTLDs[tld]
}

var cloudTLDs = map[string]bool{
	"com": true, "eu": true, "de": true, "fr": true, "it": true, "es": true, "pl": true, "uk": true, "in": true,
	"com.br": true, "com.tr": true, "co": true, "mx": true, "cn": true, "jp": true, "vn": true, "id": true,
	"ru": true, "by": true, "kz": true, "ua": true,
}

// AuthorizeURL returns where to send a user who is to authorize the application on a portal:
//
//	https://portal.example/oauth/authorize/?client_id=…&state=…
//
// portal is a host, with a port if need be, or any URL of the portal, of which the host alone counts. The result uses
// https, except for a loopback address that was given as an http URL. It is empty where portal names no host: then
// there is nowhere to send anybody.
//
// The user comes back to the address on the application's card, with a code for [App.Exchange] that is valid for 30
// seconds. Before using it, check that "state" is the one of this user's session, and that "domain" is the portal that
// the user was sent to. A user who declines does not come back.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/settings/oauth/index.html
func (a App) AuthorizeURL(portal, state string) string {
	scheme, rest, found := strings.Cut(strings.TrimSpace(portal), "://")
	if !found {
		scheme, rest = "https", scheme
	}
	u, err := url.Parse("//" + rest)
	if err != nil || u.User != nil || !isHost(u.Hostname()) || strings.HasSuffix(u.Host, ":") {
		return ""
	}
	switch {
	case strings.EqualFold(scheme, "http") && loopback.Is(u.Hostname()):
		scheme = "http"
	case strings.EqualFold(scheme, "http"), strings.EqualFold(scheme, "https"):
		scheme = "https"
	default:
		return ""
	}
	values, err := query.Values(authorization{ClientID: a.ID, State: state})
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: scheme, Host: u.Host, Path: authorizePath, RawQuery: values.Encode()}).String()
}

// authorization has the parameters of an authorize URL.
type authorization struct {
	ClientID string `url:"client_id"`
	State    string `url:"state,omitempty"`
}

// isHost reports whether host is a name or an IP address: net/url accepts more.
func isHost(host string) bool {
	if net.ParseIP(host) != nil {
		return true
	}
	for label := range strings.SplitSeq(host, ".") {
		if strings.Trim(label, "-") != label || label == "" {
			return false
		}
	}
	return !strings.ContainsFunc(host, func(r rune) bool {
		return r < 0x80 && r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// shownURL returns a URL for printing, without the parts that could be a secret.
func shownURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return `"***"`
	}
	return cmp.Or(u.Scheme, "?") + "://" + u.Host + "/…"
}
