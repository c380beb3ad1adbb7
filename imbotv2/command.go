package imbotv2

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// CommandID identifies a command of a bot. Zero is none; the commands that every portal has are zero, too.
type CommandID int64

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
		Extranet bool `json:"extranet"` // the name in some lists
	}
	if err := loose.Unmarshal(data, &older); err != nil {
		return err
	}
	err := loose.Unmarshal(data, (*plain)(c))
	c.ExtranetSupport = c.ExtranetSupport || older.Extranet
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
