package acceptance_test

import (
	"errors"
	"fmt"
	"path"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

var v2Leave13 = imbotv2.ChatLeaveRequest{BotID: 39, DialogID: "chat13"}

func TestV2Leave_sendsExactlyWhatIsDocumented(t *testing.T) {
	t.Parallel()
	webhook := func(p *imbottest.Portal) imbot.Auth { return imbot.Webhook(p.WebhookURL()) }
	oauth := func(p *imbottest.Portal) imbot.Auth {
		return imbot.OAuth(p.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN"))
	}
	tests := []struct {
		name, want string
		auth       func(*imbottest.Portal) imbot.Auth
		bot        imbotv2.Identity
		req        imbotv2.ChatLeaveRequest
		opts       []imbot.Option
	}{
		{"webhook", "request_webhook.json", webhook, imbotv2.Identity{BotID: 39, BotToken: "EXAMPLE_CLIENT_ID"}, imbotv2.ChatLeaveRequest{DialogID: "chat13"}, nil},
		{"webhook, another bot", "request_webhook.json", webhook, imbotv2.Identity{BotID: 7, BotToken: "EXAMPLE_CLIENT_ID"}, v2Leave13, nil},
		{"webhook, token of the client", "request_webhook.json", webhook, imbotv2.Identity{}, v2Leave13, []imbot.Option{imbot.WithClientID("EXAMPLE_CLIENT_ID")}},
		{"webhook, two tokens", "request_webhook.json", webhook, imbotv2.Identity{BotToken: "EXAMPLE_CLIENT_ID"}, v2Leave13, []imbot.Option{imbot.WithClientID("other")}},
		{"OAuth", "request_oauth.json", oauth, imbotv2.Identity{BotID: 39}, v2Leave13, nil},
		{"OAuth, where no token is sent", "request_oauth.json", oauth, imbotv2.Identity{BotID: 39, BotToken: "EXAMPLE_CLIENT_ID"}, v2Leave13, []imbot.Option{imbot.WithClientID("other")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", imbottest.Raw(200, "application/json", testdata(t, "imbot.v2.Chat.leave/ok.json")))
			client := clienttest.New(t, tt.auth(portal), append(tt.opts, imbot.WithHTTPClient(portal.HTTPClient()))...)

			response, err := imbotv2.New(client).As(tt.bot).Chat.Leave(t.Context(), tt.req)

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
	"access_denied.json":               {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.ErrAccessDenied},
	"access_denied_plan.json":          {imbot.ErrAccessDenied},
	"chat_not_found.json":              {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.Code("CHAT_NOT_FOUND")},
	"bot_not_found.json":               {imbot.ErrBotID, imbot.Code("BOT_NOT_FOUND")},
	"bot_id_required.json":             {imbot.ErrBotID, imbot.Code("BOT_ID_REQUIRED")},
	"bot_ownership_error.json":         {imbot.ErrAppID, imbot.Code("BOT_OWNERSHIP_ERROR")},
	"bot_token_not_specified.json":     {imbot.ErrClientIDMissing, imbot.ErrAccessDenied, imbot.Code("BOT_TOKEN_NOT_SPECIFIED")},
	"user_not_found.json":              {imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.Code("USER_NOT_FOUND")},
	"user_invited_from_structure.json": {imbot.ErrWrongRequest, imbot.Code("USER_INVITED_FROM_STRUCTURE")},
	"100.json":                         {imbot.Code("100")},
}

func TestV2Leave_refusals(t *testing.T) {
	t.Parallel()
	files := testdataIn(t, "imbot.v2.Chat.leave")
	for _, name := range files {
		file := path.Base(name)
		want, ok := v2LeaveRefusals[file]
		if !ok {
			assert.True(t, notRefusals[file], "%s has no row", file)
			continue
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", imbottest.Raw(400, "application/json", testdata(t, "imbot.v2.Chat.leave/"+file)))

			_, err := clienttest.V2(portal.Client()).Chat.Leave(t.Context(), v2Leave13)

			clienttest.MatchesOnly(t, err, want...)
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
			left := imbot.Queue(batch, imbotv2.MethodChatLeave, v2Leave13)
			require.NoError(t, batch.Do(t.Context()))

			_, err := left.Result()

			clienttest.MatchesOnly(t, err, want...)
		})
	}
}

func TestV2Leave_findsMistakesBeforeSending(t *testing.T) {
	t.Parallel()
	for param, tt := range map[string]struct {
		req  imbotv2.ChatLeaveRequest
		want error
	}{
		"botId":    {imbotv2.ChatLeaveRequest{DialogID: "chat13"}, imbot.ErrBotID},
		"dialogId": {imbotv2.ChatLeaveRequest{BotID: 39}, imbot.ErrDialogIDEmpty},
	} {
		portal := imbottest.NewPortal(t)

		_, err := imbotv2.New(portal.Client()).As(imbotv2.Identity{}).Chat.EnsureLeft(t.Context(), tt.req)

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

		_, err := clienttest.V2(portal.Client()).Chat.Leave(t.Context(), v2Leave13)

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
		{"not in the chat, and not to be looked for", "sg14", []imbottest.Answer{stranger}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrOutcomeUnknown},
		{"no such chat, and not to be looked for", "sg14", []imbottest.Answer{imbottest.Refuse(400, "CHAT_NOT_FOUND", "")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrOutcomeUnknown},
		{"a lost answer, then not in the chat, and not to be looked for", "crm|DEAL|5", []imbottest.Answer{imbottest.Broken(), imbottest.Refuse(400, "USER_NOT_FOUND", "")}, imbot.LeaveOutcome{Attempts: 2}, imbot.ErrOutcomeUnknown},
		{"in a chat that is not to be looked into", "CRM|Deal|5", []imbottest.Answer{success}, imbot.LeaveOutcome{State: imbot.Left, Attempts: 1}, nil},
		{"the plan, in other words", "sg14", []imbottest.Answer{imbottest.Refuse(401, "ACCESS_DENIED", "Тариф без REST")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrAccessDenied},
		{"no CLIENT_ID", "sg14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Access denied! Client ID not specified")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrClientIDMissing},
		{"not in the chat, in the portal's language", "chat14", []imbottest.Answer{imbottest.Refuse(400, "ACCESS_DENIED", "Доступ запрещён")}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"not in the chat, by another status", "chat14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Access denied")}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"not in the chat, by another status and in other words", "chat14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Zugriff verweigert")}, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true}, nil},
		{"in it all the same, by another status", "chat13", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Zugriff verweigert")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrStillInChat},
		{"refused by another status, and not to be looked for", "sg14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Access denied")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrOutcomeUnknown},
		{"the plan, in other words and by another status, and not to be looked for", "sg14", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "Тариф без REST")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrAccessDenied},
		{"a lost answer, and not to be looked for", "sg14", []imbottest.Answer{imbottest.Broken(), imbottest.Refuse(403, "ACCESS_DENIED", "Access denied")}, imbot.LeaveOutcome{Attempts: 2}, imbot.ErrOutcomeUnknown},
		{"the plan", "chat13", []imbottest.Answer{imbottest.Refuse(403, "ACCESS_DENIED", "REST is available only by subscription.")}, imbot.LeaveOutcome{Attempts: 1}, imbot.ErrAccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", tt.answers...)

			outcome, err := clienttest.V2(portal.Client().As(imbottest.ClientID)).Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{DialogID: tt.dialog})

			assert.Equal(t, tt.want, outcome)
			if tt.is == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, tt.is)
			}
		})
	}
}

// A dialog with a user is not left: the portal would take the bot out only until the next message, and no list of
// members shows whether it is.
func TestV2EnsureLeft_groupChatsOnly(t *testing.T) {
	t.Parallel()
	for _, dialog := range []imbot.DialogID{
		"1", "27", "0", "-1", "01", " 1", "user1", "chat", "chat0", "chat-13", "chat+13", "chat013", "chat13 ", "chat1e1", "13chat", "chatchat13",
		"sg", "sg0", "sg-7", "sg7x", "crm", "crm5", "crm|", "crm|DEAL", "crm|DEAL|", "crm||5", "crm|DEAL|5|6", "network13", "[]",
	} {
		t.Run(string(dialog), func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)

			outcome, err := clienttest.V2(clienttest.ForBot(portal)).Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{BotID: 39, DialogID: dialog})

			assert.Equal(t, imbot.LeaveOutcome{}, outcome)
			var param *imbot.ParamError
			require.ErrorAs(t, err, &param)
			assert.Equal(t, "imbot.v2.Chat.leave", param.Method)
			assert.Equal(t, "dialogId", param.Param)
			clienttest.MatchesOnly(t, err, imbot.ErrDialogIDEmpty)
			assert.Empty(t, portal.Calls())
			assert.True(t, portal.Has(imbottest.ChatPrivate, 39))
		})
	}
}

// Under OAuth nobody is sent the token of the bot, also not by the method of the first generation that looks for the bot.
func TestV2EnsureLeft_noTokenUnderOAuth(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Chat.leave", imbottest.Refuse(400, "ACCESS_DENIED", ""))
	portal.On("imbot.chat.user.list", imbottest.Result([]int{1}))
	bot := imbotv2.New(portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK))).As(imbotv2.Identity{BotID: 39, BotToken: secretClientID})

	outcome, err := bot.Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{DialogID: "chat13"})

	require.NoError(t, err)
	assert.True(t, outcome.Verified)
	require.Len(t, portal.Calls(), 2)
	for _, call := range portal.Calls() {
		secrets.NotIn(t, string(call.Body), call.Method)
	}
}

// What EnsureLeft says is true of the portal, for every kind of chat and whatever becomes of the answers.
func TestV2EnsureLeft_kinds(t *testing.T) {
	t.Parallel()
	const theChat imbot.ChatID = 1000
	kinds := []imbottest.Kind{
		imbottest.Group, imbottest.OpenChat, imbottest.General, imbottest.GeneralChannel, imbottest.Workgroup, imbottest.CallChat, imbottest.Support,
		imbottest.Network, imbottest.CRM, imbottest.OpenLine, imbottest.Copilot, imbottest.ExternalTask, imbottest.Private,
	}
	prepared := map[string][]imbottest.Fault{
		"answered":    nil,
		"lost after":  {imbottest.LoseAfter()},
		"lost before": {imbottest.LoseBefore(), imbottest.LoseBefore(), imbottest.LoseBefore(), imbottest.LoseBefore()},
	}
	for _, kind := range kinds {
		for name, queue := range prepared {
			for _, isIn := range []bool{true, false} {
				for _, byNumber := range []bool{true, false} {
					dialog := theChat.DialogID()
					if !byNumber {
						dialog = map[imbottest.Kind]imbot.DialogID{imbottest.Workgroup: "sg77", imbottest.CRM: "crm|DEAL|77"}[kind]
					}
					if dialog == "" {
						continue
					}
					t.Run(fmt.Sprintf("%v as %s, %s, in it %v", kind, dialog, name, isIn), func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							portal := imbottest.NewPortal(t)
							chat := imbottest.Chat{ID: theChat, Kind: kind, EntityID: "DEAL|77", Owner: 39, Members: []imbot.UserID{1}}
							if kind == imbottest.Workgroup {
								chat.EntityID = "77"
							}
							if isIn {
								chat.Members = append(chat.Members, 39)
							}
							portal.AddChat(chat)
							portal.Fault("imbot.v2.Chat.leave", queue...)

							outcome, err := clienttest.V2(clienttest.ForBot(portal)).Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{BotID: 39, DialogID: dialog})

							stays := portal.Has(theChat, 39)
							canLook := byNumber && kind != imbottest.General // whose members the portal does not list
							switch {
							case isIn && name == "answered":
								require.NoError(t, err)
								assert.Equal(t, imbot.LeaveOutcome{State: imbot.Left, Attempts: 1}, outcome)
								assert.False(t, stays)
							case !canLook:
								require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
								require.NotErrorIs(t, err, imbot.ErrStillInChat)
								assert.Empty(t, outcome.State)
							case stays:
								require.ErrorIs(t, err, imbot.ErrStillInChat)
								assert.Empty(t, outcome.State)
							default:
								require.NoError(t, err)
								assert.True(t, outcome.Verified)
								assert.Equal(t, name == "answered", outcome.State == imbot.AlreadyOut)
								assert.Equal(t, name != "answered", outcome.State == imbot.Out)
							}
						})
					})
				}
			}
		}
	}
}

// A refusal that only the list of members could explain is a refusal where there is no such list, unless it says that
// the bot is not there.
func TestV2EnsureLeft_listRefused(t *testing.T) {
	t.Parallel()
	for description, unknown := range map[string]bool{"Тариф без REST": false, "Access denied": true} {
		t.Run(description, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.v2.Chat.leave", imbottest.Refuse(403, "ACCESS_DENIED", description))
			portal.On("imbot.chat.user.list", imbottest.Refuse(403, "ACCESS_DENIED", description))

			outcome, err := clienttest.V2(clienttest.ForBot(portal)).Chat.EnsureLeft(t.Context(), v2Leave13)

			assert.Equal(t, imbot.LeaveOutcome{Attempts: 1}, outcome)
			require.ErrorIs(t, err, imbot.ErrAccessDenied)
			assert.Equal(t, unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
		})
	}
}

// A bot that is in a chat with its department is refused, and stays.
func TestV2EnsureLeft_structure(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.AddChat(imbottest.Chat{ID: 1000, Owner: 1, Members: []imbot.UserID{1, 39}, FromStructure: []imbot.UserID{39}})

	outcome, err := clienttest.V2(clienttest.ForBot(portal)).Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{BotID: 39, DialogID: "chat1000"})

	assert.Equal(t, imbot.LeaveOutcome{Attempts: 1}, outcome)
	clienttest.MatchesOnly(t, err, imbot.ErrWrongRequest, imbot.Code("USER_INVITED_FROM_STRUCTURE"))
	assert.True(t, portal.Has(1000, 39))
}
