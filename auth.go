package imbot

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/hostname"
	"github.com/seed-a6e4e5a4/imbot/internal/loopback"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Auth is what a portal knows the caller by: an incoming webhook ([Webhook]) or an OAuth token ([OAuth]). Printed or
// logged, it shows the portal and no secret.
type Auth struct{ credentials *credentials }

// credentials is the inside of an Auth: the public half of the address, and the secrets in closures.
type credentials struct {
	address portalAddress
	path    redact.Secret // webhook: "1/SECRET/"
	secrets redact.Set    // webhook: "SECRET"
	caller  uint64        // webhook: a hash that tells it from others in this process
	token   func(context.Context) (string, error)
	refresh func(ctx context.Context, rejected string) (string, error) // nil without a TokenRefresher
	err     error                                                      // what NewClient reports
}

// Webhook authorizes by the URL of an incoming webhook, as the portal shows it:
//
//	https://portal.example/rest/USER_ID/SECRET/
//
// The final slash may be missing. The URL has to use https, except on a loopback address. What is wrong with it is
// reported by [NewClient] as a [*ParamError], in words that never repeat it. Bots that were registered by a webhook
// belong to a CLIENT_ID; see [WithClientID].
func Webhook(rawURL string) Auth {
	const param = "webhook URL"
	u, problem := parseEndpoint(rawURL)
	if problem != "" {
		return badAuth(param, problem)
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(u.EscapedPath(), "/"), "/"), "/")
	switch {
	case parts[0] != "rest":
		return badAuth(param, "the path does not start with /rest/")
	case len(parts) < 2 || !isUserID(parts[1]):
		return badAuth(param, "the user id is missing, want https://PORTAL/rest/USER_ID/SECRET/")
	case len(parts) < 3 || !webhookSecret.MatchString(parts[2]):
		return badAuth(param, "the secret after the user id is missing or has characters that no secret has")
	case len(parts) > 3:
		return badAuth(param, "something follows the secret, perhaps a method: want https://PORTAL/rest/USER_ID/SECRET/")
	}
	u.Path = restPath
	path := parts[1] + "/" + parts[2] + "/"
	return Auth{&credentials{
		address: portalAddress{configured: u},
		path:    redact.NewSecret(path),
		secrets: redact.Set{redact.NewSecret(parts[2])},
		caller:  maphash.String(callerSeed, path),
	}}
}

// OAuth authorizes by an access token, the body's "auth". endpoint is the client_endpoint that came with it,
// https://portal.example/rest/, and checked like the URL of [Webhook]. tokens is asked before each request.
func OAuth(endpoint string, tokens TokenSource) Auth {
	u, problem := parseClientEndpoint(endpoint)
	switch {
	case problem != "":
		return badAuth("client endpoint", problem)
	case tokens == nil:
		return badAuth("token source", "is nil")
	case tokens == StaticToken(""):
		return badAuth("token", "is empty")
	}
	c := &credentials{address: portalAddress{configured: u}, token: tokens.Token}
	if refresher, ok := tokens.(TokenRefresher); ok {
		c.refresh = refresher.Refresh
	}
	if endpoints, ok := tokens.(interface {
		ClientEndpoint(ctx context.Context) (string, error)
	}); ok {
		c.address.source = endpoints.ClientEndpoint
	}
	return Auth{c}
}

// callerSeed makes the hashes of webhooks different in each process.
var callerSeed = maphash.MakeSeed()

// restPath is where the methods of a portal live.
const restPath = "/rest/"

// webhookSecret is what the secret of a webhook is made of. A dot would be part of a method's name.
var webhookSecret = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func isUserID(s string) bool {
	id, err := strconv.ParseInt(s, 10, 64)
	return err == nil && id > 0 && s[0] != '+'
}

func badAuth(param, problem string) Auth {
	return Auth{&credentials{err: &ParamError{Param: param, Err: errors.New(problem)}}}
}

// parseClientEndpoint checks an OAuth endpoint.
func parseClientEndpoint(rawURL string) (u *url.URL, problem string) {
	u, problem = parseEndpoint(rawURL)
	if problem == "" && strings.TrimSuffix(u.EscapedPath(), "/")+"/" != restPath {
		return nil, "want https://PORTAL/rest/ and nothing after it"
	}
	if problem == "" {
		u.Path = restPath
	}
	return u, problem
}

// parseEndpoint checks what a webhook URL and an OAuth endpoint have in common. The problem is one of fixed texts:
// url.Parse's own error would quote its input, secret and all.
func parseEndpoint(rawURL string) (u *url.URL, problem string) {
	u, err := url.Parse(rawURL)
	switch {
	case rawURL == "":
		return nil, "is empty"
	case err != nil:
		return nil, "is not a URL; does it have a space or a line break at its end?"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback.Is(u.Hostname())):
		return nil, "has to start with https:// (http:// is for loopback addresses only)"
	case u.Hostname() == "":
		return nil, "names no host"
	case u.User != nil:
		return nil, "has a user name or password before the host"
	case u.RawQuery != "" || u.ForceQuery:
		return nil, "has a query after the path"
	case u.Fragment != "" || strings.HasSuffix(rawURL, "#"):
		return nil, "has a fragment after the path"
	case !hostname.Normalize(u):
		return nil, "names a host in a spelling that is not taken; write it plainly, without a final dot, or as xn--…"
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}, ""
}

// TokenSource hands out OAuth access tokens. It is asked before each request and must be safe for concurrent use. Its
// error ends the call before anything is sent, and is in the chain of the call's error.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// TokenRefresher is a [TokenSource] that can replace a token. Refresh is called, at most once in a call, when the
// portal no longer accepts the rejected token, and the request is made again with the token that it returns. It has to
// be safe for concurrent use: calls that meet the same expired token come at the same time.
//
// A source that knows where the portal is now can have a method ClientEndpoint(ctx context.Context) (string, error); so
// can a [TokenSource]. It is asked after a refresh, and once a call where no portal was found. Clients with this Auth
// then go there, without asking a [RedirectPolicy], and a request that was not executed is made again. An address that
// [OAuth] would not accept is ignored.
type TokenRefresher interface {
	TokenSource
	Refresh(ctx context.Context, rejected string) (string, error)
}

// StaticToken is an OAuth access token that stays the same, for as long as the portal accepts it (an hour). It prints
// as "***"; converted to a string it is the token.
type StaticToken string

// Token returns the token.
func (t StaticToken) Token(context.Context) (string, error) { return string(t), nil }

// Format prints "***" whatever the verb.
func (t StaticToken) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redact.Mask)) }

// MarshalText returns "***", for JSON and loggers.
func (t StaticToken) MarshalText() ([]byte, error) { return []byte(redact.Mask), nil }

// Format prints the portal and the kind of the credentials, whatever the verb.
func (a Auth) Format(f fmt.State, _ rune) {
	switch c := a.credentials; {
	case c == nil || c.address.configured == nil:
		_, _ = fmt.Fprint(f, "imbot.Auth{}")
	case c.token == nil:
		_, _ = fmt.Fprintf(f, "imbot.Webhook(%s***)", c.address.configured)
	default:
		_, _ = fmt.Fprintf(f, "imbot.OAuth(%s, ***)", c.address.configured)
	}
}

// check returns what NewClient and With report.
func (a Auth) check() error {
	if a.credentials == nil {
		return &ParamError{Param: "auth", Err: errors.New("there are no credentials; use Webhook or OAuth")}
	}
	return a.credentials.err
}
