package oauth_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

var wholeToken = oauth.Token{
	AccessToken:    "EXAMPLE_ACCESS",
	RefreshToken:   "EXAMPLE_REFRESH",
	Expiry:         time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
	ClientEndpoint: "https://portal.example/rest/",
	ServerEndpoint: "https://oauth.bitrix.info/rest/",
	MemberID:       "m",
	Domain:         "portal.example",
	Scope:          "imbot,im",
	Status:         "L",
	UserID:         67,
}

const wholeJSON = `{"access_token":"EXAMPLE_ACCESS","refresh_token":"EXAMPLE_REFRESH","expires":1780315200,` +
	`"client_endpoint":"https://portal.example/rest/","server_endpoint":"https://oauth.bitrix.info/rest/",` +
	`"member_id":"m","domain":"portal.example","scope":"imbot,im","status":"L","user_id":67}`

func TestToken_json(t *testing.T) {
	t.Parallel()
	stored, err := json.Marshal(wholeToken)
	require.NoError(t, err)
	assert.Equal(t, wholeJSON, string(stored))
	var back oauth.Token
	require.NoError(t, json.Unmarshal(stored, &back))
	assert.Equal(t, wholeToken, back)

	stored, err = json.Marshal(oauth.Token{})
	require.NoError(t, err)
	assert.Equal(t, `{"access_token":"","refresh_token":""}`, string(stored))
	require.NoError(t, json.Unmarshal(stored, &back))
	assert.Equal(t, oauth.Token{}, back, "what was there before is gone")

	back = wholeToken
	require.NoError(t, json.Unmarshal([]byte("null"), &back))
	assert.Equal(t, wholeToken, back, "null changes nothing")
}

func TestToken_readsLeniently(t *testing.T) {
	t.Parallel()
	unix := func(seconds int64) oauth.Token { return oauth.Token{Expiry: time.Unix(seconds, 0).UTC()} }
	tests := []struct {
		name, text string
		want       oauth.Token
	}{
		{"number", `{"expires":1780315200,"user_id":67}`, oauth.Token{Expiry: wholeToken.Expiry, UserID: 67}},
		{"quoted", `{"expires":"1780315200","user_id":" 67 "}`, oauth.Token{Expiry: wholeToken.Expiry, UserID: 67}},
		{"fraction", `{"expires":1780315200.9,"user_id":"67.0"}`, oauth.Token{Expiry: wholeToken.Expiry, UserID: 67}},
		{"exponent", `{"expires":1.7803152e9}`, unix(1780315200)},
		{"lifetime", `{"expires_in":3600}`, unix(946684800 + 3600)},
		{"quoted lifetime", `{"expires_in":"3600"}`, unix(946684800 + 3600)},
		{"no lifetime left", `{"expires_in":0}`, unix(946684800)},
		{"both", `{"expires_in":3600,"expires":5}`, unix(5)},
		{"time nonsense beside a lifetime", `{"expires":"soon","expires_in":3600}`, unix(946684800 + 3600)},
		{"times out of range", `{"expires":1e300,"expires_in":99999999999999}`, oauth.Token{}},
		{"times before all time", `{"expires":-1,"expires_in":-1}`, oauth.Token{}},
		{"times that are none", `{"expires":"NaN","expires_in":"Inf","user_id":"0x10"}`, oauth.Token{UserID: 0}},
		{"number for a text", `{"access_token":5,"domain":1.50,"scope":7}`, oauth.Token{AccessToken: "5", Domain: "1.50", Scope: "7"}},
		{"what PHP has for nothing", `{"access_token":"a","refresh_token":null,"scope":false,"domain":null,"user_id":false}`, oauth.Token{AccessToken: "a"}},
		{"nonsense", `{"access_token":"a","scope":[],"domain":{},"status":true,"user_id":[1],"expires":{}}`, oauth.Token{AccessToken: "a"}},
		{"unknown fields", `{"access_token":"a","token_type":"x","client_id":{}}`, oauth.Token{AccessToken: "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // in 2000, on January 1
				var token oauth.Token
				require.NoError(t, json.Unmarshal([]byte(tt.text), &token))
				assert.Equal(t, tt.want, token)
			})
		})
	}
}

func TestToken_refusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"EXAMPLE"`, `["EXAMPLE"]`, `5`, `true`,
		`{"access_token":["EXAMPLE"]}`, `{"refresh_token":{"a":"EXAMPLE"}}`, `{"access_token":true}`,
		`{"access_token":"` + strings.Repeat("EXAMPLE", 4096/7+1) + `"}`, `{"refresh_token":` + strings.Repeat("1", 4097) + `}`,
	} {
		token := wholeToken
		err := json.Unmarshal([]byte(text), &token)
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "EXAMPLE")
		assert.Equal(t, wholeToken, token, "a token stays whole")
	}
	require.Error(t, new(oauth.Token).UnmarshalJSON([]byte(`{"access_token":"EXAMPLE`)))
}

// What stands beside the tokens is left out where it is too long to be what it is called.
func TestToken_bounds(t *testing.T) {
	t.Parallel()
	whole, long := strings.Repeat("x", 4096), strings.Repeat("x", 4097)
	for _, name := range []string{"client_endpoint", "server_endpoint", "member_id", "domain", "scope", "status"} {
		var token oauth.Token
		require.NoError(t, json.Unmarshal([]byte(`{"access_token":"`+whole+`","refresh_token":"`+whole+`","`+name+`":"`+long+`"}`), &token))
		assert.Equal(t, oauth.Token{AccessToken: whole, RefreshToken: whole}, token)
		require.NoError(t, json.Unmarshal([]byte(`{"access_token":"`+whole+`","`+name+`":"`+whole+`"}`), &token))
		assert.NotEqual(t, oauth.Token{AccessToken: whole}, token)
	}
}

func TestToken_Format(t *testing.T) {
	t.Parallel()
	const want = `oauth.Token{AccessToken:*** RefreshToken:*** Expiry:"2026-06-01T12:00:00Z" ` +
		`ClientEndpoint:"https://portal.example/rest/" ServerEndpoint:"https://oauth.bitrix.info/rest/" MemberID:"m" ` +
		`Domain:"portal.example" Scope:"imbot,im" Status:"L" UserID:67}`
	assert.Equal(t, want, fmt.Sprint(wholeToken))
	assert.Equal(t, want, fmt.Sprintf("%#v", &wholeToken))
	assert.Equal(t, `oauth.Token{AccessToken:"" RefreshToken:"" Expiry:"" ClientEndpoint:"" ServerEndpoint:"" MemberID:"" Domain:"" Scope:"" Status:"" UserID:0}`,
		fmt.Sprintf("%d", oauth.Token{}))
}

// A Grant of the fake portal is a Token.
func TestToken_ofGrant(t *testing.T) {
	t.Parallel()
	token := oauth.Token(imbottest.NewPortal(t).IssueTokens(imbottest.App))
	assert.Equal(t, imbottest.Host, token.Domain)
	assert.Equal(t, imbottest.Employee, token.UserID)
}

// FuzzToken holds that whatever can be read can be stored and read again, and that a token is read whole or not at all.
func FuzzToken(f *testing.F) {
	f.Add([]byte(wholeJSON))
	f.Add([]byte(goodAnswer))
	f.Add([]byte(`{"access_token":5,"refresh_token":null,"expires":"1e9","expires_in":"3600.0","user_id":"67"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var token oauth.Token
		if err := json.Unmarshal(data, &token); err != nil {
			require.Equal(t, oauth.Token{}, token)
			return
		}
		stored, err := json.Marshal(token)
		require.NoError(t, err)
		var back oauth.Token
		require.NoError(t, json.Unmarshal(stored, &back))
		require.Equal(t, token, back)
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(stored), string(again))
		require.LessOrEqual(t, back.Expiry.Year(), 9999)
	})
}

func TestToken_largeIDs(t *testing.T) {
	t.Parallel()
	var token oauth.Token
	require.NoError(t, json.Unmarshal(fmt.Appendf(nil, `{"user_id":%d}`, int64(math.MaxInt64)), &token))
	assert.Equal(t, imbot.UserID(math.MaxInt64), token.UserID)
}
