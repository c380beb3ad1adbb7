package oauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// renewer renews the pair of a store. From the outside to the inside:
//
//   - remembered: a pair that is about to expire is renewed while it is still used.
//   - once: all callers in this process who were refused the same access token wait for one renewal. It goes on when
//     they give up.
//   - update: the renewal holds the lock of the store, which excludes other processes, until the new pair is saved.
//   - refresh: under that lock it looks whether another process has renewed the pair, and whether the server may be
//     asked at all. Only then it sends the refresh token.
//
// The new pair is remembered before the store gets it, and forgotten when the store has it. As long as it is
// remembered, it stands for what the store has, and every use of a source begins with another try to save it.
type renewer struct {
	app    App
	store  Store
	shared *shared
}

func newRenewer(app App, store Store) *renewer {
	return &renewer{app: app, store: store, shared: sharedOf(store)}
}

// A renewal may wait for the lock of the store, then make its request, and then has to have time to save the answer.
const (
	timeToLock = time.Minute
	timeToSave = 30 * time.Second
)

// once runs do once for all concurrent callers with the same key. Each of them leaves when its own ctx ends. do itself
// goes on: it may have used up a refresh token.
func (r *renewer) once(ctx context.Context, key string, do func(context.Context) (Token, error)) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	if r.store == nil {
		return Token{}, errNoStore
	}
	results, left := r.start(ctx, key, do)
	select {
	case result := <-results:
		left()
		token, ok := result.Val.(Token)
		if result.Err != nil || !ok {
			return Token{}, result.Err
		}
		return token, nil
	case <-ctx.Done():
		go func() {
			<-results
			left()
		}()
		return Token{}, ctx.Err()
	}
}

// begin has do run as once does, and does not wait for it.
func (r *renewer) begin(ctx context.Context, key string, do func(context.Context) (Token, error)) {
	results, left := r.start(ctx, key, do)
	go func() {
		<-results
		left()
	}()
}

// start runs do, unless it runs for another caller with the same key. left is to be called after the result has come.
func (r *renewer) start(
	ctx context.Context, key string, do func(context.Context) (Token, error),
) (results <-chan singleflight.Result, left func()) {
	r.shared.callers.add()
	return r.shared.renewals.DoChan(key, func() (any, error) {
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeToLock+r.app.timeout()+timeToSave)
		defer cancel()
		return guarded("the renewal", nil, func() (Token, error) { return do(work) })
	}), r.shared.callers.remove
}

// renewalOf is the key of the renewal that replaces a pair.
func (r *renewer) renewalOf(accessToken string) string {
	return "refresh " + r.app.ID + " " + accessToken
}

// renew returns the pair to use instead of one whose access token was rejected. asked is set where the server handed it
// out.
func (r *renewer) renew(ctx context.Context, rejected string, asked *bool) (Token, error) {
	var usedUp *tokenRequest // the request whose refresh token the server takes for used up
	token, err := r.update(ctx, func(current Token) (Token, error) {
		if current.AccessToken != "" && current.AccessToken != rejected {
			return current, nil // somebody has renewed it meanwhile
		}
		request := tokenRequest{r.app.ID, r.app.Secret, r.app.TokenURL, current.RefreshToken}
		if err := r.shared.limit.check(request, current.AccessToken); err != nil {
			return Token{}, err
		}
		if err := r.enoughTime(ctx); err != nil {
			return Token{}, err
		}
		next, err := r.ask(ctx, current)
		refusal, refused := errors.AsType[*Error](err)
		switch {
		case err == nil:
			*asked = true
			r.shared.limit.noteRenewal(next.AccessToken)
		case refused && refusal.Is(imbot.ErrInvalidGrant):
			usedUp = &request
		case refused && refusal.isPlain():
			r.shared.limit.noteRefusal(request, err)
		}
		return next, err
	})
	if usedUp == nil || err == nil {
		return token, err
	}
	newer, failed := r.reread(ctx, rejected)
	switch {
	case failed != nil: // whether the refusal is the last word is not known, so it is not remembered
		return Token{}, errors.Join(err, failed)
	case newer.isEmpty():
		r.shared.limit.noteRefusal(*usedUp, err)
		return Token{}, err
	default:
		return newer, nil
	}
}

// save gives the store the pair that it has failed to take before.
func (r *renewer) save(ctx context.Context) (Token, error) {
	return r.update(ctx, func(current Token) (Token, error) { return current, nil })
}

// update has the store replace its pair by what change returns for it. An unsaved pair stands for what the store has.
// change is called once, even if a store calls its function again: the second time there is an unsaved pair.
func (r *renewer) update(ctx context.Context, change func(current Token) (Token, error)) (Token, error) {
	secrets := redact.Set{redact.NewSecret(r.app.Secret)}
	var refused error // by change, not by the store
	changed := false
	replace := func(stored Token) (Token, error) {
		current := r.shared.newest(stored)
		if current.isEmpty() {
			refused = ErrNoToken
			return Token{}, refused
		}
		secrets = append(secrets, current.secrets()...)
		if changed {
			return current, nil
		}
		changed = true
		next, err := change(current)
		if refused = err; err != nil {
			return Token{}, err
		}
		if !next.samePair(current) {
			r.shared.remember(next, stored)
			secrets = append(secrets, next.secrets()...)
		}
		return next, nil
	}
	saved, err := guarded("the store", func() redact.Set { return secrets }, func() (Token, error) {
		return r.store.Update(ctx, replace)
	})
	switch pair, found := r.shared.unsavedPair(); {
	case err == nil:
		r.shared.memory.replace(saved)
		return saved, r.afterSave(ctx, saved)
	case refused != nil:
		return Token{}, refused
	case found:
		return Token{}, &NotSavedError{token: func() Token { return pair }, err: secrets.Error(err)}
	default:
		return Token{}, secrets.Error(err)
	}
}

// afterSave forgets an unsaved pair that the store has now, and calls Moved if the pair names another address of the
// portal than the one before.
func (r *renewer) afterSave(ctx context.Context, saved Token) error {
	before, wasUnsaved := r.shared.saved(saved)
	if !wasUnsaved || r.app.Moved == nil || !saved.moved(before) {
		return nil
	}
	secrets := append(before.secrets(), saved.secrets()...)
	secrets = append(secrets, redact.NewSecret(r.app.Secret))
	_, err := guarded("Moved", func() redact.Set { return secrets }, func() (none struct{}, err error) {
		r.app.Moved(ctx, before, saved)
		return none, nil
	})
	return err
}

// enoughTime reports whether a request that is made now can be answered and saved before the work has to end. A pair
// that could not be saved is better not asked for.
func (r *renewer) enoughTime(ctx context.Context) error {
	deadline, ok := ctx.Deadline()
	if ok && time.Until(deadline) < r.app.timeout()+timeToSave {
		return fmt.Errorf("oauth: not sent: the store was locked for too long: %w", context.DeadlineExceeded)
	}
	return nil
}

// ask makes the request for the pair that comes after current. If the transport does not return, nobody knows what
// became of it, nor which secrets of an answer it has seen.
func (r *renewer) ask(ctx context.Context, current Token) (Token, error) {
	next, err := guarded("the transport", nil, func() (Token, error) { return r.app.refresh(ctx, current) })
	if _, crashed := errors.AsType[crashError](err); crashed {
		err = &requestError{outcome: outcome.Unknown, err: err}
	}
	return next, err
}

// reread looks whether somebody else has renewed the pair, which is one reason for the server to refuse it, and returns
// the zero Token if nobody has. A store whose lock does not reach that far (that of a program in another language, say)
// may get the new pair a little later.
func (r *renewer) reread(ctx context.Context, rejected string) (Token, error) {
	for _, pause := range []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond, time.Second} {
		if err := wait(ctx, pause); err != nil {
			return Token{}, err
		}
		token, err := guarded("the store", nil, func() (Token, error) { return r.store.Load(ctx) })
		if err != nil {
			return Token{}, err
		}
		if token = r.shared.newest(token); token.AccessToken != rejected && token.AccessToken != "" {
			return token, nil
		}
	}
	return Token{}, nil
}

// finish returns when no renewal is under way and no pair is left to be saved.
func (r *renewer) finish(ctx context.Context) error {
	err := r.shared.callers.wait(ctx)
	if err != nil {
		err = fmt.Errorf("oauth: a renewal is still under way: %w", err)
	} else if _, found := r.shared.unsavedPair(); found {
		_, err = r.once(ctx, "save", r.save)
	}
	if pair, found := r.shared.unsavedPair(); found && err != nil && !errors.Is(err, ErrNotSaved) {
		return &NotSavedError{token: func() Token { return pair }, err: err}
	}
	return err
}

// wait lets time pass, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
