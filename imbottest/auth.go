package imbottest

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

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

// authorize decides who the caller is and whether a method of this scope is for them. The order of the checks is the
// server's: it shows in which of several mistakes is reported.
func (p *Portal) authorize(x *exchange, scope string) (identity, error) {
	if x.signedLink {
		return identity{}, errSignedLink
	}
	switch x.credentials.kind {
	case AuthWebhook:
		return p.authorizeWebhook(x, scope)
	case AuthOAuth:
		return p.authorizeToken(x, scope)
	default:
		return identity{}, errNoAuth
	}
}

func (p *Portal) authorizeWebhook(x *exchange, scope string) (identity, error) {
	if !x.request.secure && !isLoopback(x.request.host) {
		return identity{}, errHTTPS
	}
	hook, known := p.store.Webhook(x.credentials.user, x.credentials.secret)
	if !known {
		return identity{}, errCredentials
	}
	who := identity{user: hook.UserID, account: x.credentials.account(""), scopes: hook.Scopes}
	if !who.may(scope) {
		return identity{}, errHookScope
	}
	if status, overloaded := p.site.overloaded(); overloaded {
		return identity{}, errOverload(status)
	}
	return who, nil
}

func (p *Portal) authorizeToken(x *exchange, scope string) (identity, error) {
	token, known := p.store.Token(x.credentials.token)
	if !known {
		return identity{}, errInvalidToken
	}
	if status, overloaded := p.site.overloaded(); overloaded {
		return identity{}, errOverload(status)
	}
	if token.Expired(time.Now()) {
		return identity{}, errExpiredToken
	}
	who := identity{user: token.UserID, app: token.App, account: x.credentials.account(token.App), scopes: token.Scopes}
	if !who.may(scope) {
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

// isLoopback tells whether a host, which may have a port, is this machine. Test servers there do without HTTPS.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}
