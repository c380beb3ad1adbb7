package content_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/content"
)

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
		{
			&content.Keyboard{BotID: -1, Buttons: []content.Button{content.LinkButton("a", "/")}},
			"BOT_ID: is -1, want a positive number",
		},
		{button(func(b *content.Button) { b.Text = " " }), "BUTTONS[1]: has no TEXT"},
		{
			button(func(b *content.Button) { b.Text = "0" }),
			`BUTTONS[1]: has the TEXT "0", which portals take for none`,
		},
		{button(func(b *content.Button) { b.Link = "" }), "BUTTONS[1]: has neither LINK, APP_ID, ACTION nor COMMAND"},
		{
			button(func(b *content.Button) { b.Command = "help" }),
			"BUTTONS[1]: has LINK and COMMAND, of which only the first would count",
		},
		{
			button(func(b *content.Button) { b.Link = "HTTPS://bot.example" }),
			`BUTTONS[1]: has the LINK "HTTPS://bot.example", want one that starts with http://, https:// or /`,
		},
		{button(func(b *content.Button) { b.AppParams = "x" }), "BUTTONS[1]: has APP_PARAMS without APP_ID"},
		{button(func(b *content.Button) { b.ActionValue = "x" }), "BUTTONS[1]: has ACTION_VALUE without ACTION"},
		{button(func(b *content.Button) { b.CommandParams = "x" }), "BUTTONS[1]: has COMMAND_PARAMS without COMMAND"},
		{
			button(func(b *content.Button) { *b = content.ActionButton("a", "JUMP", "x") }),
			`BUTTONS[1]: has the ACTION "JUMP", want one of [PUT SEND COPY CALL DIALOG LIVECHAT HELP]`,
		},
		{
			button(func(b *content.Button) { *b = content.ActionButton("a", content.ActionPut, " ") }),
			"BUTTONS[1]: has no ACTION_VALUE",
		},
		{button(func(b *content.Button) { *b = content.CommandButton("a", "/", "") }), "BUTTONS[1]: has no COMMAND"},
		{
			button(func(b *content.Button) { *b = content.CommandButton("a", "0", "") }),
			`BUTTONS[1]: has the COMMAND "0", which portals take for none`,
		},
		{
			button(func(b *content.Button) { *b = content.CommandButton("a", "page", "0") }),
			`BUTTONS[1]: has the COMMAND_PARAMS "0", which portals take for none`,
		},
		{
			button(func(b *content.Button) { *b = content.Button{Text: "a", AppID: -1} }),
			"BUTTONS[1]: has the APP_ID -1, which is negative",
		},
		{button(func(b *content.Button) { b.Type = "ROW" }), `BUTTONS[1]: has the TYPE "ROW", want one of [NEWLINE]`},
		{button(func(b *content.Button) { b.Type = content.NewLine }), "BUTTONS[1]: is NEWLINE and has other fields"},
		{
			button(func(b *content.Button) { b.Context = "WEB" }),
			`BUTTONS[1]: has the CONTEXT "WEB", want one of [ALL MOBILE DESKTOP]`,
		},
		{
			button(func(b *content.Button) { b.Display = content.DisplayRow }),
			`BUTTONS[1]: has the DISPLAY "ROW", want one of [BLOCK LINE]`,
		},
		{button(func(b *content.Button) { b.Width = -1 }), "BUTTONS[1]: has the WIDTH -1, which is negative"},
		{
			button(func(b *content.Button) { b.BgColor = "red" }),
			`BUTTONS[1]: has the BG_COLOR "red", want #RGB or #RRGGBB`,
		},
		{
			button(func(b *content.Button) { b.BgColorToken = "red" }),
			`BUTTONS[1]: has the BG_COLOR_TOKEN "red", want one of [primary secondary alert base]`,
		},
		{
			button(func(b *content.Button) { b.TextColor = "#12" }),
			`BUTTONS[1]: has the TEXT_COLOR "#12", want #RGB or #RRGGBB`,
		},
		{
			button(func(b *content.Button) { b.OffBgColor = "#xyz" }),
			`BUTTONS[1]: has the OFF_BG_COLOR "#xyz", want #RGB or #RRGGBB`,
		},
		{
			button(func(b *content.Button) { b.OffTextColor = "#1234" }),
			`BUTTONS[1]: has the OFF_TEXT_COLOR "#1234", want #RGB or #RRGGBB`,
		},
		{
			button(func(b *content.Button) { b.Text = strings.Repeat("ж", 60000) }),
			"is JSON of 60080 characters, want less than 60000",
		},

		{content.NewMenu(), "ITEMS: has no item"},
		{
			&content.Menu{BotID: -1, Items: []content.MenuItem{content.LinkItem("a", "/")}},
			"BOT_ID: is -1, want a positive number",
		},
		{content.NewMenu(content.LinkItem("a", "/"), content.CommandItem("", "help", "")), "ITEMS[1]: has no TEXT"},
		{
			content.NewMenu(content.MenuItem{Text: "a", AppParams: "x", Link: "/"}),
			"ITEMS[0]: has APP_PARAMS without APP_ID",
		},
		{
			content.NewMenu(content.MenuItem{Text: "a", Action: content.ActionPut, ActionValue: "x", AppID: 1}),
			"ITEMS[0]: has APP_ID and ACTION, of which only the first would count",
		},
		{
			content.NewMenu(content.CommandItem("a", "page", "0")),
			`ITEMS[0]: has the COMMAND_PARAMS "0", which portals take for none`,
		},
		{
			content.NewMenu(content.MenuItem{Text: "a", Link: "/", Context: "WEB"}),
			`ITEMS[0]: has the CONTEXT "WEB", want one of [ALL MOBILE DESKTOP]`,
		},
		{
			content.NewMenu(content.LinkItem(strings.Repeat("x", 60000), "/")),
			"is JSON of 60034 characters, want less than 60000",
		},

		{content.NewAttach(), "BLOCKS: has no block"},
		{
			&content.Attach{ColorToken: "red", Blocks: []content.Block{content.DelimiterBlock()}},
			`has the COLOR_TOKEN "red", want one of [primary secondary alert base]`,
		},
		{
			&content.Attach{Color: "red", Blocks: []content.Block{content.DelimiterBlock()}},
			`has the COLOR "red", want #RGB or #RRGGBB`,
		},
		{
			content.NewAttach(content.MessageBlock(strings.Repeat("x", 60000))),
			"is JSON of 60027 characters, want less than 60000",
		},
		{block(content.Block{}), "BLOCKS[1]: is empty"},
		{block(content.GridBlock()), "BLOCKS[1]: is empty"},
		{block(content.MessageBlock(" \n")), "BLOCKS[1]: MESSAGE is blank"},
		{
			block(content.Block{Message: "a", Delimiter: &content.AttachDelimiter{}}),
			"BLOCKS[1]: has MESSAGE and DELIMITER, want one of them",
		},
		{
			block(content.Block{Delimiter: &content.AttachDelimiter{Size: -1}}),
			"BLOCKS[1].DELIMITER[0]: has the SIZE -1, which is negative",
		},
		{
			block(content.Block{Delimiter: &content.AttachDelimiter{Color: "red"}}),
			`BLOCKS[1].DELIMITER[0]: has the COLOR "red", want #RGB or #RRGGBB`,
		},
		{block(content.LinkBlock("a", "")), "BLOCKS[1].LINK[0]: has neither LINK, NETWORK_ID, USER_ID nor CHAT_ID"},
		{
			block(content.LinkBlock("a", "ftp://bot.example")),
			`BLOCKS[1].LINK[0]: has the LINK "ftp://bot.example", want one that starts with http://, https:// or /`,
		},
		{
			block(content.Block{Links: []content.AttachLink{{Link: "/"}, {UserID: 5}}}),
			"BLOCKS[1].LINK[1]: has USER_ID without NAME",
		},
		{
			block(content.Block{Links: []content.AttachLink{{Name: "a", UserID: 5, ChatID: 6}}}),
			"BLOCKS[1].LINK[0]: has USER_ID and CHAT_ID, of which only the first would count",
		},
		{
			block(content.Block{Links: []content.AttachLink{{Link: "/", HTML: "a", Preview: "/"}}}),
			"BLOCKS[1].LINK[0]: has HTML and PREVIEW, of which only the first would count",
		},
		{
			block(content.Block{Links: []content.AttachLink{{Link: "/", Height: 1}}}),
			"BLOCKS[1].LINK[0]: has WIDTH or HEIGHT without PREVIEW",
		},
		{
			block(content.Block{Links: []content.AttachLink{{Link: "/", Preview: "x"}}}),
			`BLOCKS[1].LINK[0]: has the PREVIEW "x", want one that starts with http://, https:// or /`,
		},
		{
			block(content.Block{Links: []content.AttachLink{{Link: "/", Preview: "/", Width: -1}}}),
			"BLOCKS[1].LINK[0]: has the WIDTH -1, which is negative",
		},
		{
			block(content.Block{Links: []content.AttachLink{{Name: "a", UserID: -1}}}),
			"BLOCKS[1].LINK[0]: has the USER_ID -1, which is negative",
		},
		{block(content.UserBlock(5, "")), "BLOCKS[1].USER[0]: has no NAME"},
		{
			block(content.Block{Users: []content.AttachUser{{Name: "a", UserID: 5, Link: "/"}}}),
			"BLOCKS[1].USER[0]: has USER_ID and LINK, of which only the first would count",
		},
		{
			block(content.Block{Users: []content.AttachUser{{Name: "a", BotID: -5}}}),
			"BLOCKS[1].USER[0]: has the BOT_ID -5, which is negative",
		},
		{
			block(content.Block{Users: []content.AttachUser{{Name: "a", Avatar: "x"}}}),
			`BLOCKS[1].USER[0]: has the AVATAR "x", want one that starts with http://, https:// or /`,
		},
		{
			block(content.Block{Users: []content.AttachUser{{Name: "a", AvatarType: "CAT"}}}),
			`BLOCKS[1].USER[0]: has the AVATAR_TYPE "CAT", want one of [USER CHAT BOT]`,
		},
		{
			block(content.GridBlock(content.GridRow("a", "b"), content.GridRow("", ""))),
			"BLOCKS[1].GRID[1]: has neither NAME nor VALUE",
		},
		{
			block(content.GridBlock(content.AttachGridItem{Display: "CELL", Name: "a"})),
			`BLOCKS[1].GRID[0]: has the DISPLAY "CELL", want one of [BLOCK LINE ROW TABLE]`,
		},
		{
			block(content.GridBlock(content.AttachGridItem{Name: "a", Link: "x"})),
			`BLOCKS[1].GRID[0]: has the LINK "x", want one that starts with http://, https:// or /`,
		},
		{
			block(content.ImageBlock(content.AttachImage{})),
			`BLOCKS[1].IMAGE[0]: has the LINK "", want one that starts with http://, https:// or /`,
		},
		{
			block(content.ImageBlock(content.AttachImage{Link: "/", Preview: "x"})),
			`BLOCKS[1].IMAGE[0]: has the PREVIEW "x", want one that starts with http://, https:// or /`,
		},
		{
			block(content.FileBlock(content.AttachFile{Link: "/", Size: -1})),
			"BLOCKS[1].FILE[0]: has the SIZE -1, which is negative",
		},
		{
			block(content.Block{RichLinks: []content.AttachLink{{}}}),
			"BLOCKS[1].RICH_LINK[0]: has neither LINK, NETWORK_ID, USER_ID nor CHAT_ID",
		},
	} {
		assert.EqualError(t, tt.value.Check(), tt.want)
	}
	assert.NoError(t, (*content.Keyboard)(nil).Check())
	assert.NoError(t, (*content.Menu)(nil).Check())
	assert.NoError(t, (*content.Attach)(nil).Check())
	assert.NoError(t, content.NewAttach(content.MessageBlock(strings.Repeat("<", 59972))).Check())
	assert.EqualError(t, content.NewAttach(content.MessageBlock(strings.Repeat("<", 59973))).Check(),
		"is JSON of 60000 characters, want less than 60000")
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
	assert.Equal(t, content.DisplayLine, row[0].Display)
	assert.Equal(t, content.DisplayBlock, row[1].Display)
	assert.Empty(t, buttons[0].Display)
	assert.Empty(t, content.Row(buttons[0])[0].Display)
}
