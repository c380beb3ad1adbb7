package acceptance_test

import (
	"context"
	"errors"
	"iter"
	"slices"
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

// leaveAllOf is leaveAll with the context of the test, and checks that every request has a result.
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
			imbot.WithProgress(func(p imbot.LeaveProgress) { most = max(most, p.InFlight) }), nil, imbot.WithUnreported[imbot.ChatLeaveRequest](nil))
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
