package acceptance_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
)

// secretsOfV2 are values of those types of imbotv2 that can hold a secret, given one wherever it fits.
func secretsOfV2(t testing.TB) map[string][]any {
	t.Helper()
	v2 := imbotv2.New(clienttest.New(t, imbot.Webhook(secretURL), imbot.WithClientID(secretClientID)))
	bot := v2.As(imbotv2.Identity{BotID: 456, BotToken: secretClientID})
	fields := imbotv2.BotRegisterFields{Code: "support", BotToken: secretClientID, WebhookURL: secretHandler, BackgroundID: secretClientID}
	update := imbotv2.BotUpdateFields{BotToken: secretClientID, WebhookURL: secretHandler}
	withoutToken := imbotv2.BotUpdateFields{WebhookURL: secretHandler}
	file := imbotv2.File{ID: 138, URLPreview: secretURL, URLShow: secretURL, URLDownload: secretURL, ViewerAttrs: imbotv2.HiddenJSON(`"` + secretURL + `"`), MediaURL: imbotv2.HiddenJSON(`"` + secretURL + `"`)}
	var event imbotv2.Event
	require.NoError(t, json.Unmarshal([]byte(`{"eventId":417,"type":"ONIMBOTV2MESSAGEADD","data":{"bot":{"id":456,"auth":{"access_token":"`+secretToken+`"}},"message":{"id":1,"text":"hi"}}}`), &event))
	return map[string][]any{
		"Client": {v2, *v2}, "BotService": {v2.Bot, *v2.Bot}, "RevisionService": {v2.Revision, *v2.Revision},
		"Bot": {bot, *bot}, "ChatService": {bot.Chat, *bot.Chat}, "CommandService": {bot.Command, *bot.Command},
		"EventService": {bot.Event, *bot.Event}, "FileService": {bot.File, *bot.File}, "InputActionService": {bot.Chat.InputAction, *bot.Chat.InputAction},
		"ManagerService": {bot.Chat.Manager, *bot.Chat.Manager}, "TextFieldService": {bot.Chat.TextField, *bot.Chat.TextField},
		"MessageService": {bot.Chat.Message, *bot.Chat.Message}, "UserService": {bot.Chat.User, *bot.Chat.User},
		"Identity":          {imbotv2.Identity{BotID: 456, BotToken: secretClientID}, &imbotv2.Identity{BotToken: secretClientID}},
		"BotRegisterFields": {fields, &fields}, "BotRegisterRequest": {imbotv2.BotRegisterRequest{Fields: fields}, &imbotv2.BotRegisterRequest{Fields: fields}},
		"BotUpdateFields": {update, &update, withoutToken}, "BotUpdateRequest": {imbotv2.BotUpdateRequest{Fields: update}, &imbotv2.BotUpdateRequest{Fields: update}},
		"File": {file, &file}, "FileUploadResult": {imbotv2.FileUploadResult{File: file}},
		"IMService": {v2.IM, *v2.IM}, "IMEventService": {v2.IM.Event, *v2.IM.Event}, "IMFileService": {v2.IM.File, *v2.IM.File},
		"ReactionService": {bot.Chat.Message.Reaction, *bot.Chat.Message.Reaction}, "IMFileUploadResult": {imbotv2.IMFileUploadResult{File: file}},
		"FileDownloadResult":   {imbotv2.FileDownloadResult{DownloadURL: secretURL}, &imbotv2.FileDownloadResult{DownloadURL: secretURL}},
		"IMFileDownloadResult": {imbotv2.IMFileDownloadResult{DownloadURL: secretURL}},
		"DownloadURL":          {imbotv2.DownloadURL(secretURL), new(imbotv2.DownloadURL(secretURL))},
		"HiddenJSON":           {imbotv2.HiddenJSON(`"` + secretURL + `"`), new(imbotv2.HiddenJSON(`"` + secretURL + `"`))},
		"Event":                {event, &event},
	}
}

// hasNoSecret are the other types: what people write, what is shown of them, and options.
var hasNoSecret = map[string]bool{
	"ActionStatus": true, "BotContext": true, "BotGetRequest": true, "BotGetResponse": true, "BotGetResult": true, "BotInfo": true, "BotProperties": true,
	"BotRegisterResponse": true, "BotRegisterResult": true, "BotType": true, "BotUnregisterRequest": true, "BotUnregisterResponse": true, "Chat": true,
	"ChatGetRequest": true, "ChatGetResponse": true, "ChatGetResult": true, "ChatLeaveRequest": true, "ChatLeaveResponse": true, "ChatPermissions": true,
	"ChatPublic": true, "ChatType": true, "Command": true, "CommandAnswerFields": true, "CommandAnswerRequest": true, "CommandAnswerResponse": true,
	"CommandCall": true, "CommandContext": true, "CommandID": true, "CommandRegisterFields": true, "CommandRegisterRequest": true,
	"CommandRegisterResponse": true, "CommandRegisterResult": true, "EntityLink": true, "EventFunc": true, "EventGetResult": true, "EventGetRequest": true, "EventGetResponse": true,
	"EventID": true, "EventMode": true, "EventTooLargeError": true, "EventsOption": true, "FileID": true, "FileOffsets": true, "FileType": true,
	"FileUploadFields": true, "FileUploadRequest": true, "FileUploadResponse": true, "Forward": true, "Gender": true, "ImageSize": true,
	"InputActionNotifyRequest": true, "InputActionNotifyResponse": true, "LastMessageViews": true, "LeaveResult": true, "Localized": true,
	"MemoryOffsets": true, "Message": true, "MessageParams": true, "MessageSendFields": true, "MessageSendRequest": true, "MessageSendResponse": true,
	"MessageSendResult": true, "Mux": true, "Offset": true, "OffsetKey": true, "OffsetStore": true, "Order": true, "PanicError": true, "Reaction": true,
	"ReactionAction": true, "ReactionChange": true, "Result": true, "SayOption": true, "User": true, "UserListRequest": true, "UserListResponse": true,
	"CommandListRequest": true, "CommandListResponse": true, "CommandListResult": true, "CommandUnregisterRequest": true,
	"CommandUnregisterResponse": true, "CommandUpdateFields": true, "CommandUpdateRequest": true, "CommandUpdateResponse": true,
	"CommandUpdateResult": true, "FileDownloadRequest": true, "FileDownloadResponse": true, "IMEventGetRequest": true,
	"IMEventGetResponse": true, "IMEventGetResult": true, "IMEventSubscribeRequest": true, "IMEventSubscribeResponse": true,
	"IMEventUnsubscribeRequest": true, "IMEventUnsubscribeResponse": true, "IMFileDownloadRequest": true, "IMFileDownloadResponse": true,
	"IMFileUploadFields": true, "IMFileUploadRequest": true, "IMFileUploadResponse": true, "LocalizedChange": true,
	"MessageDeleteRequest": true, "MessageDeleteResponse": true, "MessageGetContextRequest": true, "MessageGetContextResponse": true,
	"MessageGetContextResult": true, "MessageGetRequest": true, "MessageGetResponse": true, "MessageGetResult": true,
	"MessageReadRequest": true, "MessageReadResponse": true, "MessageReadResult": true, "MessageUpdateFields": true,
	"MessageUpdateRequest": true, "MessageUpdateResponse": true, "ReactionAddRequest": true, "ReactionAddResponse": true,
	"ReactionDeleteRequest": true, "ReactionDeleteResponse": true,
	"UserListResult": true, "UserOrder": true, "UserType": true, "Viewer": true,

	"Background": true, "BotListFilter": true, "BotListRequest": true, "BotListResponse": true, "BotListResult": true, "BotUpdateResponse": true,
	"BotUpdateResult": true, "ChatAddFields": true, "ChatAddRequest": true, "ChatAddResponse": true, "ChatAddResult": true, "ChatSetOwnerRequest": true,
	"ChatSetOwnerResponse": true, "ChatUpdateFields": true, "ChatUpdateRequest": true, "ChatUpdateResponse": true, "Color": true,
	"ManagerAddRequest": true, "ManagerAddResponse": true, "ManagerDeleteRequest": true, "ManagerDeleteResponse": true, "RevisionGetRequest": true,
	"RevisionGetResponse": true, "RevisionGetResult": true, "TextFieldEnabledRequest": true, "TextFieldEnabledResponse": true, "UserAddRequest": true,
	"UserAddResponse": true, "UserDeleteRequest": true, "UserDeleteResponse": true,
}

func TestSecrets_v2(t *testing.T) {
	t.Parallel()
	rows := secretsOfV2(t)
	for _, name := range secrettest.ExportedTypes(t, root+"/imbotv2") {
		assert.NotEqual(t, len(rows[name]) > 0, hasNoSecret[name], "%s: has it a secret?", name)
	}
	for name, values := range rows {
		for _, value := range values {
			secrets.NotPrinted(t, value, name)
		}
	}
}

// What a portal repeats of a token is masked in the error of every road.
func TestSecrets_v2Failures(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	echo := imbottest.Refuse(400, "BOT_TOKEN_"+secretClientID, "The token "+secretClientID+" is not that of the bot")
	for _, method := range []string{"imbot.v2.Bot.register", "imbot.v2.Bot.get", "imbot.v2.Event.get", "imbot.v2.Chat.leave"} {
		portal.On(method, echo)
	}
	v2 := imbotv2.New(portal.Client())
	bot := v2.As(imbotv2.Identity{BotID: 456, BotToken: secretClientID})
	_, registering := v2.Bot.Register(t.Context(), imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{
		Code: "a", BotToken: secretClientID, Properties: imbotv2.BotProperties{Name: "a"},
	}})
	_, getting := bot.Get(t.Context(), imbotv2.BotGetRequest{})
	_, leaving := bot.Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{DialogID: "chat13"})
	var fetching error
	for _, err := range bot.Events(t.Context()) {
		fetching = err
		break
	}
	for name, err := range map[string]error{"register": registering, "get": getting, "leave": leaving, "events": fetching} {
		require.Error(t, err, name)
		secrets.NotPrinted(t, err, name)
	}
}
