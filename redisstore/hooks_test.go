package redisstore_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// hook is what somebody has put into a client: it is called before each command.
type hook struct {
	before func(ctx context.Context, command string)
}

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.before(ctx, strings.ToLower(cmd.Name()))
		return next(ctx, cmd)
	}
}

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ended is how a call ended that may not have returned.
type ended struct {
	returned bool
	err      error
	panicked any
}

func endOf(call func() error) ended {
	end := make(chan ended)
	go func() {
		var e ended
		defer func() {
			if !e.returned {
				e.panicked = recover()
			}
			end <- e
		}()
		e.err = call()
		e.returned = true
	}()
	return <-end
}

// A hook that panics or ends its goroutine does that to the caller, who may be a test that it fails.
func TestHooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stop func()
		want any
	}{
		"panics":             {func() { panic("a hook") }, "a hook"},
		"ends its goroutine": {runtime.Goexit, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var on atomic.Bool
			client := newClient(t)
			store := seeded(t, client)
			limiter := redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard)
			client.AddHook(hook{func(context.Context, string) {
				if on.Load() {
					test.stop()
				}
			}})
			on.Store(true)
			for what, call := range map[string]func() error{
				"load":   func() error { _, err := store.Load(t.Context()); return err },
				"update": func() error { _, err := store.Update(t.Context(), to(pair(2))); return err },
				"wait":   func() error { return limiter.Wait(t.Context()) },
				"empty":  func() error { return limiter.Empty(t.Context()) },
			} {
				assert.Equal(t, ended{panicked: test.want}, endOf(call), what)
			}

			p := imbottest.NewPortal(t)
			app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.TokenURL(), HTTPClient: p.HTTPClient()}
			_, err := app.Source(store).Refresh(t.Context(), pair(1).AccessToken)
			require.Error(t, err, "a source says so")
			on.Store(false)
			assertHas(t, store, pair(1))
		})
	}
}

// What goes on when nobody waits for it any more ends nothing but itself.
func TestHooks_inTheBackground(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(){"panics": func() { panic("a hook") }, "ends its goroutine": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var on atomic.Bool
			met := make(chan struct{}, 100)
			client := newClient(t)
			client.AddHook(hook{func(context.Context, string) {
				if on.Load() {
					met <- struct{}{}
					stop()
				}
			}})
			// The lock is not extended meanwhile. Nobody else has entered, so that the save is as good as any.
			store := seeded(t, client, redisstore.WithLockExpiry(600*time.Millisecond))
			_, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
				on.Store(true)
				<-met
				on.Store(false)
				return pair(2), nil
			})
			require.NoError(t, err)
			assertHas(t, store, pair(2))

			// A turn is waited for, and cannot be given back.
			limiter := redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard)
			fill(t, limiter)
			ctx, cancel := context.WithCancel(t.Context())
			last := make(chan error)
			go func() { last <- limiter.Wait(ctx) }()
			pause(t.Context(), 100*time.Millisecond)
			on.Store(true)
			cancel()
			require.ErrorIs(t, <-last, context.Canceled)
			<-met

			// The lock is taken, and the panic of what has taken it is given back by a goroutine that nobody waits for.
			on.Store(false)
			e := endOf(func() error {
				_, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
					on.Store(true)
					panic("a change")
				})
				return err
			})
			assert.Equal(t, ended{panicked: "a change"}, e)
			<-met
			on.Store(false)
			_, err = store.Update(within(t, 5*time.Second), to(pair(3)))
			require.NoError(t, err, "it expires")
		})
	}
}
