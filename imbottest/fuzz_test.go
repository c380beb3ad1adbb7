package imbottest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// FuzzPortal holds that no request brings the portal down, and that the REST server always answers in JSON.
func FuzzPortal(f *testing.F) {
	f.Add("1/s3cr3t00/imbot.chat.leave", "", "application/json", botTrue)
	f.Add("imbot.chat.leave.json/", "auth=tok-ok", "application/x-www-form-urlencoded", "CHAT_ID=13&BOT_ID[]=50")
	f.Add("imbot.bot.list", "access_token=tok-ok&start=1", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--")
	f.Add("1/s3cr3t00/imbot.chat.user.list", "a[b][]=1", "", `[[[{"a":1e999}]]]`)
	f.Add("1/s3cr3t00/imbot.chat.add", "CLIENT_ID=my", "", `USERS[]=7&USERS[][]=8&COLOR=MINT&AVATAR=iVBORw0KGgo=`)
	f.Add("1/s3cr3t00/imbot.chat.updateAvatar", "", "application/json", `{"CHAT_ID":13,"CLIENT_ID":"my","AVATAR":["a.gif","R0lGODlh"]}`)
	f.Add("imbot.dialog.get", "auth=tok-ok", "application/json", `{"DIALOG_ID":"chat99999999999999999999"}`)
	f.Add("imbot.v2.Chat.leave", "auth=tok-ok", "application/json", `{"botId":50,"dialogId":"sg7"}`)
	f.Fuzz(func(t *testing.T, path, query, contentType, body string) {
		portal := started(t)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+imbottest.Host+"/rest/"+path+"?"+query, strings.NewReader(body))
		if err != nil {
			t.Skip("not a URL")
		}
		req.Header.Set("Content-Type", contentType)
		resp, err := portal.RoundTripper().RoundTrip(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		var answer map[string]any
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
		require.Equal(t, resp.StatusCode != http.StatusOK, answer["error"] != nil, "%v", answer)
		require.Equal(t, resp.StatusCode == http.StatusOK, answer["time"] != nil, "%v", answer)
	})
}
