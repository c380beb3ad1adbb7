package imbotv2

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// CommandID identifies a command of a bot. Zero is none. The commands that every portal has are negative, and are texts
// to the portal: "def0" is -1, "def1" is -2. Of such a command with any other text, the number says nothing.
type CommandID int64

// builtIn begins the ids of the commands that every portal has.
const builtIn = "def"

// otherBuiltIn is the id of a command that every portal has, whose text has another form.
const otherBuiltIn CommandID = math.MinInt64

// IsBuiltIn reports whether the command is one that every portal has, and none of a bot.
func (id CommandID) IsBuiltIn() bool { return id < 0 }

// String returns the id as the portal writes it.
func (id CommandID) String() string {
	if id.IsBuiltIn() {
		return builtIn + strconv.FormatInt(-1-int64(id), 10)
	}
	return strconv.FormatInt(int64(id), 10)
}

// MarshalJSON writes a number, and a text for a command that every portal has.
func (id CommandID) MarshalJSON() ([]byte, error) {
	if id.IsBuiltIn() {
		return strconv.AppendQuote(nil, id.String()), nil
	}
	return strconv.AppendInt(nil, int64(id), 10), nil
}

var errNoCommandID = errors.New("not the id of a command")

// UnmarshalJSON reads what the portal writes, and a number in quotes.
func (id *CommandID) UnmarshalJSON(data []byte) error {
	if loose.IsNull(data) {
		return nil
	}
	text, isBuiltIn := strings.CutPrefix(string(loose.Bare(data)), builtIn)
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return errNoCommandID
	}
	if *id = CommandID(number); isBuiltIn {
		*id = CommandID(-1 - number)
	}
	return nil
}

// CommandContext is where a command was given.
type CommandContext string

// The places that a command is given in.
const (
	CommandTextarea CommandContext = "textarea" // it was typed
	CommandKeyboard CommandContext = "keyboard" // a button under a message was pressed
	CommandMenu     CommandContext = "menu"     // it was chosen from the menu of a message
)

// Command is a command of a bot.
type Command struct {
	ID              CommandID   `json:"id"`              // the command
	BotID           imbot.BotID `json:"botId"`           // its bot; zero for the commands that every portal has
	Command         string      `json:"command"`         // as one types it, with the slash: "/help"
	Common          bool        `json:"common"`          // it can be given in every chat
	Hidden          bool        `json:"hidden"`          // it is in no list
	ExtranetSupport bool        `json:"extranetSupport"` // users from outside the company may give it

	// What only Command.list answers.
	Title    string `json:"title"`    // what it does, in the language of the portal
	Params   string `json:"params"`   // what to type behind it, in the language of the portal
	Category string `json:"category"` // the name of the bot
	Context  string `json:"context"`  // where it can be given: "chat", "call", or empty for anywhere
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (c *Command) UnmarshalJSON(data []byte) error {
	type plain Command
	var older struct {
		Extranet bool            `json:"extranet"` // the name in some lists
		ID       json.RawMessage `json:"id"`
	}
	if err := loose.Unmarshal(data, &older); err != nil {
		return err
	}
	err := loose.Unmarshal(data, (*plain)(c))
	c.ExtranetSupport = c.ExtranetSupport || older.Extranet
	if text, ok := loose.Text[string](older.ID); ok && c.ID == 0 && c.BotID == 0 && new(CommandID).UnmarshalJSON(older.ID) != nil && text != "" {
		c.ID = otherBuiltIn
	}
	return err
}

// CommandCall is a command that somebody gave.
type CommandCall struct {
	ID      CommandID      `json:"id"`      // the command
	Command string         `json:"command"` // as it was registered, with the slash: "/help"
	Params  string         `json:"params"`  // what was typed behind it, or belongs to the button
	Context CommandContext `json:"context"` // where it was given; empty where the portal does not say
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (c *CommandCall) UnmarshalJSON(data []byte) error {
	type plain CommandCall
	return loose.Unmarshal(data, (*plain)(c))
}
