package imbotv2

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// Localized is a text in several languages, by their codes: "en", "ru".
type Localized map[string]string

// CommandRegisterRequest is a command to register.
type CommandRegisterRequest struct {
	BotID  imbot.BotID           `json:"botId"`  // the bot; zero: that of [Client.As]
	Fields CommandRegisterFields `json:"fields"` // the command; required, or [ErrCommandRequired]
}

// CommandRegisterFields is the command of a [CommandRegisterRequest].
type CommandRegisterFields struct {
	Command         string    `json:"command"`                   // the word, with or without a slash: "help"; required, and without a blank in it
	Title           Localized `json:"title,omitempty"`           // what it does; required, unless it is hidden
	Params          Localized `json:"params,omitempty"`          // what to type behind it; ignored without a Title
	Common          *bool     `json:"common,omitempty"`          // it works in every chat; nil: where the bot is
	Hidden          *bool     `json:"hidden,omitempty"`          // it is in no list; nil: it is listed
	ExtranetSupport *bool     `json:"extranetSupport,omitempty"` // users from outside the company may give it; nil: they may not
}

// CommandRegisterResult is the command that the bot has now.
type CommandRegisterResult struct {
	Command Command `json:"command"` // the command, without its texts
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *CommandRegisterResult) UnmarshalJSON(data []byte) error {
	type plain CommandRegisterResult
	return loose.Unmarshal(data, (*plain)(r))
}

// CommandRegisterResponse is the answer to [CommandService.Register].
type CommandRegisterResponse = imbot.Response[CommandRegisterResult]

// MethodCommandRegister is the method of [CommandService.Register].
var MethodCommandRegister = imbot.Method[CommandRegisterRequest, CommandRegisterResult]{
	Name: "imbot.v2.Command.register", Idempotent: true, Validate: validateCommandRegister, Refusals: refusedBot(),
	Check: func(r CommandRegisterResult) error { return requireResult("command", r.Command.ID > 0) },
}

// Register registers a command of the bot. If the bot has a command by this word, that is returned as it is, and
// nothing of it is changed: that makes it safe to repeat, and it is repeated after a lost answer. Other bots of the
// portal may have the same word. It is refused where the portal does not take the word ([ErrCommandNameInvalid]), and
// where it fails to make the command ([ErrCommandRegisterFailed]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/commands/command-register.html
func (s *CommandService) Register(ctx context.Context, req CommandRegisterRequest) (*CommandRegisterResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodCommandRegister, req)
}

func validateCommandRegister(r CommandRegisterRequest) error {
	problems := []*imbot.ParamError{
		requireBot(r.BotID), requireText("fields.command", commandWord(r.Fields.Command), ErrCommandRequired),
		allowWord("fields.command", r.Fields.Command),
	}
	if hidden := r.Fields.Hidden; len(r.Fields.Title) == 0 && (hidden == nil || !*hidden) {
		problems = append(problems, requireText("fields.title", "", ErrCommandTitleRequired))
	}
	return firstProblem(problems...)
}

// allowWord returns what is wrong with the word of a command. One with a blank in it nobody can give.
func allowWord(param, word string) *imbot.ParamError {
	if !strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' }) {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("has a blank in it: %w", ErrCommandNameInvalid)}
}
