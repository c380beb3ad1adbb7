package imbotv2

import (
	"cmp"
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// CommandListRequest names the bot whose commands are listed.
type CommandListRequest struct {
	BotID imbot.BotID `json:"botId"` // the bot; zero: that of [Client.As]
}

// CommandListResult is the commands that people have with a bot.
type CommandListResult struct {
	Commands []Command `json:"commands"` // those of the bot, and on most portals those that every portal has
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *CommandListResult) UnmarshalJSON(data []byte) error {
	type plain CommandListResult
	return loose.Unmarshal(data, (*plain)(r))
}

// CommandListResponse is the answer to [CommandService.List].
type CommandListResponse = imbot.Response[CommandListResult]

// MethodCommandList is the method of [CommandService.List].
var MethodCommandList = imbot.Method[CommandListRequest, CommandListResult]{
	Name: "imbot.v2.Command.list", Idempotent: true, Refusals: refusedBot(), Check: checkCommandList,
	Validate: func(r CommandListRequest) error { return firstProblem(requireBot(r.BotID)) },
}

// List returns the commands of the bot, and on most portals the commands that every portal has, such as /me, which
// [CommandID.IsBuiltIn] tells. Portals do not say whether a command is hidden. It is refused where the bot is not known
// ([imbot.ErrBotID]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/commands/command-list.html
func (s *CommandService) List(ctx context.Context, req CommandListRequest) (*CommandListResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodCommandList, req)
}

func checkCommandList(r CommandListResult) error {
	if r.Commands == nil {
		return requireResult("commands", false)
	}
	for _, command := range r.Commands {
		if command.ID == 0 || command.Command == "" {
			return errors.New("a command without an id or a word")
		}
	}
	return nil
}
