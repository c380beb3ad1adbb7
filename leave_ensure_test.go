package imbot_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestEnsureLeft(t *testing.T) {
	t.Parallel()
	refuse := imbottest.Refuse
	tests := []struct {
		name    string
		chat    imbot.ChatID
		noBot   bool
		answers []imbottest.Answer // to leave, instead of the portal's own
		faults  []imbottest.Fault  // of leave
		list    []imbottest.Answer // to user.list, instead of the portal's own
		want    imbot.LeaveOutcome
		is      []error // nil: no error
		isNot   []error
	}{
		{name: "in the chat", chat: 13, want: imbot.LeaveOutcome{State: imbot.Left, Attempts: 1}},
		{name: "in the chat, after the rate limit", chat: 13, faults: []imbottest.Fault{imbottest.Inside200("QUERY_LIMIT_EXCEEDED", "")}, want: imbot.LeaveOutcome{State: imbot.Left, Attempts: 2}},
		{name: "in the chat, after a failed dial", chat: 13, faults: []imbottest.Fault{imbottest.RefuseDial()}, want: imbot.LeaveOutcome{State: imbot.Left, Attempts: 2}},
		{name: "not in the chat", chat: 14, want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}},
		{name: "not in the chat, after the rate limit", chat: 14, faults: []imbottest.Fault{imbottest.Inside200("QUERY_LIMIT_EXCEEDED", "")}, want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 2, Verified: true}},
		{name: "no such chat", chat: 99999, want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}},
		{name: "an answer lost after the act", chat: 13, faults: []imbottest.Fault{imbottest.LoseAfter()}, want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 2, Verified: true}},
		{name: "a page after the act", chat: 13, faults: []imbottest.Fault{imbottest.HTMLAfter(504)}, want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 2, Verified: true}},
		{name: "half an answer", chat: 13, faults: []imbottest.Fault{imbottest.CutJSON(9)}, want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 2, Verified: true}},
		{name: "an answer too late", chat: 13, faults: []imbottest.Fault{imbottest.SlowAfter(time.Hour)}, want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 2, Verified: true}},
		{name: "an answer lost before the act", chat: 13, faults: []imbottest.Fault{imbottest.LoseBefore()}, want: imbot.LeaveOutcome{State: imbot.Left, Attempts: 2}},
		{
			name: "every answer lost after the act", chat: 13, faults: []imbottest.Fault{imbottest.LoseAfter(), imbottest.LoseAfter(), imbottest.LoseAfter(), imbottest.LoseAfter()},
			want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 4, Verified: true},
		},
		{
			name: "every request lost before the act", chat: 13, faults: []imbottest.Fault{imbottest.LoseBefore(), imbottest.LoseBefore(), imbottest.LoseBefore(), imbottest.LoseBefore()},
			want: imbot.LeaveOutcome{Attempts: 4}, is: []error{imbot.ErrStillInChat, imbot.ErrOutcomeUnknown},
		},
		{
			name: "a lost answer, then a refusal that says nothing of the chat", chat: 13,
			answers: []imbottest.Answer{imbottest.Broken(), refuse(401, "insufficient_scope", "")},
			want:    imbot.LeaveOutcome{Attempts: 2}, is: []error{imbot.ErrStillInChat, imbot.ErrInsufficientScope, imbot.ErrOutcomeUnknown},
		},

		{
			name: "the owner on an old portal gets the answer of a stranger", chat: 15,
			answers: []imbottest.Answer{refuse(400, "WRONG_REQUEST", "You don't have access or user isn't member in chat")},
			want:    imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrStillInChat, imbot.ErrWrongRequest}, isNot: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "the same after a lost answer", chat: 15,
			answers: []imbottest.Answer{imbottest.Broken(), refuse(400, "WRONG_REQUEST", "")},
			want:    imbot.LeaveOutcome{Attempts: 2}, is: []error{imbot.ErrStillInChat, imbot.ErrWrongRequest},
		},
		{
			name: "not in the chat, and no list to see it in", chat: 14, list: []imbottest.Answer{refuse(403, "ACCESS_ERROR", "")},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrOutcomeUnknown, imbot.ErrNotInChat, imbot.ErrAccess}, isNot: []error{imbot.ErrStillInChat},
		},
		{
			name: "a lost answer, and no list to see it in", chat: 13, faults: []imbottest.Fault{imbottest.LoseAfter()}, list: []imbottest.Answer{imbottest.Broken()},
			want: imbot.LeaveOutcome{Attempts: 2}, is: []error{imbot.ErrOutcomeUnknown}, isNot: []error{imbot.ErrStillInChat},
		},
		{
			name: "a list with holes", chat: 14, list: []imbottest.Answer{imbottest.Raw(200, "application/json", `{"result":{"0":1,"2":"39"}}`)},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrStillInChat},
		},
		{
			name: "a list in quotes", chat: 14, list: []imbottest.Answer{imbottest.Raw(200, "application/json", `{"result":["1","50"]}`)},
			want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true},
		},
		{
			name: "a list that is none", chat: 14, list: []imbottest.Answer{imbottest.Result("everybody")},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "a list that is null", chat: 14, list: []imbottest.Answer{imbottest.Result(nil)},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrOutcomeUnknown, imbot.ErrNotInChat},
		},
		{
			name: "a list of nulls", chat: 14, list: []imbottest.Answer{imbottest.Raw(200, "application/json", `{"result":[null]}`)},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "an object of nulls", chat: 14, list: []imbottest.Answer{imbottest.Raw(200, "application/json", `{"result":{"a":null}}`)},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "an empty list, of a chat that the bot cannot see", chat: 14, list: []imbottest.Answer{imbottest.Result([]int{})},
			want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true},
		},
		{
			name: "a result that says no, and it is in", chat: 13, answers: []imbottest.Answer{imbottest.Result(false)},
			want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrStillInChat, imbot.ErrUnexpectedResult}, isNot: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "a result that says nothing, and it is out", chat: 14, answers: []imbottest.Answer{imbottest.Result(nil)},
			want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 1, Verified: true},
		},

		{name: "a refusal", chat: 1, want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrActionUnavailable}, isNot: []error{imbot.ErrOutcomeUnknown}},
		{name: "the owner on a portal of today", chat: 17, want: imbot.LeaveOutcome{Attempts: 1}, is: []error{imbot.ErrLeaveOwnerForbidden}},

		{name: "without a bot: in the chat", chat: 13, noBot: true, want: imbot.LeaveOutcome{State: imbot.Left, Attempts: 1}},
		{name: "without a bot: not in the chat", chat: 14, noBot: true, want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1}},
		{name: "without a bot: a lost answer", chat: 13, noBot: true, faults: []imbottest.Fault{imbottest.LoseAfter()}, want: imbot.LeaveOutcome{State: imbot.Out, Attempts: 2}},
		{
			name: "without a bot: all answers lost", chat: 13, noBot: true, answers: []imbottest.Answer{imbottest.Broken()},
			want: imbot.LeaveOutcome{Attempts: 4}, is: []error{imbot.ErrOutcomeUnknown},
		},
		{
			name: "without a bot: a lost answer, then a refusal", chat: 13, noBot: true, answers: []imbottest.Answer{imbottest.Broken(), refuse(401, "insufficient_scope", "")},
			want: imbot.LeaveOutcome{Attempts: 2}, is: []error{imbot.ErrOutcomeUnknown, imbot.ErrInsufficientScope},
		},
		{name: "no chat", want: imbot.LeaveOutcome{}, is: []error{imbot.ErrChatIDEmpty}},
	}
	for _, tt := range tests {
		for _, wire := range []imbottest.Wire{imbottest.Current, imbottest.Documented} {
			t.Run(tt.name+" "+wire.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					portal := imbottest.Start(imbottest.WithWire(wire))
					defer portal.Close()
					portal.Fault("imbot.chat.leave", tt.faults...)
					if tt.answers != nil {
						portal.On("imbot.chat.leave", tt.answers...)
					}
					if tt.list != nil {
						portal.On("imbot.chat.user.list", tt.list...)
					}
					req := imbot.ChatLeaveRequest{ChatID: tt.chat, BotID: 39}
					if tt.noBot {
						req.BotID = 0
					}

					outcome, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.EnsureLeft(t.Context(), req)

					assert.Equal(t, tt.want, outcome)
					if tt.is == nil {
						require.NoError(t, err)
					}
					for _, is := range tt.is {
						assert.ErrorIs(t, err, is)
					}
					for _, isNot := range tt.isNot {
						assert.NotErrorIs(t, err, isNot)
					}
					if tt.noBot || tt.want.State == imbot.Left {
						assert.Empty(t, portal.Calls("imbot.chat.user.list"))
					}
				})
			})
		}
	}
}

// The block of a method that has used up its working time is waited out.
func TestEnsureLeft_waitsOutTheOperatingLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(10*time.Second), imbottest.WithCost(func(string) time.Duration { return 11 * time.Second }))
		defer portal.Close()
		client := portal.Client(imbot.WithClientID(imbottest.ClientID))
		start := time.Now()
		for _, chat := range []imbot.ChatID{imbottest.ChatGroup, imbottest.ChatOwned} {
			outcome, err := client.Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: chat, BotID: 39})
			require.NoError(t, err)
			assert.Equal(t, imbot.Left, outcome.State)
		}
		assert.InDelta(t, 10*time.Minute, time.Since(start), float64(time.Minute))
	})
}

func TestEnsureLeft_waitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(10*time.Second), imbottest.WithCost(func(string) time.Duration { return 11 * time.Second }))
		defer portal.Close()
		client := portal.Client(imbot.WithClientID(imbottest.ClientID))
		_, err := client.Chat.EnsureLeft(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		start := time.Now()

		_, err = client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatOwned, BotID: 39})

		assert.Zero(t, time.Since(start))
		require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
}

// Where the context ends after an answer was lost, nothing can be looked up any more.
func TestEnsureLeft_canceledAfterALostAnswer(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithCancel(t.Context())
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		cancel()
		return imbottest.LoseAfter()
	})

	outcome, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.EnsureLeft(ctx, clienttest.Leave13)

	assert.Equal(t, imbot.LeaveOutcome{Attempts: 1}, outcome)
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, imbot.ErrStillInChat)
}

// The list of members may be blocked too; the answer is worth waiting for.
func TestEnsureLeft_waitsToVerify(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.user.list", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""), imbottest.Result([]int{1}))

		outcome, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: 14, BotID: 39})

		require.NoError(t, err)
		assert.True(t, outcome.Verified)
	})
}

// The wait for a blocked method is bounded, and with repeats switched off there is none.
func TestEnsureLeft_waitsForBlocksAreBounded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts []imbot.Option
		want int
	}{"by default": {nil, 16}, "without repeats": {clienttest.WithoutRepeats(), 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.Start()
				defer portal.Close()
				portal.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))

				outcome, err := portal.Client(tt.opts...).Chat.EnsureLeft(t.Context(), clienttest.Leave13)

				require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
				assert.Equal(t, tt.want, outcome.Attempts)
			})
		})
	}
}

// The bot is out only where the last answer of the portal says so: not an earlier answer, and not the error of a token
// source.
func TestEnsureLeft_takesNobodyElsesWord(t *testing.T) {
	t.Parallel()
	stale := imbottest.Refuse(500, "WRONG_REQUEST", "")
	tests := []struct {
		name    string
		answers []imbottest.Answer
		token   error
		is      error
	}{
		{"a code that is left over, and then a refusal", []imbottest.Answer{stale, imbottest.Refuse(403, "LEAVE_OWNER_FORBIDDEN", "")}, nil, imbot.ErrLeaveOwnerForbidden},
		{"a code that is left over, each time", []imbottest.Answer{stale}, nil, imbot.ErrOutcomeUnknown},
		{"an answer that contradicts itself", []imbottest.Answer{imbottest.Raw(200, "application/json", `{"result":false,"error":"WRONG_REQUEST"}`)}, nil, imbot.ErrOutcomeUnknown},
		{"an error of the token source", nil, fmt.Errorf("no token: %w", imbot.ErrNotInChat), imbot.ErrNotInChat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.On("imbot.chat.leave", tt.answers...)
				client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) { return imbottest.TokenOK, tt.token }))

				outcome, err := client.Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: 13})

				require.ErrorIs(t, err, tt.is)
				assert.Empty(t, outcome.State)
				if tt.token != nil {
					assert.Empty(t, portal.Calls())
				}
			})
		})
	}
}

// However often the limit is met, a call that waits for it ends.
func TestEnsureLeft_overAndOverAtTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(time.Second), imbottest.WithCost(func(string) time.Duration { return 2 * time.Second }))
		defer portal.Close()
		client := portal.Client(imbot.WithClientID(imbottest.ClientID))
		for range 5 {
			start := time.Now()
			outcome, err := client.Chat.EnsureLeft(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
			assert.NotEmpty(t, outcome.State)
			assert.Less(t, time.Since(start), 21*time.Minute)
		}
	})
}
