package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
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

// tracer keeps what a trace is told, in the order of the ends.
type tracer struct {
	mu    sync.Mutex
	begun int
	ended []tracedCall
}

type tracedCall struct {
	info   imbot.CallInfo
	result imbot.CallResult
}

func (tr *tracer) option() imbot.Option {
	return imbot.WithTrace(func(ctx context.Context, info imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.begun++
		return ctx, func(result imbot.CallResult) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.ended = append(tr.ended, tracedCall{info, result})
		}
	})
}

func (tr *tracer) client(portal *imbottest.Portal, opts ...imbot.Option) *imbot.Client {
	return clienttest.ForBot(portal, append(opts, tr.option())...)
}

func leave13(ctx context.Context, client *imbot.Client) error {
	_, err := client.Chat.Leave(ctx, clienttest.Leave13)
	return err
}

func read(ctx context.Context, client *imbot.Client) error {
	_, err := imbot.Call(ctx, client, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
	return err
}

// A call is reported once, whatever becomes of it, with what it waited for.
func TestTrace_results(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults []imbottest.Fault
		call   func(context.Context, *imbot.Client) error // Leave, unless there is another
		want   imbot.CallResult                           // Duration is that of the waits
	}{
		"done":    {want: imbot.CallResult{Outcome: imbot.CallDone, Attempts: 1, HasOperating: true, Operating: time.Second}},
		"refused": {faults: []imbottest.Fault{imbottest.Inside200("ACCESS_ERROR", "")}, want: imbot.CallResult{Outcome: imbot.CallRefused, Code: imbot.ErrAccess, Attempts: 1}},
		"a mistake": {
			call: func(ctx context.Context, client *imbot.Client) error {
				_, err := client.Chat.Leave(ctx, imbot.ChatLeaveRequest{})
				return err
			},
			want: imbot.CallResult{Outcome: imbot.CallNotSent},
		},
		"lost": {faults: []imbottest.Fault{imbottest.LoseAfter()}, want: imbot.CallResult{Outcome: imbot.CallUnknown, Attempts: 1}},
		"a page, and no refusal": {
			faults: []imbottest.Fault{imbottest.HTML(http.StatusBadGateway)}, want: imbot.CallResult{Outcome: imbot.CallUnknown, Attempts: 1},
		},
		"a failure of the portal": {
			faults: []imbottest.Fault{imbottest.Inside200("INTERNAL_SERVER_ERROR", "")},
			want:   imbot.CallResult{Outcome: imbot.CallUnknown, Code: imbot.ErrInternalServer, Attempts: 1},
		},
		"a redirect": {faults: []imbottest.Fault{imbottest.RedirectTo("https://elsewhere.example/x")}, want: imbot.CallResult{Outcome: imbot.CallNotSent, Attempts: 1}},
		"nothing there": {
			call: func(ctx context.Context, client *imbot.Client) error {
				_, err := client.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "X", EntityID: "1"})
				return err
			},
			want: imbot.CallResult{Outcome: imbot.CallRefused, Attempts: 1, HasOperating: true, Operating: time.Second},
		},
		"no connection": {
			faults: []imbottest.Fault{imbottest.RefuseDial(), imbottest.RefuseDial(), imbottest.RefuseDial()},
			want:   imbot.CallResult{Outcome: imbot.CallNotSent, Attempts: 3, Wait: imbot.CallWait{Backoff: 1}},
		},
		"a read that is repeated": {
			faults: []imbottest.Fault{imbottest.LoseAfter()}, call: read,
			want: imbot.CallResult{Outcome: imbot.CallDone, Attempts: 2, Wait: imbot.CallWait{Backoff: 1}, HasOperating: true, Operating: 2 * time.Second},
		},
		"one too many": {
			faults: []imbottest.Fault{imbottest.Inside200("QUERY_LIMIT_EXCEEDED", "")},
			want:   imbot.CallResult{Outcome: imbot.CallDone, Attempts: 2, Wait: imbot.CallWait{RateLimit: 1}, HasOperating: true, Operating: time.Second},
		},
		"too many to the end": {
			faults: []imbottest.Fault{imbottest.HTML(http.StatusTooManyRequests), imbottest.HTML(http.StatusTooManyRequests), imbottest.HTML(http.StatusTooManyRequests)},
			want:   imbot.CallResult{Outcome: imbot.CallRefused, Code: imbot.ErrQueryLimitExceeded, Attempts: 3, Wait: imbot.CallWait{RateLimit: 1}},
		},
		"the budget is used up": {
			faults: []imbottest.Fault{imbottest.Inside200("OPERATION_TIME_LIMIT", "")},
			call: func(ctx context.Context, client *imbot.Client) error {
				_, err := client.Chat.EnsureLeft(ctx, clienttest.Leave13)
				return err
			},
			want: imbot.CallResult{Outcome: imbot.CallDone, Attempts: 2, Wait: imbot.CallWait{Operating: 1}, HasOperating: true, Operating: time.Second},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.WithCost(imbottest.ConstantCost(time.Second)))
				method := imbot.MethodChatLeave.Name
				if test.call == nil {
					test.call = leave13
				} else if len(test.faults) > 0 && name == "a read that is repeated" {
					method = imbot.MethodChatUserList.Name
				}
				portal.Fault(method, test.faults...)
				var tr tracer
				policy := imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: time.Second}

				err := test.call(t.Context(), tr.client(portal, imbot.WithRetry(policy)))

				require.Len(t, tr.ended, 1)
				got := tr.ended[0].result
				assert.Equal(t, err, got.Err)
				wait := got.Wait.RateLimit + got.Wait.Operating + got.Wait.Backoff
				assert.Equal(t, wait, got.Duration, "nothing else takes time here")
				positive := func(d time.Duration) time.Duration { return min(d, 1) }
				got.Err, got.Duration = nil, 0
				got.Wait = imbot.CallWait{RateLimit: positive(got.Wait.RateLimit), Operating: positive(got.Wait.Operating), Backoff: positive(got.Wait.Backoff)}
				assert.Equal(t, test.want, got)
			})
		})
	}
}

// The result of a read that is not the documented one leaves nothing open.
func TestTrace_unexpected(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On(imbot.MethodChatUserList.Name, imbottest.Result("x"))
	var tr tracer

	require.ErrorIs(t, read(t.Context(), tr.client(portal)), imbot.ErrUnexpectedResult)

	require.Len(t, tr.ended, 1)
	assert.Equal(t, imbot.CallUnexpected, tr.ended[0].result.Outcome)
}

// The turn of the limiter is waited for, as well as pauses are that end with the context.
func TestTrace_waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.Fault(imbot.MethodChatLeave.Name, imbottest.NoFault(), imbottest.RefuseDial())
		var tr tracer
		client := tr.client(portal, imbot.WithLimiter(rate.NewLimiter(rate.Every(time.Minute), 1)),
			imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Hour, MaxDelay: time.Hour}))
		require.NoError(t, leave13(t.Context(), client))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(70*time.Second, cancel)

		require.ErrorIs(t, leave13(ctx, client), context.Canceled)

		require.Len(t, tr.ended, 2)
		assert.Zero(t, tr.ended[0].result.Wait)
		waited := tr.ended[1].result.Wait
		assert.InDelta(t, time.Minute, waited.RateLimit, float64(time.Millisecond))
		assert.InDelta(t, 10*time.Second, waited.Backoff, float64(time.Millisecond))
	})
}

// A batch is reported as a whole, and each of its calls by itself.
func TestTrace_batch(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	var tr tracer
	client := tr.client(portal)
	batch := client.NewBatch(imbot.WithHalt())
	imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
	imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: 39})
	imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)

	require.NoError(t, batch.Do(t.Context()))

	var got []string
	for _, call := range tr.ended {
		assert.Equal(t, client.Portal(), call.info.Portal)
		got = append(got, fmt.Sprintf("%s %v %d %v: %s %q %d", call.info.Method, call.info.InBatch, call.info.Commands, call.info.Idempotent,
			call.result.Outcome, call.result.Code, call.result.Attempts))
	}
	assert.Equal(t, []string{
		`imbot.chat.user.list true 0 true: done "" 1`,
		`imbot.chat.leave true 0 false: refused "ACCESS_ERROR" 1`,
		`imbot.chat.leave true 0 false: not sent "" 1`,
		`batch false 3 false: done "" 1`,
	}, got)
}

// What was lost is lost for each call of a batch, and what is not sent is sent for none.
func TestTrace_batchThatFails(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]imbot.CallOutcome{"lost": imbot.CallUnknown, "a mistake": imbot.CallNotSent} {
		portal := imbottest.NewPortal(t)
		portal.Fault("batch", imbottest.LoseAfter().Optional())
		var tr tracer
		batch := tr.client(portal).NewBatch()
		imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
		if name == "a mistake" {
			imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{})
		}

		require.Error(t, batch.Do(t.Context()))

		require.Len(t, tr.ended, 2)
		for _, call := range tr.ended {
			assert.Equal(t, want, call.result.Outcome, "%s: %s", name, call.info.Method)
		}
	}
	var tr tracer
	require.NoError(t, tr.client(imbottest.NewPortal(t)).NewBatch().Do(t.Context()))
	assert.Zero(t, tr.begun, "an empty batch is no call")
}

// Each call of LeaveAll begins and ends once, in a batch that does.
func TestTrace_leaveAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 120)
		portal.Fault("batch", imbottest.NoFault(), imbottest.LoseAfter())
		var tr tracer
		left := 0
		for result := range tr.client(portal).Chat.LeaveAll(t.Context(), slices.Values(crowd(120))) {
			require.NoError(t, result.Err)
			left++
		}
		assert.Equal(t, 120, left)
		assert.Len(t, tr.ended, tr.begun)
		batches, commands, carried, outcomes := 0, 0, 0, map[imbot.CallOutcome]int{}
		for _, call := range tr.ended {
			if call.info.InBatch {
				carried++
				outcomes[call.result.Outcome]++
				continue
			}
			assert.Equal(t, "batch", call.info.Method)
			batches++
			commands += call.info.Commands
		}
		assert.Len(t, portal.Calls("batch"), batches)
		assert.Equal(t, commands, carried)
		assert.Positive(t, outcomes[imbot.CallUnknown])
		assert.GreaterOrEqual(t, outcomes[imbot.CallDone], 120-outcomes[imbot.CallUnknown])
	})
}

// Traces are nested, and their context is that of all that belongs to the call.
func TestTrace_nested(t *testing.T) {
	t.Parallel()
	type key string
	portal := imbottest.NewPortal(t)
	var seen []string
	trace := func(name string) imbot.Option {
		return imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			seen = append(seen, fmt.Sprintf("%s begins in %v", name, ctx.Value(key("outer"))))
			return context.WithValue(ctx, key(name), "the "+name), func(imbot.CallResult) { seen = append(seen, name+" ends") }
		})
	}
	look := func(ctx context.Context, who string) {
		seen = append(seen, fmt.Sprintf("%s in %v, %v", who, ctx.Value(key("outer")), ctx.Value(key("inner"))))
	}
	observe := func(name string) imbot.Option {
		return imbot.WithObserver(func(ctx context.Context, _ imbot.Attempt) { look(ctx, name) })
	}
	client := portal.OAuthClient(clienttest.TokenFunc(func(ctx context.Context) (string, error) {
		look(ctx, "token")
		return imbottest.TokenOK, nil
	}), trace("outer"), imbot.WithTrace(func(context.Context, imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
		return nil, nil //nolint:nilnil // which stands for what was there
	}), imbot.WithOptions(trace("inner"), nil, observe("observer")), observe("another"),
		imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				look(req.Context(), "middleware")
				return next.RoundTrip(req)
			})
		}))

	_, err := client.Bot.List(t.Context(), imbot.BotListRequest{})

	require.NoError(t, err)
	assert.Equal(t, []string{
		"outer begins in <nil>", "inner begins in the outer",
		"token in the outer, the inner", "middleware in the outer, the inner", "observer in the outer, the inner", "another in the outer, the inner",
		"inner ends", "outer ends",
	}, seen)
}

// Where a function does not return, those who were called at the beginning are called at the end.
func TestTrace_functionsThatDoNotReturn(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := map[string]struct {
		opts func(act func()) imbot.Option
		want imbot.CallOutcome
	}{
		"begin": {func(act func()) imbot.Option {
			return imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
				act()
				return ctx, nil
			})
		}, imbot.CallNotSent},
		"end": {func(act func()) imbot.Option {
			return imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
				return ctx, func(imbot.CallResult) { act() }
			})
		}, imbot.CallDone},
		"limiter": {func(act func()) imbot.Option {
			return imbot.WithLimiter(limiterFunc(func(context.Context) error {
				act()
				return nil
			}))
		}, imbot.CallNotSent},
		"observer": {func(act func()) imbot.Option {
			return imbot.WithObserver(func(context.Context, imbot.Attempt) { act() })
		}, imbot.CallUnknown},
	}
	for name, test := range tests {
		for _, inBatch := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in a batch: %v", name, inBatch), func(t *testing.T) {
				t.Parallel()
				var tr tracer
				portal := imbottest.NewPortal(t)
				client := clienttest.ForBot(portal, tr.option(), test.opts(func() { panic(boom) }))
				assert.PanicsWithValue(t, boom, func() {
					if !inBatch {
						_ = leave13(t.Context(), client)
						return
					}
					batch := client.NewBatch()
					imbot.Queue(batch, imbot.MethodBotList, imbot.BotListRequest{})
					imbot.Queue(batch, imbot.MethodBotList, imbot.BotListRequest{})
					_ = batch.Do(t.Context())
				})
				require.Len(t, tr.ended, tr.begun)
				require.NotEmpty(t, tr.ended)
				for _, call := range tr.ended {
					assert.Equal(t, test.want, call.result.Outcome)
				}
			})
		}
	}
}

func TestTrace_refusesNil(t *testing.T) {
	t.Parallel()
	_, err := imbot.NewClient(imbot.Webhook(clienttest.WebhookURL), imbot.WithTrace(nil), imbot.WithOptions(imbot.WithObserver(nil), imbot.WithLogger(nil)))
	for _, name := range []string{"WithTrace", "WithObserver", "WithLogger"} {
		require.ErrorContains(t, err, name)
	}
}
