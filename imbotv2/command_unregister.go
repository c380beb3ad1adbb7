package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// CommandUnregisterRequest names the command that is deleted.
type CommandUnregisterRequest struct {
	BotID     imbot.BotID `json:"botId"`     // the bot; zero: that of [Client.As]
	CommandID CommandID   `json:"commandId"` // the command, which is one of the bot; required, or [ErrCommandNotFound]
}

// CommandUnregisterResponse is the answer to [CommandService.Unregister]; its Result is always true.
type CommandUnregisterResponse = imbot.Response[Result]

// MethodCommandUnregister is the method of [CommandService.Unregister].
var MethodCommandUnregister = imbot.Method[CommandUnregisterRequest, Result]{
	Name: "imbot.v2.Command.unregister", Refusals: refusedBot(), Check: imbot.MustBeTrue[Result],
	Validate: func(r CommandUnregisterRequest) error {
		return firstProblem(requireBot(r.BotID), requireCommand(r.CommandID))
	},
}

// Unregister deletes a command of the bot. It is refused where the bot has no such command, or has it no longer
// ([ErrCommandNotFound]). After a lost answer the command may be deleted or not; another call shows which.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/commands/command-unregister.html
func (s *CommandService) Unregister(ctx context.Context, req CommandUnregisterRequest) (*CommandUnregisterResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodCommandUnregister, req)
}
