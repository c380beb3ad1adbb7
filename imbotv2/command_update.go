package imbotv2

import (
	"cmp"
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// LocalizedChange is a change of a text in several languages, by their codes: "en", "ru". A language that it has nil for
// is taken away, and one that it does not have stays as it is. A batch has no room for nil.
type LocalizedChange map[string]*string

// CommandUpdateRequest is a change of a command.
type CommandUpdateRequest struct {
	BotID     imbot.BotID         `json:"botId"`     // the bot; zero: that of [Client.As]
	CommandID CommandID           `json:"commandId"` // the command, which is one of the bot; required, or [ErrCommandNotFound]
	Fields    CommandUpdateFields `json:"fields"`    // what is changed; required, or [ErrCommandNameEmpty]
}

// CommandUpdateFields is what a [CommandUpdateRequest] changes. What is not set stays as it is.
type CommandUpdateFields struct {
	Command         string          `json:"command,omitempty"`         // the word, with or without a slash: "help"
	Title           LocalizedChange `json:"title,omitempty"`           // what it does, in the languages that change
	Params          Localized       `json:"params,omitempty"`          // what to type behind it, likewise; not without a Title
	Common          *bool           `json:"common,omitempty"`          // it works in every chat, or where the bot is
	Hidden          *bool           `json:"hidden,omitempty"`          // it is in no list, or is listed
	ExtranetSupport *bool           `json:"extranetSupport,omitempty"` // users from outside the company may give it, or may not
}

// CommandUpdateResult is the command as it is now.
type CommandUpdateResult struct {
	Command Command `json:"command"` // the command, without its texts
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *CommandUpdateResult) UnmarshalJSON(data []byte) error {
	type plain CommandUpdateResult
	return loose.Unmarshal(data, (*plain)(r))
}

// CommandUpdateResponse is the answer to [CommandService.Update].
type CommandUpdateResponse = imbot.Response[CommandUpdateResult]

// MethodCommandUpdate is the method of [CommandService.Update].
var MethodCommandUpdate = imbot.Method[CommandUpdateRequest, CommandUpdateResult]{
	Name: "imbot.v2.Command.update", Validate: validateCommandUpdate, Refusals: refusedBot(),
	Check: func(r CommandUpdateResult) error { return requireResult("command", r.Command.ID > 0) },
}

// Update changes a command of the bot. Params without a Title are a [*imbot.ParamError], as the portal would ignore them
// without a word. The command may be changed after a lost answer, and is not changed again.
//
// It is refused where the bot has no such command ([ErrCommandNotFound]), where another command of the bot has the new
// word ([ErrCommandAlreadyExists]), and where the portal does not take the word or a title ([ErrCommandNameEmpty],
// [ErrCommandNameInvalid], [ErrCommandTitleInvalid]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/commands/command-update.html
func (s *CommandService) Update(ctx context.Context, req CommandUpdateRequest) (*CommandUpdateResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodCommandUpdate, req)
}

func validateCommandUpdate(r CommandUpdateRequest) error {
	f := r.Fields
	problems := []*imbot.ParamError{requireBot(r.BotID), requireCommand(r.CommandID)}
	if f.Command != "" || len(f.Title)+len(f.Params) == 0 && f.Common == nil && f.Hidden == nil && f.ExtranetSupport == nil {
		problems = append(problems, requireText("fields.command", commandWord(f.Command), ErrCommandNameEmpty), allowWord("fields.command", f.Command))
	}
	if len(f.Params) > 0 && len(f.Title) == 0 {
		problems = append(problems, &imbot.ParamError{Param: "fields.params", Err: errors.New("stands without a title, and the portal would ignore it")})
	}
	return firstProblem(problems...)
}

// requireCommand returns what is wrong with the id of a command that has to be one of the bot.
func requireCommand(id CommandID) *imbot.ParamError {
	return requireID("commandId", id, ErrCommandNotFound)
}
