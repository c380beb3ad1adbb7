package events_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// rested returns what is left of an event that was kept, and the bytes.
func rested(t testing.TB, event *events.Event) (*events.Event, string) {
	t.Helper()
	kept, err := event.MarshalBinary()
	require.NoError(t, err)
	got := new(events.Event)
	require.NoError(t, got.UnmarshalBinary(kept))
	return got, string(kept)
}

// withoutTokens empties what is secret in an event.
func withoutTokens(event *events.Event) *events.Event {
	hide := func(token *oauth.Token) { token.AccessToken, token.RefreshToken = "", "" }
	event.ApplicationToken = ""
	hide(&event.Auth)
	for i := range event.Bots {
		event.Bots[i].ClientID = ""
		hide(&event.Bots[i].Token)
	}
	return event
}

// Each of the documented events is what it was, but for its secrets.
func TestEvent_MarshalBinary(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range allPosts(t) {
		_, form := postedJSON(t, name)
		event := parse(t, "/?CLIENT_ID="+secretClient, form)
		event.LeftOut = 3
		seen[event.Name] = true
		id, fetched := event.ID(), event.Fetched()
		secrets := []string{event.ApplicationToken, event.Auth.AccessToken, event.Auth.RefreshToken, secretClient}
		for _, bot := range event.Bots {
			secrets = append(secrets, bot.Token.AccessToken, bot.Token.RefreshToken)
		}

		got, kept := rested(t, event)

		for _, secret := range secrets {
			if secret != "" {
				assert.NotContains(t, kept, secret, name)
			}
		}
		assert.Equal(t, id, got.ID(), name)
		assert.Equal(t, fetched, got.Fetched(), name)
		assert.Len(t, got.Values, len(event.Values), name)
		for field, values := range event.Values {
			if values[0] != got.Values.Get(field) {
				assert.Regexp(t, `(?i)\[(access_token|refresh_token|application_token|client_id|bot_?token)\]$`, field, name)
				assert.Empty(t, got.Values.Get(field), name)
			}
		}
		want := withoutTokens(event)
		want.Values, got.Values = nil, nil
		assert.False(t, want.Kept(), name)
		assert.True(t, got.Kept(), name)
		assert.Equal(t, events.AsKept(want), got, name)
		assert.False(t, got.Verify(proof), name)
	}
	assert.Len(t, seen, 20)
}

// Secrets are nowhere in it, also where a portal has put them twice and where somebody has written one.
func TestEvent_MarshalBinary_secrets(t *testing.T) {
	t.Parallel()
	event := secretEvent(t)
	event.Values.Set("data[PARAMS][MESSAGE]", "my token is "+secretAccess+", and here "+secretProof)
	event.Values.Set("data[BOT][571][AUTH][access_token][0]", secretSpare)
	event.Values.Set("CLIENT_ID", secretClient)
	event.Values.Set("AUTH_ID", secretTwin)
	event.DialogID = secretBot
	got, kept := rested(t, event)
	secrets.NotIn(t, kept, "at rest")
	assert.Equal(t, "my token is ***, and here ***", got.Param("MESSAGE"))
	assert.Equal(t, event.Bots[0].ID, got.Bots[0].ID)
}

// Texts are kept byte by byte, whatever encoding a portal has.
func TestEvent_MarshalBinary_anyBytes(t *testing.T) {
	t.Parallel()
	event := &events.Event{Name: "A", DialogID: "\xff", Values: map[string][]string{"data[\xfe]": {"\xcf\xf0\xe8", "<&>\u2028"}, "none": {}}}
	got, _ := rested(t, event)
	assert.Equal(t, events.AsKept(event), got)
}

// Half of an event is none, and neither is one with more behind it.
func TestEvent_UnmarshalBinary_cut(t *testing.T) {
	t.Parallel()
	_, form := postedJSON(t, "ONIMBOTMESSAGEADD_private")
	kept, err := parse(t, "/", form).MarshalBinary()
	require.NoError(t, err)
	for n := range kept {
		require.ErrorIs(t, new(events.Event).UnmarshalBinary(kept[:n]), events.ErrNotAtRest, n)
	}
	require.ErrorIs(t, new(events.Event).UnmarshalBinary(append(kept, 0)), events.ErrNotAtRest)
	for at := range kept { // a length that is wrong takes neither memory nor the program
		broken := slices.Concat(kept[:at], []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0x01}, kept[at+1:])
		if err := new(events.Event).UnmarshalBinary(broken); err != nil {
			require.ErrorIs(t, err, events.ErrNotAtRest)
		}
	}
}

// A secret is masked wherever it stands, also where it begins like a longer one.
func TestEvent_MarshalBinary_masks(t *testing.T) {
	t.Parallel()
	event := &events.Event{
		Name: "A", ApplicationToken: "EXAMPLE_1", Auth: oauth.Token{AccessToken: "EXAMPLE_123", RefreshToken: "short"},
		Values: map[string][]string{"data[a]": {"EXAMPLE_1, EXAMPLE_123 and short"}, "data[EXAMPLE_123]": {"x"}},
	}
	got, _ := rested(t, event)
	assert.Equal(t, map[string][]string{"data[a]": {"***, *** and short"}, "data[***]": {"x"}}, map[string][]string(got.Values))
	assert.Equal(t, "EXAMPLE_1, EXAMPLE_123 and short", event.Values.Get("data[a]"), "the event stays what it was")
}

func TestEvent_UnmarshalBinary_refuses(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "null", "{}", `{"v":2}`, `{"v":1,"values":[[]]}`, `{"v":1,"name":5}`, `{"v":1,"name":[]}`, `{"v":1,"name":[5]}`, "\x00"} {
		event := events.Event{Name: "A"}
		require.ErrorIs(t, event.UnmarshalBinary([]byte(data)), events.ErrNotAtRest, data)
		assert.Equal(t, events.Event{Name: "A"}, event, data)
	}
	content, err := json.Marshal(events.Event{Name: "A"})
	require.NoError(t, err)
	require.ErrorIs(t, new(events.Event).UnmarshalBinary(content), events.ErrNotAtRest)
}
