package content

import "slices"

// Keyboard is what hangs below a message: buttons, in the order in which they are shown. One without buttons takes away
// those of a message that is changed, and is a mistake everywhere else. The same holds for an [Attach] without blocks and
// a [Menu] without items.
type Keyboard struct {
	// BotID is the bot that the buttons' commands are for, a positive number. Sending a message fills it in. Changing
	// one and answering a command do not: without it, the portal drops every button with a Command there.
	BotID   int64    `json:"BOT_ID,omitempty"`
	Buttons []Button `json:"BUTTONS"` // at least one that is not NewLine
}

// Button is a button of a keyboard. It has a Text and one target: Link, AppID, Action or Command.
type Button struct {
	Text          string     `json:"TEXT,omitempty"`           // required; plain text
	Type          ButtonType `json:"TYPE,omitempty"`           // NewLine, and nothing else is set
	Link          string     `json:"LINK,omitempty"`           // opens http://…, https://…, or a page here: /…
	AppID         int64      `json:"APP_ID,omitempty"`         // opens a chat application; outdated
	AppParams     string     `json:"APP_PARAMS,omitempty"`     // with AppID
	Action        Action     `json:"ACTION,omitempty"`         // done by the client; the bot hears nothing of it
	ActionValue   string     `json:"ACTION_VALUE,omitempty"`   // required with Action: see there
	Command       string     `json:"COMMAND,omitempty"`        // runs a registered command of the bot
	CommandParams string     `json:"COMMAND_PARAMS,omitempty"` // with Command
	Block         Flag       `json:"BLOCK,omitempty"`          // the button is locked once it runs its Command
	Disabled      Flag       `json:"DISABLED,omitempty"`       // the button cannot be pressed
	Context       Context    `json:"CONTEXT,omitempty"`        // where it is shown; everywhere when empty
	Display       Display    `json:"DISPLAY,omitempty"`        // DisplayBlock when empty
	Width         int64      `json:"WIDTH,omitempty"`          // pixels
	BgColor       string     `json:"BG_COLOR,omitempty"`       // as are the other colors, "#RGB" or "#RRGGBB"
	BgColorToken  ColorToken `json:"BG_COLOR_TOKEN,omitempty"` // ColorBase when empty
	TextColor     string     `json:"TEXT_COLOR,omitempty"`     // of the Text
	OffBgColor    string     `json:"OFF_BG_COLOR,omitempty"`   // while it cannot be pressed
	OffTextColor  string     `json:"OFF_TEXT_COLOR,omitempty"` // while it cannot be pressed
}

// Menu is what a message's context menu has besides the usual. Only the first generation of methods takes one.
type Menu struct {
	BotID int64      `json:"BOT_ID,omitempty"` // the bot that the items' commands are for
	Items []MenuItem `json:"ITEMS"`            // at least one
}

// MenuItem is an item of a menu. It has a Text and one target: Link, AppID, Action or Command, which are those of a
// [Button].
type MenuItem struct {
	Text          string  `json:"TEXT,omitempty"`           // required; plain text
	Link          string  `json:"LINK,omitempty"`           // opens http://…, https://…, or a page here: /…
	Command       string  `json:"COMMAND,omitempty"`        // runs a registered command of the bot
	CommandParams string  `json:"COMMAND_PARAMS,omitempty"` // with Command
	AppID         int64   `json:"APP_ID,omitempty"`         // opens a chat application; outdated
	AppParams     string  `json:"APP_PARAMS,omitempty"`     // with AppID
	Action        Action  `json:"ACTION,omitempty"`         // done by the client; the bot hears nothing of it
	ActionValue   string  `json:"ACTION_VALUE,omitempty"`   // required with Action: see there
	Context       Context `json:"CONTEXT,omitempty"`        // where it is shown; everywhere when empty
	Disabled      Flag    `json:"DISABLED,omitempty"`       // the item cannot be chosen
}

// Flag is a boolean that Bitrix24 has as "Y"; not set, it is left out.
type Flag bool

// ButtonType tells the end of a row from a button, which has none.
type ButtonType string

// NewLine ends a row of buttons. [NewKeyboard] puts it between rows.
const NewLine ButtonType = "NEWLINE"

// Action is what a client does when a button is pressed, with the button's ActionValue.
type Action string

// The actions that Bitrix24 documents. Portals accept "LIVECHAT" and "HELP" as well.
const (
	ActionPut    Action = "PUT"    // puts the value into the input field
	ActionSend   Action = "SEND"   // sends the value in the user's name
	ActionCopy   Action = "COPY"   // copies the value
	ActionCall   Action = "CALL"   // calls the value, an international phone number
	ActionDialog Action = "DIALOG" // opens a dialog: "chat13", or the id of a user
)

// Display is how a button, or an item of a grid, is laid out.
type Display string

// The layouts. A button has the first two, an item of a grid any.
const (
	DisplayBlock Display = "BLOCK" // by itself, on a line of its own
	DisplayLine  Display = "LINE"  // side by side with its neighbors
	DisplayRow   Display = "ROW"   // name and value in one row
	DisplayTable Display = "TABLE" // as in a table; some clients show a row
)

// Context is where a button or an item of a menu is shown.
type Context string

// The contexts.
const (
	ContextAll     Context = "ALL"     // everywhere
	ContextMobile  Context = "MOBILE"  // in the mobile application
	ContextDesktop Context = "DESKTOP" // on computers
)

// ColorToken is a color by its role. Each client has its own for it.
type ColorToken string

// The roles of colors.
const (
	ColorPrimary   ColorToken = "primary"   // the main color
	ColorSecondary ColorToken = "secondary" // the second color
	ColorAlert     ColorToken = "alert"     // the color of warnings
	ColorBase      ColorToken = "base"      // the ordinary color
)

// NewKeyboard returns a keyboard of rows, from top to bottom. Empty rows are left out.
func NewKeyboard(rows ...[]Button) *Keyboard {
	k := &Keyboard{}
	for _, row := range rows {
		if len(row) > 0 && len(k.Buttons) > 0 {
			k.Buttons = append(k.Buttons, Button{Type: NewLine})
		}
		k.Buttons = append(k.Buttons, row...)
	}
	return k
}

// Row returns buttons that stand side by side, which takes [DisplayLine]: several get it unless they have a Display. A
// single button keeps the line to itself.
func Row(buttons ...Button) []Button {
	row := slices.Clone(buttons)
	for i := range row {
		if len(row) > 1 && row[i].Display == "" {
			row[i].Display = DisplayLine
		}
	}
	return row
}

// CommandButton returns a button that runs a command of the bot, such as "help", with params, which may be empty.
func CommandButton(text, command, params string) Button {
	return Button{Text: text, Command: command, CommandParams: params}
}

// LinkButton returns a button that opens an address, which starts with http://, https:// or, within the portal, "/".
func LinkButton(text, address string) Button { return Button{Text: text, Link: address} }

// ActionButton returns a button that has the client do something with a value.
func ActionButton(text string, action Action, value string) Button {
	return Button{Text: text, Action: action, ActionValue: value}
}

// NewMenu returns a menu of items, from top to bottom.
func NewMenu(items ...MenuItem) *Menu { return &Menu{Items: items} }

// CommandItem returns an item that runs a command of the bot, as [CommandButton] does.
func CommandItem(text, command, params string) MenuItem {
	return MenuItem{Text: text, Command: command, CommandParams: params}
}

// LinkItem returns an item that opens an address, as [LinkButton] does.
func LinkItem(text, address string) MenuItem { return MenuItem{Text: text, Link: address} }

// ActionItem returns an item that has the client do something with a value, as [ActionButton] does.
func ActionItem(text string, action Action, value string) MenuItem {
	return MenuItem{Text: text, Action: action, ActionValue: value}
}
