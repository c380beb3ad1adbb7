package imbot

import "context"

// CommandUnregisterRequest names the command to delete.
type CommandUnregisterRequest struct {
	CommandID CommandID `json:"COMMAND_ID"`          // the command; required, or [ErrCommandID]
	ClientID  string    `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// CommandUnregisterResponse is the answer to [CommandService.Unregister]; its Result is always true.
type CommandUnregisterResponse = Response[bool]

// MethodCommandUnregister is the method of [CommandService.Unregister].
var MethodCommandUnregister = Method[CommandUnregisterRequest, bool]{
	Name: "imbot.command.unregister", Validate: validateCommandUnregister, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Unregister deletes a command. A second call is refused, as there is no command any more ([ErrCommandID]); so may be a
// call after a lost answer. It is also refused where the command is another application's ([ErrAppID]), and where the
// portal fails to delete it ([ErrWrongRequest]).
//
// Scope: imbot. Superseded by imbot.v2.Command.unregister, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/commands/imbot-command-unregister.html
func (s *CommandService) Unregister(ctx context.Context, req CommandUnregisterRequest) (*CommandUnregisterResponse, error) {
	return Call(ctx, s.client, MethodCommandUnregister, req)
}

func validateCommandUnregister(r CommandUnregisterRequest) error {
	return firstProblem(requireID("COMMAND_ID", r.CommandID, ErrCommandID))
}
