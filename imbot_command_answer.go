package imbot

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// CommandAnswerRequest is an answer to a command that somebody gave.
type CommandAnswerRequest struct {
	CommandID  CommandID         `json:"COMMAND_ID,omitempty"`  // the command, as the event has it; this or Command is required, or [ErrCommandID]
	Command    string            `json:"COMMAND,omitempty"`     // the word in place of CommandID: the first command of the application that has it
	MessageID  MessageID         `json:"MESSAGE_ID"`            // the message with the command, as the event has it; required, or [ErrMessageIDEmpty]
	Message    string            `json:"MESSAGE"`               // with BB codes, at most 20,000 characters, see [content.Escape]; required, or [ErrMessageEmpty]
	Attach     *content.Attach   `json:"ATTACH,omitempty"`      // below the text
	Keyboard   *content.Keyboard `json:"KEYBOARD,omitempty"`    // buttons below that
	Menu       *content.Menu     `json:"MENU,omitempty"`        // items for the context menu of the message; not in private chats
	System     *YesNo            `json:"SYSTEM,omitempty"`      // as a message of the portal, which the bot can never change; nil: as one of the bot
	URLPreview *YesNo            `json:"URL_PREVIEW,omitempty"` // shows a card for a link; nil: it does
	BotID      BotID             `json:"BOT_ID,omitempty"`      // the bot that has the command; required beside a Menu with commands, which the portal would drop
	ClientID   string            `json:"CLIENT_ID,omitempty"`   // see [WithClientID]
}

// CommandAnswerResult is what became of an answer.
type CommandAnswerResult struct {
	MessageID MessageID // the message with the answer
}

// CommandAnswerResponse is the answer to [CommandService.Answer]; its Result has the message.
type CommandAnswerResponse = Response[CommandAnswerResult]

// MethodCommandAnswer is the method of [CommandService.Answer].
var MethodCommandAnswer = Method[CommandAnswerRequest, CommandAnswerResult]{
	Name: "imbot.command.answer", Validate: validateCommandAnswer, Refusals: refusedByBot, Check: mustBeAnswered,
}

// Answer answers a command in the chat where it was given. Where the bot is not in that chat, the answer is a message
// of the portal (a system message) with the name of the bot. Ten minutes after the last command in the chat the portal
// sends nothing, and says true instead of the id of a message; that is an [ErrDeclined]. Use [MessageService.Add] then,
// if the bot is in the chat. The answer may be there after the answer of the portal was lost, and is not sent again.
//
// It is refused where there is no such command ([ErrCommandID]), where it is another application's ([ErrAppID]), where
// the message is not known ([ErrWrongRequest]), and where the portal does not take a part of the answer ([ErrAttach],
// [ErrKeyboard], [ErrMenu]).
//
// Scope: imbot. Superseded by imbot.v2.Command.answer, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/commands/imbot-command-answer.html
func (s *CommandService) Answer(ctx context.Context, req CommandAnswerRequest) (*CommandAnswerResponse, error) {
	req.Keyboard, req.Menu = keyboardOf(req.BotID, req.Keyboard), menuOf(req.BotID, req.Menu)
	return Call(ctx, s.client, MethodCommandAnswer, req)
}

func validateCommandAnswer(r CommandAnswerRequest) error {
	problems := []*ParamError{allowID("BOT_ID", r.BotID, ErrBotID), allowID("COMMAND_ID", r.CommandID, ErrCommandID)}
	if r.CommandID == 0 {
		problems = append(problems, requireText("COMMAND_ID", r.Command, ErrCommandID))
	}
	problems = append(problems, requireID("MESSAGE_ID", r.MessageID, "MESSAGE_ID_EMPTY"), requireMessage(r.Message), allowParts(r.Attach, r.Keyboard, r.Menu))
	hasCommand := func(item content.MenuItem) bool { return item.Command != "" }
	if r.Menu != nil && r.BotID == 0 && slices.ContainsFunc(r.Menu.Items, hasCommand) {
		problems = append(problems, &ParamError{Param: "BOT_ID", Err: errors.New("is missing, and the portal would drop the items of the menu that have commands")})
	}
	return firstProblem(problems...)
}

var errNoAnswer = errors.New("neither the id of a message nor true")

// UnmarshalJSON reads the id of a message, or true, by which the portal says that it sent nothing.
func (r *CommandAnswerResult) UnmarshalJSON(data []byte) error {
	if string(data) == "true" {
		*r = CommandAnswerResult{}
		return nil
	}
	var id MessageID
	if id.UnmarshalJSON(data) != nil || id <= 0 {
		return errNoAnswer
	}
	*r = CommandAnswerResult{id}
	return nil
}

func mustBeAnswered(r CommandAnswerResult) error {
	if r.MessageID > 0 {
		return nil
	}
	return plainAnswer{"true", ErrDeclined} // by which the method says that it may not answer any more
}
