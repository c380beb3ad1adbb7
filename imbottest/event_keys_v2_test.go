package imbottest_test

import (
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// documentedData returns the data of an event of version 2, as the documentation's sample has them.
func documentedData(t *testing.T, event string) map[string]any {
	t.Helper()
	data := described(t, event).ExamplePayload
	require.NotEmpty(t, data)
	return data
}

// fetchedOnly are the documented keys of a bot that a post leaves out: of the bot, it has the id, the code and, if the bot
// is of an application, its tokens. Their sample is of a bot that fetches.
var fetchedOnly = []string{
	"data[bot][type]", "data[bot][isHidden]", "data[bot][isSupportOpenline]", "data[bot][isReactionsEnabled]",
	"data[bot][backgroundId]", "data[bot][language]", "data[bot][moduleId]", "data[bot][eventMode]",
	"data[bot][countMessage]", "data[bot][countCommand]", "data[bot][countChat]", "data[bot][countUser]",
}

// formKeys returns the keys under which data stand in a form, where lists and objects with nothing in them vanish.
func formKeys(prefix string, data any) (keys []string) {
	switch data := data.(type) {
	case map[string]any:
		for name, value := range data {
			keys = append(keys, formKeys(prefix+"["+name+"]", value)...)
		}
	case []any:
		for i, value := range data {
			keys = append(keys, formKeys(prefix+"["+strconv.Itoa(i)+"]", value)...)
		}
	default:
		keys = append(keys, prefix)
	}
	return keys
}

// assertKeys checks that each key of an object is in another one, and each key of the objects inside.
func assertKeys(t *testing.T, path string, want, got any) {
	t.Helper()
	object, isObject := want.(map[string]any)
	if !isObject || len(object) == 0 {
		return
	}
	inside, isObject := got.(map[string]any)
	if !assert.True(t, isObject, "%s is %v", path, got) {
		return
	}
	for name, value := range object {
		if assert.Contains(t, inside, name, path) {
			assertKeys(t, path+"."+name, value, inside[name])
		}
	}
}

// causes are what makes a bot hear of the events of version 2, and everybody else in the club.
func causes(t *testing.T, bot imbot.BotID) map[string]func(*imbottest.Portal) {
	t.Helper()
	id := strconv.Itoa(int(bot))
	write := func(p *imbottest.Portal) imbot.MessageID { return p.PostMessage(club, 27, "Hello bot!", bot) }
	return map[string]func(*imbottest.Portal){
		"MESSAGEADD":    func(p *imbottest.Portal) { write(p) },
		"MESSAGEUPDATE": func(p *imbottest.Portal) { p.EditMessage(write(p), "Hello again") },
		"MESSAGEDELETE": func(p *imbottest.Portal) { p.DeleteMessage(write(p)) },
		"JOINCHAT":      func(p *imbottest.Portal) { p.AddMember(office, imbot.UserID(bot), 27) },
		"DELETE":        func(p *imbottest.Portal) { p.DeleteBot(bot) },
		"CONTEXTGET": func(p *imbottest.Portal) {
			p.OpenDialog(bot, 27, documentedData(t, "ONIMBOTV2CONTEXTGET")["context"])
		},
		"COMMANDADD": func(p *imbottest.Portal) {
			call(p, "imbot.v2.Command.register", `{"botId":`+id+`,"botToken":"t","fields":{"command":"help","hidden":true}}`)
			p.PostMessage(club, 27, "/help topic")
		},
		"REACTIONCHANGE": func(p *imbottest.Portal) {
			call(p, v2Send, `{"botId":`+id+`,"botToken":"t","dialogId":"chat20","fields":{"message":"Hello!"}}`)
			p.AddReaction(p.Messages(club)[0].ID, 27, "like")
		},
	}
}

// TestEvents_documentedKeysPosted holds that the posted events of version 2 have every key that the documentation shows.
func TestEvents_documentedKeysPosted(t *testing.T) {
	t.Parallel()
	for name, cause := range causes(t, poster) {
		event := "ONIMBOTV2" + name
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			portal, _ := posting(t)
			cause(portal)
			sent := portal.Deliveries(event)
			require.Len(t, sent, 1)
			form, err := url.ParseQuery(sent[0].Body)
			require.NoError(t, err)
			keys := formKeys("data", documentedData(t, event))
			assert.Subset(t, keys, fetchedOnly)
			for _, key := range keys {
				assert.Equal(t, !slices.Contains(fetchedOnly, key), form.Has(key), key)
			}
		})
	}
}

// TestEvents_documentedKeysFetched holds that the events that bots and users fetch have every key that the documentation
// shows. A bot that is deleted cannot fetch the event of that.
func TestEvents_documentedKeysFetched(t *testing.T) {
	t.Parallel()
	tests := []struct{ prefix, method, body string }{
		{"ONIMBOTV2", "imbot.v2.Event.get", `{"botToken":"t","botId":60}`},
		{"ONIMV2", "im.v2.Event.get", `{}`},
	}
	ofBotsOnly := []string{"CONTEXTGET", "COMMANDADD"}
	for _, tt := range tests {
		for name, cause := range causes(t, fetcher) {
			if name == "DELETE" || tt.prefix == "ONIMV2" && slices.Contains(ofBotsOnly, name) {
				continue
			}
			event := tt.prefix + name
			t.Run(event, func(t *testing.T) {
				t.Parallel()
				portal := fetching(t)
				send(t, portal, request{path: "/rest/1/both0000/im.v2.Event.subscribe", body: `{}`})
				cause(portal)
				got := fetch(t, portal, tt.method, tt.body)
				i := slices.Index(got.types(), event)
				require.GreaterOrEqual(t, i, 0, got.types())
				assertKeys(t, event, documentedData(t, event), got.Events[i].Data)
			})
		}
	}
}
