package events_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Every event is the same as a form and as JSON, whatever the Content-Type says.
func TestParse_everyEvent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range allPosts(t) {
		object, form := postedJSON(t, name)
		want := parse(t, "/", form)
		seen[want.Name] = true
		assert.True(t, strings.HasPrefix(name, want.Name), name)
		assert.True(t, want.Verify(proof), name)
		for _, sent := range []struct{ contentType, body string }{
			{"application/json", object}, {"", object}, {"text/plain", object}, {"", form}, {"text/html", form},
		} {
			got, err := events.Parse(postOf(t, sent.contentType, sent.body))
			require.NoError(t, err, name)
			assert.Equal(t, want, got, "%s %q", name, sent.contentType)
		}
	}
	assert.Len(t, seen, 20)
}

func TestParse_second(t *testing.T) {
	t.Parallel()
	at := time.Unix(1789545901, 0).UTC()
	tests := map[string]struct {
		target string
		fields []string
		want   events.Event // without Values
	}{
		"message, group, application": {
			fields: []string{
				"event=ONIMBOTV2MESSAGEADD", "event_handler_id=111", "data[bot][id]=456", "data[bot][code]=EXAMPLE_BOT",
				"data[bot][auth][access_token]=EXAMPLE_BOT_TOKEN", "data[bot][auth][user_id]=456", "data[bot][auth][application_token]=EXAMPLE_OF_BOT",
				"data[message][id]=9", "data[message][chatId]=5", "data[chat][id]=5", "data[chat][dialogId]=chat5", "data[chat][type]=open", "data[chat][owner]=3",
				"data[user][id]=27", "ts=1789545901", "auth[access_token]=EXAMPLE_USER_TOKEN", "auth[domain]=portal.example",
				"auth[member_id]=m1", "auth[application_token]=EXAMPLE_PROOF",
			},
			want: events.Event{
				Name: imbotv2.EventMessageAdd, ChatID: 5, DialogID: "chat5", ChatType: "O", ChatAuthorID: 3, UserID: 27, HandlerID: "111", Time: at,
				Bots:             []events.Bot{{ID: 456, Code: "EXAMPLE_BOT", Token: oauth.Token{AccessToken: "EXAMPLE_BOT_TOKEN", UserID: 456}}},
				Auth:             oauth.Token{AccessToken: "EXAMPLE_USER_TOKEN", Domain: "portal.example", MemberID: "m1"},
				ApplicationToken: "EXAMPLE_PROOF", MemberID: "m1",
			},
		},
		"join, botToken": {
			fields: []string{
				"event=ONIMBOTV2JOINCHAT", "data[bot][id]=456", "data[dialogId]=chat5", "data[chat][id]=5", "data[user][id]=27",
				"auth[domain]=portal.example", "auth[application_token]=customEXAMPLE_BOT_TOKEN",
			},
			want: events.Event{
				Name: imbotv2.EventJoinChat, ChatID: 5, DialogID: "chat5", UserID: 27, Bots: []events.Bot{{ID: 456}},
				Auth: oauth.Token{Domain: "portal.example"}, ApplicationToken: "customEXAMPLE_BOT_TOKEN",
			},
		},
		"private, with a CLIENT_ID in the address": {
			target: "/?CLIENT_ID=EXAMPLE_CLIENT",
			fields: []string{
				"event=ONIMBOTV2CONTEXTGET", "data[bot][id]=456", "data[dialogId]=27", "data[chat][id]=5", "data[chat][type]=private", "data[user][id]=27",
			},
			want: events.Event{
				Name: imbotv2.EventContextGet, DialogID: "27", ChatType: "P", UserID: 27, Bots: []events.Bot{{ID: 456, ClientID: "EXAMPLE_CLIENT"}},
			},
		},
		"button in a private chat": {
			fields: []string{"event=ONIMBOTV2COMMANDADD", "data[bot][id]=456", "data[command][command]=/ok", "data[user][id]=27"},
			want:   events.Event{Name: imbotv2.EventCommandAdd, UserID: 27, Bots: []events.Bot{{ID: 456}}},
		},
		"private, known by its dialog alone": {
			fields: []string{"event=ONIMV2MESSAGEADD", "data[chat][id]=5", "data[chat][dialogId]=27"},
			want:   events.Event{Name: imbotv2.EventUserMessageAdd, DialogID: "27"},
		},
		"private, known by its type alone": {
			fields: []string{"event=ONIMV2MESSAGEADD", "data[chat][id]=5", "data[chat][type]=private"},
			want:   events.Event{Name: imbotv2.EventUserMessageAdd, ChatType: "P"},
		},
		"ids that are none": {
			fields: []string{"event=ONIMBOTV2MESSAGEADD", "data[bot][id]=me", "data[chat][id]=-5", "data[user][id][]=1", "data[bot][auth][user_id]=5"},
			want:   events.Event{Name: imbotv2.EventMessageAdd},
		},
		"a command of the first generation": {
			fields: []string{
				"event=ONIMCOMMANDADD", "data[COMMAND][97][BOT_ID]=80", "data[COMMAND][97][AUTH][access_token]=EXAMPLE_TWO",
				"data[COMMAND][98][BOT_ID]=9", "data[COMMAND][98][BOT_CODE]=echo", "data[COMMAND][99][BOT_ID]=80", "data[COMMAND][96]=9",
				"data[COMMAND][99][access_token]=EXAMPLE_ONE", "data[PARAMS][CHAT_ID]=13",
			},
			want: events.Event{Name: "ONIMCOMMANDADD", ChatID: 13, Bots: []events.Bot{
				{ID: 9, Code: "echo"}, {ID: 80, Token: oauth.Token{AccessToken: "EXAMPLE_TWO"}},
			}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.target == "" {
				tt.target = "/"
			}
			got := parse(t, tt.target, fields(tt.fields...))
			got.Values = nil
			assert.Equal(t, &tt.want, got)
		})
	}
}

func TestEvent_LeaveRequest_second(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]imbot.ChatID{"ONIMBOTV2JOINCHAT": 5, "ONIMBOTV2CONTEXTGET": 0} {
		_, form := postedJSON(t, name)
		event := parse(t, "/", form)
		request, ok := event.LeaveRequest(event.Bots[0])
		assert.Equal(t, want != 0, ok, name)
		assert.Equal(t, want, request.ChatID, name)
	}
}

// Who has no member_id may have a domain; that of a bot proves nothing.
func TestHandler_sender(t *testing.T) {
	t.Parallel()
	var asked events.Sender
	h, err := events.NewHandler(func(_ context.Context, sender events.Sender) (string, error) {
		asked = sender
		return "EXAMPLE_BOT_TOKEN", nil
	})
	require.NoError(t, err)
	sent := []string{"event=ONIMBOTV2DELETE", "data[bot][id]=456", "auth[domain]=portal.example"}
	assert.Equal(t, http.StatusOK, serve(h, post(t, "/", fields(append(sent, "auth[application_token]=customEXAMPLE_BOT_TOKEN")...))))
	assert.Equal(t, events.Sender{Domain: "portal.example"}, asked)
	assert.Equal(t, http.StatusOK, serve(h, post(t, "/", fields(append(sent, "auth[member_id]=m1", "auth[application_token]=EXAMPLE_BOT_TOKEN")...))))
	assert.Equal(t, events.Sender{MemberID: "m1", Domain: "portal.example"}, asked)
	assert.Equal(t, http.StatusForbidden, serve(h, post(t, "/", fields(append(sent, "data[bot][auth][application_token]=EXAMPLE_BOT_TOKEN")...))))
}

// The bot of a command has room in an event that has too much, as others have.
func TestParse_commandsHaveRoom(t *testing.T) {
	t.Parallel()
	event := parse(t, "/", "event=ONIMCOMMANDADD&"+many(12_000, "data[USERS][]=#")+"&data[COMMAND][99][BOT_ID]=9&data[COMMAND][99][AUTH][access_token]=EXAMPLE")
	assert.Positive(t, event.LeftOut)
	assert.Equal(t, []events.Bot{{ID: 9, Token: oauth.Token{AccessToken: "EXAMPLE"}}}, event.Bots)
}

// What is too deep or too much in JSON is left out, and the rest is read.
func TestParse_limitsOfJSON(t *testing.T) {
	t.Parallel()
	around := func(member string) string {
		return `{"event":"ONIMBOTV2MESSAGEADD",` + member + `"data":{"list":[` + strings.Repeat("1,", 11_999) + `1],"bot":{"id":456,"auth":{"access_token":"EXAMPLE"}},` +
			`"message":{"id":9,"text":"hello"}},"auth":{"domain":"portal.example","application_token":"EXAMPLE_PROOF"}}`
	}
	for name, tt := range map[string]struct {
		member  string
		leftOut int
	}{
		"a list that is too long": {"", 2_003},
		"deep":                    {`"deep":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + ",", 2_004},
		"a long name":             {`"` + strings.Repeat("x", 200_000) + `":{"a":[1,2,3]},`, 2_004},
		"long names":              {`"x":{"` + strings.Repeat("x", 396) + `":[1,2,3]},`, 2_004},
	} {
		event, err := events.Parse(postOf(t, "application/json", around(tt.member)))
		require.NoError(t, err, name)
		assert.Equal(t, tt.leftOut, event.LeftOut, name)
		assert.Equal(t, "EXAMPLE_PROOF", event.ApplicationToken, name)
		assert.Equal(t, "EXAMPLE", event.Bots[0].Token.AccessToken, name)
		assert.Equal(t, "hello", event.Values.Get("data[message][text]"), name)
	}
}
