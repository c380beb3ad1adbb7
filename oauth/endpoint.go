package oauth

import (
	"cmp"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loopback"
)

const (
	tokenPath     = "/oauth/token/" //nolint:gosec // a path, not a token
	authorizePath = "/oauth/authorize/"
)

// defaultHost is where tokens are got without a better word.
const defaultHost = "oauth.bitrix.info"

// knownHosts are Bitrix24's own OAuth servers. An application's secret is sent to no other, whatever a token says.
var knownHosts = map[string]bool{
	defaultHost:           true,
	"oauth.bitrix24.tech": true, // of portals in Russia and its neighbors
}

// tokenURL returns where tokens are got: at TokenURL if there is one, and otherwise at the server that a token names,
// if it is a known one.
func (a App) tokenURL(serverEndpoint string) (string, error) {
	if a.TokenURL != "" {
		return a.TokenURL, checkTokenURL(a.TokenURL)
	}
	host := defaultHost
	if u, err := url.Parse(serverEndpoint); err == nil && (u.Port() == "" || u.Port() == "443") {
		if named := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")); knownHosts[named] {
			host = named
		}
	}
	return "https://" + host + tokenPath, nil
}

// checkTokenURL says what is wrong with a URL in words that do not repeat it.
func checkTokenURL(raw string) error {
	u, err := url.Parse(raw)
	problem := ""
	switch {
	case err != nil || u.Hostname() == "":
		problem = "is not a URL with a host"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback.Is(u.Hostname())):
		problem = "has to start with https:// (http:// is for loopback addresses only)"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		problem = "has a user name, a query or a fragment"
	default:
		return nil
	}
	return &imbot.ParamError{Param: "token URL", Err: errors.New(problem)}
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

// authorization is what the portal is asked when it is to authorize an application.
type authorization struct {
	ClientID string `url:"client_id"`
	State    string `url:"state,omitempty"`
}

// isHost tells a name or an address from what net/url lets pass for one.
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

// shownURL is a URL that a user gave, without what could be a secret.
func shownURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return `"***"`
	}
	return cmp.Or(u.Scheme, "?") + "://" + u.Host + "/…"
}
