package events_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// recorded reads a recorded event and encodes it as the portal had sent it.
func recorded(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("../testdata/conformance/" + name + ".json")
	require.NoError(t, err)
	var c struct {
		Inbound struct {
			Body map[string]any `json:"body"`
		} `json:"inbound"`
		Want struct {
			Kind string `json:"kind"`
		} `json:"want"`
	}
	require.NoError(t, json.Unmarshal(content, &c))
	require.Equal(t, "event", c.Want.Kind)
	return brackets(c.Inbound.Body)
}

const (
	portalEndpoint = "https://portal.example/rest/"
	oauthEndpoint  = "https://oauth.example/rest/"
)

// recordedUser is the "auth" of the recorded events.
func recordedUser() oauth.Token {
	return oauth.Token{
		AccessToken: "EXAMPLE_ACCESS_BOT", Expiry: time.Unix(1772098125, 0).UTC(), ClientEndpoint: portalEndpoint,
		ServerEndpoint: oauthEndpoint, MemberID: member, Domain: "portal.example", Scope: "imbot", Status: "F", UserID: 571,
	}
}

func TestConformance_joinChat(t *testing.T) {
	t.Parallel()
	got := parse(t, "/", recorded(t, "114_event_join_chat_group"))

	bot := recordedUser()
	bot.RefreshToken = "EXAMPLE_REFRESH_BOT"
	assert.Equal(t, "Example Person", got.Values.Get("data[USER][NAME]"))
	assert.Equal(t, "en", got.Param("LANGUAGE"))
	assert.True(t, got.Verify(proof))
	request, ok := got.LeaveRequest(got.Bots[0])
	assert.True(t, ok)
	assert.Equal(t, imbot.ChatLeaveRequest{ChatID: 1157, BotID: 571}, request)
	got.Values = nil
	assert.Equal(t, &events.Event{
		Name: "ONIMBOTJOINCHAT", ChatID: 1157, DialogID: "chat1157", ChatType: "C", ChatAuthorID: 27, UserID: 27,
		Bots: []events.Bot{{ID: 571, Code: "BOT", Token: bot}}, Auth: recordedUser(),
		ApplicationToken: proof, MemberID: member, HandlerID: "459", Time: time.Unix(1772094525, 0).UTC(),
	}, got)
}

func TestConformance_botDelete(t *testing.T) {
	t.Parallel()
	got := parse(t, "/", recorded(t, "116_event_bot_delete"))
	assert.True(t, got.Verify(proof))
	_, ok := got.LeaveRequest(got.Bots[0])
	assert.False(t, ok)
	got.Values = nil
	assert.Equal(t, &events.Event{
		Name: "ONIMBOTDELETE", Bots: []events.Bot{{ID: 567, Code: "BOT"}}, Auth: recordedUser(),
		ApplicationToken: proof, MemberID: member, HandlerID: "439", Time: time.Unix(1772090363, 0).UTC(),
	}, got)
}

func TestConformance_appUninstall(t *testing.T) {
	t.Parallel()
	got := parse(t, "/", recorded(t, "117_event_app_uninstall_no_tokens"))
	assert.True(t, got.Verify(proof))
	assert.Equal(t, "0", got.Values.Get("data[CLEAN]"))
	got.Values = nil
	assert.Equal(t, &events.Event{
		Name: "ONAPPUNINSTALL", ApplicationToken: proof, MemberID: member, HandlerID: "1", Time: time.Unix(1772090363, 0).UTC(),
		Auth: oauth.Token{ClientEndpoint: portalEndpoint, ServerEndpoint: oauthEndpoint, MemberID: member, Domain: "portal.example"},
	}, got)
}

// The handler lets all of them through, by the application token alone.
func TestConformance_handler(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/conformance/*_event_*.json")
	require.NoError(t, err)
	for _, file := range files {
		h := newHandler(t)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		assert.Equal(t, 200, serve(h, post(t, "/", recorded(t, name))), name)
	}
	assert.Len(t, files, 3)
}
