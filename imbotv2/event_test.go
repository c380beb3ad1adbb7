package imbotv2_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

const date = "2025-01-15T10:30:05+03:00"

// event reads an event as it is fetched, with the number 1001.
func event(t *testing.T, name string, data []byte) imbotv2.Event {
	t.Helper()
	text, err := json.Marshal(map[string]any{"eventId": 1001, "type": name, "date": date, "data": json.RawMessage(data)})
	require.NoError(t, err)
	return readEvent(t, string(text))
}

func readEvent(t *testing.T, text string) imbotv2.Event {
	t.Helper()
	var e imbotv2.Event
	require.NoError(t, json.Unmarshal([]byte(text), &e))
	return e
}

// What the examples of the documentation mean.
func TestExamplesOfEvents(t *testing.T) {
	t.Parallel()
	john := imbotv2.User{
		ID: 1, Active: true, Name: "John Smith", FirstName: "John", LastName: "Smith", WorkPosition: "Developer",
		Color:  "#df532d",
		Gender: imbotv2.GenderMale, ExternalAuthID: "default", Status: "online",
		LastActivityDate: at(2025, 1, 15, 10, 29, 0), Departments: []int64{1}, Type: imbotv2.UserEmployee,
	}
	subscribed := john
	subscribed.LastActivityDate, subscribed.Email = time.Time{}, "user@portal.example"
	chat := imbotv2.Chat{
		ID: 5, DialogID: "chat5", Type: imbotv2.ChatGroup, Name: "Support Chat", Owner: 1,
		Color: "#ab7761",
	}
	project, private, userChat := chat, chat, chat
	project.Name = "Project Chat"
	private.DialogID, private.Type, private.Name, private.Owner = "1", imbotv2.ChatPrivate, "", 456
	userChat.Name, userChat.MessageType, userChat.DiskFolderID, userChat.TextFieldEnabled = "Project Chat", "C", 42, true
	message := func(id imbot.MessageID, author imbot.UserID, text string) *imbotv2.Message {
		return &imbotv2.Message{ID: id, ChatID: 5, AuthorID: author, Date: at(2025, 1, 15, 10, 30, 0), Text: text}
	}
	ofBot := message(789, 456, "Hello! How can I help?")
	ofBot.ViewedByOthers = true
	like := &imbotv2.ReactionChange{Reaction: "like", Action: imbotv2.ReactionSet}

	ofBots := imbotv2.Event{Bot: supportBot, DialogID: "chat5", Chat: chat, User: john, Language: "en"}
	ofUsers := imbotv2.Event{DialogID: "chat5", Chat: userChat, User: subscribed, Language: "en"}
	with := func(e imbotv2.Event, change func(*imbotv2.Event)) imbotv2.Event {
		change(&e)
		return e
	}
	tests := map[string]imbotv2.Event{
		imbotv2.EventMessageAdd:    with(ofBots, func(e *imbotv2.Event) { e.Message = message(789, 1, "Hello bot!") }),
		imbotv2.EventMessageUpdate: with(ofBots, func(e *imbotv2.Event) { e.Message = message(789, 1, "Hello again") }),
		imbotv2.EventMessageDelete: with(ofBots, func(e *imbotv2.Event) { e.Message = &imbotv2.Message{ID: 789} }),
		imbotv2.EventJoinChat:      with(ofBots, func(e *imbotv2.Event) { e.Chat = project }),
		imbotv2.EventBotDelete:     {Bot: supportBot},
		imbotv2.EventContextGet: with(ofBots, func(e *imbotv2.Event) {
			e.Chat, e.DialogID = private, "1"
			e.Context = &imbotv2.BotContext{Raw: json.RawMessage(`{"entityId":164,"entityType":"task","source":"link"}`)}
		}),
		imbotv2.EventCommandAdd: with(ofBots, func(e *imbotv2.Event) {
			e.Message = message(790, 1, "/help topic")
			e.Command = &imbotv2.CommandCall{ID: 78, Command: "/help", Params: "topic", Context: imbotv2.CommandTextarea}
		}),
		imbotv2.EventReactionChange: with(ofBots, func(e *imbotv2.Event) { e.Message, e.Reaction = ofBot, like }),
		imbotv2.EventUserMessageAdd: with(ofUsers, func(e *imbotv2.Event) {
			e.Message = message(5012, 1,
				"Hello everyone!")
		}),
		imbotv2.EventUserMessageUpdate: with(ofUsers, func(e *imbotv2.Event) {
			e.Message = message(5012, 1,
				"Hello again")
		}),
		imbotv2.EventUserMessageDelete: with(ofUsers, func(e *imbotv2.Event) { e.Message = &imbotv2.Message{ID: 5012} }),
		imbotv2.EventUserReactionChange: with(ofUsers, func(e *imbotv2.Event) {
			e.Message, e.Reaction = message(5012, 1, "Hello everyone!"), like
		}),
		imbotv2.EventUserJoinChat: ofUsers,
	}
	all := examples(t, "example_events.json")
	assert.Len(t, tests, len(all))
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, all, name)
			want.EventID, want.Name, want.Date, want.Data = 1001, name, at(2025, 1, 15, 10, 30, 5), all[name]
			assert.Equal(t, parts(t, want), parts(t, event(t, name, all[name])))
		})
	}
}

// parts returns all of an event as text, for comparing.
func parts(t *testing.T, e imbotv2.Event) string {
	t.Helper()
	return asJSON(t, []any{
		e, e.Bot, e.DialogID, e.Chat, e.User, e.Language, e.Message, e.Command, e.Reaction, e.Context, e.AdditionalMessages,
	})
}

// A posted event has its scalars as texts, and no empty lists. It reads as the same.
func TestPostedFormsReadTheSame(t *testing.T) {
	t.Parallel()
	for name, data := range examples(t, "example_events.json") {
		fetched, postedEvent := event(t, name, data), event(t, name, posted(t, data))
		if fetched.Context != nil {
			assert.JSONEq(t, string(posted(t, fetched.Context.Raw)), string(postedEvent.Context.Raw),
				"what is made of the link is not known")
			fetched.Context, postedEvent.Context = nil, nil
		}
		fetched.Data, postedEvent.Data = nil, nil
		assert.Equal(t, parts(t, fetched), parts(t, postedEvent), name)
	}
	for name, data := range examples(t, "example_results.json") {
		if name == "imbot.v2.Event.get" {
			continue // nobody posts it
		}
		want, got := readResult(t, name, data), readResult(t, name, posted(t, data))
		want.File.ViewerAttrs, want.File.MediaURL = nil, nil // as they came
		got.File.ViewerAttrs, got.File.MediaURL = nil, nil
		assert.Equal(t, asJSON(t, want), asJSON(t, got), name)
	}
}

// posted returns JSON with the values that it has in a form.
func posted(t *testing.T, data []byte) []byte {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	value, _ = inForm(value)
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}

// inForm returns a value as a form has it, and false where it has nothing of it.
func inForm(value any) (any, bool) {
	switch value := value.(type) {
	case nil:
		return "", true
	case bool:
		return map[bool]string{true: "1", false: "0"}[value], true
	case json.Number:
		return value.String(), true
	case []any:
		var list []any
		for _, element := range value {
			if element, ok := inForm(element); ok {
				list = append(list, element)
			}
		}
		return list, list != nil
	case map[string]any:
		object := map[string]any{}
		for name, member := range value {
			if member, ok := inForm(member); ok {
				object[name] = member
			}
		}
		return object, len(object) > 0
	default:
		return value, true
	}
}

// ofForm returns a form that was posted as JSON, the way that it is made an event.
func ofForm(t *testing.T, form string) string {
	t.Helper()
	fields, _ := phpform.Parse(strings.TrimSpace(form), phpform.Limits{MaxFields: 1000, MaxNesting: 64})
	name, ok := fields.Text("event")
	require.True(t, ok)
	text, err := json.Marshal(map[string]any{"type": name, "data": plainArray(fields.Sub("data"))})
	require.NoError(t, err)
	return string(text)
}

func plainArray(a *phpform.Array) map[string]any {
	object := map[string]any{}
	for name, value := range a.All() {
		if text, ok := value.Text(); ok {
			object[name] = text
		} else {
			object[name] = plainArray(value.Array())
		}
	}
	return object
}

// The example of a post is that of a fetched event, with less of the bot.
func TestExampleOfAPost(t *testing.T) {
	t.Parallel()
	form, err := os.ReadFile("testdata/example_post.txt")
	require.NoError(t, err)
	got := readEvent(t, ofForm(t, string(form)))
	want := event(t, imbotv2.EventMessageAdd, examples(t, "example_events.json")[imbotv2.EventMessageAdd])
	assert.Zero(t, got.EventID)
	assert.Zero(t, got.Date)
	assert.Contains(t, string(got.Data), "EXAMPLE_ACCESS_TOKEN", "that is for whoever makes the JSON to leave out")
	want.EventID, want.Date, want.Data, got.Data = 0, time.Time{}, nil, nil
	want.Bot = imbotv2.BotInfo{ID: 456, Code: "support_bot"}
	assert.Equal(t, parts(t, want), parts(t, got))
}

// What portals were seen to send.
func TestEvent_forms(t *testing.T) {
	t.Parallel()
	hi := imbotv2.Message{ID: 9, ChatID: 5, AuthorID: 27, Text: "hi"}
	tests := map[string]struct {
		text string
		want imbotv2.Event
	}{
		"a message": {
			`{"eventId":417,"type":"ONIMBOTV2MESSAGEADD","date":"2026-09-16T11:05:01+03:00","data":{"bot":{"id":456},` +
				`"message":{"id":9,` +
				`"chatId":5,"chat_id":5,"authorId":27,"text":"hi"},"chat":{"id":5,"dialogId":"27","type":"private"},` +
				`"user":{"id":27,"bot":false},` +
				`"language":"en","additionalMessages":[]}}`,
			imbotv2.Event{
				EventID: 417, Name: imbotv2.EventMessageAdd, Date: at(2026, 9, 16, 11, 5, 1),
				Bot: imbotv2.BotInfo{ID: 456}, DialogID: "27",
				Chat: imbotv2.Chat{ID: 5, DialogID: "27", Type: imbotv2.ChatPrivate}, User: imbotv2.User{ID: 27},
				Language: "en", Message: &hi,
			},
		},
		"a button pressed in a private chat": {
			`{"eventId":533,"type":"ONIMBOTV2COMMANDADD","date":"2026-09-16T11:05:04+03:00","data":{"bot":{"id":456},` +
				`"command":{"id":3,` +
				`"command":"/ok","params":"1","context":"keyboard"},"message":{"id":10,"chatId":5,"authorId":456},` +
				`"chat":[],"user":{"id":27},` +
				`"language":"en"}}`,
			imbotv2.Event{
				EventID: 533, Name: imbotv2.EventCommandAdd, Date: at(2026, 9, 16, 11, 5, 4),
				Bot: imbotv2.BotInfo{ID: 456}, DialogID: "27",
				User: imbotv2.User{ID: 27}, Language: "en", Message: &imbotv2.Message{ID: 10, ChatID: 5, AuthorID: 456},
				Command: &imbotv2.CommandCall{ID: 3, Command: "/ok", Params: "1", Context: imbotv2.CommandKeyboard},
			},
		},
		"a command typed in a chat that is gone": {
			`{"eventId":534,"type":"ONIMBOTV2COMMANDADD","data":{"command":{"command":"/ok","context":"textarea"},` +
				`"chat":[],"user":{"id":27}}}`,
			imbotv2.Event{
				EventID: 534, Name: imbotv2.EventCommandAdd, User: imbotv2.User{ID: 27},
				Command: &imbotv2.CommandCall{Command: "/ok", Context: imbotv2.CommandTextarea},
			},
		},
		"a button pressed in a chat that is gone": {
			`{"eventId":535,"type":"ONIMBOTV2COMMANDADD","data":{"command":{"command":"/ok","context":"keyboard"},` +
				`"chat":{"id":5},"user":{"id":27}}}`,
			imbotv2.Event{
				EventID: 535, Name: imbotv2.EventCommandAdd, Chat: imbotv2.Chat{ID: 5}, User: imbotv2.User{ID: 27},
				Command: &imbotv2.CommandCall{Command: "/ok", Context: imbotv2.CommandKeyboard},
			},
		},
		"a button pressed in a chat that cannot be read": {
			`{"eventId":536,"type":"ONIMBOTV2COMMANDADD","data":{"command":{"command":"/ok","context":"keyboard"},` +
				`"chat":{"id":5,"muteList":["x"]},"user":{"id":27}}}`,
			imbotv2.Event{
				EventID: 536, Name: imbotv2.EventCommandAdd, User: imbotv2.User{ID: 27},
				Command: &imbotv2.CommandCall{Command: "/ok", Context: imbotv2.CommandKeyboard},
			},
		},
		"an unknown event": {
			`{"eventId":600,"type":"ONIMBOTV2SOMETHING","date":"","data":[]}`,
			imbotv2.Event{EventID: 600, Name: "ONIMBOTV2SOMETHING"},
		},
		"a name in other letters": {`{"type":"onImBotV2Delete"}`, imbotv2.Event{Name: imbotv2.EventBotDelete}},
		"a number alone":          {`{"eventId":"600"}`, imbotv2.Event{EventID: 600}},
		"a number that is none":   {`{"eventId":"x","type":"A"}`, imbotv2.Event{Name: "A"}},
		"no data":                 {`{"eventId":600,"data":null}`, imbotv2.Event{EventID: 600}},
		"data that is none":       {`{"eventId":600,"data":"x"}`, imbotv2.Event{EventID: 600}},
		"a portal":                {`{"type":"A","memberId":"EXAMPLE"}`, imbotv2.Event{Name: "A", MemberID: "EXAMPLE"}},
		"what was not found": {
			`{"eventId":1,"data":{"message":{"id":9},"chat":{"id":5},"user":[],"context":[],"command":[],"dialogId":"chat5"}}`,
			imbotv2.Event{EventID: 1, DialogID: "chat5", Chat: imbotv2.Chat{ID: 5}, Message: &imbotv2.Message{ID: 9}},
		},
		"parts that cannot be read": {
			`{"eventId":1,"data":{"bot":5,"message":{"params":{"FILE_ID":[[]]}},"chat":{"muteList":["x"]},` +
				`"user":{"id":27},"command":"x",` +
				`"additionalMessages":[5],"reaction":{}}}`,
			imbotv2.Event{EventID: 1, User: imbotv2.User{ID: 27}},
		},
		"the message that is answered": {
			`{"eventId":1,"data":{"message":{"id":9,"params":{"REPLY_ID":"8"}},"additionalMessages":[{"id":8,"text":"hi"}]}}`,
			imbotv2.Event{
				EventID: 1, AdditionalMessages: []imbotv2.Message{{ID: 8, Text: "hi"}},
				Message: &imbotv2.Message{ID: 9, Params: imbotv2.MessageParams{
					ReplyID: 8,
					Raw:     json.RawMessage(`{"REPLY_ID":"8"}`),
				}},
			},
		},
		"a reaction taken away": {
			`{"eventId":1,"data":{"reaction":"like","action":"delete"}}`,
			imbotv2.Event{EventID: 1, Reaction: &imbotv2.ReactionChange{Reaction: "like", Action: imbotv2.ReactionRemoved}},
		},
		"posted, of an application": {
			ofForm(t, "event=ONIMBOTV2MESSAGEADD&event_handler_id=111&data[bot][id]=456&data[bot][code]=EXAMPLE_BOT&"+
				"data[message][id]=9&"+
				"data[message][chatId]=5&data[message][chat_id]=5&data[message][isSystem]=0&data[chat][dialogId]=chat5&"+
				"data[chat][parentChatId]=0&data[user][id]=27&data[user][bot]=0&data[user][phones]=0&data[user][email]=&"+
				"data[user][departments][2]=7&data[user][departments][1]=3&data[language]=en&ts=1789545901"),
			imbotv2.Event{
				Name: imbotv2.EventMessageAdd, Bot: imbotv2.BotInfo{ID: 456, Code: "EXAMPLE_BOT"}, DialogID: "chat5",
				Language: "en",
				Chat:     imbotv2.Chat{DialogID: "chat5"}, User: imbotv2.User{ID: 27, Departments: []int64{3, 7}},
				Message: &imbotv2.Message{ID: 9, ChatID: 5},
			},
		},
		"posted, of a webhook": {
			ofForm(t, "event=ONIMBOTV2JOINCHAT&data[bot][id]=456&data[bot][code]=EXAMPLE_BOT&data[dialogId]=chat5&"+
				"data[chat][id]=5&"+
				"data[user][id]=27&data[language]=en&ts=1789545901"),
			imbotv2.Event{
				Name: imbotv2.EventJoinChat, Bot: imbotv2.BotInfo{ID: 456, Code: "EXAMPLE_BOT"}, DialogID: "chat5",
				Language: "en",
				Chat:     imbotv2.Chat{ID: 5}, User: imbotv2.User{ID: 27},
			},
		},
		"posted, the last one": {
			ofForm(t, "event=ONIMBOTV2DELETE&data[bot][id]=456&ts=1789545901"),
			imbotv2.Event{Name: imbotv2.EventBotDelete, Bot: imbotv2.BotInfo{ID: 456}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readEvent(t, tt.text)
			var data struct{ Data json.RawMessage }
			require.NoError(t, json.Unmarshal([]byte(tt.text), &data))
			assert.Equal(t, string(data.Data), string(got.Data))
			again, err := json.Marshal(got)
			require.NoError(t, err)
			assert.Equal(t, parts(t, got), parts(t, readEvent(t, string(again))), "an event that was kept as JSON")
			got.Data = nil
			assert.Equal(t, parts(t, tt.want), parts(t, got))
		})
	}
	for _, text := range []string{
		`{}`, `[]`, `{"data":{"bot":{"id":456}}}`, `{"eventId":0,"type":""}`,
		`{"eventId":false,"type":null}`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), new(imbotv2.Event)), text)
	}
}

func TestEvent_TextWithoutMention(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ping":                       "ping",
		"[USER=456]Echo[/USER] ping": "ping",
		" [user=456 REPLACE]E[i]o[/i][/user], \nping": "ping",
		"[USER=456][/USER]: ping":                     "ping",
		"[USER=456]Echo[/USER]":                       "",
		"[USER=45]Ann[/USER] ping":                    "[USER=45]Ann[/USER] ping",
		"[USER=456]Echo ping":                         "[USER=456]Echo ping",
		"ask [USER=456]Echo[/USER]":                   "ask [USER=456]Echo[/USER]",
		"[USER=456]Echo[/USER] [USER=456]Echo[/USER]": "[USER=456]Echo[/USER]",
	} {
		event := imbotv2.Event{Bot: imbotv2.BotInfo{ID: 456}, Message: &imbotv2.Message{Text: text}}
		assert.Equal(t, want, event.TextWithoutMention(), text)
	}
	assert.Empty(t, new(imbotv2.Event).TextWithoutMention())
}
