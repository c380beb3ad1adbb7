package imbot

import (
	"context"
	"strings"
)

// CommandService has the methods imbot.command.*, as [Client.Command]. They fail as those of [ChatService]. Register is
// repeated after a lost answer, as it cannot act twice; the others are not.
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot#example-CommandService.Register
type CommandService struct{ client *Client }

// CommandRegisterRequest is a command to register, and the address that it is posted to.
type CommandRegisterRequest struct {
	BotID           BotID         `json:"BOT_ID"`                     // the bot; required, or [ErrBotID]
	Command         string        `json:"COMMAND"`                    // the word, of Latin letters and digits, with or without a slash: "help"; required, or [ErrCommandEmpty]
	EventCommandAdd string        `json:"EVENT_COMMAND_ADD"`          // where the portal posts that it was given; required, or [ErrEventCommandAdd]
	Lang            []CommandLang `json:"LANG"`                       // what people read, also of a hidden one; required, or [ErrLang]
	Common          *YesNo        `json:"COMMON,omitempty"`           // it works in every chat; nil: where the bot is
	Hidden          *YesNo        `json:"HIDDEN,omitempty"`           // it is in no list; nil: it is listed
	ExtranetSupport *YesNo        `json:"EXTRANET_SUPPORT,omitempty"` // users from outside the company may give it; nil: they may not
	ClientID        string        `json:"CLIENT_ID,omitempty"`        // see [WithClientID]
}

// CommandLang is what people read of a command in one language.
type CommandLang struct {
	LanguageID string `json:"LANGUAGE_ID"`      // the language: "en", "ru"; required
	Title      string `json:"TITLE"`            // what the command does; required
	Params     string `json:"PARAMS,omitempty"` // what to type behind it
}

// CommandRegisterResponse is the answer to [CommandService.Register]; its Result is the command.
type CommandRegisterResponse = Response[CommandID]

// MethodCommandRegister is the method of [CommandService.Register].
var MethodCommandRegister = Method[CommandRegisterRequest, CommandID]{
	Name: "imbot.command.register", Idempotent: true, Validate: validateCommandRegister, Refusals: refusedByBot, Check: mustBeID[CommandID],
}

// Register registers a command of a bot. If the bot has a command by this word, its id is returned and it keeps what it
// is, whatever the request says. That makes Register safe to repeat, and it is repeated after a lost answer. The new
// address counts in either case, for the commands of all bots of the application, or of the CLIENT_ID; by webhook the
// portal adds the CLIENT_ID to it.
//
// It is refused where the address is not one that events can be posted to ([ErrEventCommandAdd]), and where the portal
// fails to make the command ([ErrWrongRequest]).
//
// Scope: imbot. Superseded by imbot.v2.Command.register, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/commands/imbot-command-register.html
func (s *CommandService) Register(ctx context.Context, req CommandRegisterRequest) (*CommandRegisterResponse, error) {
	return Call(ctx, s.client, MethodCommandRegister, req)
}

func validateCommandRegister(r CommandRegisterRequest) error {
	return firstProblem(
		requireID("BOT_ID", r.BotID, ErrBotID),
		checkHandlers("", "", handler{"EVENT_COMMAND_ADD", r.EventCommandAdd, true}),
		requireText("COMMAND", strings.TrimPrefix(r.Command, "/"), "COMMAND_ERROR"),
		allowWord("COMMAND", r.Command),
		requireLang("LANG", r.Lang),
	)
}
