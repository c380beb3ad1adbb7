package imbottest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// documented is what the documentation of a method has: a request, the result, and the codes of errors.
type documented struct {
	Request map[string]any
	Result  any
	Errors  []string
}

// documentedMethods returns the documented methods whose names begin so, without those of interface applications.
func documentedMethods(t *testing.T, prefixes ...string) map[string]documented {
	t.Helper()
	content, err := os.ReadFile("../testdata/catalogue/methods.json") //nolint:misspell // the folder has this name
	require.NoError(t, err)
	var read struct {
		Methods []struct {
			Name            string
			ExampleRequest  map[string]any          `json:"example_request"`
			ExampleResponse any                     `json:"example_response"` // an object, but for some that are left out
			Errors          []struct{ Code string } `json:"errors"`
		}
	}
	require.NoError(t, json.Unmarshal(content, &read))
	methods := make(map[string]documented)
	for _, m := range read.Methods {
		hasPrefix := func(prefix string) bool { return strings.HasPrefix(m.Name, prefix) }
		if strings.HasPrefix(m.Name, "imbot.app.") || !slices.ContainsFunc(prefixes, hasPrefix) {
			continue
		}
		response, isObject := m.ExampleResponse.(map[string]any)
		require.True(t, isObject, m.Name)
		found := documented{Request: m.ExampleRequest, Result: response["result"]}
		if found.Request == nil {
			found.Request = make(map[string]any)
		}
		for _, e := range m.Errors {
			found.Errors = append(found.Errors, e.Code)
		}
		methods[m.Name] = found
	}
	require.NotEmpty(t, methods)
	return methods
}

// ofExamples returns a portal with what the requests of the documentation are about.
func ofExamples(t *testing.T, method string) *imbottest.Portal {
	t.Helper()
	const bot = imbot.UserID(456)
	portal := imbottest.NewPortal(t, imbottest.Empty())
	portal.AddWebhook(imbottest.Webhook{UserID: imbottest.Employee, Secret: imbottest.Secret, Scopes: []string{"imbot", "im"}})
	portal.AddBot(imbottest.Bot{ID: 456, Code: "support_bot", Name: "Support Bot", ClientID: "EXAMPLE_BOT_TOKEN", EventMode: "fetch", Type: "supervisor"})
	portal.AddChat(imbottest.Chat{ID: 5, Title: "Support Chat", Owner: bot, Members: []imbot.UserID{1, 2, bot}})
	for method, body := range map[string]string{
		"im.v2.Event.subscribe":     `{}`,
		"imbot.v2.Command.register": `{"botId":456,"botToken":"EXAMPLE_BOT_TOKEN","fields":{"command":"known","hidden":true}}`,
		"imbot.v2.File.upload":      `{"botId":456,"botToken":"EXAMPLE_BOT_TOKEN","dialogId":"chat5","fields":{"name":"a.pdf","content":"AAAA"}}`,
	} {
		require.Equal(t, 200, send(t, portal, post(method, body)).status)
	}
	if method == "imbot.v2.Chat.Message.Reaction.delete" {
		send(t, portal, post("imbot.v2.Chat.Message.Reaction.add", `{"botId":456,"botToken":"EXAMPLE_BOT_TOKEN","messageId":4711,"reaction":"like"}`))
	}
	return portal
}

// TestV2_examples holds that the requests of the documentation are answered in the way that is documented there, alone
// as JSON or as a form, and in a batch.
func TestV2_examples(t *testing.T) {
	t.Parallel()
	for method, documented := range documentedMethods(t, "imbot.v2.", "im.v2.") {
		request := documented.Request
		if request["messageId"] != nil {
			request["messageId"] = 4711 // of the file
		}
		if fields, has := request["fields"].(map[string]any); has && fields["content"] != nil {
			fields["content"] = "AAAA"
		}
		body, err := json.Marshal(request)
		require.NoError(t, err)
		form := brackets(request)
		command := url.Values{"cmd[x]": {method + "?" + form}}.Encode()
		for name, call := range map[string]struct {
			method, body, contentType string
		}{
			"json":  {method, string(body), "application/json"},
			"form":  {method, form, "application/x-www-form-urlencoded"},
			"batch": {"batch", command, "application/x-www-form-urlencoded"},
		} {
			t.Run(method+"/"+name, func(t *testing.T) {
				t.Parallel()
				got := send(t, ofExamples(t, method), post(call.method, call.body).with("Content-Type", call.contentType))
				require.Equal(t, 200, got.status, got.body)
				var envelope struct{ Result any }
				require.NoError(t, json.Unmarshal([]byte(got.body), &envelope))
				result := envelope.Result
				if call.method == "batch" {
					batch, _ := result.(map[string]any)
					results, isObject := batch["result"].(map[string]any)
					require.True(t, isObject, got.body)
					result = results["x"]
				}
				assertShape(t, "result", documented.Result, result)
			})
		}
	}
}

// brackets writes parameters as PHP reads them out of a form.
func brackets(params map[string]any) string {
	values := make(url.Values)
	var add func(name string, value any)
	add = func(name string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				add(name+"["+key+"]", inner)
			}
		case []any:
			for i, inner := range value {
				add(name+"["+strconv.Itoa(i)+"]", inner)
			}
		case bool:
			values.Set(name, map[bool]string{true: "1", false: "0"}[value])
		default:
			values.Set(name, fmt.Sprint(value))
		}
	}
	for name, value := range params {
		add(name, value)
	}
	return values.Encode()
}

// otherwise are the members of results where the server differs from the documentation, and how.
var otherwise = map[string]string{
	"textFieldEnabled": "is a boolean, and not a text",
	"hidden":           "is missing in the list of commands",
	"extranetSupport":  "is called extranet in the list of commands",
	"common":           "is a text in the list of commands",
	"id":               "is a text for the built-in commands",
	"diskFolderId":     "is null as long as the chat has no files",
}

// assertShape checks that a result has all that is documented, in the same kinds of values. What is null or false in one
// of them may be anything in the other.
func assertShape(t *testing.T, at string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, isObject := got.(map[string]any)
		if list, isList := got.([]any); isList && len(list) == 0 {
			return // an empty object is a list to PHP
		}
		require.True(t, isObject, "%s: %v", at, got)
		for name, value := range want {
			if otherwise[name] == "" {
				require.Contains(t, object, name, at)
				assertShape(t, at+"."+name, value, object[name])
			}
		}
	case []any:
		list, isList := got.([]any)
		require.True(t, isList, "%s: %v", at, got)
		if len(want) > 0 && len(list) > 0 {
			assertShape(t, at+"[]", want[0], list[0])
		}
	case nil, bool:
	default:
		if got != nil && got != false {
			assert.IsType(t, want, got, at)
		}
	}
}

// notProvoked are the documented errors that no call of a test can cause, and why.
var notProvoked = map[string]string{
	"imbot.v2.Bot.register BOT_LIMIT_EXCEEDED":               "newer servers have no limit",
	"imbot.v2.Bot.register BOT_REGISTER_FAILED":              "the portal does not fail by itself; Portal.On answers so",
	"imbot.v2.Bot.unregister BOT_UNREGISTER_FAILED":          "the portal does not fail by itself",
	"imbot.v2.Chat.Message.send SENDING_FAILED":              "the portal does not fail by itself",
	"imbot.v2.Command.register COMMAND_REGISTER_FAILED":      "the portal does not fail by itself",
	"imbot.v2.File.upload FILE_FOLDER_ERROR":                 "the portal does not fail by itself",
	"imbot.v2.File.upload FILE_UPLOAD_FAILED":                "the portal does not fail by itself",
	"imbot.v2.File.upload FILE_SEND_FAILED":                  "the portal does not fail by itself",
	"imbot.v2.Chat.Message.getContext MESSAGE_ACCESS_DENIED": "the portal hides no old messages",
	"imbot.register WRONG_AUTH_TYPE":                         "the portal has no sessions",
	"imbot.update WRONG_AUTH_TYPE":                           "the portal has no sessions",
	"imbot.unregister WRONG_AUTH_TYPE":                       "the portal has no sessions",
	"imbot.register MAX_COUNT_ERROR":                         "newer servers have no limit",
	"imbot.register WRONG_REQUEST":                           "the portal does not fail by itself",
	"imbot.unregister WRONG_REQUEST":                         "the portal does not fail by itself",
	"imbot.command.register WRONG_REQUEST":                   "the portal does not fail by itself",
	"imbot.command.unregister WRONG_REQUEST":                 "the portal does not fail by itself",
	"imbot.message.add KEYBOARD_OVERSIZE":                    "the server has PARAM_KEYBOARD_ERROR",
	"imbot.message.add MENU_OVERSIZE":                        "the server has WRONG_REQUEST",
	"im.v2.File.upload FOLDER_ERROR":                         "the portal does not fail by itself",
	"im.v2.File.upload UPLOAD_FAILED":                        "the portal does not fail by itself",
	"im.v2.File.upload SEND_FAILED":                          "the portal does not fail by itself",
	"im.v2.File.upload FILE_TOO_LARGE":                       "as for imbot.v2.File.upload",
	"imbot.chat.user.list ACCESS_ERROR":                      "the server has an empty list",
	"imbot.chat.get AUTHORIZE_ERROR":                         "the portal has no sessions",
	"imbot.chat.add WRONG_REQUEST":                           "the portal does not fail by itself",
	"imbot.v2.Event.get USER_NOT_SUBSCRIBED":                 "by TestEventGet_user",
	"imbot.v2.Event.get AUTH_ERROR":                          "there is a user behind all credentials of the portal",
	"imbot.v2.File.upload FILE_TOO_LARGE":                    "by TestV2File_large",
}

// TestV2_errors holds that the rows have each error that is documented.
func TestV2_errors(t *testing.T) {
	t.Parallel()
	for method, documented := range documentedMethods(t, "imbot.v2.", "im.v2.") {
		if method == "imbot.v2.Chat.leave" {
			continue // has a test of its own
		}
		rows := v2Rows[method]
		if !slices.Contains(withoutBot, method) {
			rows = append(slices.Clone(rows), v2BotRows...)
		}
		assertErrors(t, method, documented.Errors, rows)
	}
}

// assertErrors checks that the rows of a method have each error that is documented, or that there is a reason why not.
func assertErrors(t *testing.T, method string, codes []string, rows []methodRow) {
	t.Helper()
	for _, code := range codes {
		caused := slices.ContainsFunc(rows, func(r methodRow) bool {
			return r.failure.code == code || r.documented != nil && r.documented.code == code
		})
		_, excused := notProvoked[method+" "+code]
		assert.NotEqual(t, excused, caused, "%s %s", method, code)
	}
}
