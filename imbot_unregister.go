package imbot

import "context"

// BotUnregisterRequest names the bot to delete.
type BotUnregisterRequest struct {
	BotID    BotID  `json:"BOT_ID"`              // the bot; required, or [ErrBotID]
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// BotUnregisterResponse is the answer to [BotService.Unregister]; its Result is always true.
type BotUnregisterResponse = Response[bool]

// MethodBotUnregister is the method of [BotService.Unregister].
var MethodBotUnregister = Method[BotUnregisterRequest, bool]{
	Name: "imbot.unregister", Validate: validateBotUnregister, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Unregister deletes a bot, with its commands and its private chats. Nothing brings them back. A second call is
// refused, as there is no bot any more ([ErrBotID]); so may be a call after a lost answer. It is also refused where the
// portal fails to delete the bot ([ErrWrongRequest]), and for credentials of a session ([ErrWrongAuthType]).
//
// Scope: imbot. Superseded by imbot.v2.Bot.unregister, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/bots/imbot-unregister.html
func (s *BotService) Unregister(ctx context.Context, req BotUnregisterRequest) (*BotUnregisterResponse, error) {
	return Call(ctx, s.client, MethodBotUnregister, req)
}

func validateBotUnregister(r BotUnregisterRequest) error {
	return firstProblem(requireID("BOT_ID", r.BotID, ErrBotID))
}
