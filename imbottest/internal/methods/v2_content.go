package methods

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

const (
	maxText  = 20006 // how many letters of a message are kept whole
	cutText  = 20000 // how many are kept of a longer one
	maxParam = 60000 // how many letters the JSON of a keyboard or an attachment has to stay below
)

// messageText is a text as the server keeps it.
func messageText(text string) string {
	text = strings.NewReplacer("[BR]", "\n", "[br]", "\n", "#BR#", "\n").Replace(text)
	if utf8.RuneCountInString(text) > maxText {
		return cut(text, cutText) + " (...)"
	}
	return text
}

// structure returns a structure, which may be JSON in a text, and false for everything else.
func structure(value any) (*php.Array, bool) { return php.List(value) }

// fits reports whether something is small enough to be kept with a message.
func fits(value *php.Array) bool { return value == nil || utf8.RuneCount(php.Encode(value)) < maxParam }

// keyboardOf reads a keyboard that is an object with BUTTONS, or their list, as JSON or not. Its buttons belong to a
// bot, or to the one that it names if bot is 0. It returns nil if no button is left.
func keyboardOf(value any, bot int64) *php.Array {
	keyboard, valid := structure(value)
	if !valid {
		return nil
	}
	list := keyboard
	if named, isArray := keyboard.Get("BUTTONS").(*php.Array); isArray {
		list = named
		if bot == 0 {
			bot = php.Intval(keyboard.Get("BOT_ID"))
		}
	}
	buttons := php.New()
	for _, value := range list.All() {
		if button, isArray := value.(*php.Array); isArray {
			if kept := buttonOf(button, bot); kept != nil {
				buttons.Append(kept)
			}
		}
	}
	if buttons.Len() == 0 {
		return nil
	}
	return buttons
}

var (
	linkForm      = regexp.MustCompile(`^(?:/|https?://)`)
	buttonActions = []string{"PUT", "SEND", "COPY", "CALL", "DIALOG", "LIVECHAT", "HELP"}
)

// buttonOf is a button as the server keeps it, with one target, and nil for one that is dropped: without a text, or
// without a target.
func buttonOf(sent *php.Array, bot int64) *php.Array {
	textOf := func(name string) string { return php.Trim(sent.Get(name)) }
	if textOf("TYPE") == "NEWLINE" {
		return php.New().Set("TYPE", "NEWLINE").Set("CONTEXT", oneOf(textOf("CONTEXT"), "ALL", "MOBILE", "DESKTOP"))
	}
	button := php.New().Set("BOT_ID", bot).Set("TYPE", "BUTTON").Set("TEXT", textOf("TEXT"))
	switch {
	case textOf("TEXT") == "":
		return nil
	case linkForm.MatchString(textOf("LINK")):
		button.Set("LINK", textOf("LINK"))
	case php.Intval(sent.Get("APP_ID")) > 0:
		button.Set("APP_ID", php.Intval(sent.Get("APP_ID"))).Set("APP_PARAMS", textOf("APP_PARAMS"))
	case slices.Contains(buttonActions, textOf("ACTION")):
		button.Set("ACTION", textOf("ACTION")).Set("ACTION_VALUE", textOf("ACTION_VALUE"))
	case bot > 0 && strings.TrimPrefix(textOf("COMMAND"), "/") != "":
		button.Set("COMMAND", strings.TrimPrefix(textOf("COMMAND"), "/")).Set("COMMAND_PARAMS", textOf("COMMAND_PARAMS"))
	default:
		return nil
	}
	for _, name := range []string{"WIDTH", "BG_COLOR", "BG_COLOR_TOKEN", "TEXT_COLOR", "OFF_BG_COLOR", "OFF_TEXT_COLOR"} {
		if value := sent.Get(name); value != nil {
			button.Set(name, value)
		}
	}
	return button.Set("DISPLAY", oneOf(textOf("DISPLAY"), "BLOCK", "LINE")).
		Set("CONTEXT", oneOf(textOf("CONTEXT"), "ALL", "MOBILE", "DESKTOP")).
		Set("BLOCK", flag(sent.Get("BLOCK"))).Set("DISABLED", flag(sent.Get("DISABLED")))
}

// oneOf returns a value that is allowed, and the default for every other.
func oneOf(value, otherwise string, allowed ...string) string {
	if slices.Contains(allowed, value) {
		return value
	}
	return otherwise
}

// flag is a flag of version 1, where a text alone is a yes.
func flag(value any) string {
	if value == "Y" {
		return "Y"
	}
	return "N"
}

// attachOf reads an attachment that is an object with BLOCKS, as JSON or not, or the list of blocks alone. It returns
// nil if no block is left.
func attachOf(value any) *php.Array {
	sent, valid := structure(value)
	if !valid {
		return nil
	}
	attach, blocks := php.New(), sent
	if named, isArray := sent.Get("BLOCKS").(*php.Array); isArray {
		attach.Merge(sent.Without("BLOCKS"))
		blocks = named
	}
	kept := php.New()
	for _, value := range blocks.All() {
		block, isArray := value.(*php.Array)
		if !isArray {
			continue
		}
		for name, content := range block.All() {
			if isBlock(name, content) {
				kept.Append(php.New().Set(name, content))
				break
			}
		}
	}
	if kept.Len() == 0 {
		return nil
	}
	return php.ListOf([]*php.Array{attach.Set("BLOCKS", kept)})
}

// isBlock reports whether something is a block of an attachment. Others are skipped.
func isBlock(name string, content any) bool {
	inside, isArray := content.(*php.Array)
	switch name {
	case "MESSAGE":
		return text(content) || isArray && inside.Get("TEXT") != nil
	case "USER", "LINK", "RICH_LINK", "IMAGE", "FILE", "GRID":
		return isArray && inside.Len() > 0
	case "DELIMITER":
		return isArray || content == true
	default:
		return false
	}
}

// The following read a part of a message as all methods but Chat.Message.send do. They return nil for what is lost.

// laterKeyboard knows no bot of the buttons but the one that the keyboard names, and in a text no bare list.
func laterKeyboard(value any) *php.Array {
	if keyboard, _ := structure(value); text(value) && keyboard.Get("BUTTONS") == nil {
		return nil
	}
	return keyboardOf(value, 0)
}

// laterAttach knows a bare list of blocks in a text alone.
func laterAttach(value any) *php.Array {
	if attach, isArray := value.(*php.Array); isArray && attach.Get("BLOCKS") == nil {
		return nil
	}
	return attachOf(value)
}
