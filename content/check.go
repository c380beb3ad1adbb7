package content

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxTextLength is how many characters a message may have. Of a longer one the portal keeps the beginning and adds
// " (...)"; its answer does not say so.
const MaxTextLength = 20000

// maxJSONLength is what the JSON of a keyboard, a menu or an attachment stays below, in characters.
const maxJSONLength = 60000

// CheckText reports a message that the portal would cut: one of more than [MaxTextLength] characters.
func CheckText(text string) error {
	if n := utf8.RuneCountInString(text); n > MaxTextLength {
		return fmt.Errorf("the text has %d characters, and the portal would cut it after %d", n, MaxTextLength)
	}
	return nil
}

// Check reports what the portal would refuse, or drop without a word: an empty keyboard, a button without a text or
// with no target or two, what is not one of the values that exist, 60,000 characters of JSON. The error is about the
// first mistake, and says where it is: BUTTONS[2]. A nil keyboard is not an error.
func (k *Keyboard) Check() error {
	if k == nil {
		return nil
	}
	if !slices.ContainsFunc(k.Buttons, func(b Button) bool { return b.Type != NewLine }) {
		return errors.New("BUTTONS: has no button")
	}
	if k.BotID < 0 {
		return fmt.Errorf("BOT_ID: is %d, want a positive number", k.BotID)
	}
	for i, b := range k.Buttons {
		if err := b.check(); err != nil {
			return fmt.Errorf("BUTTONS[%d]: %w", i, err)
		}
	}
	if k.isSmall() {
		return nil
	}
	return checkSize(k)
}

// Check reports what the portal would refuse, or drop without a word, as [Keyboard.Check] does.
func (m *Menu) Check() error {
	if m == nil {
		return nil
	}
	if len(m.Items) == 0 {
		return errors.New("ITEMS: has no item")
	}
	if m.BotID < 0 {
		return fmt.Errorf("BOT_ID: is %d, want a positive number", m.BotID)
	}
	for i, item := range m.Items {
		b := Button{
			Text: item.Text, Link: item.Link, Command: item.Command, CommandParams: item.CommandParams, AppID: item.AppID,
			AppParams: item.AppParams, Action: item.Action, ActionValue: item.ActionValue, Context: item.Context,
		}
		if err := b.check(); err != nil {
			return fmt.Errorf("ITEMS[%d]: %w", i, err)
		}
	}
	return checkSize(m)
}

// Check reports what the portal would refuse, or drop without a word: an attachment without blocks, a block that is
// empty or of two kinds, a wrong address, and the like, as [Keyboard.Check] does.
func (a *Attach) Check() error {
	if a == nil {
		return nil
	}
	if len(a.Blocks) == 0 {
		return errors.New("BLOCKS: has no block")
	}
	if err := cmp.Or(a.ColorToken.check("COLOR_TOKEN"), checkColor("COLOR", a.Color)); err != nil {
		return err
	}
	for i, b := range a.Blocks {
		if err := b.check(); err != nil {
			return fmt.Errorf("BLOCKS[%d]%w", i, err)
		}
	}
	return checkSize(a)
}

// isSmall reports whether the JSON of a keyboard cannot be too long, whatever has to be escaped in it.
func (k *Keyboard) isSmall() bool {
	const names, longestEscape = 400, 6 // of the fields of a button, and of a character
	size := 0
	for _, b := range k.Buttons {
		size += names + longestEscape*(len(b.Text)+len(b.Link)+len(b.AppParams)+len(b.ActionValue)+len(b.Command)+len(b.CommandParams))
	}
	return size < maxJSONLength/2
}

func (b Button) check() error {
	if b.Type == NewLine {
		if b != (Button{Type: NewLine}) {
			return errors.New("is NEWLINE and has other fields")
		}
		return nil
	}
	return cmp.Or(
		oneOf("TYPE", b.Type, NewLine),
		required("TEXT", b.Text),
		notZero("TEXT", b.Text),
		b.checkTarget(),
		oneOf("CONTEXT", b.Context, ContextAll, ContextMobile, ContextDesktop),
		oneOf("DISPLAY", b.Display, DisplayBlock, DisplayLine),
		notNegative("WIDTH", b.Width),
		checkColor("BG_COLOR", b.BgColor),
		b.BgColorToken.check("BG_COLOR_TOKEN"),
		checkColor("TEXT_COLOR", b.TextColor),
		checkColor("OFF_BG_COLOR", b.OffBgColor),
		checkColor("OFF_TEXT_COLOR", b.OffTextColor),
	)
}

func (b Button) checkTarget() error {
	n, targets := present(field{"LINK", b.Link != ""}, field{"APP_ID", b.AppID != 0}, field{"ACTION", b.Action != ""},
		field{"COMMAND", b.Command != ""})
	switch {
	case n == 0:
		return errors.New("has neither LINK, APP_ID, ACTION nor COMMAND")
	case n > 1:
		return fmt.Errorf("has %s, of which only the first would count", targets)
	case b.AppParams != "" && b.AppID == 0:
		return errors.New("has APP_PARAMS without APP_ID")
	case b.ActionValue != "" && b.Action == "":
		return errors.New("has ACTION_VALUE without ACTION")
	case b.CommandParams != "" && b.Command == "":
		return errors.New("has COMMAND_PARAMS without COMMAND")
	case b.Action != "":
		return cmp.Or(
			oneOf("ACTION", b.Action, ActionPut, ActionSend, ActionCopy, ActionCall, ActionDialog,
				"LIVECHAT", "HELP"),
			required("ACTION_VALUE", b.ActionValue),
		)
	case b.Command != "":
		return cmp.Or(
			required("COMMAND", strings.TrimPrefix(b.Command, "/")),
			notZero("COMMAND", b.Command),
			notZero("COMMAND_PARAMS", b.CommandParams),
		)
	case b.AppID != 0:
		return notNegative("APP_ID", b.AppID)
	}
	return checkAddress("LINK", b.Link)
}

// check starts its error with what follows BLOCKS[0]: a field, or a colon.
func (b Block) check() error {
	n, kinds := present(field{"MESSAGE", b.Message != ""}, field{"LINK", len(b.Links) > 0}, field{"USER", len(b.Users) > 0},
		field{"GRID", len(b.Grid) > 0}, field{"IMAGE", len(b.Images) > 0}, field{"FILE", len(b.Files) > 0},
		field{"DELIMITER", b.Delimiter != nil}, field{"RICH_LINK", len(b.RichLinks) > 0})
	switch {
	case n == 0:
		return errors.New(": is empty")
	case n > 1:
		return fmt.Errorf(": has %s, want one of them", kinds)
	case b.Message != "" && strings.TrimSpace(b.Message) == "":
		return errors.New(": MESSAGE is blank")
	case b.Message != "":
		return nil
	case b.Delimiter != nil:
		return each("DELIMITER", []AttachDelimiter{*b.Delimiter}, func(d AttachDelimiter) error {
			return cmp.Or(notNegative("SIZE", d.Size), checkColor("COLOR", d.Color))
		})
	}
	return cmp.Or(
		each("LINK", b.Links, AttachLink.check),
		each("USER", b.Users, AttachUser.check),
		each("GRID", b.Grid, AttachGridItem.check),
		each("IMAGE", b.Images, func(i AttachImage) error {
			return cmp.Or(checkAddress("LINK", i.Link), optional("PREVIEW", i.Preview), notNegative("WIDTH", i.Width),
				notNegative("HEIGHT", i.Height))
		}),
		each("FILE", b.Files, func(f AttachFile) error {
			return cmp.Or(checkAddress("LINK", f.Link), notNegative("SIZE", f.Size))
		}),
		each("RICH_LINK", b.RichLinks, AttachLink.check),
	)
}

func (l AttachLink) check() error {
	n, targets := present(field{"NETWORK_ID", l.NetworkID != ""}, field{"USER_ID", l.UserID != 0},
		field{"CHAT_ID", l.ChatID != 0})
	switch {
	case n > 1:
		return fmt.Errorf("has %s, of which only the first would count", targets)
	case n > 0 && l.Name == "":
		return fmt.Errorf("has %s without NAME", targets)
	case n == 0 && l.Link == "":
		return errors.New("has neither LINK, NETWORK_ID, USER_ID nor CHAT_ID")
	case l.Preview != "" && l.HTML != "":
		return errors.New("has HTML and PREVIEW, of which only the first would count")
	case l.Preview == "" && (l.Width != 0 || l.Height != 0):
		return errors.New("has WIDTH or HEIGHT without PREVIEW")
	}
	return cmp.Or(optional("LINK", l.Link), optional("PREVIEW", l.Preview), notNegative("USER_ID", l.UserID),
		notNegative("CHAT_ID", l.ChatID), notNegative("WIDTH", l.Width), notNegative("HEIGHT", l.Height))
}

func (u AttachUser) check() error {
	n, targets := present(field{"NETWORK_ID", u.NetworkID != ""}, field{"USER_ID", u.UserID != 0},
		field{"CHAT_ID", u.ChatID != 0}, field{"BOT_ID", u.BotID != 0}, field{"LINK", u.Link != ""})
	if n > 1 {
		return fmt.Errorf("has %s, of which only the first would count", targets)
	}
	return cmp.Or(required("NAME", u.Name), optional("LINK", u.Link), optional("AVATAR", u.Avatar),
		notNegative("USER_ID", u.UserID), notNegative("CHAT_ID", u.ChatID), notNegative("BOT_ID", u.BotID),
		oneOf("AVATAR_TYPE", u.AvatarType, AvatarUser, AvatarChat, AvatarBot))
}

func (g AttachGridItem) check() error {
	if g.Display != DisplayLine && strings.TrimSpace(g.Name+g.Value) == "" {
		return errors.New("has neither NAME nor VALUE")
	}
	return cmp.Or(oneOf("DISPLAY", g.Display, DisplayBlock, DisplayLine, DisplayRow, DisplayTable),
		optional("LINK", g.Link), g.ColorToken.check("COLOR_TOKEN"), checkColor("COLOR", g.Color),
		notNegative("WIDTH", g.Width), notNegative("HEIGHT", g.Height), notNegative("USER_ID", g.UserID),
		notNegative("CHAT_ID", g.ChatID))
}

func (c ColorToken) check(field string) error {
	return oneOf(field, c, ColorPrimary, ColorSecondary, ColorAlert, ColorBase)
}

// each checks every element of a list.
func each[T any](field string, list []T, check func(T) error) error {
	for i, v := range list {
		if err := check(v); err != nil {
			return fmt.Errorf(".%s[%d]: %w", field, i, err)
		}
	}
	return nil
}

// field is a field, and whether it is set.
type field struct {
	name string
	set  bool
}

// present returns how many fields are set, and which.
func present(fields ...field) (n int, names string) {
	for _, f := range fields {
		switch {
		case !f.set:
			continue
		case n == 0:
			names = f.name
		default:
			names = strings.Join([]string{names, f.name}, " and ")
		}
		n++
	}
	return n, names
}

var colorForm = regexp.MustCompile(`^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`)

func required(name, value string) error {
	if strings.TrimSpace(value) == "" {
		return fmt.Errorf("has no %s", name)
	}
	return nil
}

// notZero finds the one text that is empty in PHP without being so.
func notZero(field, value string) error {
	if value == "0" {
		return fmt.Errorf(`has the %s "0", which portals take for none`, field)
	}
	return nil
}

func notNegative(field string, n int64) error {
	if n < 0 {
		return fmt.Errorf("has the %s %d, which is negative", field, n)
	}
	return nil
}

func oneOf[S ~string](field string, value S, values ...S) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	known := make([]string, 0, len(values))
	for _, v := range values {
		known = append(known, string(v))
	}
	return fmt.Errorf("has the %s %q, want one of %v", field, value, known)
}

func checkAddress(field, value string) error {
	if !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") {
		return fmt.Errorf("has the %s %q, want one that starts with http://, https:// or /", field, value)
	}
	return nil
}

func optional(field, address string) error {
	if address == "" {
		return nil
	}
	return checkAddress(field, address)
}

func checkColor(field, value string) error {
	if value != "" && !colorForm.MatchString(value) {
		return fmt.Errorf("has the %s %q, want #RGB or #RRGGBB", field, value)
	}
	return nil
}

func checkSize(v any) error {
	data, err := encode(v)
	if err != nil {
		return err
	}
	if n := utf8.RuneCount(data); n >= maxJSONLength {
		return fmt.Errorf("is JSON of %d characters, want less than %d", n, maxJSONLength)
	}
	return nil
}
