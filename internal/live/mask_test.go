package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMask_json(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ method, text, want string }{
		"ids are the same each time": {
			text: `{"botId":456,"userIds":[456,"27",27],"chat":{"id":13,"dialogId":"chat13"},"CHAT_ID":"13"}`,
			want: `{"botId":"#BOT_1","userIds":["#BOT_1","USER_1","#USER_1"],"chat":{"id":"#CHAT_1",` +
				`"dialogId":"CHAT_1"},"CHAT_ID":"CHAT_1"}`,
		},
		"results that are ids": {
			method: "imbot.chat.user.list", text: `{"result":[39,1]}`, want: `{"result":["#USER_1","#USER_2"]}`,
		},
		"a result of another method": {
			method: "imbot.chat.get", text: `{"result":[39,1]}`, want: `{"result":["(number)","(number)"]}`,
		},
		"a result in a result": {
			method: "imbot.chat.add", text: `{"result":{"result":13,"id":1}}`,
			want: `{"result":{"result":"(number)","id":"#MESSAGE_1"}}`,
		},
		"secrets": {
			text: `{"botToken":"a","CLIENT_ID":"b","auth":"c","fields":{"botToken":""}}`,
			want: `{"botToken":"(secret)","CLIENT_ID":"(secret)","KEY_1":"(secret)","fields":{"botToken":"(secret)"}}`,
		},
		"values by documentation": {
			text: `{"type":"bot","eventMode":"Ivan","role":"owner","name":"bot","language":"ivan","gender":"M"}`,
			want: `{"type":"bot","eventMode":"(text, 4 characters)","role":"owner","name":"(text, 3 characters)",` +
				`"language":"(text, 4 characters)","gender":"(text, 1 characters)"}`,
		},
		"the time": {
			text: `{"time":{"start":1.5,"date_start":"2026-11-28T10:00:00+03:00","date_finish":"Ivan","x":7},` +
				`"date":"2026-11-28T10:00:00+03:00"}`,
			want: `{"time":{"start":1.5,"date_start":"2026-11-28T10:00:00+03:00","date_finish":"(text, 4 characters)",` +
				`"KEY_1":"(number)"},"date":"0000-00-00T00:00:00+00:00"}`,
		},
		"errors": {
			text: `{"error":"BOT_NOT_FOUND","error_description":"Access denied to chat 13, Ivan!"}`,
			want: `{"error":"BOT_NOT_FOUND","error_description":"Access denied to chat …, …!"}`,
		},
		"an error of a name": {text: `{"error":"IVAN_NOT_FOUND"}`, want: `{"error":"…_NOT_FOUND"}`},
		"an error as a text": {text: `{"error":"Ivan was not found"}`, want: `{"error":"…"}`},
		"an error within a result": {
			text: `{"result":{"error":"BOT"}}`,
			want: `{"result":{"error":"(text, 3 characters)"}}`,
		},
		"a member twice": {
			text: `{"name":"a","name":"b","nam\u0065":"c"}`,
			want: `{"name":"(text, 1 characters)","name":"(text, 1 characters)","name":"(text, 1 characters)"}`,
		},
		"unknown members": {
			text: `{"Ivan":true,"x":{"Ivan":null},"":0}`,
			want: `{"KEY_1":true,"KEY_2":{"KEY_1":null},"":0}`,
		},
		"numbers": {
			text: `{"limit":50,"size":9041234567,"VALUE":7,"botId":1.5,"chatId":-1,"userId":1e3}`,
			want: `{"limit":50,"size":"(number)","VALUE":"(number)","botId":"(number)","chatId":"(number)","userId":"(number)"}`,
		},
		"a dialog of a name": {
			text: `{"dialogId":"sg7","DIALOG_ID":"chatIvan"}`,
			want: `{"dialogId":"(text, 3 characters)","DIALOG_ID":"(text, 8 characters)"}`,
		},
		"own texts": {
			text: `{"title":"imbot live check, to be deleted","code":"x"}`,
			want: `{"title":"imbot live check, to be deleted","code":"CODE_1"}`,
		},
		"no JSON":        {text: `<html>Ivan</html>`, want: `(not JSON: 17 bytes)`},
		"more than JSON": {text: `{} Ivan`, want: `(not JSON: 7 bytes)`},
		"nothing":        {text: ``, want: `(not JSON: 0 bytes)`},
		"half of it":     {text: `{"name":"Ivan"`, want: `(not JSON: 14 bytes)`},
		"too deep":       {text: strings.Repeat("[", 200) + strings.Repeat("]", 200), want: `(not JSON: 400 bytes)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown := newMask().json(test.method, []byte(test.text))
			if strings.HasPrefix(test.want, "(") {
				assert.Equal(t, test.want, shown)
				return
			}
			var lines []string
			for line := range strings.Lines(shown) {
				lines = append(lines, strings.TrimSpace(line))
			}
			assert.Equal(t, test.want, strings.ReplaceAll(strings.Join(lines, ""), `": `, `":`))
		})
	}
}

// There is no member, documented or not, at no depth, by which a name, a number or a secret gets out.
func TestMask_everyMember(t *testing.T) {
	t.Parallel()
	needles := []string{
		`"Ivan"`, `"ivan@person.example"`, `"79041234567"`, `79041234567`, `-79041234567.5`, `"IVAN_SECRETOV"`,
		`"chat79041234567"`, `"t0ken"`,
		`"https://person.example/79041234567"`,
		`"2026-11-28T10:00:00+03:00 Ivan"`, `"1979-04-12T34:56:07+00:00"`, `"#Ivan1"`, `"ONIMBOTV2IVAN"`,
		`"\u0049van"`,
	}
	forms := []string{
		`{"K":N}`, `{"result":{"K":N}}`, `{"result":[{"K":[N]}]}`, `{"K":{"K":N}}`, `{"K":{"id":N}}`, `{"K":{"Ivan":N}}`,
	}
	for key := range keys {
		for _, needle := range needles {
			for _, form := range forms {
				text := strings.NewReplacer(`"K"`, `"`+key+`"`, "N", needle).Replace(form)
				shown := newMask().json("imbot.register", []byte(text))
				for _, secret := range []string{"ivan", "9041234567", "person.example", "t0ken", "secretov", "1979-04"} {
					assert.NotContains(t, strings.ToLower(shown), secret, text)
				}
			}
		}
	}
}
