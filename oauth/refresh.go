package oauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// refresher is the inside of a Source.
type refresher struct {
	app    App
	store  Store
	shared *shared
}

// A renewal may wait for the lock of the store, then make its request, and then has to have time to save the answer.
const (
	timeToLock = time.Minute
	timeToSave = 30 * time.Second
)

// together runs do once for all concurrent callers with the same key. Each of them leaves when its own ctx ends. do
// itself goes on: it may have used up a refresh token.
func (r *refresher) together(ctx context.Context, key string, do func(context.Context) (Token, error)) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	if r.store == nil {
		return Token{}, errNoStore
	}
	r.shared.takeOff()
	results := r.shared.flights.DoChan(key, func() (any, error) {
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeToLock+r.app.timeout()+timeToSave)
		defer cancel()
		token, err := guarded("the renewal", nil, func() (Token, error) { return do(work) })
		return func() Token { return token }, err
	})
	select {
	case result := <-results:
		r.shared.land()
		reveal, ok := result.Val.(func() Token)
		if result.Err != nil || !ok {
			return Token{}, result.Err
		}
		return reveal(), nil
	case <-ctx.Done():
		go func() {
			<-results
			r.shared.land()
		}()
		return Token{}, ctx.Err()
	}
}

// finish returns when nothing is under way, and no pair waits to be saved any more.
func (r *refresher) finish(ctx context.Context) error {
	err := r.shared.allLanded(ctx)
	if err != nil {
		err = fmt.Errorf("oauth: a renewal is still under way: %w", err)
	} else if _, waiting := r.shared.unsaved(); waiting {
		_, err = r.together(ctx, "save", r.save)
	}
	if fresh, waiting := r.shared.unsaved(); waiting && err != nil && !errors.Is(err, ErrNotSaved) {
		return &NotSavedError{token: func() Token { return fresh }, err: err}
	}
	return err
}

// save gives the store the pair that it has failed to take before.
func (r *refresher) save(ctx context.Context) (Token, error) {
	return r.update(ctx, func(current Token) (Token, error) { return current, nil })
}

// refresh returns the token to use instead of a rejected one.
func (r *refresher) refresh(ctx context.Context, rejected string) (Token, error) {
	var used *renewal // what the server has taken for used up
	token, err := r.update(ctx, func(current Token) (Token, error) {
		if current.AccessToken != "" && current.AccessToken != rejected {
			return current, nil // somebody has renewed it meanwhile
		}
		request := r.request(current)
		if err := r.shared.brake.check(request, current.AccessToken, time.Now()); err != nil {
			return Token{}, err
		}
		if err := r.enoughTime(ctx); err != nil {
			return Token{}, err
		}
		next, err := r.renew(ctx, current)
		refusal, refused := errors.AsType[*Error](err)
		switch {
		case err == nil:
			r.shared.brake.renew(next.AccessToken, time.Now())
		case refused && refusal.Is(imbot.ErrInvalidGrant):
			used = &request
		case refused && refusal.isPlain():
			r.shared.brake.refuse(request, err, time.Now())
		}
		return next, err
	})
	if used == nil || err == nil {
		return token, err
	}
	newer, lost := r.reread(ctx, rejected)
	switch {
	case lost != nil: // whether the refusal is the last word is not known, so it is not remembered
		return Token{}, errors.Join(err, lost)
	case newer.isEmpty():
		r.shared.brake.refuse(*used, err, time.Now())
		return Token{}, err
	default:
		return newer, nil
	}
}

// renew makes the request for the pair that comes after current. If the transport does not return, nobody knows what
// became of it, nor which secrets of an answer it has seen.
func (r *refresher) renew(ctx context.Context, current Token) (Token, error) {
	next, err := guarded("the transport", nil, func() (Token, error) { return r.app.refresh(ctx, current) })
	if _, crashed := errors.AsType[crashError](err); crashed {
		err = &requestError{outcome: outcome.Unknown, err: err}
	}
	return next, err
}

// update has the store replace its token. A pair that waits to be saved stands for what the store has. change is
// called once, even if a store calls its function again: a second time there is a pair that waits.
func (r *refresher) update(ctx context.Context, change func(current Token) (Token, error)) (Token, error) {
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
			r.shared.keep(stored, next)
			secrets = append(secrets, next.secrets()...)
		}
		return next, nil
	}
	saved, err := guarded("the store", func() redact.Set { return secrets }, func() (Token, error) {
		return r.store.Update(ctx, replace)
	})
	switch fresh, waiting := r.shared.unsaved(); {
	case err == nil:
		return saved, r.settle(ctx, saved)
	case refused != nil:
		return Token{}, refused
	case waiting:
		return Token{}, &NotSavedError{token: func() Token { return fresh }, err: secrets.Error(err)}
	default:
		return Token{}, secrets.Error(err)
	}
}

// settle reports a move of the portal that a saved pair brought.
func (r *refresher) settle(ctx context.Context, saved Token) error {
	before, waited := r.shared.settle(saved)
	if !waited || r.app.Moved == nil || !saved.moved(before) {
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
func (r *refresher) enoughTime(ctx context.Context) error {
	deadline, ok := ctx.Deadline()
	if ok && time.Until(deadline) < r.app.timeout()+timeToSave {
		return fmt.Errorf("oauth: not sent: the store was locked for too long: %w", context.DeadlineExceeded)
	}
	return nil
}

// reread looks whether somebody else has renewed the pair, which is one reason for the server to refuse it, and returns
// the zero Token if nobody has. A store whose lock does not reach that far (that of a program in another language, say)
// may get the new pair a little later.
func (r *refresher) reread(ctx context.Context, rejected string) (Token, error) {
	for _, pause := range []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond, time.Second} {
		if err := wait(ctx, pause); err != nil {
			return Token{}, err
		}
		token, err := guarded("the store", nil, func() (Token, error) { return r.store.Load(ctx) })
		if err != nil {
			return Token{}, err
		}
		// A pair that waits to be saved is newer than the one that the store still has.
		if token = r.shared.newest(token); token.AccessToken != rejected && token.AccessToken != "" {
			return token, nil
		}
	}
	return Token{}, nil
}
