package oauth

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/seed-a6e4e5a4/imbot"
)

// Source gets access tokens from a [Store] and renews them there. [App.Source] makes one; the zero Source is of no use.
// It is safe for concurrent use. Sources of one store share their requests.
type Source struct {
	// inside returns what does the work. It is in a closure, which fmt and the like print nothing of.
	inside func() *renewer
}

var _ imbot.TokenRefresher = (*Source)(nil)

func newSource(app App, store Store) *Source {
	r := newRenewer(app, store)
	return &Source{inside: func() *renewer { return r }}
}

// Token returns the access token of the store. The store is asked for it once: from then on it comes from memory, until
// the portal refuses it ([Source.Refresh]) or until it has expired by Token.Expiry. If the store has a refresh token
// alone, the pair is renewed first.
//
// A token that is used shortly before it expires, one to five minutes, is renewed meanwhile: Token returns the one that
// is still good and does not wait. What becomes of that renewal is as in Refresh, but for its error, which nobody gets;
// it is tried again a minute later. One that has expired is renewed first. Where that fails it is returned as it is, and
// not renewed by Token for a minute: the clock of this machine may be wrong, and the portal decides. Refresh says then
// what is wrong.
//
// Without a token the error matches [ErrNoToken]. After a save that failed, Token tries it again, and fails with
// [ErrNotSaved] as long as the store does. Without a store every call is an error.
func (s *Source) Token(ctx context.Context) (string, error) {
	token, err := s.current(ctx, true)
	if err == nil && token.AccessToken == "" {
		return s.Refresh(ctx, "")
	}
	return token.AccessToken, err
}

// Refresh returns the access token to use instead of one that the portal has rejected. That is the one of the store, if
// it is another: somebody has renewed it already. Otherwise the pair is renewed, and saved, by one request for all who
// ask meanwhile.
//
// If ctx ends, Refresh returns, and the renewal goes on for those who still wait: once the refresh token is sent, it is
// used up, and the answer must not be lost. [App.Wait] waits for it.
//
// What the OAuth server has refused is not asked for again for a minute: calls meanwhile get the same [*Error], such as
// that of a subscription that has ended. And where the portal refuses also what a renewal has brought, twice in a
// minute, there is no third one in that time; the error matches [ErrNotAccepted]. Either ends at once when the store
// gets a new pair, from another process or because the application was installed or authorized anew.
//
// It may fail with an [*Error], above all one that matches [imbot.ErrInvalidGrant], when the application has to be
// authorized again; with [ErrNotSaved]; with [ErrNoToken]; with an error that matches [imbot.ErrOutcomeUnknown], after
// which the store has the old pair; or with an error of the store. A store, a transport or an [App.Moved] that panics
// makes Refresh fail, not the program.
func (s *Source) Refresh(ctx context.Context, rejected string) (string, error) {
	r := s.inside()
	if rejected != "" {
		r.shared.memory.forget(rejected)
	}
	token, err := r.once(ctx, r.renewalOf(rejected), func(ctx context.Context) (Token, error) {
		return r.refresh(ctx, rejected)
	})
	return token.AccessToken, err
}

// ClientEndpoint returns where the methods of the portal live by the token of the store, such as
// https://portal.example/rest/, or nothing if the token does not say. A portal that was renamed tells its new address
// with the next pair of tokens.
func (s *Source) ClientEndpoint(ctx context.Context) (string, error) {
	token, err := s.current(ctx, false)
	return token.ClientEndpoint, err
}

// Reload forgets the token in memory, so that the next use asks the store. It is for a program that has put another pair
// into the store, because the application was installed or authorized anew: otherwise the pair before is used until the
// portal refuses it.
func (s *Source) Reload() { s.inside().shared.memory.forget("") }

// current returns the pair of the store, which may come from memory. An unsaved one goes into the store first.
func (s *Source) current(ctx context.Context, fromMemory bool) (Token, error) {
	r := s.inside()
	if r.store == nil {
		return Token{}, errNoStore
	}
	if _, found := r.shared.unsavedPair(); found {
		return r.once(ctx, "save", r.save)
	}
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	if !fromMemory {
		return r.load(ctx)
	}
	if token, found := r.remembered(ctx); found {
		return token, nil
	}
	token, err := r.load(ctx)
	if err == nil && r.shared.memory.isOver(token) {
		return r.renewed(ctx, token)
	}
	return token, err
}

// Format prints the application's id, whatever the verb.
func (s Source) Format(f fmt.State, _ rune) {
	if s.inside == nil {
		_, _ = fmt.Fprint(f, "oauth.Source{}")
		return
	}
	_, _ = fmt.Fprintf(f, "oauth.Source(%q, ***)", s.inside().app.ID)
}

// LogValue makes a log record of the source a group with the application's id.
func (s Source) LogValue() slog.Value {
	if s.inside == nil {
		return slog.GroupValue()
	}
	return slog.GroupValue(slog.String("app", s.inside().app.ID))
}
