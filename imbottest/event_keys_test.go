package imbottest_test

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// documentedEvent is what the documentation shows of an event.
type documentedEvent struct {
	Name     string
	FormKeys []struct {
		Key       string
		InSamples []string `json:"in_samples"`
	} `json:"form_keys"`
	ExamplePayload map[string]any `json:"example_payload"` // the data of an event of version 2
}

// described returns what the documentation shows of the event with this name.
func described(t *testing.T, name string) documentedEvent {
	t.Helper()
	content, err := os.ReadFile("../testdata/catalogue/events.json") //nolint:misspell // the folder has this name
	require.NoError(t, err)
	var catalog struct{ Events []documentedEvent }
	require.NoError(t, json.Unmarshal(content, &catalog))
	i := slices.IndexFunc(catalog.Events, func(event documentedEvent) bool { return event.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return catalog.Events[i]
}

// documentedKeys returns the keys of an event's form, as the documentation's sample of this name has them.
func documentedKeys(t *testing.T, event, sample string) (keys []string) {
	t.Helper()
	for _, field := range described(t, event).FormKeys {
		if slices.Contains(field.InSamples, sample) {
			keys = append(keys, field.Key)
		}
	}
	require.NotEmpty(t, keys)
	return keys
}

var keyVariable = regexp.MustCompile(`\\\{[A-Z_]+\\\}`)

// hasKey reports whether a form has a documented key, in which {BOT_ID} and the like stand for any number.
func hasKey(form url.Values, documented string) bool {
	pattern := regexp.MustCompile("^" + keyVariable.ReplaceAllString(regexp.QuoteMeta(documented), `\d+`) + "$")
	for name := range form {
		if pattern.MatchString(name) {
			return true
		}
	}
	return false
}

// TestEvents_documentedKeys holds that the posted events of version 1 have every key that the documentation shows. Of
// ONIMBOTCONTEXTGET it shows none.
func TestEvents_documentedKeys(t *testing.T) {
	t.Parallel()
	group, private := imbottest.ChatGroup, imbot.ChatID(88)
	write := func(chat imbot.ChatID, text string) func(*imbottest.Portal) {
		return func(p *imbottest.Portal) { p.PostMessage(chat, 27, text, imbottest.BotOfApp) }
	}
	edit := func(chat imbot.ChatID) func(*imbottest.Portal) {
		return func(p *imbottest.Portal) { p.EditMessage(p.PostMessage(chat, 27, "a", imbottest.BotOfApp), "b") }
	}
	erase := func(chat imbot.ChatID) func(*imbottest.Portal) {
		return func(p *imbottest.Portal) { p.DeleteMessage(p.PostMessage(chat, 27, "a", imbottest.BotOfApp)) }
	}
	tests := []struct {
		event, sample string
		cause         func(*imbottest.Portal)
	}{
		{"ONIMBOTMESSAGEADD", "private", write(private, "hello")},
		{"ONIMBOTMESSAGEADD", "group", write(group, "hello")},
		{"ONIMBOTMESSAGEUPDATE", "private", edit(private)},
		{"ONIMBOTMESSAGEUPDATE", "group", edit(group)},
		{"ONIMBOTMESSAGEDELETE", "private", erase(private)},
		{"ONIMBOTMESSAGEDELETE", "group", erase(group)},
		{"ONIMBOTJOINCHAT", "private", func(p *imbottest.Portal) {
			p.AddChat(imbottest.Chat{ID: 89, Kind: imbottest.Private, Owner: 27, Members: []imbot.UserID{27}})
			p.AddMember(89, botOfApp, 27)
		}},
		{"ONIMBOTJOINCHAT", "group", func(p *imbottest.Portal) { p.AddMember(imbottest.ChatElsewhere, botOfApp, 27) }},
		{"ONIMCOMMANDADD", "private", write(private, "/go on")},
		{"ONIMCOMMANDADD", "group", write(group, "/go on")},
		{"ONIMBOTDELETE", "only", func(p *imbottest.Portal) { p.DeleteBot(imbottest.BotOfApp) }},
	}
	for _, tt := range tests {
		t.Run(tt.event+" "+tt.sample, func(t *testing.T) {
			t.Parallel()
			portal, box := withEvents(t)
			portal.AddChat(imbottest.Chat{ID: 88, Kind: imbottest.Private, Owner: 27, Members: []imbot.UserID{27, botOfApp}})
			portal.AddToken(imbottest.Token{AccessToken: "EXAMPLE_TOKEN", App: imbottest.App, UserID: 1, Scopes: []string{imbottest.ScopeBots}})
			registered := send(t, portal, request{
				path: "/rest/imbot.command.register",
				body: `{"auth":"EXAMPLE_TOKEN","BOT_ID":50,"COMMAND":"go",` + handlers + `,` + lang + `}`,
			})
			require.Equal(t, 200, registered.status)
			tt.cause(portal)
			require.Len(t, portal.Deliveries(tt.event), 1)
			for _, key := range documentedKeys(t, tt.event, tt.sample) {
				assert.True(t, hasKey(box.last(t).form, key), key)
			}
		})
	}
}

// TestPostMessage_mention holds that a message in a group comes without the mentions of the bots that it is posted to,
// and as it was written beside that.
func TestPostMessage_mention(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	tests := []struct{ written, message string }{
		{"[USER=50]Bot[/USER] , how do I start", ", how do I start"},
		{"hi [user=50 REPLACE]The Bot[/user]", "hi"},
		{"[USER=50]Bot[/USER] ask [USER=27]Somebody[/USER]", "ask [USER=27]Somebody[/USER]"},
	}
	previous := ""
	for _, tt := range tests {
		portal.PostMessage(imbottest.ChatGroup, 27, tt.written)
		form := box.last(t).form
		assertFields(t, map[string]string{
			"data[PARAMS][MESSAGE]": tt.message, "data[PARAMS][MESSAGE_ORIGINAL]": tt.written, "data[PARAMS][IS_MANAGER]": "N",
		}, form)
		if previous != "" {
			assert.Equal(t, previous, form.Get("data[PARAMS][CHAT_PREV_MESSAGE_ID]"))
		}
		previous = form.Get("data[PARAMS][MESSAGE_ID]")
	}

	written := "[USER=50]Bot[/USER] hello"
	portal.AddChat(imbottest.Chat{ID: 88, Kind: imbottest.Private, Owner: 27, Members: []imbot.UserID{27, botOfApp}})
	portal.PostMessage(88, 27, written)
	form := box.last(t).form
	assert.Equal(t, written, form.Get("data[PARAMS][MESSAGE]"), "in private it stays")
	assert.False(t, form.Has("data[PARAMS][MESSAGE_ORIGINAL]"))
}
