package imbottest_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// The credentials of these tests, beside those of a new portal.
const (
	byWebhook = "/rest/1/s3cr3t00/"
	noScope   = "/rest/1/nosc0pe0/"
	ofUser    = "/rest/7/us3r0000/"
	ofBasic   = "/rest/7/bas1c000/"
	ofBrief   = "/rest/7/br1ef000/"
	ofBot     = "/rest/39/b0t00000/"
)

// people adds credentials of users, of whom one is an administrator.
func people(portal *imbottest.Portal) {
	portal.AddUser(imbottest.User{ID: 7, Admin: true})
	portal.AddWebhook(imbottest.Webhook{UserID: 7, Secret: "us3r0000", Scopes: []string{"user", "user_brief", "imbot"}})
	portal.AddWebhook(imbottest.Webhook{UserID: 7, Secret: "bas1c000", Scopes: []string{"user_basic"}})
	portal.AddWebhook(imbottest.Webhook{UserID: 7, Secret: "br1ef000", Scopes: []string{"user_brief"}})
	portal.AddWebhook(imbottest.Webhook{UserID: 39, Secret: "b0t00000", Scopes: []string{"user"}})
}

// byToken is a call with an access token of the application.
func byToken(method string) request {
	return request{path: "/rest/" + method, body: `{"auth":"tok-ok"}`}
}

const (
	commonMethods = `"batch","scope","methods","server.time","app.info","profile"`
	asEmployee    = `"ADMIN":false,"NAME":"Example","LAST_NAME":"Person","PERSONAL_GENDER":"M","TIME_ZONE":"","TIME_ZONE_OFFSET":10800}`
	ofCloud       = `,"LANGUAGE_ID":"en","LICENSE":"en_std","LICENSE_TYPE":"std","LICENSE_FAMILY":"std"}`
)

// commonRow is a call of a method that has nothing to do with bots, on a portal with [people].
type commonRow struct {
	name    string
	prepare func(*imbottest.Portal)
	opts    []imbottest.Option
	request request

	result  string // JSON of a success
	failure failed // or the failure
}

var commonRows = []commonRow{
	{name: "time", request: request{path: noScope + "server.time"}, result: `"2000-01-01T03:00:00+03:00"`},
	{name: "time by a token", request: byToken("server.time"), result: `"2000-01-01T03:00:00+03:00"`},
	{name: "time without credentials", request: request{path: "/rest/server.time"}, failure: noAuth},
	{name: "time with a wrong secret", request: request{path: "/rest/1/bad/server.time"}, failure: badHook},

	{name: "scope", request: request{path: ofUser + "scope"}, result: `["user","user_brief","imbot"]`},
	{name: "scope by a token", request: byToken("scope"), result: `["imbot"]`},
	{name: "scope, none", request: request{path: noScope + "scope"}, result: `[""]`},
	{name: "scope, full", request: request{path: noScope + "scope", body: `{"full":true}`}, result: `["user","user_basic","user_brief","imbot","im"]`},
	{name: "scope, full in a query", request: request{method: http.MethodGet, path: byWebhook + "SCOPE.json?FULL=1"}, result: `["user","user_basic","user_brief","imbot","im"]`},
	{name: "scope, not full", request: request{path: byWebhook + "scope", body: `{"full":"0"}`}, result: `["imbot"]`},

	{name: "methods, no scope", request: request{path: noScope + "methods"}, result: `[` + commonMethods + `]`},
	{name: "methods, scope for users", request: request{path: ofBasic + "methods"}, result: `[` + commonMethods + `,"user.current"]`},
	{name: "methods of everybody", request: request{path: ofUser + "methods", body: `{"SCOPE":""}`}, result: `[` + commonMethods + `]`},
	{name: "methods of a scope", request: request{path: noScope + "methods", body: `{"scope":"user"}`}, result: `["user.current"]`},
	{name: "methods of a scope, whatever full is", request: request{path: noScope + "methods", body: `{"scope":"user","full":1}`}, result: `["user.current"]`},
	{name: "methods of an unknown scope", request: request{path: byWebhook + "methods", body: `{"scope":"crm"}`}, result: `[]`},

	{name: "profile", request: request{path: noScope + "profile"}, result: `{"ID":"1",` + asEmployee},
	{name: "profile by a token", request: byToken("profile"), result: `{"ID":"1",` + asEmployee},
	{
		name: "profile of an administrator", request: request{path: ofBrief + "profile"},
		result: `{"ID":"7","ADMIN":true,"NAME":"Example","LAST_NAME":"Person","PERSONAL_GENDER":"M","TIME_ZONE":"","TIME_ZONE_OFFSET":10800}`,
	},
	{
		name: "profile outside the cloud", opts: []imbottest.Option{imbottest.SelfHosted()}, request: request{path: noScope + "profile"},
		result: `{"ID":"1","ADMIN":false,"NAME":"Example","LAST_NAME":"Person","PERSONAL_GENDER":"M","TIME_ZONE":""}`,
	},
	{
		name: "profile of a bot", request: request{path: ofBot + "profile"},
		result: `{"ID":"39","ADMIN":false,"NAME":"Main bot","LAST_NAME":"","PERSONAL_GENDER":"","TIME_ZONE":"","TIME_ZONE_OFFSET":10800}`,
	},
	{
		name: "profile of somebody dismissed", request: request{path: noScope + "profile"}, result: `[]`,
		prepare: func(portal *imbottest.Portal) { portal.AddUser(imbottest.User{ID: 1, Inactive: true}) },
	},

	{
		name: "current user", request: request{path: ofUser + "user.current"},
		result: `{"ID":"7","XML_ID":"","ACTIVE":true,"NAME":"Example","LAST_NAME":"Person","SECOND_NAME":"","TITLE":"",
			"EMAIL":"user7@portal.example","LAST_LOGIN":"2000-01-01T03:00:00+03:00","DATE_REGISTER":"","TIME_ZONE":"","IS_ONLINE":"Y",
			"LAST_ACTIVITY_DATE":"2000-01-01 03:00:00","PERSONAL_GENDER":"M","PERSONAL_PROFESSION":"","PERSONAL_BIRTHDAY":"",
			"PERSONAL_PHONE":"","PERSONAL_MOBILE":"","WORK_PHONE":"","WORK_COMPANY":"","PERSONAL_CITY":"","WORK_POSITION":"",
			"UF_EMPLOYMENT_DATE":"","UF_DEPARTMENT":[1],"UF_PHONE_INNER":""}`,
	},
	{
		name: "current user with addresses", request: request{path: ofBasic + "user.current"},
		result: `{"ID":"7","XML_ID":"","ACTIVE":true,"NAME":"Example","LAST_NAME":"Person","SECOND_NAME":"","TITLE":"",
			"EMAIL":"user7@portal.example","DATE_REGISTER":"","TIME_ZONE":"","IS_ONLINE":"Y",
			"LAST_ACTIVITY_DATE":"2000-01-01 03:00:00","PERSONAL_GENDER":"M","PERSONAL_PROFESSION":"","PERSONAL_BIRTHDAY":"",
			"PERSONAL_PHONE":"","PERSONAL_MOBILE":"","WORK_PHONE":"","WORK_COMPANY":"","PERSONAL_CITY":"","WORK_POSITION":"",
			"UF_EMPLOYMENT_DATE":"","UF_DEPARTMENT":[1],"UF_PHONE_INNER":"","USER_TYPE":"employee"}`,
	},
	{
		name: "current user in brief", request: request{path: ofBrief + "user.current"},
		prepare: func(portal *imbottest.Portal) {
			portal.AddUser(imbottest.User{ID: 7, Inactive: true, Extranet: true})
		},
		result: `{"ID":"7","XML_ID":"","ACTIVE":false,"NAME":"Example","LAST_NAME":"Person","SECOND_NAME":"","TITLE":"",
			"DATE_REGISTER":"","TIME_ZONE":"","IS_ONLINE":"Y","LAST_ACTIVITY_DATE":"2000-01-01 03:00:00",
			"PERSONAL_GENDER":"M","PERSONAL_PROFESSION":"","PERSONAL_BIRTHDAY":"","PERSONAL_CITY":"","WORK_POSITION":"",
			"UF_EMPLOYMENT_DATE":"","UF_DEPARTMENT":[1],"UF_PHONE_INNER":"","USER_TYPE":"extranet"}`,
	},
	{name: "current user without the scope", request: request{path: byWebhook + "user.current"}, failure: hookScope},
	{name: "current user by a token without the scope", request: byToken("user.current"), failure: failed{401, "insufficient_scope", "The request requires higher privileges than provided by the access token"}},

	{name: "application", request: byToken("app.info"), result: `{"ID":"1","CODE":"app.1","VERSION":1,"STATUS":"L","INSTALLED":true,"PAYMENT_EXPIRED":"N","DAYS":null` + ofCloud},
	{
		name: "application outside the cloud", opts: []imbottest.Option{imbottest.SelfHosted()}, request: byToken("app.info"),
		result: `{"ID":"1","CODE":"app.1","VERSION":1,"STATUS":"L","INSTALLED":true,"PAYMENT_EXPIRED":"N","DAYS":null,"LANGUAGE_ID":"en","LICENSE":"en_selfhosted"}`,
	},
	{
		name: "application that is not paid for", request: byToken("app.info"),
		prepare: func(portal *imbottest.Portal) {
			portal.AddApplication(imbottest.Application{ID: imbottest.App, Secret: "x", Status: "S"})
			portal.EndSubscription(imbottest.App)
		},
		result: `{"ID":"1","CODE":"app.1","VERSION":1,"STATUS":"S","INSTALLED":true,"PAYMENT_EXPIRED":"Y","DAYS":null` + ofCloud,
	},
	{
		name: "application that is not installed", request: byToken("app.info"),
		prepare: func(portal *imbottest.Portal) {
			portal.AddApplication(imbottest.Application{ID: "app.2", Secret: "x", Status: "F"})
			portal.RemoveApplication("app.2")
			portal.AddToken(imbottest.Token{AccessToken: "tok-ok", App: "app.2", UserID: 1})
		},
		result: `{"ID":"2","CODE":"app.2","VERSION":1,"STATUS":"F","INSTALLED":false,"PAYMENT_EXPIRED":"N","DAYS":null` + ofCloud,
	},
	{
		name: "application that has a token alone", request: byToken("app.info"),
		prepare: func(portal *imbottest.Portal) {
			portal.AddToken(imbottest.Token{AccessToken: "tok-ok", App: "app.9", UserID: 1})
		},
		result: `{"ID":"2","CODE":"app.9","VERSION":1,"STATUS":"L","INSTALLED":true,"PAYMENT_EXPIRED":"N","DAYS":null` + ofCloud,
	},
	{name: "application of a webhook", request: request{path: ofUser + "app.info"}, result: `{"SCOPE":["user","user_brief","imbot"],"LICENSE":"en_std"}`},
	{name: "application of a webhook without scopes", request: request{path: noScope + "app.info"}, result: `{"SCOPE":[""],"LICENSE":"en_std"}`},
	{name: "application without credentials", request: request{path: "/rest/app.info"}, failure: noAuth},
}

func TestRows_common(t *testing.T) {
	t.Parallel()
	for _, tt := range commonRows {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, tt.opts...)
				people(portal)
				if tt.prepare != nil {
					tt.prepare(portal)
				}
				got := send(t, portal, tt.request)
				if tt.result == "" {
					assertError(t, tt.failure.status, tt.failure.code, tt.failure.description, got)
					return
				}
				assertResult(t, tt.result, got)
			})
		})
	}
}

// The list has what the portal has a model of, each once, and nothing of version 2.
func TestMethods_list(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	list := func(path, body string) []string {
		var answer struct{ Result []string }
		require.NoError(t, json.Unmarshal([]byte(send(t, portal, request{path: path, body: body}).body), &answer))
		return answer.Result
	}
	own := list(byWebhook+"methods", "")
	assert.Equal(t, []string{"batch", "scope", "methods", "server.time", "app.info", "profile"}, own[:6])
	assert.Subset(t, own, []string{"imbot.chat.leave", "imbot.message.add", "imbot.command.register", "imbot.dialog.get"})
	assert.NotContains(t, own, "user.current")
	full := list(noScope+"methods", `{"full":"Y"}`)
	assert.Len(t, full, len(own)+3, "user.current stands once for each scope that allows it")
	for _, name := range full {
		assert.NotContains(t, name, ".v2.")
	}
	for _, name := range list(byWebhook+"methods", `{"scope":"imbot"}`) {
		got := send(t, portal, request{path: "/rest/1/nosc0pe0/" + name})
		assert.Equal(t, "insufficient_scope", codeOf(t, got), name)
	}
}

func TestBatch_common(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		time.Sleep(time.Hour) // fake clock
		got := partsOf(t, send(t, portal, batchOf(`{"cmd":{"p":"profile","t":"server.time","s":"scope","f":"scope?full=1","m":"methods?scope=",
			"a":"app.info","u":"user.current","l":"imbot.chat.user.list?CHAT_ID=13&BOT_ID=39&CLIENT_ID=my&X=$result[p][ID]"}}`)))
		assert.JSONEq(t, `{"p":{"ID":"1",`+asEmployee+`,"t":"2000-01-01T04:00:00+03:00","s":["imbot"],
			"f":["user","user_basic","user_brief","imbot","im"],"m":[`+commonMethods+`],
			"a":{"SCOPE":["imbot"],"LICENSE":"en_std"},"l":[1,39,50]}`, string(got.Results))
		assert.JSONEq(t, `{"u":`+errorOf("insufficient_scope", "")+`}`, string(got.Errors))
		byApp := partsOf(t, send(t, portal, request{path: "/rest/batch", body: `{"auth":"tok-ok","cmd":["app.info","methods?scope=user"]}`}))
		assert.JSONEq(t, `[{"ID":"1","CODE":"app.1","VERSION":1,"STATUS":"L","INSTALLED":true,"PAYMENT_EXPIRED":"N","DAYS":null`+ofCloud+
			`,["user.current"]]`, string(byApp.Results))
	})
}
