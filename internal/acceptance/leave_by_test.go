package acceptance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// leaveOwn is a request of somebody else's method that leaves.
type leaveOwn struct {
	BotID  imbot.BotID `json:"botId"`
	Chat   string      `json:"dialogId"`
	Nested struct {
		BotToken string `json:"botToken,omitempty"`
	} `json:"nested,omitzero"`
}

// ownLeave leaves by imbot.v2.Chat.leave, read as a map.
func ownLeave() imbot.LeaveBy[leaveOwn, map[string]bool] {
	return imbot.LeaveBy[leaveOwn, map[string]bool]{
		Method: imbot.Method[leaveOwn, map[string]bool]{
			Name:     "imbot.v2.Chat.leave",
			Refusals: []imbot.Refusal{{Code: "USER_NOT_FOUND", Means: imbot.ErrNotInChat}},
		},
		Member: func(r leaveOwn) imbot.ChatLeaveRequest {
			chat, _ := imbot.ParseChatID(r.Chat)
			return imbot.ChatLeaveRequest{ChatID: chat, BotID: r.BotID}
		},
		Ambiguous: func(e *imbot.APIError) bool { return e.Is(imbot.ErrAccessDenied) },
	}
}

// What a method of somebody else's takes to be verified is asked for before anything is sent.
func TestLeaveBy_withoutMember(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	by := ownLeave()
	by.Member = nil
	client := clienttest.ForBot(portal)

	_, err := imbot.EnsureLeft(t.Context(), client, by, leaveOwn{BotID: 39, Chat: "chat13"})
	results := slices.Collect(imbot.LeaveAll(t.Context(), client, by, slices.Values([]leaveOwn{{BotID: 39, Chat: "chat13"}, {BotID: 39, Chat: "chat14"}})))

	require.Len(t, results, 2)
	for _, err := range []error{err, results[0].Err, results[1].Err} {
		var param *imbot.ParamError
		require.ErrorAs(t, err, &param)
		assert.Equal(t, "LeaveBy.Member", param.Param)
	}
	assert.Empty(t, portal.Calls())
}

// Where a chat has no number, the bot cannot be looked for, and nothing is taken for certain.
func TestLeaveBy_notToBeLookedFor(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Chat.leave", imbottest.Refuse(400, "USER_NOT_FOUND", ""))

	_, err := imbot.EnsureLeft(t.Context(), clienttest.ForBot(portal), ownLeave(), leaveOwn{BotID: 39, Chat: "sg7"})

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Len(t, portal.Calls(), 1)
}

// A result of another request says which chat it was, in every form.
func TestLeaveResultOf_shows(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	requests := []leaveOwn{{BotID: 39, Chat: "chat13"}, {BotID: 39, Chat: "sg7"}}
	requests[1].Nested.BotToken = imbottest.ClientID
	const shown = `acceptance_test.leaveOwn{BotID:39 Chat:"sg7" Nested:struct { BotToken string "json:\"botToken,omitempty\"" }{BotToken:***}}`

	results := slices.Collect(imbot.LeaveAll(t.Context(), clienttest.ForBot(portal), ownLeave(), slices.Values(requests)))

	require.Len(t, results, 2)
	assert.Equal(t, requests[0], results[0].Request)
	assert.Equal(t, "imbot.LeaveResult(chat13: left)", fmt.Sprintf("%+v", results[0]))
	assert.Equal(t, "[chat_id=13 bot_id=39 state=left attempts=1 verified=false]", results[0].LogValue().String())
	line, err := json.Marshal(results[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"chat_id":13,"bot_id":39,"state":"left","attempts":1,"verified":false}`, string(line))

	assert.Equal(t, "imbot.LeaveResult("+shown+": left)", fmt.Sprint(results[1]))
	assert.Equal(t, "[request="+shown+" bot_id=39 state=left attempts=1 verified=false]", results[1].LogValue().String())
	line, err = json.Marshal(results[1])
	require.NoError(t, err)
	assert.JSONEq(t, `{"chat_id":0,"request":`+strconv.Quote(shown)+`,"bot_id":39,"state":"left","attempts":1,"verified":false}`, string(line))
}

// A function for the results of other requests would never be called.
func TestWithUnreported_otherRequests(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	for result := range imbot.LeaveAll(t.Context(), clienttest.ForBot(portal), ownLeave(), slices.Values([]leaveOwn{{BotID: 39, Chat: "chat13"}}),
		imbot.WithUnreported(func(imbot.LeaveResult) { t.Error("called") })) {
		var param *imbot.ParamError
		require.ErrorAs(t, result.Err, &param)
		assert.Equal(t, "WithUnreported", param.Param)
	}
	assert.Empty(t, portal.Calls())
}

// A panic of a function of LeaveBy goes on where the goal was asked for, and the requests that were taken have results.
func TestLeaveBy_panics(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*imbot.LeaveBy[leaveOwn, map[string]bool]){
		"Member": func(by *imbot.LeaveBy[leaveOwn, map[string]bool]) {
			by.Member = func(leaveOwn) imbot.ChatLeaveRequest { panic("of the caller") }
		},
		"Ambiguous": func(by *imbot.LeaveBy[leaveOwn, map[string]bool]) {
			by.Ambiguous = func(*imbot.APIError) bool { panic("of the caller") }
		},
		"Check": func(by *imbot.LeaveBy[leaveOwn, map[string]bool]) {
			by.Method.Check = func(map[string]bool) error { panic("of the caller") }
		},
		"Validate": func(by *imbot.LeaveBy[leaveOwn, map[string]bool]) {
			by.Method.Validate = func(leaveOwn) error { panic("of the caller") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			by := ownLeave()
			spoil(&by)
			requests := []leaveOwn{{BotID: 39, Chat: "chat13"}, {BotID: 39, Chat: "chat14"}}
			unreported := 0
			assert.PanicsWithValue(t, "of the caller", func() {
				for _, request := range requests {
					_, _ = imbot.EnsureLeft(t.Context(), clienttest.ForBot(imbottest.NewPortal(t)), by, request)
				}
			})
			note := func(result imbot.LeaveResultOf[leaveOwn]) {
				unreported++
				assert.NotEqual(t, result.Outcome.State == "", result.Err == nil, "%v: out, or an error", result)
			}
			assert.Panics(t, func() {
				for result := range imbot.LeaveAll(t.Context(), clienttest.ForBot(imbottest.NewPortal(t)), by, slices.Values(requests), imbot.WithUnreported(note)) {
					note(result)
				}
			})
			if name == "Ambiguous" || name == "Check" { // those of the others were not taken
				assert.Equal(t, 2, unreported)
			}
		})
	}
}
