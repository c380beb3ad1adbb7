package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// App is an application as the OAuth server knows it. ID and Secret come from its card in Bitrix24; the other fields
// are optional. Printing an App, by whatever verb or logger, shows its secret as "***", and its JSON leaves it out;
// only of an App in an unexported field of another struct does fmt print it.
//
// An App is safe for concurrent use, as long as nobody changes it.
type App struct {
	// ID is the application's client_id, such as "local.…" or "app.…".
	ID string
	// Secret is the application's client_secret.
	Secret string `json:"-"`
	// TokenURL is where tokens are got, whatever a token says of its server. It has to use https, except on a loopback
	// address. Empty means the server that a token names, if that is one of Bitrix24's own, or else
	// https://oauth.bitrix.info/oauth/token/
	TokenURL string
	// HTTPClient makes the requests; nil means one with default settings. Only its Transport and its Timeout are used;
	// without a Timeout, a request may take 30 seconds. Redirects are not followed and cookies not kept. An
	// [http.Transport] is not used itself, but a copy that finds dead HTTP/2 connections by pings, well within the
	// timeout, unless it sends pings already.
	HTTPClient *http.Client `json:"-"`
	// TrustHost reports whether a portal may be at a host that a new pair names (in lower case, with the port if it is
	// not 443) although the pair before named another. It is not asked about hosts of Bitrix24's cloud, such as
	// example.bitrix24.com, and that of TokenURL: those are believed. nil stands for no others; then a self-hosted
	// portal that moves is asked at its old address until the application is installed or authorized anew. It must be
	// safe for concurrent use.
	TrustHost func(host string) bool `json:"-"`
	// Renewing is called when a pair is to be renewed, and what it returns when that has ended, once for all who wait for
	// it, for traces and metrics. The request to the OAuth server is made with the context that it returns. It must be
	// safe for concurrent use; a nil context or func stands for none. If one of the two panics, the calls that wait fail;
	// a pair that was got is saved nevertheless.
	Renewing func(ctx context.Context) (context.Context, func(Renewal)) `json:"-"`
	// Moved is called when a new pair says that the portal is at another address (ClientEndpoint) than the pair before
	// it said. It is called once, by the process that renewed the pair, after the save. The calls that wait for the new
	// pair wait for Moved, too. If it panics, they fail; the pair is saved nevertheless.
	Moved func(ctx context.Context, from, to Token) `json:"-"`
}

// Exchange gets a pair of tokens for the code that a user came back with from [App.AuthorizeURL]. A code works once.
//
// What can never be right is an [*imbot.ParamError], and nothing is sent: an empty code, which matches
// [imbot.ErrInvalidRequest]; an App without ID or Secret, which matches [imbot.ErrInvalidClient]; and a TokenURL that
// is no URL, does not use https, has a user name, a query or a fragment, or spells its host as no registry does (with a
// full-width dot, say; capital letters do no harm).
//
// It may be refused with an [*Error] that matches [imbot.ErrInvalidGrant] (the code was used before, has expired, or is
// another application's), [imbot.ErrInvalidClient], [imbot.ErrWrongClient], [imbot.ErrInvalidScope],
// [imbot.ErrPaymentRequired] or another [imbot.Code]. An error that matches [imbot.ErrOutcomeUnknown] leaves open
// whether the code was used up.
//
// ClientEndpoint of the token is what the server says, whatever the host: compare it with the portal that the user was
// sent to before tokens go there.
//
// The request goes to TokenURL, or to https://oauth.bitrix.info/oauth/token/. A portal that names another server as
// "server_domain" beside the code is served there by TokenURL.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/settings/oauth/index.html
func (a App) Exchange(ctx context.Context, code string) (Token, error) {
	if code == "" {
		return Token{}, missing("code", "there is no code")
	}
	return a.request(ctx, grant{code: code})
}

// Source returns a [*Source] for [imbot.OAuth]: it gets access tokens from a store, and renews them there when the
// portal refuses one. Without a store every call of it is an error.
//
// A program that is about to end calls [App.Wait] first.
func (a App) Source(store Store) imbot.TokenRefresher { return newSource(a, store) }

// Wait returns when no renewal of the store's pair is under way in this process, and none is left to be saved. Call it
// at the end of a program: a call that is given up does not cut its renewal short, so that the only copy of a new pair
// may be in flight when all calls have returned. A pair that could not be saved before is tried once more. The sources
// of the store may be those of any App; Moved is called by this one, if an unsaved pair names another address.
//
// Give ctx time, about a minute; without a renewal Wait returns at once. It fails with [ErrNotSaved] where there is a
// pair that the store does not have, and [NotSavedError.Token] has it. If ctx ends before a renewal does, the error
// matches that of ctx. Calls that begin meanwhile are not waited for. A store has to be of a type that can be compared,
// such as a pointer.
func (a App) Wait(ctx context.Context, store Store) error {
	switch {
	case store == nil:
		return errNoStore
	case !canShare(store):
		return errNotComparable
	}
	return newRenewer(a, store).finish(ctx)
}

// refresh gets the pair that comes after token.
func (a App) refresh(ctx context.Context, token Token) (Token, error) {
	if token.RefreshToken == "" {
		return Token{}, missing("refresh_token", "there is none, the application has to be authorized again")
	}
	next, err := a.request(ctx, grant{old: token})
	if err != nil {
		return Token{}, err
	}
	next.ClientEndpoint = a.believed(next.ClientEndpoint, token.ClientEndpoint)
	return next.filledFrom(token), nil
}

// check reports what the server would refuse in any case.
func (a App) check() error {
	switch {
	case a.ID == "":
		return &imbot.ParamError{Param: "client_id", Err: fmt.Errorf("is empty: %w", imbot.ErrInvalidClient)}
	case a.Secret == "":
		return &imbot.ParamError{Param: "client_secret", Err: fmt.Errorf("is empty: %w", imbot.ErrInvalidClient)}
	default:
		return nil
	}
}

// missing returns the error for a parameter that the server requires.
func missing(param, problem string) error {
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("%s: %w", problem, imbot.ErrInvalidRequest)}
}

// timeout is how long one request may take.
func (a App) timeout() time.Duration {
	const usual = 30 * time.Second
	if a.HTTPClient != nil && a.HTTPClient.Timeout > 0 {
		return a.HTTPClient.Timeout
	}
	return usual
}

func (a App) transport() http.RoundTripper {
	if a.HTTPClient != nil && a.HTTPClient.Transport != nil {
		return a.HTTPClient.Transport
	}
	return http.DefaultTransport
}

// Format prints the application without its secret, whatever the verb.
func (a App) Format(f fmt.State, _ rune) {
	text := fmt.Sprintf("oauth.App{ID:%q Secret:%s", a.ID, masked(a.Secret))
	if a.TokenURL != "" {
		text += " TokenURL:" + shownURL(a.TokenURL)
	}
	_, _ = f.Write([]byte(text + "}"))
}

// LogValue makes a log record of the application a group of its fields, without its secret.
func (a App) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", a.ID), slog.String("secret", masked(a.Secret))}
	if a.TokenURL != "" {
		attrs = append(attrs, slog.String("token_url", shownURL(a.TokenURL)))
	}
	return slog.GroupValue(attrs...)
}

var (
	errNoStore       = errors.New("oauth: there is no store")
	errNotComparable = errors.New("oauth: the store is of a type that cannot be compared, so that nobody knows who else uses it")
)
