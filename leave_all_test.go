package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// chats are requests for the bot of most tests.
func chats(ids ...imbot.ChatID) []imbot.ChatLeaveRequest {
	var reqs []imbot.ChatLeaveRequest
	for _, id := range ids {
		reqs = append(reqs, imbot.ChatLeaveRequest{ChatID: id, BotID: imbottest.BotMain})
	}
	return reqs
}

// crowded makes a portal whose chats 1001 to 1000+n have the bot.
func crowded(t *testing.T, n int, opts ...imbottest.Option) *imbottest.Portal {
	t.Helper()
	portal := imbottest.NewPortal(t, opts...)
	for i := range n {
		portal.AddChat(imbottest.Chat{
			ID: imbot.ChatID(1001 + i), Kind: imbottest.Group, Owner: imbottest.Employee,
			Members: []imbot.UserID{imbottest.Employee, imbot.UserID(imbottest.BotMain)},
		})
	}
	return portal
}

func crowd(n int) []imbot.ChatLeaveRequest {
	var reqs []imbot.ChatLeaveRequest
	for i := range n {
		reqs = append(reqs, imbot.ChatLeaveRequest{ChatID: imbot.ChatID(1001 + i), BotID: imbottest.BotMain})
	}
	return reqs
}

func leaveAll(ctx context.Context, client *imbot.Client, reqs []imbot.ChatLeaveRequest, opts ...imbot.LeaveAllOption) []imbot.LeaveResult {
	return slices.Collect(client.Chat.LeaveAll(ctx, slices.Values(reqs), opts...))
}

// leaveAllOf is leaveAll where nothing ends it early.
func leaveAllOf(t *testing.T, client *imbot.Client, reqs []imbot.ChatLeaveRequest, opts ...imbot.LeaveAllOption) []imbot.LeaveResult {
	t.Helper()
	results := leaveAll(t.Context(), client, reqs, opts...)
	require.Len(t, results, len(reqs), "one result for each request")
	return results
}

// batchSizes counts the batches that came to a portal, by how many commands they had.
func batchSizes(t *testing.T, portal *imbottest.Portal) map[int]int {
	t.Helper()
	sizes := map[int]int{}
	for _, call := range portal.Calls("batch") {
		commands, ok := call.Params["cmd"].(map[string]any)
		require.True(t, ok)
		sizes[len(commands)]++
	}
	return sizes
}

func TestLeaveAll_outcomes(t *testing.T) {
	t.Parallel()
	noBot := imbot.ChatLeaveRequest{ChatID: 13}
	tests := []struct {
		name   string
		reqs   []imbot.ChatLeaveRequest
		leave  []imbottest.Answer
		list   []imbottest.Answer
		faults []imbottest.Fault // of batches
		want   []imbot.LeaveOutcome
		is     [][]error
		isNot  []error
	}{
		{name: "in the chat", reqs: chats(13), want: []imbot.LeaveOutcome{{State: imbot.Left, Attempts: 1}}},
		{name: "not in the chat", reqs: chats(14), want: []imbot.LeaveOutcome{{State: imbot.AlreadyOut, Attempts: 1, Verified: true}}},
		{name: "the same chat twice", reqs: chats(13, 13), want: []imbot.LeaveOutcome{{State: imbot.Left, Attempts: 1}, {State: imbot.AlreadyOut, Attempts: 1, Verified: true}}},
		{
			name: "one of each", reqs: append(chats(1, 13, 14, 15, 16, 17), imbot.ChatLeaveRequest{ChatID: 13, BotID: 999}),
			want: []imbot.LeaveOutcome{{Attempts: 1}, {State: imbot.Left, Attempts: 1}, {State: imbot.AlreadyOut, Attempts: 1, Verified: true}, {State: imbot.Left, Attempts: 1}, {Attempts: 1}, {Attempts: 1}, {Attempts: 1}},
			is:   [][]error{{imbot.ErrActionUnavailable}, nil, nil, nil, {imbot.ErrUserDeleteForbidden}, {imbot.ErrLeaveOwnerForbidden}, {imbot.ErrBotID}}, isNot: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "mistakes are not sent", reqs: []imbot.ChatLeaveRequest{{ChatID: -1}, {ChatID: 13, BotID: 39}, {ChatID: 13, BotID: -39}, {ChatID: 13, ClientID: "$result[c0]"}},
			want: []imbot.LeaveOutcome{{}, {State: imbot.Left, Attempts: 1}, {}, {}}, is: [][]error{{imbot.ErrChatIDEmpty}, nil, {imbot.ErrBotID}, {new(imbot.ParamError)}},
		},
		{name: "an answer lost after the act", reqs: chats(13), faults: []imbottest.Fault{imbottest.LoseAfter()}, want: []imbot.LeaveOutcome{{State: imbot.Out, Attempts: 1, Verified: true}}},
		{name: "an answer lost before the act", reqs: chats(13), faults: []imbottest.Fault{imbottest.LoseBefore()}, want: []imbot.LeaveOutcome{{State: imbot.Left, Attempts: 2}}},
		{name: "the list is lost, too", reqs: chats(13), faults: []imbottest.Fault{imbottest.LoseAfter(), imbottest.LoseAfter(), imbottest.HTML(502)}, want: []imbot.LeaveOutcome{{State: imbot.Out, Attempts: 1, Verified: true}}},
		{name: "half an answer", reqs: chats(13), faults: []imbottest.Fault{imbottest.CutJSON(9)}, want: []imbot.LeaveOutcome{{State: imbot.Out, Attempts: 1, Verified: true}}},
		{
			name: "every request lost", reqs: chats(13), leave: []imbottest.Answer{imbottest.Broken()},
			want: []imbot.LeaveOutcome{{Attempts: 4}}, is: [][]error{{imbot.ErrStillInChat, imbot.ErrOutcomeUnknown}},
		},
		{
			name: "no list to see it in", reqs: chats(13), faults: []imbottest.Fault{imbottest.LoseAfter()}, list: []imbottest.Answer{imbottest.Refuse(403, "ACCESS_ERROR", "")},
			want: []imbot.LeaveOutcome{{Attempts: 1}}, is: [][]error{{imbot.ErrOutcomeUnknown, imbot.ErrAccess}}, isNot: []error{imbot.ErrStillInChat},
		},
		{
			name: "the owner on an old portal", reqs: chats(15), leave: []imbottest.Answer{imbottest.Refuse(400, "WRONG_REQUEST", "")},
			want: []imbot.LeaveOutcome{{Attempts: 1}}, is: [][]error{{imbot.ErrStillInChat, imbot.ErrWrongRequest}}, isNot: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "a result that says no", reqs: chats(13), leave: []imbottest.Answer{imbottest.Result(false)},
			want: []imbot.LeaveOutcome{{Attempts: 4}}, is: [][]error{{imbot.ErrStillInChat, imbot.ErrUnexpectedResult}},
		},
		{
			name: "a result that says nothing", reqs: chats(14), leave: []imbottest.Answer{imbottest.Result(nil)},
			want: []imbot.LeaveOutcome{{State: imbot.Out, Attempts: 1, Verified: true}},
		},
		{name: "without a bot", reqs: []imbot.ChatLeaveRequest{noBot, noBot}, want: []imbot.LeaveOutcome{{State: imbot.Left, Attempts: 1}, {State: imbot.AlreadyOut, Attempts: 1}}},
		{name: "without a bot, a lost answer", reqs: []imbot.ChatLeaveRequest{noBot}, faults: []imbottest.Fault{imbottest.LoseAfter()}, want: []imbot.LeaveOutcome{{State: imbot.Out, Attempts: 2}}},
		{
			name: "without a bot, every answer lost", reqs: []imbot.ChatLeaveRequest{noBot}, leave: []imbottest.Answer{imbottest.Broken()},
			want: []imbot.LeaveOutcome{{Attempts: 4}}, is: [][]error{{imbot.ErrOutcomeUnknown}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault("batch", tt.faults...)
				if tt.leave != nil {
					portal.On("imbot.chat.leave", tt.leave...)
				}
				if tt.list != nil {
					portal.On("imbot.chat.user.list", tt.list...)
				}

				got := leaveAll(t.Context(), clienttest.ForBot(portal), tt.reqs)

				require.Len(t, got, len(tt.reqs))
				for i, result := range got {
					assert.Equal(t, tt.reqs[i], result.Request, "in their order")
					assert.Equal(t, tt.want[i], result.Outcome, "%d: %v", i, result.Err)
					if i >= len(tt.is) || tt.is[i] == nil {
						require.NoError(t, result.Err)
						continue
					}
					for _, target := range tt.is[i] {
						if _, ok := target.(*imbot.ParamError); ok { //nolint:errorlint // a row, not an error
							require.ErrorAs(t, result.Err, new(*imbot.ParamError))
							continue
						}
						require.ErrorIs(t, result.Err, target)
					}
					for _, target := range tt.isNot {
						require.NotErrorIs(t, result.Err, target)
					}
				}
			})
		})
	}
}

// A method that has used up its working time is waited for, as far as ctx and the policy allow.
func TestLeaveAll_operatingLimit(t *testing.T) {
	t.Parallel()
	blocked := imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
	inside := func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked, imbottest.Result(true)) }
	outside := func(portal *imbottest.Portal) { portal.Fault("batch", imbottest.Inside200("OPERATION_TIME_LIMIT", "")) }
	tests := []struct {
		name    string
		block   func(*imbottest.Portal)
		opts    []imbot.Option
		timeout time.Duration
		took    time.Duration
		refused bool
	}{
		{name: "of a command", block: inside, took: time.Minute},
		{name: "of the batch", block: outside, took: time.Minute},
		{name: "longer than there is time", block: inside, timeout: 30 * time.Second, refused: true},
		{name: "of the batch, longer than there is time", block: outside, timeout: 30 * time.Second, refused: true},
		{name: "without repeats", block: inside, opts: []imbot.Option{imbot.WithRetry(imbot.RetryPolicy{})}, refused: true},
		{name: "again and again", block: func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked) }, took: 15 * time.Minute, refused: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				tt.block(portal)
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				start := time.Now()

				got := leaveAll(ctx, clienttest.ForBot(portal, tt.opts...), chats(13))

				require.Len(t, got, 1)
				assert.Equal(t, tt.took, time.Since(start))
				if !tt.refused {
					require.NoError(t, got[0].Err)
					assert.Equal(t, imbot.Left, got[0].Outcome.State)
					return
				}
				require.ErrorIs(t, got[0].Err, imbot.ErrOperationTimeLimit)
				assert.NotErrorIs(t, got[0].Err, imbot.ErrOutcomeUnknown)
				assert.Equal(t, tt.timeout > 0, errors.Is(got[0].Err, context.DeadlineExceeded))
			})
		})
	}
}

// A portal that goes on taking nothing is not waited for at every batch; without repeats it is not waited for at all.
func TestLeaveAll_operatingLimitForGood(t *testing.T) {
	t.Parallel()
	blocked := imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "")
	blocks := map[string]func(*imbottest.Portal){
		"at once": func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked) },
		"later": func(portal *imbottest.Portal) {
			portal.On("imbot.chat.leave", append(slices.Repeat([]imbottest.Answer{imbottest.Result(true)}, 100), blocked)...)
		},
		"of the batch": func(portal *imbottest.Portal) {
			portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.Inside200("OPERATION_TIME_LIMIT", "") })
		},
	}
	for name, block := range blocks {
		for _, policy := range []imbot.RetryPolicy{{}, {MaxAttempts: 4}} {
			t.Run(fmt.Sprint(name, ", attempts: ", policy.MaxAttempts), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					portal := imbottest.NewPortal(t)
					block(portal)
					start := time.Now()

					got := leaveAllOf(t, clienttest.ForBot(portal, imbot.WithRetry(policy)), crowd(2000))

					left := 0
					for _, result := range got {
						if result.Err == nil {
							left++
							continue
						}
						require.ErrorIs(t, result.Err, imbot.ErrOperationTimeLimit)
						require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
						require.True(t, result.Outcome.Attempts > 0 || errors.Is(result.Err, imbot.ErrNotExecuted), "%v", result)
					}
					if policy.MaxAttempts == 0 {
						assert.Zero(t, time.Since(start))
					}
					assert.LessOrEqual(t, left, 100)
					assert.LessOrEqual(t, time.Since(start), 30*time.Minute)
				})
			})
		}
	}
}

// A portal that charges the method batch, one whose leaves take very different times, and one that gets slower on the
// way: no request is cut, no limit is met but by chance, and nothing is lost.
func TestLeaveAll_slowPortals(t *testing.T) {
	t.Parallel()
	growing := func() func(string) time.Duration {
		var calls atomic.Int64
		return func(string) time.Duration {
			return min(time.Duration(calls.Add(1))*20*time.Millisecond, 5*time.Second)
		}
	}
	tests := []struct {
		name string
		opts []imbottest.Option
	}{
		{"charges batches", []imbottest.Option{imbottest.ChargeBatch(), imbottest.WithCost(imbottest.ConstantCost(time.Second))}},
		{"of uneven speed", []imbottest.Option{imbottest.WithCost(imbottest.LogNormalCost(1, 500*time.Millisecond, 1))}},
		{"getting slower", []imbottest.Option{imbottest.WithCost(growing())}},
		{"slow", []imbottest.Option{imbottest.WithCost(imbottest.ConstantCost(15 * time.Second))}},
		{"on its owner's server", []imbottest.Option{imbottest.SelfHosted(), imbottest.WithCost(imbottest.ConstantCost(time.Second))}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := crowded(t, 1000, append(tt.opts, imbottest.CostTakesTime(), imbottest.WithPlan(imbottest.Standard),
					imbottest.WithOperatingLimit(8*time.Minute), imbottest.WithRequestLimit(time.Minute))...)

				for _, result := range leaveAllOf(t, clienttest.ForBot(portal), crowd(1000)) {
					require.NoError(t, result.Err)
					require.Equal(t, imbot.Left, result.Outcome.State)
					require.Equal(t, 1, portal.Removals(result.Request.ChatID))
				}
				batches := portal.Calls("batch")
				require.NotEmpty(t, batches)
				for _, call := range batches {
					assert.Equal(t, 200, call.Status, "neither cut nor one too many")
				}
			})
		})
	}
}

func TestLeaveAll_refusalOfTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 500)
		portal.On("batch", imbottest.Refuse(401, "INVALID_CREDENTIALS", "Invalid request credentials"))

		got := leaveAll(t.Context(), clienttest.ForBot(portal), crowd(500))

		require.Len(t, got, 500)
		assert.Len(t, portal.Calls(), 1, "asked once is enough")
		for i, result := range got {
			require.ErrorIs(t, result.Err, imbot.ErrInvalidCredentials)
			assert.Equal(t, i > 0, errors.Is(result.Err, imbot.ErrNotExecuted))
			assert.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
		}
	})
}

func TestLeaveAll_badOptions(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]imbot.LeaveAllOption{
		"WithBatchSize": imbot.WithBatchSize(51), "WithBatchSize ": imbot.WithBatchSize(0),
		"WithConcurrency": imbot.WithConcurrency(251), "WithConcurrency ": imbot.WithConcurrency(0),
		"WithBatchSize  ": imbot.WithBatchSize(-5), "WithConcurrency  ": imbot.WithConcurrency(-5),
	} {
		portal := imbottest.NewPortal(t)
		got := leaveAll(t.Context(), clienttest.ForBot(portal), chats(13, 14), opt)
		require.Len(t, got, 2, name)
		for _, result := range got {
			require.ErrorAs(t, result.Err, new(*imbot.ParamError), name)
			require.ErrorIs(t, result.Err, imbot.ErrNotExecuted, name)
		}
		assert.Empty(t, portal.Calls())
	}
}

func TestLeaveAll_sizeAndConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 100, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(time.Second)))
		most := 0
		leaveAll(t.Context(), clienttest.ForBot(portal), crowd(100), imbot.WithBatchSize(7), imbot.WithConcurrency(3),
			imbot.WithProgress(func(p imbot.LeaveProgress) { most = max(most, p.InFlight) }), nil, imbot.WithUnreported(nil))
		assert.Equal(t, 3, most)
		sizes := batchSizes(t, portal)
		assert.Equal(t, 3, sizes[1], "a few to see how long it takes")
		assert.GreaterOrEqual(t, sizes[7], 12, "and what is left over, which may be divided: %v", sizes)
	})
}

func TestLeaveAll_progress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.chat.user.list", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""), imbottest.Result([]int{}))
		var last imbot.LeaveProgress
		waited := false
		start := time.Now()
		leaveAll(t.Context(), clienttest.ForBot(portal), chats(13, 1, 14), imbot.WithProgress(func(p imbot.LeaveProgress) {
			last = p
			if !p.WaitUntil.IsZero() {
				waited = true
				assert.Equal(t, start.Add(time.Minute), p.WaitUntil)
			}
		}))
		assert.True(t, waited)
		assert.Equal(t, imbot.LeaveProgress{Taken: 3, Left: 1, AlreadyOut: 1, Failed: 1, BatchSize: last.BatchSize}, last)
		assert.Equal(t, 3, last.Done())
	})
}

// The sequence is asked for a few batches more than there are at the portal, however many requests it has.
func TestLeaveAll_takesNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 2000, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(time.Second)))
		taken, done := 0, 0
		var endless iter.Seq[imbot.ChatLeaveRequest] = func(yield func(imbot.ChatLeaveRequest) bool) {
			for _, req := range crowd(2000) {
				if taken++; !yield(req) {
					return
				}
			}
		}
		for result := range clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), endless, imbot.WithConcurrency(2)) {
			require.NoError(t, result.Err)
			done++
			require.LessOrEqual(t, taken-done, 3*50)
		}
		assert.Equal(t, 2000, done)
	})
}
