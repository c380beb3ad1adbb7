package content_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// checked is a keyboard, a menu or an attachment.
type checked interface{ Check() error }

// What is built is right, has the JSON of testdata, and is read from it again.
func TestJSON(t *testing.T) {
	t.Parallel()
	for file, tt := range map[string]struct{ value, again checked }{
		"keyboard": {&content.Keyboard{BotID: 39, Buttons: content.NewKeyboard(
			content.Row(content.CommandButton("Help", "help", "1"), content.LinkButton("Site", "https://bot.example/?a=1&b=2")),
			content.Row(),
			content.Row(content.ActionButton("Copy", content.ActionCopy, "<x>")),
		).Buttons}, &content.Keyboard{}},
		"buttons": {&content.Keyboard{Buttons: []content.Button{
			{
				Text: "Run", Command: "/run", CommandParams: "x", Block: true, Disabled: true, Context: content.ContextMobile,
				Display: content.DisplayBlock, Width: 120, BgColor: "#abc", BgColorToken: content.ColorAlert,
				TextColor: "#FFFFFF", OffBgColor: "#000", OffTextColor: "#012345",
			},
			{Text: "App", AppID: 5, AppParams: "p"},
		}}, &content.Keyboard{}},
		"menu": {&content.Menu{BotID: 39, Items: content.NewMenu(
			content.CommandItem("Help", "help", "all"),
			content.LinkItem("Site", "/company/"),
			content.ActionItem("Call", content.ActionCall, "+15550102"),
			content.MenuItem{Text: "App", AppID: 5, AppParams: "p", Context: content.ContextDesktop, Disabled: true},
		).Items}, &content.Menu{}},
		"attach": {content.NewAttach(
			content.MessageBlock("[x] ", content.Bold("y")),
			content.LinkBlock("[Site]", "https://bot.example/"),
			content.UserBlock(27, "[Ann]"),
			content.GridBlock(content.GridRow("[Sum]", 42)),
			content.DelimiterBlock(),
			content.ImageBlock(content.AttachImage{Link: "/a.png"}),
			content.FileBlock(content.AttachFile{Link: "/a.pdf", Size: 9}),
		), &content.Attach{}},
		"blocks": {&content.Attach{ID: 7, ColorToken: content.ColorPrimary, Color: "#00f", Blocks: []content.Block{
			{Links: []content.AttachLink{
				{Link: "/a", Name: "n", Desc: "d", Preview: "/p.png", Width: 1, Height: 2},
				{Name: "m", HTML: "h", UserID: 3},
				{Name: "c", ChatID: 4},
				{Name: "w", NetworkID: "N5"},
			}},
			{Users: []content.AttachUser{
				{Name: "a", Avatar: "/a.png", Link: "/a"},
				{Name: "b", ChatID: 1, AvatarType: content.AvatarChat},
				{Name: "c", BotID: 2, AvatarType: content.AvatarBot},
				{Name: "d", NetworkID: "N3", AvatarType: content.AvatarUser},
			}},
			{Grid: []content.AttachGridItem{
				{
					Display: content.DisplayTable, Name: "n", Value: "v", Width: 1, Height: 2, ColorToken: content.ColorBase,
					Color: "#fff", Link: "/a", UserID: 3, ChatID: 4,
				},
				{Display: content.DisplayLine},
			}},
			{Images: []content.AttachImage{{Link: "/a.png", Name: "n", Preview: "/p.png", Width: 1, Height: 2}}},
			{Files: []content.AttachFile{{Link: "/a.pdf", Name: "n", Size: 3}}},
			{Delimiter: &content.AttachDelimiter{Color: "#123456"}},
			{RichLinks: []content.AttachLink{{Link: "/a", Name: "n", Desc: "d", Preview: "/p.png"}}},
		}}, &content.Attach{}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.value.Check())
			var encoded bytes.Buffer
			encoder := json.NewEncoder(&encoded)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			require.NoError(t, encoder.Encode(tt.value))
			golden, err := os.ReadFile("testdata/" + file + ".json")
			require.NoError(t, err)
			assert.Equal(t, string(golden), encoded.String())
			require.NoError(t, json.Unmarshal(golden, tt.again))
			assert.Equal(t, tt.value, tt.again)
		})
	}
}

// What has nothing in it is written as what takes it away from a message, and is read as nothing again. It stays a
// mistake for Check, as only a change can take something away.
func TestJSON_none(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ value, again checked }{
		"keyboard": {&content.Keyboard{BotID: 39}, &content.Keyboard{}},
		"menu":     {&content.Menu{BotID: 39}, &content.Menu{}},
		"attach":   {&content.Attach{ID: 7, Color: "#00f"}, &content.Attach{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Error(t, tt.value.Check())
			encoded, err := json.Marshal(map[string]any{"part": tt.value})
			require.NoError(t, err)
			assert.Equal(t, `{"part":"N"}`, string(encoded))
			require.NoError(t, json.Unmarshal([]byte(`"N"`), tt.again))
			assert.Error(t, tt.again.Check())
		})
	}
}

// What portals and the pages of the documentation have is read, and written in the one form.
func TestJSON_lenient(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		value       checked
		data, again string
	}{
		"the keyboard of Chat.Message.send": {
			&content.Keyboard{},
			`[{"TEXT": "Open", "LINK": "https://site.example/", "BG_COLOR_TOKEN": "primary"}]`,
			`{"BUTTONS":[{"TEXT":"Open","LINK":"https://site.example/","BG_COLOR_TOKEN":"primary"}]}`,
		},
		"the keyboard of command.answer": {
			&content.Keyboard{},
			`{"BUTTONS": [{"TEXT": "Repeat", "COMMAND": "echo repeat"}]}`,
			`{"BUTTONS":[{"TEXT":"Repeat","COMMAND":"echo repeat"}]}`,
		},
		"the attachment of command.answer": {
			&content.Attach{},
			`{"BLOCKS": [{"MESSAGE": "Details"}, {"DELIMITER": true},
				{"LINK": {"NAME": "Open", "LINK": "https://site.example/"}}]}`,
			`{"BLOCKS":[{"MESSAGE":"Details"},{"DELIMITER":{}},{"LINK":{"LINK":"https://site.example/","NAME":"Open"}}]}`,
		},
		"the menu of command.answer": {
			&content.Menu{},
			`[{"TEXT": "Site", "LINK": "https://site.example/"}]`,
			`{"ITEMS":[{"TEXT":"Site","LINK":"https://site.example/"}]}`,
		},
		"the keyboard of a message": {
			&content.Keyboard{},
			`[{"BOT_ID":"39","TYPE":"BUTTON","COMMAND":"help","COMMAND_PARAMS":"","TEXT":"Help","VOTE":"N","BLOCK":"Y",
				"WAIT":"N","CONTEXT":"ALL","DISABLED":"N","DISPLAY":"LINE","WIDTH":"120"},{"TYPE":"NEWLINE"}]`,
			`{"BOT_ID":39,"BUTTONS":[{"TEXT":"Help","COMMAND":"help","BLOCK":"Y","CONTEXT":"ALL","DISPLAY":"LINE",` +
				`"WIDTH":120},{"TYPE":"NEWLINE"}]}`,
		},
		"flags": {
			&content.Menu{},
			`{"BOT_ID":null,"ITEMS":[{"TEXT":"a","LINK":"/","DISABLED":true},{"TEXT":"b","LINK":"/","DISABLED":1},
				{"TEXT":"c","LINK":"/","DISABLED":"1"},{"TEXT":5,"LINK":"/","DISABLED":false},
				{"TEXT":"N","LINK":"/","DISABLED":0}]}`,
			`{"ITEMS":[{"TEXT":"a","LINK":"/","DISABLED":"Y"},{"TEXT":"b","LINK":"/","DISABLED":"Y"},` +
				`{"TEXT":"c","LINK":"/","DISABLED":"Y"},{"TEXT":"5","LINK":"/"},{"TEXT":"N","LINK":"/"}]}`,
		},
		"the attachment of a message": {
			&content.Attach{},
			`{"ID":1756000000,"DESCRIPTION":"","COLOR":false,"BLOCKS":[
				{"USER":[{"NAME":"Ann","AVATAR_TYPE":"USER","USER_ID":"27"}]},{"MESSAGE":{"TEXT":"N","AS_DESCRIPTION":"Y"}},
				{"IMAGE":{"LINK":"/a.png","WIDTH":""}},{"GRID":{"NAME":"n"}},{"DELIMITER":[]}]}`,
			`{"ID":1756000000,"BLOCKS":[{"USER":{"NAME":"Ann","USER_ID":27,"AVATAR_TYPE":"USER"}},{"MESSAGE":"N"},` +
				`{"IMAGE":[{"LINK":"/a.png"}]},{"GRID":[{"NAME":"n"}]},{"DELIMITER":{}}]}`,
		},
		"a list of blocks": {&content.Attach{}, ` [ {"MESSAGE":"a"} ] `, `{"BLOCKS":[{"MESSAGE":"a"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, json.Unmarshal([]byte(tt.data), tt.value))
			require.NoError(t, tt.value.Check())
			data, err := json.Marshal(tt.value)
			require.NoError(t, err)
			assert.Equal(t, tt.again, string(data))
		})
	}
}

// What stands for nothing changes nothing, and what cannot be read says where.
func TestJSON_unreadable(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`null`, `"N"`, `""`, `false`, `{}`} {
		for _, of := range []func() checked{
			func() checked { return content.NewKeyboard(content.Row(content.LinkButton("a", "/"))) },
			func() checked { return content.NewMenu(content.LinkItem("a", "/")) },
			func() checked { return content.NewAttach(content.DelimiterBlock()) },
		} {
			got := of()
			require.NoError(t, json.Unmarshal([]byte(data), got))
			assert.Equal(t, of(), got, data)
		}
	}
	for data, want := range map[string]string{
		`5`:                                   "not an object",
		`"x"`:                                 "not an object",
		`{"BUTTONS":5}`:                       "BUTTONS: [0]: not an object",
		`[{"TEXT":"a"},{"WIDTH":"wide"}]`:     "BUTTONS: [1]: WIDTH: not a whole number",
		`{"BUTTONS":[{"WIDTH":1.5}]}`:         "BUTTONS: [0]: WIDTH: not a whole number",
		`{"BUTTONS":[{"TEXT":["a"]}]}`:        "BUTTONS: [0]: TEXT: not an object",
		`{"BOT_ID":99999999999999999999}`:     "BOT_ID: not a whole number",
		`[{"BOT_ID":{},"TEXT":"a"}]`:          "BUTTONS: [0]: BOT_ID: not a whole number",
		`{"BUTTONS":[{"TEXT":"a"},["TEXT"]]}`: "BUTTONS: [1]: not an object",
	} {
		assert.EqualError(t, json.Unmarshal([]byte(data), &content.Keyboard{}), want, data)
	}
}

// Whatever is read is written and read again as the same.
func FuzzJSON(f *testing.F) {
	for _, data := range []string{
		`[{"TEXT":"a","LINK":"/","BLOCK":1}]`, `{"BUTTONS":[{"TYPE":"NEWLINE"},{"WIDTH":"5","BOT_ID":3}]}`, `"N"`, `null`,
		`{"ITEMS":[{"DISABLED":true}]}`, `[{"GRID":{"NAME":5}}]`, `{"BLOCKS":[null]}`, `[[]]`,
		`{"ID":"5","BLOCKS":[{"MESSAGE":{"TEXT":"a"}},{"LINK":[{"LINK":"/"},{}]},{"DELIMITER":[]}]}`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, of := range []func() checked{
			func() checked { return &content.Keyboard{} },
			func() checked { return &content.Menu{} },
			func() checked { return &content.Attach{} },
		} {
			value, again := of(), of()
			if json.Unmarshal(data, value) != nil {
				continue
			}
			once, err := json.Marshal(value)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(once, again), string(once))
			twice, err := json.Marshal(again)
			require.NoError(t, err)
			require.Equal(t, string(once), string(twice))
		}
	})
}
