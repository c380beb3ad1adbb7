package imbottest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// failed is an error of the portal.
type failed struct {
	status            int
	code, description string
}

// row is a request to a fresh portal and its answer. The number at the beginning of a name is that of the case; further
// rows with the same number are its neighbors.
type row struct {
	name    string
	request request
	again   bool // the same request came before

	result     string  // JSON of a success
	failure    failed  // or the failure
	documented *failed // where the documentation says otherwise

	gone  imbot.UserID // who has left chat
	chat  imbot.ChatID // 13 if 0
	owner imbot.UserID // of chat, afterwards
}

const botTrue = `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`

var (
	chatIDEmpty   = failed{400, "CHAT_ID_EMPTY", "Chat ID can't be empty"}
	dialogIDEmpty = failed{400, "DIALOG_ID_EMPTY", "Dialog ID can't be empty"}
	noClientID    = failed{403, "ACCESS_DENIED", "Access denied! Client ID not specified"}
	botNotFound   = failed{400, "BOT_ID_ERROR", "Bot not found"}
	foreignBot    = failed{400, "APP_ID_ERROR", "Bot was installed by another rest application"}
	unavailable   = failed{403, "ACCESS_ERROR", "Action unavailable"}
	noDeleting    = failed{403, "ACCESS_ERROR", "It is forbidden to delete users of this chat"}
	notMember     = failed{400, "ACCESS_DENIED_KICK", "Access denied to kick user from chat"}
	ownerStays    = failed{403, "LEAVE_OWNER_FORBIDDEN", "Владелец не может выйти из чата"}
	mayNotKick    = failed{400, "IM_ERROR_KICK", "You don't have permission to remove this user from the chat"}
	userNotFound  = failed{400, "USER_NOT_FOUND", "User not found in chat"}
	fromStructure = failed{400, "USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department"}
	noAuth        = failed{401, "NO_AUTH_FOUND", "Wrong authorization data"}
	expiredToken  = failed{401, "expired_token", "The access token provided has expired"}
	invalidToken  = failed{401, "invalid_token", "Unable to get application by token"}
	badHook       = failed{401, "INVALID_CREDENTIALS", "Invalid request credentials"}
	hookScope     = failed{401, "insufficient_scope", "The request requires higher privileges than provided by the webhook token"}
	noMethod      = failed{404, "ERROR_METHOD_NOT_FOUND", "Method not found!"}
	httpsRequired = failed{401, "INVALID_REQUEST", "Https required."}

	wrongRequest    = &failed{400, "WRONG_REQUEST", "You don't have access or user isn't member in chat"}
	ownerDocumented = &failed{403, "ACCESS_ERROR", "LEAVE_OWNER_FORBIDDEN"}
)

const (
	form = "application/x-www-form-urlencoded"
	bot  = imbot.UserID(imbottest.BotMain)
	app  = imbot.UserID(imbottest.BotOfApp)
)

var leaveRows = []row{
	{name: "1 leave", request: leave(botTrue), result: "true", gone: bot},
	{name: "2 leave again", request: leave(botTrue), again: true, failure: notMember, documented: wrongRequest},
	{name: "3 form", request: leave("CHAT_ID=13&BOT_ID=39&CLIENT_ID=my").with("Content-Type", form), result: "true", gone: bot},
	{name: "3 form with a charset", request: leave("CHAT_ID=13&BOT_ID=39&CLIENT_ID=my").with("Content-Type", form+"; charset=utf-8"), result: "true", gone: bot},
	{name: "3 form without a content type", request: leave("CHAT_ID=13&BOT_ID=39&CLIENT_ID=my").with("Content-Type", ""), result: "true", gone: bot},
	{name: "3 multipart", request: leave("--x\r\nContent-Disposition: form-data; name=CHAT_ID\r\n\r\n13\r\n--x\r\nContent-Disposition: form-data; name=CLIENT_ID\r\n\r\nmy\r\n--x\r\nContent-Disposition: form-data; name=BOT_ID; filename=a.txt\r\n\r\n50\r\n--x--\r\n").with("Content-Type", "multipart/form-data; boundary=x"), result: "true", gone: bot},
	{name: "4 GET", request: request{method: http.MethodGet, path: "/rest/1/s3cr3t00/imbot.chat.leave?CHAT_ID=13&BOT_ID=39&CLIENT_ID=my"}, result: "true", gone: bot},
	{name: "4 body beats query", request: leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.leave?CHAT_ID=1&CLIENT_ID=x"), result: "true", gone: bot},
	{name: "5 json suffix", request: leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.leave.json"), result: "true", gone: bot},
	{name: "5 json suffix and slash", request: leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.leave.JSON/"), result: "true", gone: bot},
	{name: "5 xml suffix", request: leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.leave.xml"), failure: failed{500, "INTERNAL_WRONG_TRANSPORT", "Transport not supported"}},
	{name: "6 letter case", request: leave(botTrue).at("/rest/1/s3cr3t00/IMBOT.Chat.Leave"), result: "true", gone: bot},
	{name: "7 doubled slashes", request: leave(botTrue).at("/rest/1/s3cr3t00//imbot.chat.leave/"), result: "true", gone: bot},
	{name: "7 slashes everywhere", request: leave(botTrue).at("//rest///1//s3cr3t00////imbot.chat.leave//"), result: "true", gone: bot},
	{name: "7 final slash", request: leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.leave/"), result: "true", gone: bot},
	{name: "8 lower case keys", request: leave(`{"chat_id":13,"bot_id":39,"client_id":"my"}`), result: "true", gone: bot},
	{name: "8 two spellings", request: leave(`{"CHAT_ID":1,"BOT_ID":39,"CLIENT_ID":"my","Chat_Id":13}`), result: "true", gone: bot},
	{name: "9 quoted numbers", request: leave(`{"CHAT_ID":"13","BOT_ID":"39","CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "9 text after the number", request: leave(`{"CHAT_ID":" 13abc","BOT_ID":39.9,"CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "9 other JSON type", request: leave(botTrue).with("Content-Type", "application/vnd.api+json"), result: "true", gone: bot},
	{name: "9 JSON with a charset", request: leave(botTrue).with("Content-Type", "application/json; charset=utf-8"), result: "true", gone: bot},
	{name: "10 no chat", request: leave(`{"BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "11 dialog for a chat", request: leave(`{"CHAT_ID":"chat13","BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "12 chat zero", request: leave(`{"CHAT_ID":0,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "12 chat negative", request: leave(`{"CHAT_ID":-5,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "12 chat null", request: leave(`{"CHAT_ID":null,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "12 chat empty", request: leave(`{"CHAT_ID":"","BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "13 dialog", request: leave(`{"DIALOG_ID":"chat13","BOT_ID":39,"CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "13 dialog replaces chat", request: leave(`{"DIALOG_ID":"CHAT13","CHAT_ID":1,"BOT_ID":39,"CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "13 dialog of a workgroup", request: leave(`{"DIALOG_ID":"sg7","BOT_ID":39,"CLIENT_ID":"my"}`), failure: noDeleting},
	{name: "13 dialog of a CRM item", request: leave(`{"DIALOG_ID":"CRM5","BOT_ID":39,"CLIENT_ID":"my"}`), failure: ownerStays, documented: ownerDocumented},
	{name: "13 dialog of an unknown workgroup", request: leave(`{"DIALOG_ID":"sg8","BOT_ID":39,"CLIENT_ID":"my"}`), failure: chatIDEmpty},
	{name: "14 dialog of a user", request: leave(`{"DIALOG_ID":"13","BOT_ID":39,"CLIENT_ID":"my"}`), failure: dialogIDEmpty},
	{name: "14 dialog before chat", request: leave(`{"DIALOG_ID":"","CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: dialogIDEmpty},
	{name: "14 dialog null", request: leave(`{"DIALOG_ID":null,"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "15 no client id", request: leave(`{"CHAT_ID":13,"BOT_ID":39}`), failure: noClientID},
	{name: "16 client id empty", request: leave(`{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":""}`), failure: noClientID},
	{name: "16 client id zero", request: leave(`{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"0"}`), failure: noClientID},
	{name: "17 neither client id nor chat", request: leave(`{"BOT_ID":39}`), failure: chatIDEmpty},
	{name: "18 unknown bot", request: leave(`{"CHAT_ID":13,"BOT_ID":999,"CLIENT_ID":"my"}`), failure: botNotFound},
	{name: "19 bot zero", request: leave(`{"CHAT_ID":13,"BOT_ID":0,"CLIENT_ID":"my"}`), failure: botNotFound},
	{name: "19 bot empty", request: leave(`{"CHAT_ID":13,"BOT_ID":"","CLIENT_ID":"my"}`), failure: botNotFound},
	{name: "20 no bot", request: leave(`{"CHAT_ID":13,"CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "20 bot null", request: leave(`{"CHAT_ID":13,"BOT_ID":null,"CLIENT_ID":"my"}`), result: "true", gone: bot},
	{name: "21 no bot, unknown client id", request: leave(`{"CHAT_ID":13,"CLIENT_ID":"none"}`), failure: botNotFound},
	{name: "22 bot of an application", request: leave(`{"CHAT_ID":13,"BOT_ID":50,"CLIENT_ID":"my"}`), failure: foreignBot},
	{name: "23 other client id", request: leave(`{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"other"}`), failure: foreignBot},
	{name: "24 not a member", request: leave(`{"CHAT_ID":14,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: notMember, documented: wrongRequest},
	{name: "25 unknown chat", request: leave(`{"CHAT_ID":99999,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: notMember, documented: wrongRequest},
	{name: "26 private chat", request: leave(`{"CHAT_ID":18,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: notMember, documented: wrongRequest},
	{name: "27 general chat", request: leave(`{"CHAT_ID":1,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: unavailable},
	{name: "28 workgroup", request: leave(`{"CHAT_ID":16,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: noDeleting},
	{name: "29 owner of a CRM chat", request: leave(`{"CHAT_ID":17,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: ownerStays, documented: ownerDocumented},
	{name: "30 owner of a group", request: leave(`{"CHAT_ID":15,"BOT_ID":39,"CLIENT_ID":"my"}`), result: "true", chat: 15, gone: bot, owner: 1},
	{name: "31 general chat without client id", request: leave(`{"CHAT_ID":1,"BOT_ID":39}`), failure: unavailable},
	{name: "32 user of another's chat", request: leave(`{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my","USER_ID":1}`), failure: mayNotKick, documented: wrongRequest},
	{name: "32 user who is no member", request: leave(`{"CHAT_ID":15,"BOT_ID":39,"CLIENT_ID":"my","USER_ID":41}`), failure: userNotFound, documented: wrongRequest},
	{name: "32 user, bot not a member", request: leave(`{"CHAT_ID":14,"BOT_ID":39,"CLIENT_ID":"my","USER_ID":1}`), failure: notMember, documented: wrongRequest},
	{name: "33 user of the bot's chat", request: leave(`{"CHAT_ID":15,"BOT_ID":39,"CLIENT_ID":"my","USER_ID":1}`), result: "true", chat: 15, gone: 1, owner: bot},
	{name: "33 user is the bot", request: leave(`{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my","USER_ID":39}`), result: "true", gone: bot, owner: 1},
	{name: "33 user zero", request: leave(`{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my","USER_ID":0}`), result: "true", gone: bot, owner: 1},
}

var authRows = []row{
	{name: "34 token in the body", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":50}`), result: "true", gone: app},
	{name: "34 doubled slashes", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":50}`).at("/rest//imbot.chat.leave"), result: "true", gone: app},
	{name: "35 token in the query", request: leaveOAuth(`{"CHAT_ID":13,"BOT_ID":50}`).at("/rest/imbot.chat.leave?auth=tok-ok"), result: "true", gone: app},
	{name: "36 token in the header", request: leaveOAuth(`{"CHAT_ID":13,"BOT_ID":50}`).with("Authorization", "Bearer tok-ok"), result: "true", gone: app},
	{name: "37 access_token in the body", request: leaveOAuth(`{"access_token":"tok-ok","CHAT_ID":13,"BOT_ID":50}`), result: "true", gone: app},
	{name: "37 access_token in the query", request: leaveOAuth(`{"CHAT_ID":13,"BOT_ID":50}`).at("/rest/imbot.chat.leave.json?access_token=tok-ok"), result: "true", gone: app},
	{name: "38 header wins", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":50}`).with("Authorization", "Bearer tok-x"), failure: invalidToken},
	{name: "38 other header scheme", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":50}`).with("Authorization", "Basic dG9rLXg="), result: "true", gone: app},
	{name: "39 client id ignored", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: foreignBot},
	{name: "39 no bot", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13,"CLIENT_ID":"my"}`), result: "true", gone: app},
	{name: "40 no token", request: leaveOAuth(`{"CHAT_ID":13,"BOT_ID":50}`), failure: noAuth},
	{name: "41 expired token", request: leaveOAuth(`{"auth":"tok-old","CHAT_ID":13,"BOT_ID":50}`), failure: expiredToken},
	{name: "43 unknown token", request: leaveOAuth(`{"auth":"tok-x","CHAT_ID":13,"BOT_ID":50}`), failure: invalidToken},
	{name: "44 wrong secret", request: leave(botTrue).at("/rest/1/bad/imbot.chat.leave"), failure: badHook},
	{name: "44 wrong user", request: leave(botTrue).at("/rest/2/s3cr3t00/imbot.chat.leave"), failure: badHook},
	{name: "44 path beats token", request: leave(`{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":50}`).at("/rest/1/bad/imbot.chat.leave"), failure: badHook},
	{name: "44 webhook in the query", request: leaveOAuth(botTrue).at("/rest/imbot.chat.leave?aplogin=1&ap=s3cr3t00"), result: "true", gone: bot},
	{name: "45 no scope", request: leave(botTrue).at("/rest/1/nosc0pe0/imbot.chat.leave"), failure: hookScope},
	{name: "46 unknown method", request: leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.levae"), failure: noMethod},
	{name: "47 unknown method, wrong secret", request: leave(botTrue).at("/rest/1/bad/imbot.chat.levae"), failure: noMethod},
	{name: "48 a slash for a user id", request: leave(botTrue).at("/rest//s3cr3t00/imbot.chat.leave"), failure: noMethod},
	{name: "48 no user id", request: leave(botTrue).at("/rest/s3cr3t00/imbot.chat.leave"), failure: noMethod},
	{name: "49 plain http", request: request{host: "http://portal.example", path: "/rest/1/s3cr3t00/imbot.chat.leave", body: botTrue}, failure: httpsRequired},
	{name: "49 plain http with a token", request: request{host: "http://portal.example", path: "/rest/imbot.chat.leave", body: `{"auth":"tok-ok","CHAT_ID":13,"BOT_ID":50}`}, result: "true", gone: app},
	{name: "50 broken JSON", request: leave(`{"CHAT_ID":13,`), failure: chatIDEmpty},
	{name: "50 scalar JSON", request: leave(`13`), failure: chatIDEmpty},
	{name: "50 JSON under another content type", request: leave(botTrue).with("Content-Type", "text/plain"), failure: chatIDEmpty},
	{name: "51 broken JSON with a token", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13`), failure: noAuth},
	{name: "51 signed link", request: leave(`{"token":"x","CHAT_ID":13,"CLIENT_ID":"my"}`), failure: failed{403, "ACCESS_DENIED", "Access denied! Link check failed"}},
}

func TestRows_leave(t *testing.T) {
	t.Parallel()
	testRows(t, leaveRows)
}

func TestRows_authorization(t *testing.T) {
	t.Parallel()
	testRows(t, authRows)
}

// testRows runs each row in both forms of the wire.
func testRows(t *testing.T, rows []row) {
	t.Helper()
	for _, wire := range []imbottest.Wire{imbottest.Current, imbottest.Documented} {
		for _, tt := range rows {
			t.Run(wire.String()+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				portal := started(t, imbottest.WithWire(wire))
				if tt.again {
					assertResult(t, "true", send(t, portal, tt.request))
				}
				tt.check(t, portal, wire, send(t, portal, tt.request))
			})
		}
	}
}

// check compares the answer, and what the portal has become.
func (tt row) check(t *testing.T, portal *imbottest.Portal, wire imbottest.Wire, got answer) {
	t.Helper()
	if tt.chat == 0 {
		tt.chat = imbottest.ChatGroup
	}
	if tt.result == "" {
		want := tt.failure
		if wire == imbottest.Documented && tt.documented != nil {
			want = *tt.documented
		}
		assertError(t, want.status, want.code, want.description, got)
		if !tt.again {
			assert.Zero(t, portal.Removals(tt.chat), "nobody was removed")
		}
		return
	}
	assertResult(t, tt.result, got)
	assert.NotContains(t, portal.Members(tt.chat), tt.gone)
	assert.Equal(t, 1, portal.Removals(tt.chat), "nobody else was removed")
	if tt.owner != 0 {
		chat, _ := portal.Chat(tt.chat)
		assert.Equal(t, tt.owner, chat.Owner)
	}
}
