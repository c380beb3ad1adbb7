package main

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// Every kind of refusal has a row and a hint, and the same ones in both forms in which portals write them.
func TestRun_refusals(t *testing.T) {
	t.Parallel()
	for _, wire := range []imbottest.Wire{imbottest.Current, imbottest.Documented} {
		t.Run(wire.String(), func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t, imbottest.WithWire(wire))
			self := imbot.UserID(imbottest.BotMain)
			members := []imbot.UserID{imbottest.Employee, self}
			for i, chat := range []imbottest.Chat{
				{Kind: imbottest.Workgroup, Owner: imbottest.Employee, Members: members},
				{Kind: imbottest.CRM, Owner: self, Members: members},
				{Kind: imbottest.Group, Owner: imbottest.Employee, Members: members, FromStructure: []imbot.UserID{self}},
			} {
				chat.ID = imbot.ChatID(1001 + i)
				portal.AddChat(chat)
			}
			ids := "1001\n1002\n1003\n13\n99999\n" + strconv.Itoa(int(imbottest.ChatGeneral))
			args := []string{"--chats", "-", "--bot", "39", "--outcomes", outcomesFile(t), "--yes"}

			got := start(t, environment(portal), ids, nil, args...)

			structure := "still in the chat" // older portals say that the bot is not there
			if wire == imbottest.Current {
				structure = "USER_INVITED_FROM_STRUCTURE"
			}
			assert.Equal(t, exitSomeAreIn, got.code)
			for _, kind := range []string{"LEAVE_OWNER_FORBIDDEN", "ACCESS_ERROR: Action unavailable", "ACCESS_ERROR: It is forbidden to delete users of this chat", structure} {
				assert.Regexp(t, `(?m)^1  refused: `+kind+`\n   [a-z].{10,}$`, got.out)
			}
			assert.Regexp(t, "(?m)^2  out of the chat", got.out)
			calls := len(portal.Calls())
			assert.Equal(t, got.out, start(t, environment(portal), ids, nil, args...).out)
			assert.Len(t, portal.Calls(), calls, "what was refused is not asked for again")
		})
	}
}

// A mistake of the caller is no outcome: when it is mended, all is done again.
func TestRun_callersMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		args []string
		says string
	}{
		{"another's CLIENT_ID", map[string]string{"BITRIX24_CLIENT_ID": "EXAMPLE_other"}, nil, "APP_ID_ERROR"},
		{"no such bot", nil, []string{"--bot", "999"}, "BOT_ID_ERROR"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := portalWith(t, 2)
			args := []string{"--chats", idsOf(t, 2), "--outcomes", outcomesFile(t), "--yes"}
			env := environment(portal)
			maps.Copy(env, tt.env)
			wrong := tt.args
			if wrong == nil {
				wrong = []string{"--bot", "39"}
			}
			got := start(t, env, "", nil, slices.Concat(args, wrong)...)
			assert.Equal(t, exitSomeAreIn, got.code)
			assert.Contains(t, got.out, "2  failed: "+tt.says)
			assert.Contains(t, got.err, "imbot bulk: not done: ")
			assert.NotContains(t, got.out+got.err, "EXAMPLE_other")
			got = start(t, environment(portal), "", nil, append(args, "--bot", "39")...)
			assert.Equal(t, exitAllOut, got.code, got.out)
		})
	}
}

// An answer that was lost is looked into, and what cannot be learnt is called unknown, and done again.
func TestRun_lostAnswers(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 100)
	args := []string{"--chats", idsOf(t, 100), "--bot", "39", "--outcomes", outcomesFile(t), "--yes"}
	portal.Fault("batch", imbottest.NoFault(), imbottest.LoseAfter(), imbottest.HTMLAfter(502))
	got := start(t, environment(portal), "", nil, args...)
	assert.Equal(t, wholeTable, got.out)

	portal = portalWith(t, 1)
	args[1], args[5] = idsOf(t, 1), outcomesFile(t)
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.LoseAfter() })
	got = start(t, environment(portal), "", nil, args...)
	assert.Equal(t, exitSomeAreIn, got.code)
	assert.Contains(t, got.out, "1  unknown\n   start again: it does no harm\n")
	portal.FaultFunc(nil)
	got = start(t, environment(portal), "", nil, args...)
	assert.Equal(t, exitAllOut, got.code, got.out)
	assert.Equal(t, 1, portal.Removals(1001))
}

// What a hint is for exists, and no refusal hides behind one that is more general.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, refusal := range refusals {
		e := entryOf(imbot.LeaveResult{Err: refusal.match})
		require.Equal(t, entry{refused, refusal.code}, e)
		assert.NotEmpty(t, strings.TrimSpace(e.hint()))
		assert.True(t, e.isFinal())
	}
	lastLost := imbot.LeaveResult{Err: errors.Join(imbot.ErrStillInChat, imbot.ErrOutcomeUnknown)}
	assert.False(t, entryOf(lastLost).isFinal(), "nobody refused it")
	assert.Equal(t, entry{failed, stillIn}, entryOf(lastLost))
	refusedAtLast := imbot.LeaveResult{Err: errors.Join(imbot.ErrStillInChat, imbot.ErrLeaveOwnerForbidden, imbot.ErrOutcomeUnknown)}
	assert.Equal(t, entry{refused, "LEAVE_OWNER_FORBIDDEN"}, entryOf(refusedAtLast), "though an answer was lost before")
	assert.Equal(t, entry{refused, stillIn}, entryOf(imbot.LeaveResult{Err: errors.Join(imbot.ErrStillInChat, imbot.ErrNotInChat, imbot.ErrOutcomeUnknown)}))
	assert.Equal(t, entry{outcome: unknown}, entryOf(imbot.LeaveResult{Err: errors.Join(imbot.ErrAccess, imbot.ErrOutcomeUnknown)}))
	for code, hint := range troubles {
		assert.Equal(t, hint, entry{failed, code}.hint())
	}
}

// The program knows from each attempt whether the portal has too many requests, and whoever waits for one call is told.
func TestAttempted(t *testing.T) {
	t.Parallel()
	for command, says := range map[string]string{"bulk": "", "leave": "The portal gets too many requests from here."} {
		var errs strings.Builder
		p := &process{err: &shared{out: &errs}, command: command}
		p.attempted(t.Context(), imbot.Attempt{Method: "imbot.chat.leave", Err: imbot.ErrAccess})
		assert.Zero(t, p.throttled.Load())
		assert.Empty(t, errs.String())
		p.attempted(t.Context(), imbot.Attempt{Method: "imbot.chat.leave", Err: imbot.ErrQueryLimitExceeded})
		assert.NotZero(t, p.throttled.Load())
		assert.Contains(t, errs.String(), says)
		assert.Equal(t, says == "", errs.Len() == 0)
	}
}
