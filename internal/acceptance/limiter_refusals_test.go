package acceptance_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// The portal's bucket may be fuller than this client knows: other programs fill it too.
func TestLimiter_isEmptiedByARefusal(t *testing.T) {
	t.Parallel()
	limiter := imbot.NewLimiter(imbot.PlanStandard)
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""))
	require.Greater(t, limiter.Tokens(), 49.0)

	_, err := portal.Client(append(clienttest.WithoutRepeats(), imbot.WithLimiter(limiter))...).Chat.Leave(t.Context(), clienttest.Leave13)

	require.ErrorIs(t, err, imbot.ErrQueryLimitExceeded)
	assert.Less(t, limiter.Tokens(), 2.0)
}

// A refusal empties the limiter of the portal that refused, in whatever it came, and no other.
func TestLimiter_isEmptiedForOnePortal(t *testing.T) {
	t.Parallel()
	tests := map[string]func(ctx context.Context, client *imbot.Client) error{
		"a call": func(ctx context.Context, client *imbot.Client) error {
			_, err := client.Chat.Leave(ctx, clienttest.Leave13)
			return err
		},
		"a batch": func(ctx context.Context, client *imbot.Client) error {
			batch := client.NewBatch()
			imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			return batch.Do(ctx)
		},
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var full atomic.Bool
				client := clienttest.New(t, imbot.Webhook(secretURL), append(clienttest.WithoutRepeats(), portalsInMemory(func(host string) string {
					if host == "portal.example" && full.Load() {
						return `{"error":"QUERY_LIMIT_EXCEEDED"}`
					}
					return ""
				}))...)
				other, err := client.With(imbot.OAuth("https://other.example/rest/", imbot.StaticToken("EXAMPLE_TOKEN")))
				require.NoError(t, err)
				full.Store(true)
				require.ErrorIs(t, call(t.Context(), client), imbot.ErrQueryLimitExceeded)
				full.Store(false)
				ten := func(client *imbot.Client) time.Duration {
					start := time.Now()
					for range 10 {
						_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
						require.NoError(t, err)
					}
					return time.Since(start)
				}

				assert.Zero(t, ten(other))
				assert.GreaterOrEqual(t, ten(client), 4*time.Second)
			})
		})
	}
}

// emptyingLimiter is a limiter of the user's own that can be emptied.
type emptyingLimiter struct{ emptied int }

func (*emptyingLimiter) Wait(context.Context) error { return nil }

func (l *emptyingLimiter) Empty(context.Context) error {
	l.emptied++
	return errBrokenLimiter
}

func TestLimiter_ofTheUserIsEmptiedToo(t *testing.T) {
	t.Parallel()
	limiter := &emptyingLimiter{}
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""), imbottest.Refuse(400, "WRONG_REQUEST", ""))
	client := portal.Client(append(clienttest.WithoutRepeats(), imbot.WithLimiter(limiter))...)

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	clienttest.MatchesOnly(t, err, imbot.ErrQueryLimitExceeded)
	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorIs(t, err, imbot.ErrNotInChat)

	assert.Equal(t, 1, limiter.emptied)
}

// Emptying a limiter does not shorten the wait of those who wait already.
func TestLimiter_waitersKeepTheirPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := rate.NewLimiter(1, 1)
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.bot.list", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""))
		client := portal.Client(append(clienttest.WithoutRepeats(), imbot.WithLimiter(limiter))...)
		start := time.Now()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() { _, _ = imbot.Call(t.Context(), client, clienttest.Reading, struct{}{}) })
		}
		group.Wait()

		assert.GreaterOrEqual(t, time.Since(start), 9*time.Second)
	})
}

// A refusal stays in the chain, whatever ends the wait for another turn.
func TestLimiter_keepsTheRefusalBeforeTheWait(t *testing.T) {
	t.Parallel()
	limited := func(portal *imbottest.Portal, method string) {
		portal.On(method, imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"))
	}
	expired := func(portal *imbottest.Portal, method string) {
		portal.On(method, imbottest.Refuse(401, "expired_token", ""))
	}
	leave := func(ctx context.Context, client *imbot.Client) error {
		_, err := client.Chat.Leave(ctx, clienttest.Leave13)
		return err
	}
	tests := []struct {
		name, method string
		refuse       func(portal *imbottest.Portal, method string)
		call         func(ctx context.Context, client *imbot.Client) error
		cancel       bool
		want         error
	}{
		{"a deadline", "imbot.chat.leave", limited, leave, false, imbot.ErrQueryLimitExceeded},
		{"the caller", "imbot.chat.leave", limited, leave, true, imbot.ErrQueryLimitExceeded},
		{"a deadline after a refresh", "imbot.chat.leave", expired, leave, false, imbot.ErrExpiredToken},
		{"a deadline of EnsureLeft", "imbot.chat.leave", limited, func(ctx context.Context, client *imbot.Client) error {
			_, err := client.Chat.EnsureLeft(ctx, clienttest.Leave13)
			return err
		}, false, imbot.ErrQueryLimitExceeded},
		{"a deadline of a batch", "batch", limited, func(ctx context.Context, client *imbot.Client) error {
			batch := client.NewBatch()
			left := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			err := batch.Do(ctx)
			if _, each := left.Result(); !errors.Is(each, imbot.ErrQueryLimitExceeded) {
				return each
			}
			return err
		}, false, imbot.ErrQueryLimitExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.Start()
				defer portal.Close()
				tt.refuse(portal, tt.method)
				client := portal.OAuthClient(clienttest.Refresher(
					func(context.Context) (string, error) { return "old", nil },
					func(context.Context, string) (string, error) { return "new", nil },
				), imbot.WithLimiter(rate.NewLimiter(rate.Every(time.Hour), 1)), imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 9, BaseDelay: 1, MaxDelay: 1}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				ended := context.DeadlineExceeded
				if tt.cancel {
					ctx, cancel = context.WithCancel(t.Context())
					time.AfterFunc(time.Minute, cancel)
					ended = context.Canceled
				}
				defer cancel()

				err := tt.call(ctx, client)

				require.ErrorIs(t, err, tt.want)
				require.ErrorIs(t, err, ended)
				require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.NotContains(t, err.Error(), "not sent", "a request was sent")
				assert.Len(t, portal.Calls(tt.method), 1)
			})
		})
	}
}
