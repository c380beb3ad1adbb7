package events_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// FuzzParse holds that nothing brings the parser down, that what it refuses has a status and a reason, and that what it
// lets through keeps its promises.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"114_event_join_chat_group", "116_event_bot_delete", "117_event_app_uninstall_no_tokens"} {
		f.Add("", form, recorded(f, name))
	}
	f.Add("CLIENT_ID=EXAMPLE", form, join("data[PARAMS][CHAT_TYPE]=P", "ts=1772094525", "auth[expires_in]=3600"))
	for _, name := range allPosts(f) {
		object, _ := postedJSON(f, name)
		f.Add("", "application/json", object)
	}
	f.Add("CLIENT_ID[]=%zz", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=event\r\n\r\nA\r\n--x--")
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", contentType)

		event, err := events.Parse(r)
		if err != nil {
			refused, ok := errors.AsType[*events.RequestError](err)
			require.True(t, ok, "%T", err)
			require.GreaterOrEqual(t, refused.StatusCode, 400)
			require.ErrorIs(t, err, refused.Reason)
			require.Nil(t, event)
			return
		}
		require.NotEmpty(t, event.Name)
		require.Equal(t, strings.ToUpper(event.Name), event.Name)
		require.GreaterOrEqual(t, int64(event.ChatID), int64(0))
		for i, bot := range event.Bots {
			require.Positive(t, bot.ID)
			require.True(t, i == 0 || event.Bots[i-1].ID < bot.ID, "ordered, each once")
			require.True(t, bot.ClientID == "" || bot.Token.AccessToken == "", "either by webhook or by token")
		}
		require.LessOrEqual(t, len(event.Values), 12_000)
		require.False(t, event.Verify(""))
		require.True(t, event.Verify(event.ApplicationToken) || event.ApplicationToken == "")
		for fetched := range event.FetchedAll() {
			require.NotEmpty(t, fetched.Name)
			require.True(t, json.Valid(fetched.Data), "%s", fetched.Data)
			require.NotRegexp(t, `(?i)"(access|refresh|application)_token":`, string(fetched.Data))
		}
		require.Len(t, event.ID(), 32)
		_, _ = fmt.Fprintf(io.Discard, "%+v %v", event, event.LogValue())
	})
}
