package imbottest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const (
	my39  = "BOT_ID=39&CLIENT_ID=my"
	title = "imbot.chat.updateTitle?CHAT_ID=13&" + my39 + "&TITLE="
)

// TestBatch_commands covers how commands are read: what the first command changes is the title of a chat.
func TestBatch_commands(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, command, title string }{
		{"encoded once", title + "a%20%26%20b%2Bc%23d", "a & b+c#d"},
		{"not encoded", title + "a+b & c", "a b"},
		{"a number sign", title + "a#b", "a"},
		{"a number sign before the parameters", "imbot.chat.updateTitle#?CHAT_ID=13&" + my39 + "&TITLE=a", "Group"},
		{"control characters", title + `a\nb\tc` + "\u007f", "a_b_c_"},
		{"control characters, encoded", title + "a%0Ab", "a\nb"},
		{"more question marks", title + "a?b?", "a?b?"},
		{"a broken escape", title + "100%", "100%"},
		{"beyond ASCII", title + "Чат", "Чат"},
		{"two of a name", title + "a&TITLE=b", "b"},
		{"an array for a text", title + "a&TITLE[x]=b", "Array"},
		{"keys in lower case", strings.ToLower(title) + "a", "a"},
		{"no query", "imbot.chat.updateTitle", "Group"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			require.Equal(t, http.StatusOK, send(t, portal, batchOf(`{"cmd":["`+tt.command+`"]}`)).status)
			chat, _ := portal.Chat(imbottest.ChatGroup)
			assert.Equal(t, tt.title, chat.Title)
		})
	}
}

// TestBatch_references covers what a later command can take from earlier ones.
func TestBatch_references(t *testing.T) {
	t.Parallel()
	const first = `"a":"` + list13 + `","b":"` + chatless + `"`
	tests := []struct{ name, value, title string }{
		{"a number", "$result[a][1]", "39"},
		{"any case", "$Result[a][1]", "39"},
		{"encoded", "%24result%5Ba%5D%5B1%5D", "39"},
		{"two in a text", "<$result[a][0]-$result[a][1]>", "<1-39>"},
		{"the code of a failure", "$error[b][error]: $ERROR[b][error_description]", "CHAT_ID_EMPTY: Chat ID can't be empty"},
		{"a time", "used $time[a][operating]", "used 0"},
		{"no total", "$total[a]", "Array"},
		{"no next page", "$next[a]", "Array"},
		{"an array", "$result[a]", "Array"},
		{"a key of a number", "$result[a][1][x]", "39"},
		{"an array within a text stays", "x$result[a]", "x$result[a]"},
		{"nothing within a text stays", "x$result[c]", "x$result[c]"},
		{"no key", "$result", "$result"},
		{"no end", "$result[a", "$result[a"},
		{"another name", "$results[a]", "$results[a]"},
		{"a dollar before", "$$result[a][0]", "$1"},
		{"a prefix", "$result[a][0]$result", "1$result"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			got := send(t, portal, batchOf(`{"cmd":{`+first+`,"t":"`+title+tt.value+`"}}`))
			require.Equal(t, http.StatusOK, got.status)
			chat, _ := portal.Chat(imbottest.ChatGroup)
			assert.Equal(t, tt.title, chat.Title)
		})
	}

	t.Run("a list of users", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		got := partsOf(t, send(t, portal, batchOf(`{"cmd":{"a":"`+list13+`","b":"imbot.chat.user.add?CHAT_ID=14&BOT_ID=41&CLIENT_ID=my&USERS=$result[a]"}}`)))
		assert.Equal(t, "[]", string(got.Errors))
		assert.Equal(t, []imbot.UserID{1, 41, 39, 50}, portal.Members(imbottest.ChatElsewhere))
	})

	t.Run("a prepared answer", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.On("user.current", imbottest.Result(map[string]any{"ID": "1", "NAME": map[string]string{"LAST": "Doe"}}))
		send(t, portal, batchOf(`{"cmd":{"u":"user.current","t":"`+title+`$result[u][NAME][LAST]"}}`))
		chat, _ := portal.Chat(imbottest.ChatGroup)
		assert.Equal(t, "Doe", chat.Title)
	})

	t.Run("a key is an array by then", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		send(t, portal, batchOf(`{"cmd":{"a":"`+list13+`","b":"`+chatless+`&$result[a]=x"}}`))
		calls := portal.Calls(chatLeave)
		require.Len(t, calls, 1)
		assert.Equal(t, map[string]any{"BOT_ID": "39", "CLIENT_ID": "my", "$result": map[string]any{"a": "x"}}, calls[0].Params)
	})
}

// TestBatch_labels covers that PHP makes numbers of labels that look like one, and a list of those that count from 0.
func TestBatch_labels(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, labels, results string }{
		{"a list", `["%","%"]`, `["%","%"]`},
		{"numbers", `{"0":"%","1":"%"}`, `["%","%"]`},
		{"numbers in another order", `{"1":"%","0":"%"}`, `{"1":"%","0":"%"}`},
		{"numbers from 1", `{"1":"%","2":"%"}`, `{"1":"%","2":"%"}`},
		{"a gap", `{"0":"%","2":"%"}`, `{"0":"%","2":"%"}`},
		{"no canonical number", `{"00":"%"}`, `{"00":"%"}`},
		{"a text among numbers", `{"0":"%","a":"%"}`, `{"0":"%","a":"%"}`},
		{"an empty text", `{"":"%"}`, `{"":"%"}`},
		{"the same twice", `{"a":5,"b":"%","a":"%"}`, `{"a":"%","b":"%"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			got := partsOf(t, send(t, portal, batchOf(`{"cmd":`+strings.ReplaceAll(tt.labels, "%", list13)+`}`)))
			assert.Equal(t, strings.ReplaceAll(tt.results, `"%"`, "[1,39,50]"), string(got.Results))
			assert.Equal(t, tt.results[0], got.Times[0])
		})
	}
}

// TestBatch_authorization covers that commands act with the credentials of their batch and no others.
func TestBatch_authorization(t *testing.T) {
	t.Parallel()
	const ofApp = "imbot.chat.leave?CHAT_ID=13&BOT_ID=50"
	tests := []struct {
		name    string
		request request
		errors  string
		status  int
	}{
		{"token in the body", batchOf(`{"auth":"tok-ok","cmd":{"a":"` + ofApp + `"}}`).at("/rest/batch"), `[]`, 200},
		{"token in the query", batchOf(`{"cmd":{"a":"` + ofApp + `"}}`).at("/rest/batch?auth=tok-ok"), `[]`, 200},
		{"token in the header", batchOf(`{"cmd":{"a":"`+ofApp+`"}}`).at("/rest/batch").with("Authorization", "Bearer tok-ok"), `[]`, 200},
		{"another token in the command", batchOf(`{"auth":"tok-ok","cmd":{"a":"` + ofApp + `&auth=tok-x"}}`).at("/rest/batch"), `[]`, 200},
		{"a token in the command alone", batchOf(`{"cmd":{"a":"` + ofApp + `&auth=tok-ok"}}`).at("/rest/batch"), "", 401},
		{"an expired token", batchOf(`{"auth":"tok-old","cmd":{"a":"` + ofApp + `"}}`).at("/rest/batch"), "", 401},
		{"a webhook, and a token in the command", batchOf(`{"cmd":{"a":"` + ofApp + `&auth=tok-ok&CLIENT_ID=my"}}`), `{"a":` + errorOf("APP_ID_ERROR", "Bot was installed by another rest application") + `}`, 200},
		{"halt where permission is missing", batchOf(`{"halt":1,"cmd":{"a":"` + leave39 + `","b":"` + leave39 + `"}}`).at("/rest/1/nosc0pe0/batch"), `{"a":` + errorOf("insufficient_scope", "") + `}`, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			got := send(t, portal, tt.request)
			assert.Equal(t, tt.status, got.status)
			if tt.status == http.StatusOK {
				assert.Equal(t, tt.errors, string(partsOf(t, got).Errors))
			}
			assert.Equal(t, tt.errors == "[]", !portal.Has(13, imbottest.BotOfApp))
		})
	}
}

// TestBatch_methods covers which methods a command can call.
func TestBatch_methods(t *testing.T) {
	t.Parallel()

	t.Run("an unexpected one fails the test", func(t *testing.T) {
		t.Parallel()
		test := new(recorder)
		got := partsOf(t, send(t, imbottest.NewPortal(test), batchOf(`{"halt":1,"cmd":["imbot.chat.levae?CHAT_ID=13","`+leave39+`"]}`)))
		assert.Equal(t, `[`+noMethods+`]`, string(got.Errors))
		assert.Equal(t, "[]", string(got.Results))
		require.Len(t, test.errors, 1)
		assert.Contains(t, test.errors[0], "imbot.chat.levae:")
	})

	for name, command := range map[string]string{"a suffix": "imbot.chat.leave.json?CHAT_ID=13", "a path": "/imbot.chat.leave?CHAT_ID=13", "none": "?CHAT_ID=13"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := partsOf(t, send(t, started(t), batchOf(`{"cmd":["`+command+`"]}`)))
			assert.Equal(t, `[`+noMethods+`]`, string(got.Errors), "a command has the name of a method, not its address")
		})
	}

	t.Run("a batch in other letters", func(t *testing.T) {
		t.Parallel()
		got := partsOf(t, send(t, imbottest.NewPortal(t), batchOf(`{"cmd":["Batch?cmd[x]=imbot.chat.user.list%3FCHAT_ID%3D13%26CLIENT_ID%3Dmy","download","upload"]}`)))
		assert.Contains(t, string(got.Results), `[{"result":{"x":[1,39,50]},"result_error":[]`)
		assert.Equal(t, `{"1":`+notInside+`,"2":`+notInside+`}`, string(got.Errors))
	})

	t.Run("one of version 2", func(t *testing.T) {
		t.Parallel()
		got := partsOf(t, send(t, imbottest.NewPortal(t), batchOf(`{"cmd":{"a":"imbot.v2.Chat.leave?botId=39&botToken=my&dialogId=chat13"}}`)))
		assert.Equal(t, `{"a":{"result":true}}`, string(got.Results))
	})
}
