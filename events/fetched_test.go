package events_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// normal returns an event whose raw JSON is as a form would have it.
func normal(t testing.TB, event *imbotv2.Event) imbotv2.Event {
	t.Helper()
	plain := *event
	plain.EventID, plain.Data = 0, nil
	if plain.Context != nil {
		context := parse(t, "/", formOf(t, `{"event":"ONIMBOTV2CONTEXTGET","data":{"context":`+string(plain.Context.Raw)+`}}`)).Fetched().Context
		plain.Context = context
	}
	return plain
}

// Posted as a form, posted as JSON and fetched, an event is the same.
func TestEvent_Fetched_everyEvent(t *testing.T) {
	t.Parallel()
	for _, name := range allPosts(t) {
		object, form := postedJSON(t, name)
		fromForm := parse(t, "/", form)
		fromJSON, err := events.Parse(postOf(t, "application/json", object))
		require.NoError(t, err, name)
		got := fromForm.Fetched()
		assert.Equal(t, got, fromJSON.Fetched(), name)
		assert.True(t, strings.HasPrefix(got.Name, "ONIMBOTV2") || strings.HasPrefix(got.Name, "ONIMV2"), name)
		assert.Equal(t, member, got.MemberID, name)
		assert.True(t, got.Date.Equal(fromForm.Time), name)
		for _, secret := range []string{"TOKEN", "REFRESH", "CLIENT_ID", "EXAMPLE_BOT"} {
			assert.NotContains(t, string(got.Data), secret, name)
		}

		// What it is kept as brings the same back.
		kept, err := json.Marshal(got)
		require.NoError(t, err, name)
		var back imbotv2.Event
		require.NoError(t, json.Unmarshal(kept, &back), name)
		assert.Equal(t, *got, back, name)

		if !strings.Contains(name, "V2") {
			continue
		}
		var posted struct {
			Data json.RawMessage `json:"data"`
		}
		require.NoError(t, json.Unmarshal([]byte(object), &posted), name)
		var fetched imbotv2.Event
		require.NoError(t, json.Unmarshal([]byte(`{"eventId":417,"type":"`+name+`","date":"2026-02-26T08:19:23Z","memberId":"`+member+`","data":`+
			string(posted.Data)+`}`), &fetched), name)
		assert.Equal(t, normal(t, &fetched), normal(t, got), name)
	}
}

// The events of the first generation, in the terms of the second.
func TestEvent_Fetched_first(t *testing.T) {
	t.Parallel()
	jane := imbotv2.User{ID: 27, Name: "Jane Doe", FirstName: "Jane", LastName: "Doe", Gender: "F"}
	john := imbotv2.User{ID: 1269, Name: "John Roe", FirstName: "John", LastName: "Roe", Gender: "M"}
	private := imbotv2.Chat{DialogID: "27", MessageType: "P", Type: imbotv2.ChatPrivate}
	group := imbotv2.Chat{ID: 1157, DialogID: "chat1157", MessageType: "C", Type: imbotv2.ChatGroup, Owner: 27, EntityType: "THREAD"}
	owned := func(chat imbotv2.Chat) imbotv2.Chat {
		chat.ID, chat.Owner = 1453, 571
		return chat
	}
	titled := group
	titled.Name = "Brown chat 18"
	bot := imbotv2.BotInfo{ID: 571, Code: "BOT"}
	first := imbotv2.BotInfo{ID: 567, Code: "BOT1"}
	tests := map[string]imbotv2.Event{
		"ONIMBOTMESSAGEADD_private": {
			Name: imbotv2.EventMessageAdd, Bot: first, DialogID: "27", User: jane,
			Chat: imbotv2.Chat{ID: 1407, DialogID: "27", MessageType: "P", Type: imbotv2.ChatPrivate},
			Message: &imbotv2.Message{
				ID: 84331, ChatID: 1407, AuthorID: 27, Text: "Hello", UUID: "796c45aa-70e5-45aa-930c-c7fb32710c62",
			},
		},
		"ONIMBOTMESSAGEADD_group": {
			Name: imbotv2.EventMessageAdd, Bot: first, DialogID: "chat1157", User: jane, Chat: titled,
			Message: &imbotv2.Message{
				ID: 84351, ChatID: 1157, AuthorID: 27, Text: "[USER=567]NewBot[/USER] , how do I set up the menu",
				UUID: "6d0eef7c-12b4-41e7-b709-887ba410ded3",
			},
		},
		"ONIMBOTMESSAGEUPDATE_private": {
			Name: imbotv2.EventMessageUpdate, Bot: bot, DialogID: "27", User: jane, Chat: owned(private),
			Message: &imbotv2.Message{ID: 84531, ChatID: 1453, AuthorID: 27, Text: "How do I add an observer?"},
		},
		"ONIMBOTMESSAGEUPDATE_group": {
			Name: imbotv2.EventMessageUpdate, Bot: bot, DialogID: "chat1157", User: imbotv2.User{ID: 27}, Chat: group,
			Message: &imbotv2.Message{ID: 84537, ChatID: 1157, AuthorID: 27, Text: "[USER=571]NewBot[/USER], format the list"},
		},
		"ONIMBOTMESSAGEDELETE_private": {
			Name: imbotv2.EventMessageDelete, Bot: bot, DialogID: "27", User: jane, Chat: owned(private), Message: &imbotv2.Message{ID: 84525},
		},
		"ONIMBOTMESSAGEDELETE_group": {
			Name: imbotv2.EventMessageDelete, Bot: bot, DialogID: "chat1157", User: imbotv2.User{ID: 27}, Chat: group,
			Message: &imbotv2.Message{ID: 84537},
		},
		"ONIMBOTJOINCHAT_private": {Name: imbotv2.EventJoinChat, Bot: bot, DialogID: "27", User: jane, Chat: private},
		"ONIMBOTJOINCHAT_group":   {Name: imbotv2.EventJoinChat, Bot: bot, DialogID: "chat1157", User: jane, Chat: group},
		"ONIMBOTDELETE":           {Name: imbotv2.EventBotDelete, Bot: imbotv2.BotInfo{ID: 567, Code: "BOT"}},
		"ONIMBOTCONTEXTGET": {
			Name: imbotv2.EventContextGet, Bot: bot, DialogID: "27", User: jane, Chat: private,
			Context: &imbotv2.BotContext{Raw: json.RawMessage(`{"entityId":"164","entityType":"task"}`)},
		},
		"ONIMCOMMANDADD_private": {
			Name: imbotv2.EventCommandAdd, Bot: imbotv2.BotInfo{ID: 1291, Code: "BOT_GM"}, DialogID: "1269", User: john,
			Chat:    imbotv2.Chat{ID: 2737, DialogID: "1269", MessageType: "P", Type: imbotv2.ChatPrivate},
			Command: &imbotv2.CommandCall{ID: 103, Command: "/echo", Params: "test", Context: imbotv2.CommandTextarea},
			Message: &imbotv2.Message{ID: 33899, ChatID: 2737, AuthorID: 1269, Text: "/echo test", UUID: "acae8d22-4536-4f47-a276-2e3bdf866475"},
		},
		"ONIMCOMMANDADD_group": {
			Name: imbotv2.EventCommandAdd, Bot: imbotv2.BotInfo{ID: 1291, Code: "BOT_GM"}, DialogID: "chat2725", User: john,
			Chat: imbotv2.Chat{
				ID: 2725, DialogID: "chat2725", MessageType: "C", Type: imbotv2.ChatGroup, Name: "New title", Owner: 1291,
				EntityType: "CHAT", EntityID: "13",
			},
			Command: &imbotv2.CommandCall{ID: 99, Command: "/echo", Params: "test", Context: imbotv2.CommandTextarea},
			Message: &imbotv2.Message{ID: 33871, ChatID: 2725, AuthorID: 1269, Text: "/echo test", UUID: "eb3d5b1c-0830-4728-a7a3-73e9745a90a1"},
		},
	}
	seen := 0
	for _, name := range allPosts(t) {
		if strings.Contains(name, "V2") {
			continue
		}
		seen++
		_, form := postedJSON(t, name)
		event := parse(t, "/", form)
		got := event.Fetched()
		assert.Equal(t, event.Param("PLATFORM_CONTEXT") != "", strings.Contains(string(got.Data), `"PLATFORM_CONTEXT":"web"`), name)
		want := tests[name]
		want.MemberID, want.Date, want.Data = member, event.Time, got.Data
		if name != "ONIMBOTDELETE" {
			want.Language = "ru"
		}
		assert.Equal(t, want, *got, name)
	}
	assert.Len(t, tests, seen)
}

// A message with files, in the way of either form that the first generation has for them.
func TestEvent_Fetched_params(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string][]string{
		"by parameter": {"data[PARAMS][PARAMS][FILE_ID][0]=5", "data[PARAMS][PARAMS][FILE_ID][1]=7"},
		"by file":      {"data[PARAMS][FILES][5][name]=a.txt", "data[PARAMS][FILES][7][name]=b.txt"},
	} {
		event := parse(t, "/", fields(append(sent, "event=ONIMBOTMESSAGEADD", "data[BOT][9][BOT_ID]=9", "data[PARAMS][MESSAGE_ID]=1",
			"data[PARAMS][MESSAGE]=<&>", "data[PARAMS][PARAMS][ATTACH][0][BLOCKS][0][MESSAGE]=x")...))
		message, ok := event.Message()
		require.True(t, ok, name)
		assert.Equal(t, []imbotv2.FileID{5, 7}, message.Params.FileIDs, name)
		assert.JSONEq(t, `[{"BLOCKS":[{"MESSAGE":"x"}]}]`, string(message.Params.Attach), name)
		assert.Equal(t, "<&>", message.Text, name)
	}
}

// A post for several bots, or with several commands, is an event for each.
func TestEvent_FetchedAll(t *testing.T) {
	t.Parallel()
	event := parse(t, "/", fields("event=ONIMBOTMESSAGEADD", "data[BOT][1000][BOT_ID]=1000", "data[BOT][9][BOT_ID]=9", "data[BOT][9][BOT_CODE]=greeter",
		"data[PARAMS][MESSAGE]=hi", "data[PARAMS][MESSAGE_ID]=5"))
	var bots []imbotv2.BotInfo
	for fetched := range event.FetchedAll() {
		bots = append(bots, fetched.Bot)
		assert.Equal(t, "hi", fetched.Message.Text)
	}
	assert.Equal(t, []imbotv2.BotInfo{{ID: 9, Code: "greeter"}, {ID: 1000}}, bots)
	for fetched := range event.FetchedAll() {
		assert.Equal(t, bots[0], fetched.Bot)
		break
	}

	event = parse(t, "/", fields("event=ONIMCOMMANDADD", "data[PARAMS][MESSAGE]=/a 0\n/b", "data[PARAMS][MESSAGE_ID]=5",
		"data[COMMAND][101][COMMAND]=b", "data[COMMAND][101][BOT_ID]=80", "data[COMMAND][101][MESSAGE_ID]=6", "data[COMMAND][101][COMMAND_CONTEXT]=KEYBOARD",
		"data[COMMAND][99][COMMAND]=/a", "data[COMMAND][99][COMMAND_PARAMS]=0", "data[COMMAND][99][BOT_ID]=9", "data[COMMAND][99][MESSAGE_ID]=5"))
	var commands []imbotv2.CommandCall
	var messages []imbotv2.Message
	bots = nil
	for fetched := range event.FetchedAll() {
		commands, messages, bots = append(commands, *fetched.Command), append(messages, *fetched.Message), append(bots, fetched.Bot)
	}
	assert.Equal(t, []imbotv2.CommandCall{{ID: 99, Command: "/a", Params: "0"}, {ID: 101, Command: "/b", Context: imbotv2.CommandKeyboard}}, commands)
	assert.Equal(t, []imbotv2.Message{{ID: 5, Text: "/a 0\n/b"}, {ID: 6}}, messages)
	assert.Equal(t, []imbotv2.BotInfo{{ID: 9}, {ID: 80}}, bots)
}

func TestEvent_Fetched_others(t *testing.T) {
	t.Parallel()
	install := parse(t, "/", fields("event=ONAPPINSTALL", "data[VERSION]=1", "ts=1789545901", "auth[member_id]=m1", "auth[access_token]=EXAMPLE")).Fetched()
	assert.Equal(t, &imbotv2.Event{
		Name: events.AppInstall, MemberID: "m1", Date: time.Unix(1789545901, 0).UTC(), Data: json.RawMessage(`{"VERSION":"1"}`),
	}, install)
	assert.Equal(t, "ONIMBOTV2SOMETHING", parse(t, "/", "event=ONIMBOTV2SOMETHING").Fetched().Name)
	assert.Equal(t, imbotv2.EventMessageAdd, parse(t, "/", "event=ONIMBOTMESSAGEADD").Fetched().Name)
	assert.Equal(t, &imbotv2.Event{MemberID: "m1"}, (&events.Event{MemberID: "m1"}).Fetched())
}

func TestEvent_payloads(t *testing.T) {
	t.Parallel()
	_, form := postedJSON(t, "ONIMBOTV2REACTIONCHANGE")
	event := parse(t, "/", form)
	reaction, ok := event.Reaction()
	assert.True(t, ok)
	assert.Equal(t, imbotv2.ReactionChange{Reaction: "like", Action: imbotv2.ReactionSet}, reaction)
	message, ok := event.Message()
	assert.True(t, ok)
	assert.Equal(t, "Hello! How can I help?", message.Text)
	_, ok = event.Command()
	assert.False(t, ok)
	_, ok = event.Context()
	assert.False(t, ok)

	_, form = postedJSON(t, "ONIMCOMMANDADD_group")
	command, ok := parse(t, "/", form).Command()
	assert.True(t, ok)
	assert.Equal(t, "/echo", command.Command)
	_, form = postedJSON(t, "ONIMBOTV2CONTEXTGET")
	context, ok := parse(t, "/", form).Context()
	assert.True(t, ok)
	assert.JSONEq(t, `{"entityId":"164","entityType":"task","source":"link"}`, string(context.Raw))
	_, ok = parse(t, "/", named(events.AppInstall)).Message()
	assert.False(t, ok)
	_, ok = parse(t, "/", named(events.AppInstall)).Reaction()
	assert.False(t, ok)
}

// Tokens are left out wherever they stand, under all names that portals have for them.
func TestEvent_Fetched_noSecret(t *testing.T) {
	t.Parallel()
	var sent []string
	for i, place := range []string{"data", "data[bot]", "data[bot][auth]", "data[a][0]", "data[PARAMS][x]", "data[BOT][571]", "data[COMMAND][99][AUTH]"} {
		for _, name := range []string{
			"access_token", "refresh_token", "application_token", "client_id", "CLIENT_ID", "client_secret", "AUTH_ID", "REFRESH_ID",
			"botToken", "Access_Token",
		} {
			sent = append(sent, place+"["+name+"]="+secretAccess, place+"[safe]=kept"+string(rune('0'+i)))
		}
	}
	for _, name := range []string{"ONIMBOTV2MESSAGEADD", "ONIMBOTMESSAGEADD", "ONIMCOMMANDADD", "ONAPPINSTALL", "ONCRMDEALADD"} {
		event := parse(t, "/?CLIENT_ID="+secretClient, secretForm(name)+"&"+fields(sent...))
		for fetched := range event.FetchedAll() {
			text, err := json.Marshal(fetched)
			require.NoError(t, err)
			secrets.NotIn(t, string(text), name)
			assert.Contains(t, string(text), "kept3", name)
			secrets.NotPrinted(t, fetched, name)
		}
	}
}

// A post for very many bots, or with very many commands, is that for the first hundred: each takes all of the post.
func TestFetchedAll_isBounded(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bots":     "event=ONIMBOTMESSAGEADD&data[PARAMS][MESSAGE]=hello&" + many(150, "data[BOT][1#][BOT_CODE]=x"),
		"commands": "event=ONIMCOMMANDADD&data[PARAMS][MESSAGE]=hello&" + many(150, "data[COMMAND][1#][COMMAND]=x"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := events.Parse(post(t, "/", body))
			require.NoError(t, err)
			assert.Len(t, slices.Collect(event.FetchedAll()), 100)
			assert.Equal(t, 50, event.LeftOut)
		})
	}
}
