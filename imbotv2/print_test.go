package imbotv2_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

const secret = "EXAMPLE_TOKEN"

// printed returns what every way of printing a value shows.
func printed(value any) string {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&b, verb+"\n", value)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "value", value)
	switch value.(type) { // within others JSON is what is sent
	case imbotv2.DownloadURL, imbotv2.File, imbotv2.Event, imbotv2.BotRegisterFields, imbotv2.BotRegisterRequest:
		slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "value", value)
	}
	return b.String()
}

func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	address := imbotv2.DownloadURL("https://portal.example/rest/download.json?auth=" + secret)
	file := imbotv2.File{
		ID: 138, ChatID: 5, Type: imbotv2.FileImage, Size: 9, Name: secret, URLPreview: address, URLShow: address,
		URLDownload: address,
		ViewerAttrs: imbotv2.HiddenJSON(`{"src":"` + secret + `"}`), MediaURL: imbotv2.HiddenJSON(`"` + secret + `"`),
	}
	event := readEvent(t, `{"eventId":7,"type":"ONIMBOTV2MESSAGEADD","memberId":"EXAMPLE_MEMBER",`+
		`"data":{"bot":{"id":456,"code":"`+secret+`","auth":`+
		`{"access_token":"`+secret+`"}},"message":{"id":9,"text":"`+secret+`","params":{"A":"`+secret+`"}},`+
		`"chat":{"id":5,"dialogId":"chat5",`+
		`"name":"`+secret+`"},"user":{"id":27,"name":"`+secret+`"},"context":{"a":"`+secret+`"},`+
		`"command":{"params":"`+secret+`"}}}`)
	fields := imbotv2.BotRegisterFields{Code: "echo", BotToken: secret}
	request := imbotv2.BotRegisterRequest{Fields: fields}
	type holder struct {
		Address imbotv2.DownloadURL
		File    imbotv2.File
		Event   *imbotv2.Event
	}
	for _, value := range []any{
		address, &address, file, &file,
		[]imbotv2.File{file},
		event, &event,
		[]imbotv2.Event{event},
		map[string]imbotv2.Event{"a": event},
		holder{address, file, nil},
		fields, &fields, request, &request,
	} {
		text := printed(value)
		for _, form := range []string{
			secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret),
			"69 88 65 77 80 76 69",
		} {
			assert.NotContains(t, text, form, "%T", value)
		}
	}

	assert.Equal(t, "***", address.String())
	assert.Empty(t, imbotv2.DownloadURL("").String())
	assert.Equal(t, string(address), address.Reveal())
	assert.Equal(t, `imbotv2.File{ID:138 ChatID:5 Type:"image" Size:9}`, fmt.Sprint(file))
	assert.Equal(t, `imbotv2.Event{EventID:7 Name:"ONIMBOTV2MESSAGEADD" BotID:456 DialogID:"chat5" ChatID:5 UserID:27 `+
		`MessageID:9}`, fmt.Sprint(event))
	assert.Contains(t, printed(event), "value.name=ONIMBOTV2MESSAGEADD value.event_id=7 value.bot_id=456 "+
		"value.chat_id=5 value.user_id=27 value.message_id=9 value.dialog_id=chat5 value.member_id=EXAMPLE_MEMBER")
	assert.Contains(t, printed(file), "value.id=138 value.chat_id=5 value.type=image value.size=9")

	text, err := json.Marshal(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"urlShow":"***","urlDownload":"***","viewerAttrs":"***","mediaUrl":"***"`)
}

// What a stranger made long is cut.
func TestEvent_printsLittle(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("A", 1000)
	event := readEvent(t, `{"type":"`+long+`","memberId":"`+long+`","data":{"dialogId":"`+long+`"}}`)
	assert.Less(t, len(fmt.Sprint(event)), 300)
	assert.Less(t, len(printed(event)), 3000)
	assert.Contains(t, fmt.Sprint(&event), "MessageID:0")
}
