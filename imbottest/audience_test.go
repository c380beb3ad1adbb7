package imbottest_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const v2Send = "imbot.v2.Chat.Message.send"

// heard is an event that a bot has fetched.
type heard struct {
	name string
	part string // JSON that is in it
}

// TestFetched holds who hears of what people do.
func TestFetched(t *testing.T) {
	t.Parallel()
	const fetcherUser = imbot.UserID(fetcher)
	help := func(portal *imbottest.Portal, bot, more string) {
		call(portal, "imbot.v2.Command.register", `{"botId":`+bot+`,"botToken":"t","fields":{"command":"help","hidden":true`+more+`}}`)
	}
	say := func(portal *imbottest.Portal, dialog, fields string) imbot.MessageID {
		call(portal, v2Send, `{"botId":60,"botToken":"t","dialogId":"`+dialog+`","fields":{"message":"Hello"`+fields+`}}`)
		chat := imbot.ChatID(club)
		if dialog == "27" {
			chat = portal.PrivateChat(fetcher, 27)
		}
		written := portal.Messages(chat)
		return written[len(written)-1].ID
	}
	added := func(part string) heard { return heard{"ONIMBOTV2MESSAGEADD", part} }
	command := func(part string) heard { return heard{"ONIMBOTV2COMMANDADD", part} }
	joined := func(part string) heard { return heard{"ONIMBOTV2JOINCHAT", part} }
	const button = `,"keyboard":[{"TEXT":"Help","COMMAND":"help","COMMAND_PARAMS":"me"},{"TEXT":"Say","ACTION":"SEND","ACTION_VALUE":"said"},
		{"TEXT":"Off","COMMAND":"help","DISABLED":"Y"},{"TEXT":"Other","COMMAND":"other"}]`

	tests := []struct {
		name    string
		act     func(portal *imbottest.Portal)
		fetcher []heard
		butler  []heard
	}{
		{
			name: "mentioned", act: func(portal *imbottest.Portal) { portal.PostMessage(club, 27, "hello", fetcher) },
			fetcher: []heard{added(`{"bot":{"id":60,"code":"fetcher","eventMode":"fetch","countMessage":1},
				"message":{"id":4711,"chatId":20,"chat_id":20,"authorId":27,"author_id":27,"text":"hello","isSystem":false,"params":[]},
				"chat":{"id":20,"dialogId":"chat20","type":"chat"},
				"user":{"id":27,"bot":false,"idle":false,"lastActivityDate":false,"mobileLastDate":false,"desktopLastDate":false},
				"language":"en","additionalMessages":[]}`)},
			butler: []heard{added(`{"bot":{"id":61}}`)},
		},
		{
			name: "mentioned in the text", act: func(portal *imbottest.Portal) { portal.PostMessage(club, 1, "a [user=60]b[/user]") },
			fetcher: []heard{added(`{"message":{"text":"a [user=60]b[/user]"}}`)}, butler: []heard{added(`{}`)},
		},
		{name: "nobody mentioned", act: func(portal *imbottest.Portal) { portal.PostMessage(club, 1, "hello") }, butler: []heard{added(`{}`)}},
		{name: "elsewhere", act: func(portal *imbottest.Portal) { portal.PostMessage(office, 1, "hello", fetcher) }},
		{
			name: "in private", act: func(portal *imbottest.Portal) { portal.PostMessage(portal.PrivateChat(fetcher, 27), 27, "hello") },
			fetcher: []heard{
				joined(`{"bot":{"countUser":1,"countChat":0},"dialogId":"27","chat":{"dialogId":"27","type":"private"},"user":{"id":27}}`),
				added(`{"chat":{"dialogId":"27"}}`),
			},
		},
		{
			name: "a private chat by the bot", act: func(portal *imbottest.Portal) { say(portal, "27", "") },
			fetcher: []heard{joined(`{"dialogId":"27","user":{"id":60,"bot":true}}`)},
		},
		{
			name: "a reply", act: func(portal *imbottest.Portal) { portal.PostReply(say(portal, "chat20", ""), 1, "why?") },
			fetcher: []heard{added(`{"message":{"params":{"REPLY_ID":"4711"}},"additionalMessages":[{"id":4711,"text":"Hello","authorId":60}]}`)},
			butler:  []heard{added(`{}`)},
		},
		{
			name: "a file", act: func(portal *imbottest.Portal) {
				portal.PostFile(portal.PrivateChat(butler, 27), 27, "a.txt", []byte("hello"))
			},
			butler: []heard{joined(`{}`), added(`{"message":{"text":"","params":{"FILE_ID":["138"]}}}`)},
		},
		{name: "by a bot", act: func(portal *imbottest.Portal) { say(portal, "chat20", ""); say(portal, "chat20", `,"system":true`) }},

		{
			name: "a command", act: func(portal *imbottest.Portal) {
				help(portal, "60", "")
				portal.PostMessage(club, 27, "well\n/help  a b ")
			},
			fetcher: []heard{command(`{"bot":{"countCommand":1},"command":{"id":42,"command":"/help","params":"a b","context":"textarea"},
				"message":{"id":4711,"authorId":27},"chat":{"id":20},"user":{"id":27}}`)},
		},
		{
			name: "two commands", act: func(portal *imbottest.Portal) {
				help(portal, "60", "")
				portal.PostMessage(club, 27, "/help a\n/help b", butler)
			},
			fetcher: []heard{command(`{"command":{"params":"a"}}`), command(`{"command":{"params":"b"}}`)},
		},
		{name: "a command of the portal", act: func(portal *imbottest.Portal) { portal.PostMessage(club, 1, "/me hello", fetcher) }},
		{name: "no command", act: func(portal *imbottest.Portal) { portal.PostMessage(club, 1, "/other /help") }, butler: []heard{added(`{}`)}},
		{
			name: "a command of two bots", act: func(portal *imbottest.Portal) {
				help(portal, "60", "")
				help(portal, "61", "")
				portal.PostMessage(club, 1, "/help")
			},
			fetcher: []heard{command(`{"command":{"id":42,"params":""}}`)}, butler: []heard{command(`{"command":{"id":43}}`)},
		},
		{
			name: "a common command elsewhere", act: func(portal *imbottest.Portal) {
				help(portal, "60", `,"common":true`)
				portal.PostMessage(portal.PrivateChat(butler, 27), 27, "/help")
			},
			fetcher: []heard{command(`{"chat":{"type":"private"}}`)}, butler: []heard{joined(`{}`)},
		},
		{
			name: "a command by a guest", act: func(portal *imbottest.Portal) {
				portal.AddUser(imbottest.User{ID: 27, Extranet: true})
				help(portal, "60", "")
				portal.PostMessage(club, 27, "/help")
			},
			butler: []heard{added(`{}`)},
		},

		{
			name: "a button in a group", act: func(portal *imbottest.Portal) {
				help(portal, "60", "")
				portal.PressButton(say(portal, "chat20", button), 27, "Help")
			},
			fetcher: []heard{command(`{"command":{"id":42,"params":"me","context":"keyboard"},"message":{"id":4711,"authorId":60},"chat":{"id":20},"user":{"id":27}}`)},
		},
		{
			name: "a button in private", act: func(portal *imbottest.Portal) {
				help(portal, "60", "")
				message := say(portal, "27", button)
				portal.PressButton(message, 27, "Help")
				portal.PressButton(message, 27, "Help")
			},
			fetcher: []heard{joined(`{}`), command(`{"chat":[],"user":{"id":27}}`), command(`{"chat":[]}`)},
		},
		{
			name: "other buttons", act: func(portal *imbottest.Portal) {
				help(portal, "60", "")
				message := say(portal, "chat20", button)
				for _, button := range []string{"Off", "Other", "Say"} {
					portal.PressButton(message, 27, button)
				}
			},
			butler: []heard{added(`{"message":{"text":"said","authorId":27}}`)},
		},

		{
			name: "edited and deleted", act: func(portal *imbottest.Portal) {
				message := portal.PostMessage(club, 27, "one", fetcher)
				portal.EditMessage(message, "two")
				portal.DeleteMessage(message)
			},
			fetcher: []heard{
				added(`{"message":{"text":"one"}}`),
				{"ONIMBOTV2MESSAGEUPDATE", `{"message":{"id":4711,"text":"two"},"user":{"id":27}}`},
				{"ONIMBOTV2MESSAGEDELETE", `{"messageId":4711,"chat":{"id":20},"user":{"id":27}}`},
			},
			butler: []heard{added(`{}`), {"ONIMBOTV2MESSAGEUPDATE", `{}`}, {"ONIMBOTV2MESSAGEDELETE", `{}`}},
		},
		{
			name: "a bot's own edit", act: func(portal *imbottest.Portal) { portal.EditMessage(say(portal, "chat20", ""), "two") },
			butler: []heard{{"ONIMBOTV2MESSAGEUPDATE", `{"user":{"id":60,"bot":true}}`}},
		},
		{
			name: "reactions", act: func(portal *imbottest.Portal) {
				message := say(portal, "chat20", "")
				portal.AddReaction(message, 27, "like")
				portal.RemoveReaction(message, 27, "like")
				portal.AddReaction(portal.PostMessage(office, 1, "hello"), 27, "like")
			},
			fetcher: []heard{
				{"ONIMBOTV2REACTIONCHANGE", `{"reaction":"like","action":"add","message":{"id":4711},"chat":{"id":20},"user":{"id":27}}`},
				{"ONIMBOTV2REACTIONCHANGE", `{"action":"delete"}`},
			},
		},
		{
			name: "joined", act: func(portal *imbottest.Portal) {
				portal.AddMember(office, fetcherUser, 27)
				portal.AddMember(office, fetcherUser, 27)
				portal.AddMember(office, 7, 27)
			},
			fetcher: []heard{joined(`{"bot":{"countChat":1},"dialogId":"chat21","chat":{"id":21},"user":{"id":27}}`)},
		},
		{
			name: "a chat by the bot", act: func(portal *imbottest.Portal) {
				call(portal, "imbot.v2.Chat.add", `{"botId":60,"botToken":"t","fields":{"userIds":[61,7]}}`)
			},
			fetcher: []heard{joined(`{"user":{"id":60}}`)}, butler: []heard{joined(`{"user":{"id":60}}`)},
		},
		{
			name: "a context", act: func(portal *imbottest.Portal) { portal.OpenDialog(fetcher, 27, map[string]any{"task": 5}) },
			fetcher: []heard{joined(`{}`), {"ONIMBOTV2CONTEXTGET", `{"dialogId":"27","context":{"task":5},"chat":{"dialogId":"27"},"user":{"id":27}}`}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := fetching(t)
			tt.act(portal)
			for bot, want := range map[imbot.BotID][]heard{fetcher: tt.fetcher, butler: tt.butler} {
				got := fetchFor(t, portal, bot, ``).Events
				if !assert.Len(t, got, len(want), "%d %v", bot, got) {
					continue
				}
				for i, event := range want {
					assert.Equal(t, event.name, got[i].Type)
					var part any
					require.NoError(t, json.Unmarshal([]byte(event.part), &part))
					assertWithin(t, event.name, part, any(got[i].Data))
				}
			}
		})
	}
}

// TestFetched_openLine holds that a bot of open lines hears everything there.
func TestFetched_openLine(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	portal.AddBot(imbottest.Bot{ID: 63, ClientID: "t", EventMode: "fetch", OpenLine: true})
	portal.AddChat(imbottest.Chat{ID: 22, Kind: imbottest.OpenLine, Owner: 1, Members: []imbot.UserID{1, 60, 63}})
	portal.PostMessage(22, 1, "hello")
	assert.Empty(t, fetchFor(t, portal, fetcher, ``).Events)
	assert.Equal(t, []string{"ONIMBOTV2MESSAGEADD"}, fetchFor(t, portal, 63, ``).types())
}

// TestFetched_firstGeneration holds which events of version 2 version 1 gets, too: private chats that are made for a
// bot, but not those that it makes itself, and no message that has a command.
func TestFetched_firstGeneration(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	call(portal, "imbot.v2.Chat.get", `{"botId":39,"botToken":"my","dialogId":"7"}`)
	portal.PostMessage(imbottest.ChatPrivate, 1, "/me hello")
	assert.Empty(t, portal.Deliveries())
	chat := portal.PrivateChat(imbottest.BotMain, 8)
	assert.Equal(t, "8", box.last(t).form.Get("data[PARAMS][DIALOG_ID]"))
	portal.PostMessage(chat, 8, "hello")
	call(portal, "imbot.v2.Bot.unregister", `{"botId":39,"botToken":"my"}`)
	var told []string
	for _, sent := range portal.Deliveries() {
		told = append(told, sent.Event)
	}
	assert.Equal(t, []string{"ONIMBOTJOINCHAT", "ONIMBOTMESSAGEADD", "ONIMBOTDELETE"}, told)
}

// TestFetched_noReactions holds that a bot may do without reactions.
func TestFetched_noReactions(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	call(portal, "imbot.v2.Bot.update", `{"botId":60,"botToken":"t","fields":{"isReactionsEnabled":false}}`)
	call(portal, v2Send, `{"botId":60,"botToken":"t","dialogId":"chat20","fields":{"message":"Hello"}}`)
	portal.AddReaction(portal.Messages(club)[0].ID, 1, "like")
	assert.Empty(t, fetchFor(t, portal, fetcher, ``).Events)
}

// TestCommandAnswer holds for how long a bot may answer a command, and that it does not hear when it is too late.
func TestCommandAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := fetching(t)
		call(portal, "imbot.v2.Command.register", `{"botId":60,"botToken":"t","fields":{"command":"help","hidden":true,"common":true}}`)
		respond := func(fields string) answer {
			return send(t, portal, post("imbot.v2.Command.answer", `{"botId":60,"botToken":"t","commandId":42,"messageId":4711,"dialogId":"x","fields":{`+fields+`}}`))
		}
		portal.PostMessage(club, 1, "/help")
		time.Sleep(10 * time.Minute) // fake clock
		assertResult(t, `{"result":true}`, respond(`"message":" Here ","keyboard":[{"TEXT":"a","COMMAND":"b"},{"TEXT":"b","LINK":"/"}],"attach":[{"MESSAGE":"lost"}]`))
		said := portal.Messages(club)[1]
		assert.Equal(t, "Here", said.Text)
		assert.JSONEq(t, `[{"BOT_ID":0,"TYPE":"BUTTON","TEXT":"b","LINK":"/","DISPLAY":"BLOCK","CONTEXT":"ALL","BLOCK":"N","DISABLED":"N"}]`, string(said.Keyboard))
		assert.Nil(t, said.Attach)
		assertResult(t, `{"result":true}`, respond(`"attach":{"BLOCKS":[{"MESSAGE":"kept"}]},"keyboard":{"BOT_ID":60,"BUTTONS":[{"TEXT":"a","COMMAND":"b"}]}`))
		assert.NotNil(t, portal.Messages(club)[2].Attach)
		assert.NotNil(t, portal.Messages(club)[2].Keyboard)
		assertError(t, 400, "EMPTY_MESSAGE", "Message is empty", respond(`"message":" "`))

		time.Sleep(time.Nanosecond) // fake clock
		assertResult(t, `{"result":true}`, respond(`"message":"too late"`))
		assert.Len(t, portal.Messages(club), 3)

		portal.PostMessage(office, 1, "/help")
		send(t, portal, post("imbot.v2.Command.answer", `{"botId":60,"botToken":"t","commandId":42,"messageId":4714,"fields":{"message":"From outside"}}`))
		outside := portal.Messages(office)[1]
		assert.True(t, outside.System)
		assert.Equal(t, "[B]Fetcher[/B]\nFrom outside", outside.Text)
	})
}

// TestPeople_mistakes holds that acts on what is not there are mistakes in the test.
func TestPeople_mistakes(t *testing.T) {
	t.Parallel()
	portal := started(t)
	message := portal.PostMessage(imbottest.ChatGroup, 1, "hello")
	for name, mistake := range map[string]func(){
		"file":     func() { portal.PostFile(999, 1, "a", nil) },
		"reply":    func() { portal.PostReply(999, 1, "a") },
		"mention":  func() { portal.PostMessage(imbottest.ChatGroup, 1, "a", 999) },
		"button":   func() { portal.PressButton(message, 1, "a") },
		"edit":     func() { portal.EditMessage(999, "a") },
		"delete":   func() { portal.DeleteMessage(999) },
		"reaction": func() { portal.AddReaction(999, 1, "like") },
		"other":    func() { portal.RemoveReaction(999, 1, "like") },
		"dialog":   func() { portal.OpenDialog(999, 1, nil) },
	} {
		assert.Panics(t, mistake, name)
	}
}
