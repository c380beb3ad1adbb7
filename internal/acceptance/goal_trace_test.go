package acceptance_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// goals keeps what a trace of goals is told.
type goals struct {
	mu    sync.Mutex
	begun []imbot.GoalInfo
	ended []imbot.GoalResult
}

type inGoal struct{}

func (g *goals) option() imbot.Option {
	return imbot.WithGoalTrace(func(ctx context.Context, info imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.begun = append(g.begun, info)
		return context.WithValue(ctx, inGoal{}, info.Goal), func(result imbot.GoalResult) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.ended = append(g.ended, result)
		}
	})
}

// parents has the goal that each call is made in.
func parents(of *[]any) imbot.Option {
	return imbot.WithTrace(func(ctx context.Context, info imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
		*of = append(*of, info.Method, ctx.Value(inGoal{}))
		return ctx, nil
	})
}

// EnsureLeft is told of once, with what came of it, and is the parent of its calls.
func TestGoalTrace_ensureLeft(t *testing.T) {
	t.Parallel()
	const leave, list = "imbot.chat.leave", "imbot.chat.user.list"
	tests := map[string]struct {
		faults []imbottest.Fault
		lists  []imbottest.Fault
		req    imbot.ChatLeaveRequest
		want   imbot.GoalResult
		calls  []any
	}{
		"left":    {req: clienttest.Leave13, want: imbot.GoalResult{Left: 1}, calls: []any{leave, imbot.GoalEnsureLeft}},
		"refused": {req: imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: 39}, want: imbot.GoalResult{Failed: 1}, calls: []any{leave, imbot.GoalEnsureLeft}},
		"already out": {
			req: imbot.ChatLeaveRequest{ChatID: 1001, BotID: 39}, want: imbot.GoalResult{AlreadyOut: 1},
			calls: []any{leave, imbot.GoalEnsureLeft, list, imbot.GoalEnsureLeft},
		},
		"out": {
			faults: []imbottest.Fault{imbottest.LoseAfter()}, req: clienttest.Leave13, want: imbot.GoalResult{Out: 1},
			calls: []any{leave, imbot.GoalEnsureLeft, list, imbot.GoalEnsureLeft},
		},
		"nobody knows": {
			faults: []imbottest.Fault{imbottest.LoseAfter()}, lists: []imbottest.Fault{imbottest.Inside200("ACCESS_ERROR", "")},
			req: clienttest.Leave13, want: imbot.GoalResult{Failed: 1, Unknown: 1}, calls: []any{leave, imbot.GoalEnsureLeft, list, imbot.GoalEnsureLeft},
		},
		"a mistake": {want: imbot.GoalResult{Failed: 1}, calls: []any{leave, imbot.GoalEnsureLeft}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault(leave, test.faults...)
				portal.Fault(list, test.lists...)
				portal.AddChat(imbottest.Chat{ID: 1001, Members: []imbot.UserID{imbottest.Employee}})
				var g goals
				var calls []any

				_, _ = clienttest.ForBot(portal, g.option(), parents(&calls)).Chat.EnsureLeft(t.Context(), test.req)

				assert.Equal(t, []imbot.GoalInfo{{Goal: imbot.GoalEnsureLeft, Method: leave, Portal: imbottest.Host}}, g.begun)
				require.Len(t, g.ended, 1)
				g.ended[0].Duration = 0
				assert.Equal(t, test.want, g.ended[0])
				assert.Equal(t, test.calls, calls)
			})
		})
	}
}

// So is LeaveAll, by any method that leaves.
func TestGoalTrace_leaveAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 20)
		var g goals
		var calls []any
		client := clienttest.ForBot(portal, g.option(), parents(&calls))
		reqs := append(chats(imbottest.ChatGeneral, 0), chats(1001, 1002, 1003)...)
		start := time.Now()

		results := leaveAllOf(t, client, reqs)
		time.Sleep(time.Second) // fake clock; after the goal

		require.Error(t, results[0].Err)
		assert.Equal(t, []imbot.GoalInfo{{Goal: imbot.GoalLeaveAll, Method: "imbot.chat.leave", Portal: imbottest.Host}}, g.begun)
		assert.Equal(t, []imbot.GoalResult{{Left: 3, Failed: 2, Duration: time.Since(start) - time.Second}}, g.ended)
		for i := 0; i < len(calls); i += 2 {
			assert.Equal(t, imbot.GoalLeaveAll, calls[i+1], calls[i])
		}

		bot := clienttest.V2(client)
		for result := range bot.Chat.LeaveAll(t.Context(), slices.Values([]imbotv2.ChatLeaveRequest{{DialogID: "chat1004"}, {DialogID: "chat1005"}, {DialogID: "chat1006"}})) {
			require.NoError(t, result.Err)
			break
		}
		require.Len(t, g.ended, 2)
		assert.Equal(t, "imbot.v2.Chat.leave", g.begun[1].Method)
		assert.Equal(t, 3, g.ended[1].Left+g.ended[1].Failed, "those that the loop did not wait for, too")
		assert.Zero(t, g.ended[1].Unknown)

		_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 1007, BotID: imbottest.BotMain})
		require.NoError(t, err)
		assert.Len(t, g.begun, 2, "a call is no goal")
	})
}

// What LeaveAll waits for between its batches is told of with the next one, by the cause.
func TestGoalTrace_waits(t *testing.T) {
	t.Parallel()
	blocked := imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
	limited := imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
	tests := map[string]struct {
		prepare func(*imbottest.Portal)
		of      func(imbot.CallWait) time.Duration
	}{
		"a method that has used up its time": {
			func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked, imbottest.Result(true)) },
			func(w imbot.CallWait) time.Duration { return w.Operating },
		},
		"a batch that has used up its time": {
			func(portal *imbottest.Portal) { portal.Fault("batch", imbottest.Inside200("OPERATION_TIME_LIMIT", "")) },
			func(w imbot.CallWait) time.Duration { return w.Operating },
		},
		"a command beyond the rate": {
			func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", limited, imbottest.Result(true)) },
			func(w imbot.CallWait) time.Duration { return w.RateLimit },
		},
		"a look at a portal in trouble": {
			func(portal *imbottest.Portal) {
				broken := imbottest.Refuse(500, "ERROR_UNEXPECTED_ANSWER", "")
				portal.On("imbot.chat.leave", imbottest.Refuse(400, "WRONG_REQUEST", ""))
				portal.On("imbot.chat.user.list", broken, broken, imbottest.Result([]int{1}))
			},
			func(w imbot.CallWait) time.Duration { return w.Backoff },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				test.prepare(portal)
				var tr tracer
				start := time.Now()

				require.NoError(t, leaveAllOf(t, tr.client(portal), chats(14))[0].Err)

				took := time.Since(start)
				require.Positive(t, took)
				var waited, all time.Duration
				for _, call := range tr.ended {
					w := call.info.Waited
					waited += test.of(w)
					all += w.RateLimit + w.Operating + w.Backoff
					if call.info.Method != "batch" {
						assert.Zero(t, w)
					}
				}
				assert.Equal(t, took, waited, "the portal answers at once here")
				assert.Equal(t, took, all)
			})
		})
	}
}

// A wait for a batch that stands before the limiter is one for the limiter.
func TestGoalTrace_waitsForItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tr tracer
		slow := limiterFunc(func(context.Context) error {
			time.Sleep(time.Second) // fake clock
			return nil
		})
		results := leaveAllOf(t, tr.client(crowded(t, 120), imbot.WithLimiter(slow)), leaveOf(120))
		assert.Len(t, results, 120)
		var kept, most time.Duration
		for _, call := range tr.ended {
			if call.info.Method == "batch" {
				most += time.Second
				kept += call.info.Waited.RateLimit
				assert.Equal(t, imbot.CallWait{RateLimit: call.info.Waited.RateLimit}, call.info.Waited)
				assert.Equal(t, time.Second, call.result.Wait.RateLimit)
			}
		}
		assert.Positive(t, kept)
		assert.LessOrEqual(t, kept, most)
	})
}

// leaveOf are requests for the first chats of a crowded portal.
func leaveOf(n int) (reqs []imbot.ChatLeaveRequest) {
	for i := range n {
		reqs = append(reqs, chats(imbot.ChatID(1001+i))...)
	}
	return reqs
}

// Where a function does not return, those who were told of the goal are told of its end.
func TestGoalTrace_functionsThatDoNotReturn(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := map[string]struct {
		opt  imbot.Option
		want imbot.GoalResult // of one chat
	}{
		"begin": {imbot.WithGoalTrace(func(context.Context, imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) { panic(boom) }), imbot.GoalResult{Failed: 1, Unknown: 1}},
		"end": {imbot.WithGoalTrace(func(context.Context, imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) {
			return nil, func(imbot.GoalResult) { panic(boom) }
		}), imbot.GoalResult{Left: 1}},
		"observer": {imbot.WithObserver(func(context.Context, imbot.Attempt) { panic(boom) }), imbot.GoalResult{Failed: 1, Unknown: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g goals
			client := clienttest.ForBot(imbottest.NewPortal(t), g.option(), test.opt)
			assert.PanicsWithValue(t, boom, func() { _, _ = client.Chat.EnsureLeft(t.Context(), clienttest.Leave13) })
			require.Len(t, g.ended, 1)
			g.ended[0].Duration = 0
			assert.Equal(t, test.want, g.ended[0])
		})
	}
}

// Of a LeaveAll as well.
func TestGoalTrace_loopsThatDoNotReturn(t *testing.T) {
	t.Parallel()
	var g goals
	client := clienttest.ForBot(crowded(t, 3), g.option())
	assert.Panics(t, func() {
		for range client.Chat.LeaveAll(t.Context(), slices.Values(leaveOf(3))) {
			panic("boom")
		}
	})
	require.Len(t, g.ended, 1)
	assert.Positive(t, g.ended[0].Left)
	require.Len(t, g.begun, 1)

	failing := clienttest.ForBot(crowded(t, 3), g.option(), imbot.WithGoalTrace(func(context.Context, imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) {
		panic("boom")
	}))
	assert.Panics(t, func() { leaveAllOf(t, failing, leaveOf(3)) })
	require.Len(t, g.ended, 2)
	g.ended[1].Duration = 0
	assert.Equal(t, imbot.GoalResult{}, g.ended[1], "nothing was taken")
}

func TestGoalTrace_refusesNil(t *testing.T) {
	t.Parallel()
	_, err := imbot.NewClient(imbot.Webhook(clienttest.WebhookURL), imbot.WithGoalTrace(nil))
	require.ErrorContains(t, err, "WithGoalTrace")
}
