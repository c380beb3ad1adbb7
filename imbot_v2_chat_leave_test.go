package imbot_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

var v2Leave13 = imbot.V2ChatLeaveRequest{BotID: 39, DialogID: "chat13"}

func TestV2Leave_sendsExactlyWhatIsDocumented(t *testing.T) {
	t.Parallel()
	withToken := v2Leave13
	withToken.BotToken = "EXAMPLE_CLIENT_ID"
	webhook := func(p *imbottest.Portal) imbot.Auth { return imbot.Webhook(p.WebhookURL()) }
	oauth := func(p *imbottest.Portal) imbot.Auth {
		return imbot.OAuth(p.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN"))
	}
	tests := []struct {
		name, want string
		auth       func(*imbottest.Portal) imbot.Auth
		req        imbot.V2ChatLeaveRequest
		opts       []imbot.Option
	}{
		{"webhook", "request_webhook.json", webhook, withToken, nil},
		{"webhook, token of the client", "request_webhook.json", webhook, v2Leave13, []imbot.Option{imbot.WithClientID("EXAMPLE_CLIENT_ID")}},
		{"OAuth", "request_oauth.json", oauth, v2Leave13, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", imbottest.Raw(200, "application/json", testdata(t, "imbot.v2.Chat.leave/ok.json")))
			client := newClient(t, tt.auth(portal), append(tt.opts, imbot.WithHTTPClient(portal.HTTPClient()))...)

			response, err := client.V2.Chat.Leave(t.Context(), tt.req)

			require.NoError(t, err)
			assert.True(t, bool(response.Result))
			calls := portal.Calls()
			require.Len(t, calls, 1)
			assert.Equal(t, testdata(t, "imbot.v2.Chat.leave/"+tt.want), string(calls[0].Body))
			assert.Equal(t, "imbot.v2.Chat.leave", calls[0].Method)
		})
	}
}

// v2LeaveRefusals has every file of testdata/imbot.v2.Chat.leave with what it has to be taken for.
var v2LeaveRefusals = map[string][]error{
	"access_denied.json":           {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.ErrAccessDenied},
	"access_denied_plan.json":      {imbot.ErrAccessDenied},
	"chat_not_found.json":          {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.Code("CHAT_NOT_FOUND")},
	"bot_not_found.json":           {imbot.ErrBotID, imbot.Code("BOT_NOT_FOUND")},
	"bot_id_required.json":         {imbot.ErrBotID, imbot.Code("BOT_ID_REQUIRED")},
	"bot_ownership_error.json":     {imbot.ErrAppID, imbot.Code("BOT_OWNERSHIP_ERROR")},
	"bot_token_not_specified.json": {imbot.ErrClientIDMissing, imbot.ErrAccessDenied, imbot.Code("BOT_TOKEN_NOT_SPECIFIED")},
	"100.json":                     {imbot.Code("100")},
}

func TestV2Leave_refusals(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/imbot.v2.Chat.leave/*.json")
	require.NoError(t, err)
	for _, path := range files {
		file := filepath.Base(path)
		want, ok := v2LeaveRefusals[file]
		if !ok {
			assert.True(t, notRefusals[file], "%s has no row", file)
			continue
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", imbottest.Raw(400, "application/json", testdata(t, "imbot.v2.Chat.leave/"+file)))

			_, err := portal.Client().V2.Chat.Leave(t.Context(), v2Leave13)

			assertMatchesOnly(t, err, want...)
		})
	}
	assert.Len(t, files, len(v2LeaveRefusals)+len(notRefusals))
}

// The refusal of a command has the status of the batch, which says nothing of it.
func TestV2Leave_refusedInABatch(t *testing.T) {
	t.Parallel()
	for description, want := range map[string][]error{
		"Access denied":                                    {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.ErrAccessDenied},
		"Доступ запрещён":                                  {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.ErrAccessDenied},
		"Access denied! Client ID not specified":           {imbot.ErrClientIDMissing, imbot.ErrAccessDenied},
		"REST is available only by subscription.":          {imbot.ErrAccessDenied},
		"Current user can't be authorized in this context": {imbot.ErrAccessDenied},
	} {
		t.Run(description, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("batch", imbottest.Raw(200, "application/json",
				`{"result":{"result":[],"result_error":{"c0":{"error":"ACCESS_DENIED","error_description":"`+description+`"}}}}`))
			batch := portal.Client().NewBatch()
			left := imbot.Queue(batch, imbot.MethodV2ChatLeave, v2Leave13)
			require.NoError(t, batch.Do(t.Context()))

			_, err := left.Result()

			assertMatchesOnly(t, err, want...)
		})
	}
}

func TestV2Leave_findsMistakesBeforeSending(t *testing.T) {
	t.Parallel()
	for param, tt := range map[string]struct {
		req  imbot.V2ChatLeaveRequest
		want error
	}{
		"botId":    {imbot.V2ChatLeaveRequest{DialogID: "chat13"}, imbot.ErrBotID},
		"dialogId": {imbot.V2ChatLeaveRequest{BotID: 39}, imbot.ErrDialogIDEmpty},
	} {
		portal := imbottest.NewPortal(t)

		_, err := portal.Client().V2.Chat.EnsureLeft(t.Context(), tt.req)

		require.ErrorIs(t, err, tt.want)
		var paramErr *imbot.ParamError
		require.ErrorAs(t, err, &paramErr)
		assert.Equal(t, param, paramErr.Param)
		assert.Empty(t, portal.Calls())
	}
}

func TestV2Leave_unexpectedResults(t *testing.T) {
	t.Parallel()
	for body, unknown := range map[string]bool{
		`{"result":{"result":false}}`: false,
		`{"result":{"result":null}}`:  true,
		`{"result":{"result":1}}`:     true,
		`{"result":{}}`:               true,
		`{"result":true}`:             true,
		`{"result":null}`:             true,
		`{"result":[]}`:               true,
		`{}`:                          true,
	} {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.v2.Chat.leave", imbottest.Raw(200, "application/json", body))

		_, err := portal.Client().V2.Chat.Leave(t.Context(), v2Leave13)

		require.ErrorIs(t, err, imbot.ErrUnexpectedResult, body)
		if unknown {
			require.ErrorIs(t, err, imbot.ErrOutcomeUnknown, body)
		} else {
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown, body)
		}
	}
}

func TestV2EnsureLeft(t *testing.T) {
	t.Parallel()
	success := imbottest.Raw(200, "application/json", `{"result":{"result":true}}`)
	stranger := imbottest.Refuse(400, "ACCESS_DENIED", "Access denied")
	tests := []struct {
		name    string
		dialog  imbot.DialogID
		answers []imbottest.Answer
		want    imbot.LeaveOutcome
		is      error
	}{
		{"in the chat", "chat13", []imbottest.Answer{success}, imbot.LeaveOutcome{State: imbot.Left, Attempts: 1}, nil},
		{"not in the chat", "chat14", []imbottest.Answer{stranger}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"not in the chat, in capitals", "CHAT14", []imbottest.Answer{stranger}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"in it all the same", "chat13", []imbottest.Answer{stranger}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrStillInChat},
		{"a lost answer", "chat14", []imbottest.Answer{imbottest.Broken(), stranger}, imbot.LeaveOutcome{State: imbot.Out, Attempts: 2, Verified: true}, nil},
		{"a dialog that is no chat by its number", "sg14", []imbottest.Answer{stranger}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1}, nil},
		{"a user's dialog", "14", []imbottest.Answer{stranger}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1}, nil},
		{"the plan, in other words", "sg14", []imbottest.Answer{imbottest.Refuse(401, "ACCESS_DENIED", "Тариф без REST")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrAccessDenied},
		{"no CLIENT_ID", "sg14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Access denied! Client ID not specified")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrClientIDMissing},
		{"not in the chat, in the portal's language", "chat14", []imbottest.Answer{imbottest.Refuse(400, "ACCESS_DENIED", "Доступ запрещён")}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"not in the chat, by another status", "chat14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Access denied")}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"not in the chat, by another status and in other words", "chat14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Zugriff verweigert")}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"in it all the same, by another status", "chat13", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Zugriff verweigert")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrStillInChat},
		{"refused by another status, and not to be looked for", "sg14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Access denied")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrAccessDenied},
		{"a lost answer, and not to be looked for", "sg14", []imbottest.Answer{imbottest.Broken(), imbottest.Refuse(403, "ACCESS_DENIED", "Access denied")}, imbot.LeaveOutcome{Attempts: 2}, imbot.ErrOutcomeUnknown},
		{"the plan", "chat13", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "REST is available only by subscription.")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrAccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", tt.answers...)

			outcome, err := portal.Client().V2.Chat.EnsureLeft(t.Context(), imbot.V2ChatLeaveRequest{
				BotID: 39, DialogID: tt.dialog, BotToken: imbottest.ClientID, // which is the CLIENT_ID of the first generation
			})

			assert.Equal(t, tt.want, outcome)
			if tt.is == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, tt.is)
			}
		})
	}
}
