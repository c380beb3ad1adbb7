package events_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func TestParse(t *testing.T) {
	t.Parallel()
	ts := time.Unix(1772094525, 0).UTC()
	tests := map[string]struct {
		target string
		fields []string
		want   events.Event // without Values
	}{
		"join, group, application": {
			fields: []string{
				"event=ONIMBOTJOINCHAT", "event_handler_id=459", "ts=1772094525",
				"data[BOT][571][access_token]=EXAMPLE_BOT", "data[BOT][571][refresh_token]=EXAMPLE_REFRESH",
				"data[BOT][571][expires]=1772098125", "data[BOT][571][expires_in]=3600", "data[BOT][571][scope]=imbot,im",
				"data[BOT][571][domain]=portal.example", "data[BOT][571][status]=L", "data[BOT][571][user_id]=571",
				"data[BOT][571][client_endpoint]=https://portal.example/rest/", "data[BOT][571][client_id]=app.1",
				"data[BOT][571][server_endpoint]=https://oauth.example/rest/", "data[BOT][571][member_id]=m1",
				"data[BOT][571][BOT_ID]=571", "data[BOT][571][BOT_CODE]=greeter",
				"data[PARAMS][CHAT_TYPE]=C", "data[PARAMS][BOT_ID]=571", "data[PARAMS][USER_ID]=27", "data[PARAMS][CHAT_ID]=1157",
				"data[PARAMS][CHAT_AUTHOR_ID]=28", "data[PARAMS][DIALOG_ID]=chat1157",
				"auth[access_token]=EXAMPLE_USER", "auth[expires_in]=3600", "auth[user_id]=27", "auth[member_id]=m1", "auth[application_token]=EXAMPLE_PROOF",
			},
			want: events.Event{
				Name: events.JoinChat, ChatID: 1157, DialogID: "chat1157", ChatType: "C", ChatAuthorID: 28, UserID: 27,
				HandlerID: "459", Time: ts, MemberID: "m1", ApplicationToken: "EXAMPLE_PROOF",
				Auth: oauth.Token{AccessToken: "EXAMPLE_USER", Expiry: ts.Add(time.Hour), MemberID: "m1", UserID: 27},
				Bots: []events.Bot{{ID: 571, Code: "greeter", Token: oauth.Token{
					AccessToken: "EXAMPLE_BOT", RefreshToken: "EXAMPLE_REFRESH", Expiry: ts.Add(time.Hour), Scope: "imbot,im", Status: "L",
					Domain: "portal.example", ClientEndpoint: "https://portal.example/rest/", ServerEndpoint: "https://oauth.example/rest/",
					MemberID: "m1", UserID: 571,
				}}},
			},
		},
		"join, group, webhook": {
			target: "/?CLIENT_ID=EXAMPLE_CLIENT%2F1&x=y",
			fields: []string{
				"event=ONIMBOTJOINCHAT", "data[BOT][571][BOT_ID]=571", "data[BOT][571][BOT_CODE]=greeter",
				"data[PARAMS][CHAT_TYPE]=O", "data[PARAMS][CHAT_ID]=1157", "data[PARAMS][USER_ID]=27", "auth[application_token]=EXAMPLE_CLIENT/1",
			},
			want: events.Event{
				Name: events.JoinChat, ChatID: 1157, ChatType: "O", UserID: 27, ApplicationToken: "EXAMPLE_CLIENT/1",
				Bots: []events.Bot{{ID: 571, Code: "greeter", ClientID: "EXAMPLE_CLIENT/1"}},
			},
		},
		"join, private": {
			fields: []string{
				"event=ONIMBOTJOINCHAT", "data[BOT][571][AUTH][access_token]=EXAMPLE_BOT", "data[PARAMS][CHAT_TYPE]=P",
				"data[PARAMS][DIALOG_ID]=27", "data[PARAMS][USER_ID]=27", "data[PARAMS][TO_USER_ID]=571",
			},
			want: events.Event{
				Name: events.JoinChat, DialogID: "27", ChatType: "P", UserID: 27,
				Bots: []events.Bot{{ID: 571, Token: oauth.Token{AccessToken: "EXAMPLE_BOT"}}},
			},
		},
		"join, private, with the id of the chat that nobody can leave": {
			fields: []string{"event=ONIMBOTJOINCHAT", "data[BOT][5][BOT_ID]=5", "data[PARAMS][MESSAGE_TYPE]=P", "data[PARAMS][CHAT_ID]=88"},
			want:   events.Event{Name: events.JoinChat, ChatType: "P", Bots: []events.Bot{{ID: 5}}},
		},
		"message, group, several bots of both kinds": {
			target: "/?CLIENT_ID=EXAMPLE_CLIENT",
			fields: []string{
				"event=ONIMBOTMESSAGEADD", "data[BOT][1000][BOT_ID]=1000", "data[BOT][9][BOT_ID]=9", "data[BOT][80][access_token]=EXAMPLE_BOT",
				"data[PARAMS][MESSAGE]=hello & goodbye", "data[PARAMS][FROM_USER_ID]=27", "data[PARAMS][TO_USER_ID]=9", "data[PARAMS][AUTHOR_ID]=26",
				"data[PARAMS][CHAT_ID]=1157", "data[PARAMS][TO_CHAT_ID]=1157", "data[PARAMS][MENTIONED_LIST][9]=9",
				"auth[access_token]=EXAMPLE_USER", "auth[refresh_token]=EXAMPLE_REFRESH",
			},
			want: events.Event{
				Name: events.MessageAdd, ChatID: 1157, UserID: 27,
				Auth: oauth.Token{AccessToken: "EXAMPLE_USER", RefreshToken: "EXAMPLE_REFRESH"},
				Bots: []events.Bot{
					{ID: 9, ClientID: "EXAMPLE_CLIENT"},
					{ID: 80, Token: oauth.Token{AccessToken: "EXAMPLE_BOT"}},
					{ID: 1000, ClientID: "EXAMPLE_CLIENT"},
				},
			},
		},
		"message, private": {
			fields: []string{
				"event=ONIMBOTMESSAGEADD", "data[BOT][9][BOT_ID]=9", "data[PARAMS][AUTHOR_ID]=27", "data[PARAMS][FROM_USER_ID]=0",
				"data[PARAMS][TO_CHAT_ID]=88", "data[PARAMS][DIALOG_ID]=27", "data[PARAMS][CHAT_TYPE]=P",
			},
			want: events.Event{Name: events.MessageAdd, ChatType: "P", DialogID: "27", UserID: 27, Bots: []events.Bot{{ID: 9}}},
		},
		"bot deleted, webhook": {
			target: "/?CLIENT_ID=EXAMPLE_CLIENT",
			fields: []string{"event=ONIMBOTDELETE", "data[BOT_ID]=567", "data[BOT_CODE]=greeter"},
			want:   events.Event{Name: events.BotDelete, Bots: []events.Bot{{ID: 567, Code: "greeter", ClientID: "EXAMPLE_CLIENT"}}},
		},
		"application installed": {
			fields: []string{
				"event=ONAPPINSTALL", "data[VERSION]=1", "data[ACTIVE]=Y", "data[INSTALLED]=Y", "data[LANGUAGE_ID]=en", "ts=1772094525",
				"auth[access_token]=EXAMPLE_USER", "auth[refresh_token]=EXAMPLE_REFRESH", "auth[expires]=1772098125", "auth[user_id]=1",
				"auth[client_endpoint]=https://portal.example/rest/", "auth[member_id]=m1", "auth[application_token]=EXAMPLE_PROOF",
			},
			want: events.Event{
				Name: events.AppInstall, Time: ts, MemberID: "m1", ApplicationToken: "EXAMPLE_PROOF",
				Auth: oauth.Token{
					AccessToken: "EXAMPLE_USER", RefreshToken: "EXAMPLE_REFRESH", Expiry: ts.Add(time.Hour), UserID: 1,
					ClientEndpoint: "https://portal.example/rest/", MemberID: "m1",
				},
			},
		},
		"application removed": {
			fields: []string{"event=onAppUninstall", "data[CLEAN]=0", "auth[member_id]=m1", "auth[application_token]=EXAMPLE_PROOF"},
			want: events.Event{
				Name: events.AppUninstall, MemberID: "m1", ApplicationToken: "EXAMPLE_PROOF", Auth: oauth.Token{MemberID: "m1"},
			},
		},
		"another event, whose fields mean something else": {
			fields: []string{
				"event=ONCRMDEALADD", "data[FIELDS][ID]=5", "data[PARAMS][CHAT_ID]=none", "data[BOT][x][BOT_ID]=9",
				"data[BOT][9]=9", "data[PARAMS][USER_ID]=-3", "ts=soon", "auth[user_id]=me", "auth[expires]=0", "auth[member_id]=m1",
			},
			want: events.Event{Name: "ONCRMDEALADD", MemberID: "m1", Auth: oauth.Token{MemberID: "m1"}},
		},
		"another event, whose fields mean the same": {
			fields: []string{"event=ONIMCOMMANDADD", "data[BOT][9][BOT_ID]=9", "data[PARAMS][CHAT_ID]=13", "data[PARAMS][FROM_USER_ID]=27"},
			want:   events.Event{Name: "ONIMCOMMANDADD", ChatID: 13, UserID: 27, Bots: []events.Bot{{ID: 9}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.target == "" {
				tt.target = "/"
			}
			got := parse(t, tt.target, fields(tt.fields...))
			assert.Len(t, got.Values, len(tt.fields))
			for _, field := range tt.fields {
				key, value, _ := strings.Cut(field, "=")
				assert.Equal(t, []string{value}, got.Values[key], key)
			}
			got.Values = nil
			assert.Equal(t, &tt.want, got)
		})
	}
}

// The tokens of a bot stand in two places; the pair is never made of one half from each.
func TestParse_tokensOfOnePlace(t *testing.T) {
	t.Parallel()
	event := parse(t, "/", join(
		"data[BOT][571][access_token]=", "data[BOT][571][refresh_token]=EXAMPLE_OTHER",
		"data[BOT][571][AUTH][access_token]=EXAMPLE_BOT", "data[BOT][571][AUTH][expires]=9"))
	assert.Equal(t, oauth.Token{AccessToken: "EXAMPLE_BOT", Expiry: time.Unix(9, 0).UTC()}, event.Bots[0].Token)
}

// The values of a field are its own: who adds one changes no other field.
func TestParse_valuesApart(t *testing.T) {
	t.Parallel()
	event := parse(t, "/", join("data[PARAMS][A]=1", "data[PARAMS][B]=2"))
	kept, _ := rested(t, event)
	for _, values := range []url.Values{event.Values, kept.Values} {
		for name := range values {
			values.Add(name, "more")
		}
		for name, texts := range values {
			assert.Len(t, texts, 2, name)
			assert.NotEqual(t, "more", texts[0], name)
		}
	}
}

func TestParse_expiry(t *testing.T) {
	t.Parallel()
	at := func(unix int64) time.Time { return time.Unix(unix, 0).UTC() }
	tests := map[string]struct {
		expires, in, ts string
		want            time.Time
	}{
		"the moment":                  {"5000", "3600", "1000", at(5000)},
		"with a fraction and a space": {" 5000.7 ", "", "", at(5000)},
		"the duration":                {"", "3600", "1000", at(4600)},
		"a moment that is none":       {"soon", "3600.0", "1000", at(4600)},
		"nothing":                     {"", "", "1000", time.Time{}},
		"not numbers":                 {"NaN", "Inf", "1000", time.Time{}},
		"too large":                   {"99999999999999", "1e300", "1000", time.Time{}},
		"negative":                    {"-5", "-5", "1000", time.Time{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := parse(t, "/", join("auth[expires]="+tt.expires, "auth[expires_in]="+tt.in, "ts="+tt.ts))
			assert.Equal(t, tt.want, event.Auth.Expiry)
		})
	}
	t.Run("from now on", func(t *testing.T) {
		t.Parallel()
		event := parse(t, "/", join("auth[expires_in]=3600"))
		assert.WithinDuration(t, time.Now().Add(time.Hour), event.Auth.Expiry, time.Minute)
	})
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return "event=X&a=" + strings.Repeat("b", n-len("event=X&a=")) }
	tests := map[string]struct {
		body   string
		change func(*http.Request)
		want   error
		status int
	}{
		"GET":                       {join(), func(r *http.Request) { r.Method = http.MethodGet }, events.ErrMethod, 405},
		"JSON":                      {`{"event":"ONIMBOTJOINCHAT"}`, contentType("application/json"), nil, 0},
		"JSON of another name":      {` {"event":"ONIMBOTJOINCHAT"}`, contentType("text/plain"), nil, 0},
		"JSON without a type":       {"\r\n" + `{"event":"ONIMBOTJOINCHAT"}`, contentType(""), nil, 0},
		"JSON list":                 {`[{"event":"ONIMBOTJOINCHAT"}]`, contentType("application/json"), events.ErrMalformed, 400},
		"JSON cut off":              {`{"event":"ONIMBOTJOINCHAT"`, contentType("application/json"), events.ErrMalformed, 400},
		"JSON without a name":       {`{}`, contentType("application/json"), events.ErrMalformed, 400},
		"JSON with an odd chat":     {`{"event":"ONIMBOTJOINCHAT","data":{"PARAMS":{"CHAT_ID":1.5}}}`, contentType("application/json"), events.ErrMalformed, 400},
		"form said to be JSON":      {join(), contentType("application/json"), events.ErrMalformed, 400},
		"no type":                   {join(), contentType(""), nil, 0},
		"no type, event first":      {"event=ONIMBOTJOINCHAT", contentType(""), nil, 0},
		"no type, no event":         {"data[event]=ONIMBOTJOINCHAT", contentType(""), events.ErrMediaType, 415},
		"text":                      {"hello", contentType("text/plain"), events.ErrMediaType, 415},
		"nothing, no type":          {"", contentType(""), events.ErrMediaType, 415},
		"broken type":               {join(), contentType("application/x-www-form-urlencoded; ="), nil, 0},
		"charset":                   {join(), contentType("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), nil, 0},
		"1 MiB":                     {long(1 << 20), nil, nil, 0},
		"more":                      {long(1<<20 + 1), nil, events.ErrTooLarge, 413},
		"more, length not said":     {long(1<<20 + 1), func(r *http.Request) { r.ContentLength = -1 }, events.ErrTooLarge, 413},
		"nothing":                   {"", nil, events.ErrMalformed, 400},
		"no body":                   {"", func(r *http.Request) { r.Body = nil }, events.ErrMalformed, 400},
		"cut off":                   {"", func(r *http.Request) { r.Body = cut{} }, events.ErrMalformed, 400},
		"no event":                  {"data[BOT_ID]=5", nil, events.ErrMalformed, 400},
		"event is an array":         {"event[]=ONIMBOTDELETE", nil, events.ErrMalformed, 400},
		"event is no name":          {"event=" + "%0AONIMBOTDELETE", nil, events.ErrMalformed, 400},
		"event is too long":         {"event=" + strings.Repeat("A", 101), nil, events.ErrMalformed, 400},
		"JSON sent as a form":       {`{"event":"ONIMBOTJOINCHAT"}`, nil, events.ErrMalformed, 400},
		"chat is no number":         {"event=ONIMBOTJOINCHAT&data[PARAMS][CHAT_ID]=chat", nil, events.ErrMalformed, 400},
		"chat is negative":          {"event=ONIMBOTJOINCHAT&data[PARAMS][CHAT_ID]=-5", nil, events.ErrMalformed, 400},
		"chat is an array":          {"event=ONIMBOTJOINCHAT&data[PARAMS][CHAT_ID][]=5", nil, events.ErrMalformed, 400},
		"chat is too large":         {"event=ONIMBOTJOINCHAT&data[PARAMS][CHAT_ID]=9223372036854775808", nil, events.ErrMalformed, 400},
		"user is no number":         {"event=ONIMBOTJOINCHAT&data[PARAMS][USER_ID]=me", nil, events.ErrMalformed, 400},
		"key of a bot is no number": {"event=ONIMBOTJOINCHAT&data[BOT][me][BOT_ID]=5", nil, events.ErrMalformed, 400},
		"key of a bot is odd":       {"event=ONIMBOTJOINCHAT&data[BOT][05][BOT_ID]=5", nil, events.ErrMalformed, 400},
		"bots are a list":           {"event=ONIMBOTJOINCHAT&data[BOT][][BOT_ID]=5", nil, events.ErrMalformed, 400},
		"bot is a text":             {"event=ONIMBOTJOINCHAT&data[BOT][5]=5", nil, events.ErrMalformed, 400},
		"deleted bot is missing":    {"event=ONIMBOTDELETE", nil, events.ErrMalformed, 400},
		"deleted bot is no number":  {"event=ONIMBOTDELETE&data[BOT_ID]=me", nil, events.ErrMalformed, 400},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := post(t, "/", tt.body)
			if tt.change != nil {
				tt.change(r)
			}
			event, err := events.Parse(r)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			assert.Nil(t, event)
			require.ErrorIs(t, err, tt.want)
			var refused *events.RequestError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, tt.status, refused.StatusCode)
			assert.Equal(t, tt.want, refused.Reason)
		})
	}
}

func contentType(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Type", value) }
}

// cut is a body whose sender has gone.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, iotest.ErrTimeout }
func (cut) Close() error             { return nil }

func TestParse_cause(t *testing.T) {
	t.Parallel()
	r := post(t, "/", "")
	r.Body = cut{}
	_, err := events.Parse(r)
	require.ErrorIs(t, err, iotest.ErrTimeout, "what cut the body is found in the chain")
}
