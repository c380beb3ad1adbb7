package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// AuthKind is how a call was authorized. Its values are those of the fake portal's own type.
type AuthKind int

// The kinds of authorization.
const (
	AuthNone AuthKind = iota
	AuthWebhook
	AuthOAuth
)

// credentials are what a call shows of itself, before anything of it was checked.
type credentials struct {
	kind         AuthKind
	user, secret string // of a webhook
	token        string // of OAuth
}

// identity is whom the portal takes the caller for.
type identity struct {
	user    imbot.UserID // for whom the call acts
	app     string       // OAuth application, "" for a webhook
	account string       // whose operating time is counted: the application or the webhook
	scopes  []string
}

// may reports whether one of several scopes is for the caller.
func (id identity) may(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool {
		return scope == methods.Everybody || slices.Contains(id.scopes, scope)
	})
}

// readCredentials finds what a call shows of itself. The path beats everything; among the places for a token the header
// comes first. A token at a webhook's path is not looked at.
func readCredentials(way route, header http.Header, params *php.Array) credentials {
	if way.webhook {
		return credentials{kind: AuthWebhook, user: way.user, secret: way.secret}
	}
	if secret := php.StringOf(params.Get("ap")); secret != "" {
		return credentials{kind: AuthWebhook, user: php.StringOf(params.Get("aplogin")), secret: secret}
	}
	if token, ok := bearer(header.Get("Authorization")); ok {
		return credentials{kind: AuthOAuth, token: token}
	}
	for _, name := range []string{"auth", "access_token"} {
		if token := php.StringOf(params.Get(name)); token != "" {
			return credentials{kind: AuthOAuth, token: token}
		}
	}
	return credentials{}
}

func bearer(authorization string) (string, bool) {
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// authorize decides who the caller is and whether a method that needs one of these scopes is for them. The order of the checks is the
// server's: it shows in which of several mistakes is reported.
func (s *Server) authorize(x *exchange, scopes ...string) (identity, error) {
	if x.signedLink {
		return identity{}, errSignedLink
	}
	switch x.credentials.kind {
	case AuthWebhook:
		return s.authorizeWebhook(x, scopes)
	case AuthOAuth:
		return s.authorizeToken(x, scopes)
	default:
		return identity{}, errNoAuth
	}
}

func (s *Server) authorizeWebhook(x *exchange, scopes []string) (identity, error) {
	if !x.request.secure && !isLoopback(x.request.host) {
		return identity{}, errHTTPS
	}
	hook, known := s.Store.Webhook(x.credentials.user, x.credentials.secret)
	if !known {
		return identity{}, errCredentials
	}
	who := identity{user: hook.UserID, account: x.credentials.account(""), scopes: hook.Scopes}
	if !who.may(scopes) {
		return identity{}, errHookScope
	}
	if status := s.site.now().overload; status != 0 {
		return identity{}, errOverload(status)
	}
	return who, nil
}

func (s *Server) authorizeToken(x *exchange, scopes []string) (identity, error) {
	token, known := s.Store.Token(x.credentials.token)
	if !known {
		return identity{}, errInvalidToken
	}
	if status := s.site.now().overload; status != 0 {
		return identity{}, errOverload(status)
	}
	if token.Expired(time.Now()) {
		return identity{}, errExpiredToken
	}
	who := identity{user: token.UserID, app: token.App, account: x.credentials.account(token.App), scopes: token.Scopes}
	if !who.may(scopes) {
		return identity{}, errTokenScope
	}
	return who, nil
}

// account names whose operating time a call uses: all tokens of an application share one, every webhook has its own.
func (c credentials) account(app string) string {
	if c.kind == AuthWebhook {
		return "webhook " + c.secret
	}
	return "application " + app
}

// isLoopback reports whether a host, which may have a port, is this machine. Test servers there do without HTTPS.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}
