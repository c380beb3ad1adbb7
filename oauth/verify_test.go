package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// goodInfo is an answer of app.info.
const goodInfo = `{"result":{"client_id":"app.example","scope":"imbot,im","expires":1780319382,"user_id":67,"install":{` +
	`"installed":true,"version":"3","status":"P","scope":"imbot,im,user","domain":"portal.example",` +
	`"client_endpoint":"https:\/\/portal.example\/rest\/","server_endpoint":"https:\/\/oauth.bitrix.info\/rest\/",` +
	`"member_id":"00000000000000000000000000000000"}},"time":{"start":1}}`

// installed is the token that goodInfo is about.
var installed = oauth.Token{
	AccessToken: "EXAMPLE_ACCESS_1", RefreshToken: "EXAMPLE_REFRESH_1", MemberID: "00000000000000000000000000000000",
	ClientEndpoint: "https://evil.example/rest/",
}

func TestVerify(t *testing.T) {
	t.Parallel()
	n := &network{answer: says(200, "application/json", goodInfo)}
	info, err := appOn(n).Verify(t.Context(), installed)
	require.NoError(t, err)
	assert.Equal(t, oauth.Info{
		ClientID: "app.example", MemberID: "00000000000000000000000000000000", ClientEndpoint: "https://portal.example/rest/",
		ServerEndpoint: "https://oauth.bitrix.info/rest/", Domain: "portal.example", Scope: "imbot,im", Status: "P", Version: "3",
		Installed: true, UserID: 67, Expiry: time.Unix(1780319382, 0).UTC(),
	}, info)
	require.Len(t, n.sent, 1)
	sent := n.sent[0]
	assert.Equal(t, http.MethodPost, sent.Method)
	assert.Equal(t, "https://oauth.bitrix.info/rest/app.info", sent.URL.String(), "no secret is in the address")
	assert.Equal(t, "auth=EXAMPLE_ACCESS_1", n.forms[0].Encode(), "the server needs no other secret")
	assert.Nil(t, sent.GetBody)

	anybody := installed
	anybody.MemberID = ""
	n.answer = says(200, "application/json", goodInfo)
	info, err = appOn(n).Verify(t.Context(), anybody)
	require.NoError(t, err)
	assert.Equal(t, installed.MemberID, info.MemberID)
}

// The token goes to Bitrix24's own servers, whatever it says of them, or where the application says.
func TestVerify_where(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, override, serverEndpoint, want string }{
		{"nothing said", "", "", "https://oauth.bitrix.info/rest/app.info"},
		{"known", "", "https://oauth.bitrix24.tech/rest/", "https://oauth.bitrix24.tech/rest/app.info"},
		{"unknown", "", "https://oauth.evil.example/rest/", "https://oauth.bitrix.info/rest/app.info"},
		{"looks known", "", "https://oauth.bitrix.info.evil.example/rest/", "https://oauth.bitrix.info/rest/app.info"},
		{"named", "https://oauth.example/oauth/token/", "https://oauth.bitrix24.tech/rest/", "https://oauth.example/rest/app.info"},
		{"named without a slash", "https://oauth.example:8443/oauth/token", "", "https://oauth.example:8443/rest/app.info"},
		{"named in a folder", "https://proxy.example/b24/oauth/token/", "", "https://proxy.example/b24/rest/app.info"},
		{"named otherwise", "https://proxy.example/tokens", "", "https://proxy.example/tokens/rest/app.info"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := &network{answer: says(200, "application/json", goodInfo)}
			app := appOn(n)
			app.TokenURL = tt.override
			token := installed
			token.ServerEndpoint = tt.serverEndpoint
			_, err := app.Verify(t.Context(), token)
			require.NoError(t, err)
			assert.Equal(t, tt.want, n.sent[0].URL.String())
		})
	}
}

func TestVerify_neverSent(t *testing.T) {
	t.Parallel()
	n := &network{answer: says(200, "application/json", goodInfo)}
	app, none, nowhere := appOn(n), appOn(n), appOn(n)
	none.ID, nowhere.TokenURL = "", "http://oauth.example/"
	var param *imbot.ParamError
	_, err := app.Verify(t.Context(), oauth.Token{RefreshToken: "EXAMPLE_REFRESH_1"})
	require.ErrorAs(t, err, &param)
	require.ErrorIs(t, err, imbot.ErrNoAuthFound)
	_, err = none.Verify(t.Context(), installed)
	require.ErrorAs(t, err, &param)
	require.ErrorIs(t, err, imbot.ErrInvalidClient)
	_, err = nowhere.Verify(t.Context(), installed)
	require.ErrorAs(t, err, &param)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = app.Verify(ended, installed)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Zero(t, n.requests())
}

func TestVerify_notConfirmed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another application": strings.Replace(goodInfo, "app.example", "app.other", 1),
		"another portal":      strings.Replace(goodInfo, `"member_id":"0`, `"member_id":"1`, 1),
	} {
		n := &network{answer: says(200, "application/json", body)}
		info, err := appOn(n).Verify(t.Context(), installed)
		require.ErrorIs(t, err, oauth.ErrNotConfirmed, name)
		assert.NotZero(t, info, "what the server said may be of use")
	}
}

func TestVerify_refused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer reply
		want   error
		opaque bool // the answer cannot be read
	}{
		{"expired", says(401, "application/json", `{"error":"expired_token","error_description":"EXAMPLE_ACCESS_1 has expired"}`), imbot.ErrExpiredToken, false},
		{"in a 200", says(200, "application/json", `{"error":"invalid_token"}`), imbot.ErrInvalidToken, false},
		{"not installed", says(401, "application/json", `{"error":"NOT_INSTALLED"}`), imbot.ErrApplicationNotFound, false},
		{"both", says(200, "application/json", strings.Replace(goodInfo, "{", `{"error":"x",`, 1)), imbot.ErrOutcomeUnknown, true},
		{"page", says(200, "text/html", "<html>EXAMPLE_ACCESS_1</html>"), imbot.ErrOutcomeUnknown, true},
		{"empty", says(200, "application/json", ""), imbot.ErrOutcomeUnknown, true},
		{"redirect", fixed{status: 302, location: "https://evil.example/", body: strings.NewReader(goodInfo)}, nil, true},
		{"no result", says(200, "application/json", `{"result":null}`), imbot.ErrOutcomeUnknown, true},
		{"a result by failure", says(500, "application/json", goodInfo), imbot.ErrOutcomeUnknown, true},
		{"an application of the portal", says(200, "application/json", `{"result":{"ID":"7","CODE":"app.example"}}`), imbot.ErrOutcomeUnknown, true},
		{"no install", says(200, "application/json", `{"result":{"client_id":"app.example","install":[]}}`), imbot.ErrOutcomeUnknown, true},
		{"no portal", says(200, "application/json", `{"result":{"client_id":"app.example","install":{"member_id":["x"]}}}`), imbot.ErrOutcomeUnknown, true},
		{"too long", says(200, "application/json", goodInfo+strings.Repeat(" ", 1<<20)), imbot.ErrOutcomeUnknown, true},
		{"cut", fixed{status: 200, body: iotest.ErrReader(errors.New("cut EXAMPLE_ACCESS_1"))}, imbot.ErrOutcomeUnknown, false},
		{"no answer", fails(func(*http.Request) error { return errors.New("refused EXAMPLE_ACCESS_1") }), imbot.ErrOutcomeUnknown, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := &network{answer: tt.answer}
			info, err := appOn(n).Verify(t.Context(), installed)
			require.Error(t, err)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
			require.NotErrorIs(t, err, oauth.ErrNotConfirmed)
			assert.NotContains(t, err.Error(), "EXAMPLE_ACCESS_1")
			assert.Zero(t, info)
			var refused *oauth.Error
			if tt.opaque {
				require.ErrorAs(t, err, &refused)
				assert.Empty(t, refused.Code)
			}
			assert.Equal(t, 1, n.requests(), "it is asked once")
		})
	}
}

// What is beside the two ids may be missing, or be written in PHP's other ways.
func TestVerify_lenient(t *testing.T) {
	t.Parallel()
	n := &network{answer: says(200, "application/json", `{"result":{"client_id":"app.example","scope":["imbot","im"],"user_id":"67",`+
		`"install":{"installed":"Y","version":3,"domain":false,"client_endpoint":"http:\/\/portal.example\/","member_id":12}}}`)}
	info, err := appOn(n).Verify(t.Context(), oauth.Token{AccessToken: "EXAMPLE_ACCESS_1", MemberID: "12"})
	require.NoError(t, err)
	assert.Equal(t, oauth.Info{ClientID: "app.example", MemberID: "12", Scope: "imbot,im", Version: "3", Installed: true, UserID: 67}, info)
	n.answer = says(200, "application/json", `{"result":{"client_id":"app.example","scope":[],"install":{"installed":false,"member_id":"12"}}}`)
	info, err = appOn(n).Verify(t.Context(), oauth.Token{AccessToken: "EXAMPLE_ACCESS_1"})
	require.NoError(t, err)
	assert.Equal(t, oauth.Info{ClientID: "app.example", MemberID: "12"}, info)
	n.answer = says(200, "application/json", strings.Replace(goodInfo, `"imbot,im"`, `["`+strings.Repeat("x", 4<<10+1)+`"]`, 1))
	info, err = appOn(n).Verify(t.Context(), installed)
	require.NoError(t, err)
	assert.Empty(t, info.Scope)
}

func TestVerify_timeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &network{answer: fails(func(req *http.Request) error {
			<-req.Context().Done()
			return req.Context().Err()
		})}
		began := time.Now()
		_, err := appOn(n).Verify(t.Context(), installed)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "no answer within 30s")
		assert.Equal(t, 30*time.Second, time.Since(began))
	})
}
