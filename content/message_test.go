package content_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// checked is a keyboard, a menu or an attachment.
type checked interface{ Check() error }

// What is built is right, has this JSON, and is read from it again.
func TestJSON(t *testing.T) {
	t.Parallel()
	keyboard := content.NewKeyboard(
		content.Row(content.CommandButton("Help", "help", "1"), content.LinkButton("Site", "https://bot.example/?a=1&b=2")),
		content.Row(),
		content.Row(content.ActionButton("Copy", content.ActionCopy, "<x>")),
	)
	keyboard.BotID = 39
	for name, tt := range map[string]struct {
		value, again checked
		want         string
	}{
		"keyboard": {keyboard, &content.Keyboard{}, `{"BOT_ID":39,"BUTTONS":[` +
			`{"TEXT":"Help","COMMAND":"help","COMMAND_PARAMS":"1","DISPLAY":"LINE"},` +
			`{"TEXT":"Site","LINK":"https://bot.example/?a=1&b=2","DISPLAY":"LINE"},{"TYPE":"NEWLINE"},` +
			`{"TEXT":"Copy","ACTION":"COPY","ACTION_VALUE":"<x>"}]}`},
		"buttons with all fields": {&content.Keyboard{Buttons: []content.Button{{
			Text: "Run", Command: "/run", CommandParams: "x", Block: true, Disabled: true, Context: content.ContextMobile,
			Display: content.DisplayBlock, Width: 120, BgColor: "#abc", BgColorToken: content.ColorAlert, TextColor: "#FFFFFF",
			OffBgColor: "#000", OffTextColor: "#012345",
		}, {Text: "App", AppID: 5, AppParams: "p"}}}, &content.Keyboard{}, `{"BUTTONS":[` +
			`{"TEXT":"Run","COMMAND":"/run","COMMAND_PARAMS":"x","CONTEXT":"MOBILE","DISPLAY":"BLOCK","WIDTH":120,` +
			`"BG_COLOR":"#abc","BG_COLOR_TOKEN":"alert","TEXT_COLOR":"#FFFFFF","OFF_BG_COLOR":"#000",` +
			`"OFF_TEXT_COLOR":"#012345","BLOCK":"Y","DISABLED":"Y"},{"TEXT":"App","APP_ID":5,"APP_PARAMS":"p"}]}`},
		"menu": {
			content.NewMenu(content.CommandItem("Help", "help", ""), content.LinkItem("Site", "/company/"),
				content.ActionItem("Call", content.ActionCall, "+15550102"),
				content.MenuItem{Text: "App", AppID: 5, AppParams: "p", Context: content.ContextDesktop, Disabled: true}), &content.Menu{},
			`{"ITEMS":[{"TEXT":"Help","COMMAND":"help"},{"TEXT":"Site","LINK":"/company/"},` +
				`{"TEXT":"Call","ACTION":"CALL","ACTION_VALUE":"+15550102"},` +
				`{"TEXT":"App","APP_ID":5,"APP_PARAMS":"p","CONTEXT":"DESKTOP","DISABLED":"Y"}]}`,
		},
		"menu of a bot": {
			&content.Menu{BotID: 39, Items: []content.MenuItem{content.CommandItem("Help", "help", "all")}}, &content.Menu{},
			`{"BOT_ID":39,"ITEMS":[{"TEXT":"Help","COMMAND":"help","COMMAND_PARAMS":"all"}]}`,
		},
		"attachment": {
			content.NewAttach(
				content.MessageBlock("[x] ", content.Bold("y")), content.LinkBlock("Site", "https://bot.example/"),
				content.UserBlock(27, "Ann"), content.GridBlock(content.GridRow("Sum", 42)), content.DelimiterBlock(),
				content.ImageBlock(content.AttachImage{Link: "/a.png"}), content.FileBlock(content.AttachFile{Link: "/a.pdf", Size: 9})), &content.Attach{},
			`{"BLOCKS":[{"MESSAGE":"[` + zwsp + `x] [b]y[/b]"},{"LINK":{"LINK":"https://bot.example/","NAME":"Site"}},` +
				`{"USER":{"NAME":"Ann","USER_ID":27}},{"GRID":[{"DISPLAY":"ROW","NAME":"Sum","VALUE":"42"}]},` +
				`{"DELIMITER":{"SIZE":200}},{"IMAGE":[{"LINK":"/a.png"}]},{"FILE":[{"LINK":"/a.pdf","SIZE":9}]}]}`,
		},
		"attachment with all fields": {&content.Attach{ID: 7, ColorToken: content.ColorPrimary, Color: "#00f", Blocks: []content.Block{
			{Links: []content.AttachLink{{Link: "/a", Name: "n", Desc: "d", Preview: "/p.png", Width: 1, Height: 2}, {Name: "m", HTML: "h", UserID: 3}, {Name: "c", ChatID: 4}, {Name: "w", NetworkID: "N5"}}},
			{Users: []content.AttachUser{
				{Name: "a", Avatar: "/a.png", Link: "/a"},
				{Name: "b", ChatID: 1, AvatarType: content.AvatarChat},
				{Name: "c", BotID: 2, AvatarType: content.AvatarBot},
				{Name: "d", NetworkID: "N3", AvatarType: content.AvatarUser},
			}},
			{Grid: []content.AttachGridItem{{
				Display: content.DisplayTable, Name: "n", Value: "v", Width: 1, Height: 2, ColorToken: content.ColorBase, Color: "#fff", Link: "/a", UserID: 3, ChatID: 4,
			}, {Display: content.DisplayLine}}},
			{Images: []content.AttachImage{{Link: "/a.png", Name: "n", Preview: "/p.png", Width: 1, Height: 2}}},
			{Files: []content.AttachFile{{Link: "/a.pdf", Name: "n", Size: 3}}},
			{Delimiter: &content.AttachDelimiter{Color: "#123456"}},
			{RichLinks: []content.AttachRichLink{{Link: "/a", Name: "n", Desc: "d", HTML: "h", Preview: "/p.png"}}},
		}}, &content.Attach{}, `{"ID":7,"COLOR_TOKEN":"primary","COLOR":"#00f","BLOCKS":[` +
			`{"LINK":[{"LINK":"/a","NAME":"n","DESC":"d","PREVIEW":"/p.png","WIDTH":1,"HEIGHT":2},{"NAME":"m","HTML":"h","USER_ID":3},{"NAME":"c","CHAT_ID":4},{"NAME":"w","NETWORK_ID":"N5"}]},` +
			`{"USER":[{"NAME":"a","AVATAR":"/a.png","LINK":"/a"},{"NAME":"b","CHAT_ID":1,"AVATAR_TYPE":"CHAT"},{"NAME":"c","BOT_ID":2,"AVATAR_TYPE":"BOT"},{"NAME":"d","NETWORK_ID":"N3","AVATAR_TYPE":"USER"}]},` +
			`{"GRID":[{"DISPLAY":"TABLE","NAME":"n","VALUE":"v","WIDTH":1,"HEIGHT":2,"COLOR_TOKEN":"base","COLOR":"#fff","LINK":"/a","USER_ID":3,"CHAT_ID":4},{"DISPLAY":"LINE"}]},` +
			`{"IMAGE":[{"LINK":"/a.png","NAME":"n","PREVIEW":"/p.png","WIDTH":1,"HEIGHT":2}]},{"FILE":[{"LINK":"/a.pdf","NAME":"n","SIZE":3}]},{"DELIMITER":{"COLOR":"#123456"}},` +
			`{"RICH_LINK":{"LINK":"/a","NAME":"n","DESC":"d","HTML":"h","PREVIEW":"/p.png"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.value.Check())
			data, err := json.Marshal(tt.value)
			require.NoError(t, err)
			assert.Equal(t, tt.want, strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(data)))
			require.NoError(t, json.Unmarshal(data, tt.again))
			assert.Equal(t, tt.value, tt.again)
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
			&content.Keyboard{}, `[{"TEXT": "Open", "LINK": "https://site.example/", "BG_COLOR_TOKEN": "primary"}]`,
			`{"BUTTONS":[{"TEXT":"Open","LINK":"https://site.example/","BG_COLOR_TOKEN":"primary"}]}`,
		},
		"the keyboard of command.answer": {
			&content.Keyboard{}, `{"BUTTONS": [{"TEXT": "Repeat", "COMMAND": "echo repeat"}]}`,
			`{"BUTTONS":[{"TEXT":"Repeat","COMMAND":"echo repeat"}]}`,
		},
		"the attachment of command.answer": {
			&content.Attach{},
			`{"BLOCKS": [{"MESSAGE": "Details"}, {"DELIMITER": true}, {"LINK": {"NAME": "Open", "LINK": "https://site.example/"}}]}`,
			`{"BLOCKS":[{"MESSAGE":"Details"},{"DELIMITER":{}},{"LINK":{"LINK":"https://site.example/","NAME":"Open"}}]}`,
		},
		"the menu of command.answer": {
			&content.Menu{}, `[{"TEXT": "Site", "LINK": "https://site.example/"}]`,
			`{"ITEMS":[{"TEXT":"Site","LINK":"https://site.example/"}]}`,
		},
		"the keyboard of a message": {
			&content.Keyboard{}, `[{"BOT_ID":"39","TYPE":"BUTTON","COMMAND":"help","COMMAND_PARAMS":"","TEXT":"Help","VOTE":"N",` +
				`"BLOCK":"Y","WAIT":"N","CONTEXT":"ALL","DISABLED":"N","DISPLAY":"LINE","WIDTH":"120"},{"TYPE":"NEWLINE"}]`,
			`{"BOT_ID":39,"BUTTONS":[{"TEXT":"Help","COMMAND":"help","CONTEXT":"ALL","DISPLAY":"LINE","WIDTH":120,"BLOCK":"Y"},{"TYPE":"NEWLINE"}]}`,
		},
		"flags": {
			&content.Menu{}, `{"BOT_ID":null,"ITEMS":[{"TEXT":"a","LINK":"/","DISABLED":true},{"TEXT":"b","LINK":"/","DISABLED":1},` +
				`{"TEXT":"c","LINK":"/","DISABLED":"1"},{"TEXT":5,"LINK":"/","DISABLED":false},{"TEXT":"e","LINK":"/","DISABLED":0}]}`,
			`{"ITEMS":[{"TEXT":"a","LINK":"/","DISABLED":"Y"},{"TEXT":"b","LINK":"/","DISABLED":"Y"},{"TEXT":"c","LINK":"/","DISABLED":"Y"},` +
				`{"TEXT":"5","LINK":"/"},{"TEXT":"e","LINK":"/"}]}`,
		},
		"the attachment of a message": {
			&content.Attach{}, `{"ID":1756000000,"BLOCKS":[{"USER":[{"NAME":"Ann","AVATAR_TYPE":"USER","USER_ID":"27"}]},` +
				`{"MESSAGE":{"TEXT":"N","AS_DESCRIPTION":"Y"}},{"IMAGE":{"LINK":"/a.png","WIDTH":""}},{"GRID":{"NAME":"n"}},{"DELIMITER":[]}],"DESCRIPTION":"","COLOR":false}`,
			`{"ID":1756000000,"BLOCKS":[{"USER":{"NAME":"Ann","USER_ID":27,"AVATAR_TYPE":"USER"}},{"MESSAGE":"N"},{"IMAGE":[{"LINK":"/a.png"}]},` +
				`{"GRID":[{"NAME":"n"}]},{"DELIMITER":{}}]}`,
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
		keyboard, menu, attach := content.NewKeyboard(), content.NewMenu(), content.NewAttach()
		require.NoError(t, json.Unmarshal([]byte(data), keyboard))
		require.NoError(t, json.Unmarshal([]byte(data), menu))
		require.NoError(t, json.Unmarshal([]byte(data), attach))
		assert.Equal(t, []any{content.NewKeyboard(), content.NewMenu(), content.NewAttach()}, []any{keyboard, menu, attach}, data)
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

func TestCheck(t *testing.T) {
	t.Parallel()
	button := func(change func(*content.Button)) checked {
		b := content.LinkButton("Site", "/")
		change(&b)
		return &content.Keyboard{Buttons: []content.Button{content.LinkButton("Site", "http://bot.example"), b}}
	}
	block := func(b content.Block) checked { return content.NewAttach(content.MessageBlock("x"), b) }
	for _, tt := range []struct {
		value checked
		want  string
	}{
		{&content.Keyboard{}, "BUTTONS: has no button"},
		{&content.Keyboard{Buttons: []content.Button{{Type: content.NewLine}}}, "BUTTONS: has no button"},
		{&content.Keyboard{BotID: -1, Buttons: []content.Button{content.LinkButton("a", "/")}}, "BOT_ID: is -1, want a positive number"},
		{button(func(b *content.Button) { b.Text = " " }), "BUTTONS[1]: has no TEXT"},
		{button(func(b *content.Button) { b.Text = "0" }), `BUTTONS[1]: has the TEXT "0", which portals take for none`},
		{button(func(b *content.Button) { b.Link = "" }), "BUTTONS[1]: has neither LINK, APP_ID, ACTION nor COMMAND"},
		{button(func(b *content.Button) { b.Command = "help" }), "BUTTONS[1]: has LINK and COMMAND, of which only the first would count"},
		{button(func(b *content.Button) { b.Link = "HTTPS://bot.example" }), `BUTTONS[1]: has the LINK "HTTPS://bot.example", want one that starts with http://, https:// or /`},
		{button(func(b *content.Button) { b.AppParams = "x" }), "BUTTONS[1]: has APP_PARAMS without APP_ID"},
		{button(func(b *content.Button) { b.ActionValue = "x" }), "BUTTONS[1]: has ACTION_VALUE without ACTION"},
		{button(func(b *content.Button) { b.CommandParams = "x" }), "BUTTONS[1]: has COMMAND_PARAMS without COMMAND"},
		{button(func(b *content.Button) { *b = content.ActionButton("a", "JUMP", "x") }), `BUTTONS[1]: has the ACTION "JUMP", want one of [PUT SEND COPY CALL DIALOG]`},
		{button(func(b *content.Button) { *b = content.ActionButton("a", content.ActionPut, " ") }), "BUTTONS[1]: has no ACTION_VALUE"},
		{button(func(b *content.Button) { *b = content.CommandButton("a", "/", "") }), "BUTTONS[1]: has no COMMAND"},
		{button(func(b *content.Button) { *b = content.CommandButton("a", "0", "") }), `BUTTONS[1]: has the COMMAND "0", which portals take for none`},
		{button(func(b *content.Button) { *b = content.CommandButton("a", "page", "0") }), `BUTTONS[1]: has the COMMAND_PARAMS "0", which portals take for none`},
		{button(func(b *content.Button) { *b = content.Button{Text: "a", AppID: -1} }), "BUTTONS[1]: has the APP_ID -1, which is negative"},
		{button(func(b *content.Button) { b.Type = "ROW" }), `BUTTONS[1]: has the TYPE "ROW", want one of [NEWLINE]`},
		{button(func(b *content.Button) { b.Type = content.NewLine }), "BUTTONS[1]: is NEWLINE and has other fields"},
		{button(func(b *content.Button) { b.Context = "WEB" }), `BUTTONS[1]: has the CONTEXT "WEB", want one of [ALL MOBILE DESKTOP]`},
		{button(func(b *content.Button) { b.Display = content.DisplayRow }), `BUTTONS[1]: has the DISPLAY "ROW", want one of [BLOCK LINE]`},
		{button(func(b *content.Button) { b.Width = -1 }), "BUTTONS[1]: has the WIDTH -1, which is negative"},
		{button(func(b *content.Button) { b.BgColor = "red" }), `BUTTONS[1]: has the BG_COLOR "red", want #RGB or #RRGGBB`},
		{button(func(b *content.Button) { b.BgColorToken = "red" }), `BUTTONS[1]: has the BG_COLOR_TOKEN "red", want one of [primary secondary alert base]`},
		{button(func(b *content.Button) { b.TextColor = "#12" }), `BUTTONS[1]: has the TEXT_COLOR "#12", want #RGB or #RRGGBB`},
		{button(func(b *content.Button) { b.OffBgColor = "#xyz" }), `BUTTONS[1]: has the OFF_BG_COLOR "#xyz", want #RGB or #RRGGBB`},
		{button(func(b *content.Button) { b.OffTextColor = "#1234" }), `BUTTONS[1]: has the OFF_TEXT_COLOR "#1234", want #RGB or #RRGGBB`},
		{button(func(b *content.Button) { b.Text = strings.Repeat("ж", 60000) }), "is JSON of 60080 characters, want less than 60000"},

		{content.NewMenu(), "ITEMS: has no item"},
		{&content.Menu{BotID: -1, Items: []content.MenuItem{content.LinkItem("a", "/")}}, "BOT_ID: is -1, want a positive number"},
		{content.NewMenu(content.LinkItem("a", "/"), content.CommandItem("", "help", "")), "ITEMS[1]: has no TEXT"},
		{content.NewMenu(content.MenuItem{Text: "a", AppParams: "x", Link: "/"}), "ITEMS[0]: has APP_PARAMS without APP_ID"},
		{content.NewMenu(content.MenuItem{Text: "a", Action: content.ActionPut, ActionValue: "x", AppID: 1}), "ITEMS[0]: has APP_ID and ACTION, of which only the first would count"},
		{content.NewMenu(content.CommandItem("a", "page", "0")), `ITEMS[0]: has the COMMAND_PARAMS "0", which portals take for none`},
		{content.NewMenu(content.MenuItem{Text: "a", Link: "/", Context: "WEB"}), `ITEMS[0]: has the CONTEXT "WEB", want one of [ALL MOBILE DESKTOP]`},
		{content.NewMenu(content.LinkItem(strings.Repeat("x", 60000), "/")), "is JSON of 60034 characters, want less than 60000"},

		{content.NewAttach(), "BLOCKS: has no block"},
		{&content.Attach{ColorToken: "red", Blocks: []content.Block{content.DelimiterBlock()}}, `has the COLOR_TOKEN "red", want one of [primary secondary alert base]`},
		{&content.Attach{Color: "red", Blocks: []content.Block{content.DelimiterBlock()}}, `has the COLOR "red", want #RGB or #RRGGBB`},
		{content.NewAttach(content.MessageBlock(strings.Repeat("x", 60000))), "is JSON of 60027 characters, want less than 60000"},
		{block(content.Block{}), "BLOCKS[1]: is empty"},
		{block(content.GridBlock()), "BLOCKS[1]: is empty"},
		{block(content.MessageBlock(" \n")), "BLOCKS[1]: MESSAGE is blank"},
		{block(content.Block{Message: "a", Delimiter: &content.AttachDelimiter{}}), "BLOCKS[1]: has MESSAGE and DELIMITER, want one of them"},
		{block(content.Block{Delimiter: &content.AttachDelimiter{Size: -1}}), "BLOCKS[1].DELIMITER[0]: has the SIZE -1, which is negative"},
		{block(content.Block{Delimiter: &content.AttachDelimiter{Color: "red"}}), `BLOCKS[1].DELIMITER[0]: has the COLOR "red", want #RGB or #RRGGBB`},
		{block(content.LinkBlock("a", "")), "BLOCKS[1].LINK[0]: has neither LINK, NETWORK_ID, USER_ID nor CHAT_ID"},
		{block(content.LinkBlock("a", "ftp://bot.example")), `BLOCKS[1].LINK[0]: has the LINK "ftp://bot.example", want one that starts with http://, https:// or /`},
		{block(content.Block{Links: []content.AttachLink{{Link: "/"}, {UserID: 5}}}), "BLOCKS[1].LINK[1]: has USER_ID without NAME"},
		{block(content.Block{Links: []content.AttachLink{{Name: "a", UserID: 5, ChatID: 6}}}), "BLOCKS[1].LINK[0]: has USER_ID and CHAT_ID, of which only the first would count"},
		{block(content.Block{Links: []content.AttachLink{{Link: "/", HTML: "a", Preview: "/"}}}), "BLOCKS[1].LINK[0]: has HTML and PREVIEW, of which only the first would count"},
		{block(content.Block{Links: []content.AttachLink{{Link: "/", Height: 1}}}), "BLOCKS[1].LINK[0]: has WIDTH or HEIGHT without PREVIEW"},
		{block(content.Block{Links: []content.AttachLink{{Link: "/", Preview: "x"}}}), `BLOCKS[1].LINK[0]: has the PREVIEW "x", want one that starts with http://, https:// or /`},
		{block(content.Block{Links: []content.AttachLink{{Link: "/", Preview: "/", Width: -1}}}), "BLOCKS[1].LINK[0]: has the WIDTH -1, which is negative"},
		{block(content.Block{Links: []content.AttachLink{{Name: "a", UserID: -1}}}), "BLOCKS[1].LINK[0]: has the USER_ID -1, which is negative"},
		{block(content.UserBlock(5, "")), "BLOCKS[1].USER[0]: has no NAME"},
		{block(content.Block{Users: []content.AttachUser{{Name: "a", UserID: 5, Link: "/"}}}), "BLOCKS[1].USER[0]: has USER_ID and LINK, of which only the first would count"},
		{block(content.Block{Users: []content.AttachUser{{Name: "a", BotID: -5}}}), "BLOCKS[1].USER[0]: has the BOT_ID -5, which is negative"},
		{block(content.Block{Users: []content.AttachUser{{Name: "a", Avatar: "x"}}}), `BLOCKS[1].USER[0]: has the AVATAR "x", want one that starts with http://, https:// or /`},
		{block(content.Block{Users: []content.AttachUser{{Name: "a", AvatarType: "CAT"}}}), `BLOCKS[1].USER[0]: has the AVATAR_TYPE "CAT", want one of [USER CHAT BOT]`},
		{block(content.GridBlock(content.GridRow("a", "b"), content.GridRow("", ""))), "BLOCKS[1].GRID[1]: has neither NAME nor VALUE"},
		{block(content.GridBlock(content.AttachGridItem{Display: "CELL", Name: "a"})), `BLOCKS[1].GRID[0]: has the DISPLAY "CELL", want one of [BLOCK LINE ROW TABLE]`},
		{block(content.GridBlock(content.AttachGridItem{Name: "a", Link: "x"})), `BLOCKS[1].GRID[0]: has the LINK "x", want one that starts with http://, https:// or /`},
		{block(content.ImageBlock(content.AttachImage{})), `BLOCKS[1].IMAGE[0]: has the LINK "", want one that starts with http://, https:// or /`},
		{block(content.ImageBlock(content.AttachImage{Link: "/", Preview: "x"})), `BLOCKS[1].IMAGE[0]: has the PREVIEW "x", want one that starts with http://, https:// or /`},
		{block(content.FileBlock(content.AttachFile{Link: "/", Size: -1})), "BLOCKS[1].FILE[0]: has the SIZE -1, which is negative"},
		{block(content.Block{RichLinks: []content.AttachRichLink{{}}}), "BLOCKS[1].RICH_LINK[0]: has neither LINK, NETWORK_ID, USER_ID nor CHAT_ID"},
	} {
		assert.EqualError(t, tt.value.Check(), tt.want)
	}
	assert.NoError(t, (*content.Keyboard)(nil).Check())
	assert.NoError(t, (*content.Menu)(nil).Check())
	assert.NoError(t, (*content.Attach)(nil).Check())
	assert.NoError(t, content.NewAttach(content.MessageBlock(strings.Repeat("<", 59972))).Check())
	assert.EqualError(t, content.NewAttach(content.MessageBlock(strings.Repeat("<", 59973))).Check(), "is JSON of 60000 characters, want less than 60000")
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	assert.NoError(t, content.CheckText(strings.Repeat("ж", content.MaxTextLength)))
	assert.EqualError(t, content.CheckText(strings.Repeat("ж", content.MaxTextLength+1)),
		"the text has 20001 characters, and the portal would cut it after 20000")
}

// Row leaves the buttons that it is given as they are.
func TestRow(t *testing.T) {
	t.Parallel()
	buttons := []content.Button{content.LinkButton("a", "/"), {Text: "b", Link: "/", Display: content.DisplayBlock}}
	row := content.Row(buttons...)
	assert.Equal(t, []content.Display{content.DisplayLine, content.DisplayBlock}, []content.Display{row[0].Display, row[1].Display})
	assert.Empty(t, buttons[0].Display)
	assert.Empty(t, content.Row(buttons[0])[0].Display)
}

// Whatever is read is written and read again as the same.
func FuzzJSON(f *testing.F) {
	for _, data := range []string{
		`[{"TEXT":"a","LINK":"/","BLOCK":1}]`, `{"BUTTONS":[{"TYPE":"NEWLINE"},{"WIDTH":"5","BOT_ID":3}]}`, `"N"`, `null`, `[[]]`, `{"ITEMS":[{"DISABLED":true}]}`,
		`{"ID":"5","BLOCKS":[{"MESSAGE":{"TEXT":"a"}},{"LINK":[{"LINK":"/"},{}]},{"DELIMITER":[]}]}`, `[{"GRID":{"NAME":5}}]`, `{"BLOCKS":[null]}`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, pair := range [][2]any{{&content.Keyboard{}, &content.Keyboard{}}, {&content.Menu{}, &content.Menu{}}, {&content.Attach{}, &content.Attach{}}} {
			if json.Unmarshal(data, pair[0]) != nil {
				continue
			}
			once, err := json.Marshal(pair[0])
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(once, pair[1]), string(once))
			twice, err := json.Marshal(pair[1])
			require.NoError(t, err)
			require.Equal(t, string(once), string(twice))
		}
	})
}
