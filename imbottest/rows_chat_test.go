package imbottest_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

var (
	usersType    = failed{400, "INVALID_FORMAT", "Parameter USERS has wrong type"}
	titleEmpty   = failed{400, "TITLE_EMPTY", "Title can't be empty"}
	noRenaming   = failed{403, "ACCESS_ERROR", "This chat cannot be renamed"}
	wrongColor   = failed{400, "WRONG_COLOR", "This color currently unavailable"}
	sameColor    = failed{400, "WRONG_REQUEST", "This color currently set or chat isn't exists"}
	noAvatar     = failed{403, "ACCESS_ERROR", "The avatar of this chat cannot be changed"}
	avatarAccess = failed{400, "ACCESS_DENIED", "Access denied"}
	avatarType   = failed{400, "AVATAR_ERROR", "Avatar incorrect type"}
	avatarSize   = failed{400, "AVATAR_ERROR", "Avatar incorrect size (max 5000x5000)"}
	chatMissing  = failed{400, "WRONG_REQUEST", "Chat isn't exists"}
)

// picture returns a picture in base64.
func picture(t *testing.T, width, height int, encode func(io.Writer, image.Image) error) string {
	t.Helper()
	var content bytes.Buffer
	require.NoError(t, encode(&content, image.NewGray(image.Rect(0, 0, width, height))))
	return base64.StdEncoding.EncodeToString(content.Bytes())
}

func TestRows_chatAdd(t *testing.T) {
	t.Parallel()
	dot := picture(t, 1, 1, png.Encode)
	made := func(check func(*assert.Assertions, imbottest.Chat)) func(*testing.T, *imbottest.Portal) {
		return chatOf(19, check)
	}
	members := func(want ...imbot.UserID) func(*testing.T, *imbottest.Portal) {
		return made(func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(want, chat.Members) })
	}
	rows := append(botRows(`"TITLE":"x"`), []methodRow{
		{
			name: "everything", result: "19",
			body: `{"TYPE":"OPEN","TITLE":" Title ","DESCRIPTION":"About","COLOR":"MINT","MESSAGE":"Hi","USERS":[1,"7",39],"AVATAR":"` + dot + `","ENTITY_TYPE":"APP","ENTITY_ID":"13","BOT_ID":41,"CLIENT_ID":"my"}`,
			check: made(func(a *assert.Assertions, chat imbottest.Chat) {
				a.WithinDuration(time.Now(), chat.Created, time.Minute)
				chat.Created = time.Time{}
				a.Equal(imbottest.Chat{
					ID: 19, Kind: imbottest.OpenChat, Title: "Title", Description: "About", Color: "MINT", HasAvatar: true,
					EntityType: "APP", EntityID: "13", Owner: 41, Members: []imbot.UserID{41, 1, 7, 39},
				}, chat)
			}),
		},
		{name: "nothing", body: `{"CLIENT_ID":"my"}`, result: "19", check: made(func(a *assert.Assertions, chat imbottest.Chat) {
			a.Equal(imbottest.Group, chat.Kind)
			a.NotEmpty(chat.Title)
			a.Equal(bot, chat.Owner)
			a.Equal([]imbot.UserID{bot}, chat.Members)
		})},
		{name: "after the highest", body: `{"CLIENT_ID":"my"}`, result: "1001", prepare: func(portal *imbottest.Portal) { portal.AddChat(imbottest.Chat{ID: 1000}) }},
		{name: "other type", body: `{"TYPE":"open","CLIENT_ID":"my"}`, result: "19", check: made(func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(imbottest.Group, chat.Kind) })},
		{name: "for a CRM item", body: `{"ENTITY_TYPE":"CRM","ENTITY_ID":"DEAL|9","CLIENT_ID":"my"}`, result: "19", check: made(func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(imbottest.CRM, chat.Kind) })},
		{name: "no second general chat", body: `{"ENTITY_TYPE":"GENERAL","CLIENT_ID":"my"}`, result: "19", check: made(func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(imbottest.Group, chat.Kind) })},
		{name: "unusable decoration", body: `{"COLOR":"mint","AVATAR":"eA==","CLIENT_ID":"my"}`, result: "19", check: made(func(a *assert.Assertions, chat imbottest.Chat) {
			a.Empty(chat.Color)
			a.False(chat.HasAvatar)
		})},
		{name: "users as text", body: `{"USERS":"[7,8]","CLIENT_ID":"my"}`, result: "19", check: members(bot, 7, 8)},
		{name: "users as map", body: `{"USERS":{"a":7},"CLIENT_ID":"my"}`, result: "19", check: members(bot, 7)},
		{name: "users are no list", body: `{"USERS":7,"CLIENT_ID":"my"}`, result: "19", check: members(bot)},
		{name: "empty users", body: `{"USERS":[0,"",null,false,"0",7],"CLIENT_ID":"my"}`, result: "19", check: members(bot, 7)},
		{name: "user is a float", body: `{"USERS":[7.5],"CLIENT_ID":"my"}`, failure: usersType},
		{name: "user is true", body: `{"USERS":[true],"CLIENT_ID":"my"}`, failure: usersType},
		{name: "user is a list, before client id", body: `{"USERS":[7,[8]]}`, failure: usersType},
	}...)
	testMethod(t, "imbot.chat.add", rows)
}

func TestChatAdd_empty(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	portal.AddBot(imbottest.Bot{ID: 9, ClientID: "c"})
	for _, want := range []string{"1", "2"} {
		assertResult(t, want, send(t, portal, post("imbot.chat.add", `{"CLIENT_ID":"c"}`)))
	}
	assertResult(t, "true", send(t, portal, post("imbot.chat.leave", `{"CHAT_ID":2,"CLIENT_ID":"c"}`)))
	chat, _ := portal.Chat(2)
	assert.Empty(t, chat.Members)
	assert.Equal(t, imbot.UserID(9), chat.Owner)
}

func TestRows_chatGet(t *testing.T) {
	t.Parallel()
	own := func(portal *imbottest.Portal) {
		for _, id := range []imbot.ChatID{30, 20} {
			portal.AddChat(imbottest.Chat{ID: id, EntityType: "APP", EntityID: "x"})
		}
	}
	testMethod(t, "imbot.chat.get", []methodRow{
		{name: "73 nothing", body: `{}`, result: "null"},
		{name: "73 not found", body: `{"ENTITY_TYPE":"CRM","ENTITY_ID":"LEAD|404"}`, result: "null"},
		{name: "73 no type", body: `{"ENTITY_ID":"5"}`, result: "null"},
		{name: "73 no id", body: `{"ENTITY_TYPE":"CRM"}`, result: "null"},
		{name: "73 id zero", body: `{"ENTITY_TYPE":"CRM","ENTITY_ID":"0"}`, result: "null"},
		{name: "73 other letter case", body: `{"ENTITY_TYPE":"crm","ENTITY_ID":"5"}`, result: "null"},
		{name: "by kind", body: `{"ENTITY_TYPE":"CRM","ENTITY_ID":"5"}`, result: `{"ID":17}`},
		{name: "id as a number", body: `{"entity_type":"SONET_GROUP","entity_id":7}`, result: `{"ID":16}`},
		{name: "first of two", body: `{"ENTITY_TYPE":"APP","ENTITY_ID":"x"}`, prepare: own, result: `{"ID":20}`},
		{name: "dialog empty", body: `{"DIALOG_ID":"","ENTITY_TYPE":"CRM","ENTITY_ID":"5"}`, failure: dialogIDEmpty},
		{name: "dialog without access", body: `{"DIALOG_ID":"chat99"}`, failure: failed{403, "ACCESS_ERROR", "You do not have access to the specified dialog"}},
		{name: "no private chat", body: `{"DIALOG_ID":"41"}`, failure: failed{400, "ACCESS_ERROR", "You don't have access to this chat"}},
	})
}

func TestRows_chatUpdateTitle(t *testing.T) {
	t.Parallel()
	title := func(id imbot.ChatID, want string) func(*testing.T, *imbottest.Portal) {
		return chatOf(id, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(want, chat.Title) })
	}
	rows := append(append(chatRows(), botRows(`"CHAT_ID":13,"TITLE":"New"`)...), []methodRow{
		{name: "renamed", body: `{"CHAT_ID":13,"TITLE":" New\n","BOT_ID":39,"CLIENT_ID":"my"}`, result: "true", check: title(13, "New")},
		{name: "same title", body: `{"CHAT_ID":13,"TITLE":"Group","CLIENT_ID":"my"}`, result: "true", check: title(13, "Group")},
		{name: "too long", body: `{"CHAT_ID":13,"TITLE":"` + strings.Repeat("я", 300) + `","CLIENT_ID":"my"}`, result: "true", check: title(13, strings.Repeat("я", 255))},
		{name: "silent: not a member", body: `{"CHAT_ID":14,"TITLE":"New","CLIENT_ID":"my"}`, result: "true", check: title(14, "Group without the bot")},
		{name: "silent: private chat", body: `{"CHAT_ID":18,"TITLE":"New","CLIENT_ID":"my"}`, result: "true", check: title(18, "")},
		{name: "silent: unknown chat", body: `{"CHAT_ID":99,"TITLE":"New","CLIENT_ID":"my"}`, result: "true"},
		{name: "no title, before client id", body: `{"CHAT_ID":1}`, failure: titleEmpty},
		{name: "title blank", body: `{"CHAT_ID":13,"TITLE":" \t","CLIENT_ID":"my"}`, failure: titleEmpty},
		{name: "title zero", body: `{"CHAT_ID":13,"TITLE":"0","CLIENT_ID":"my"}`, failure: titleEmpty},
		{name: "client id before chat", body: `{"CHAT_ID":1,"TITLE":"New"}`, failure: noClientID},
		{name: "general chat", body: `{"CHAT_ID":1,"TITLE":"New","CLIENT_ID":"my"}`, failure: unavailable},
		{name: "workgroup", body: `{"CHAT_ID":16,"TITLE":"New","CLIENT_ID":"my"}`, failure: noRenaming},
		{name: "CRM chat", body: `{"CHAT_ID":17,"TITLE":"New","CLIENT_ID":"my"}`, failure: noRenaming},
		{name: "support", body: `{"CHAT_ID":19,"TITLE":"New","CLIENT_ID":"my"}`, prepare: addChat(imbottest.Support), result: "true", check: title(19, "New")},
	}...)
	testMethod(t, "imbot.chat.updateTitle", rows)
}

func TestRows_chatUpdateColor(t *testing.T) {
	t.Parallel()
	pink := func(portal *imbottest.Portal) {
		portal.AddChat(imbottest.Chat{ID: 13, Color: "PINK", Owner: 1, Members: []imbot.UserID{1, bot}})
	}
	rows := append(append(chatRows(), botRows(`"CHAT_ID":13,"COLOR":"MINT"`)...), []methodRow{
		{name: "same color", body: `{"CHAT_ID":13,"COLOR":"PINK","CLIENT_ID":"my"}`, prepare: pink, failure: sameColor},
		{name: "not a member", body: `{"CHAT_ID":14,"COLOR":"PINK","CLIENT_ID":"my"}`, failure: sameColor},
		{name: "unknown chat", body: `{"CHAT_ID":99,"COLOR":"PINK","CLIENT_ID":"my"}`, failure: sameColor},
		{name: "private chat", body: `{"CHAT_ID":18,"COLOR":"PINK","CLIENT_ID":"my"}`, failure: sameColor},
		{name: "color before client id", body: `{"CHAT_ID":13,"COLOR":"ORANGE"}`, failure: wrongColor},
		{name: "no color", body: `{"CHAT_ID":13,"CLIENT_ID":"my"}`, failure: wrongColor},
		{name: "lower case", body: `{"CHAT_ID":13,"COLOR":"mint","CLIENT_ID":"my"}`, failure: wrongColor},
		{name: "general chat before color", body: `{"CHAT_ID":1}`, failure: unavailable},
	}...)
	for color := range strings.FieldsSeq("RED GREEN MINT LIGHT_BLUE DARK_BLUE PURPLE AQUA PINK LIME BROWN AZURE KHAKI SAND MARENGO GRAY GRAPHITE") {
		rows = append(rows, methodRow{
			name: color, body: `{"CHAT_ID":13,"COLOR":"` + color + `","CLIENT_ID":"my"}`, result: "true",
			check: chatOf(13, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(color, chat.Color) }),
		})
	}
	testMethod(t, "imbot.chat.updateColor", rows)
}

func TestRows_chatUpdateAvatar(t *testing.T) {
	t.Parallel()
	dot := picture(t, 1, 1, png.Encode)
	set := chatOf(13, func(a *assert.Assertions, chat imbottest.Chat) { a.True(chat.HasAvatar) })
	body := func(avatar string) string { return `{"CHAT_ID":13,"AVATAR":"` + avatar + `","CLIENT_ID":"my"}` }
	asJPEG := func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }
	asGIF := func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }
	rows := append(append(chatRows(), botRows(`"CHAT_ID":13,"AVATAR":"`+dot+`"`)...), []methodRow{
		{name: "PNG", body: body(dot), result: "true", check: set},
		{name: "JPEG", body: body(picture(t, 2, 2, asJPEG)), result: "true", check: set},
		{name: "GIF", body: body(picture(t, 2, 2, asGIF)), result: "true", check: set},
		{name: "PNG in lines", body: body(dot[:20] + `\r\n` + dot[20:]), result: "true", check: set},
		{name: "PNG with a name", body: `{"CHAT_ID":13,"AVATAR":["a.png","` + dot + `"],"CLIENT_ID":"my"}`, result: "true", check: set},
		{name: "just small enough", body: body(picture(t, 5000, 1, png.Encode)), result: "true", check: set},
		{name: "too wide", body: body(picture(t, 5001, 1, png.Encode)), failure: avatarSize},
		{name: "too high", body: body(picture(t, 1, 5001, png.Encode)), failure: avatarSize},
		{name: "the beginning of a PNG", body: body("iVBORw0KGgo="), failure: avatarSize},
		{name: "no avatar", body: `{"CHAT_ID":13,"CLIENT_ID":"my"}`, failure: avatarType},
		{name: "avatar empty", body: body(""), failure: avatarType},
		{name: "avatar of another type", body: body(base64.StdEncoding.EncodeToString([]byte("%PDF-1.7"))), failure: avatarType},
		{name: "avatar is no base64", body: body("Ц"), failure: avatarType},
		{name: "avatar of five letters", body: body("AAAAA"), failure: avatarType},
		{name: "avatar is a number", body: `{"CHAT_ID":13,"AVATAR":5,"CLIENT_ID":"my"}`, failure: avatarType},
		{name: "general chat after client id", body: `{"CHAT_ID":1}`, failure: noClientID},
		{name: "general chat", body: `{"CHAT_ID":1,"CLIENT_ID":"my"}`, failure: unavailable},
		{name: "workgroup", body: `{"CHAT_ID":16,"CLIENT_ID":"my"}`, failure: noAvatar},
		{name: "CRM chat", body: `{"CHAT_ID":17,"CLIENT_ID":"my"}`, failure: noAvatar},
		{name: "network", body: `{"CHAT_ID":19,"CLIENT_ID":"my"}`, prepare: addChat(imbottest.Network), failure: noAvatar},
		{name: "not a member, before the type", body: `{"CHAT_ID":14,"CLIENT_ID":"my"}`, failure: avatarAccess},
		{name: "private chat", body: `{"CHAT_ID":18,"CLIENT_ID":"my"}`, failure: avatarAccess},
		{name: "type before unknown chat", body: `{"CHAT_ID":99,"CLIENT_ID":"my"}`, failure: avatarType},
		{name: "unknown chat", body: `{"CHAT_ID":99,"AVATAR":"` + dot + `","CLIENT_ID":"my"}`, failure: chatMissing},
	}...)
	testMethod(t, "imbot.chat.updateAvatar", rows)
}

// TestChatAdd_clock holds that a chat is made when the clock of the test says so.
func TestChatAdd_clock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		send(t, portal, post("imbot.chat.add", `{"CLIENT_ID":"my","USERS":[1]}`))
		chat, _ := portal.Chat(19)
		assert.Equal(t, time.Now(), chat.Created)
		got := send(t, portal, post("imbot.dialog.get", `{"DIALOG_ID":"chat19"}`))
		assert.Contains(t, got.body, `"date_create":"2000-01-01T03:00:00+03:00"`)
	})
}
