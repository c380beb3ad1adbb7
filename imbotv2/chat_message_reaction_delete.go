package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// ReactionDeleteRequest is a reaction to take away.
type ReactionDeleteRequest struct {
	BotID     imbot.BotID     `json:"botId"`     // the bot that set it; zero: that of [Client.As]
	MessageID imbot.MessageID `json:"messageId"` // the message; required, or [ErrMessageNotFound]
	Reaction  Reaction        `json:"reaction"`  // the one that was set; required, or [ErrReactionNotFound]
}

// ReactionDeleteResponse is the answer to [ReactionService.Delete]; its Result is always true.
type ReactionDeleteResponse = imbot.Response[Result]

// MethodReactionDelete is the method of [ReactionService.Delete].
var MethodReactionDelete = imbot.Method[ReactionDeleteRequest, Result]{
	Name: "imbot.v2.Chat.Message.Reaction.delete", Refusals: refusedChat(), Check: imbot.MustBeTrue[Result],
	Validate: func(r ReactionDeleteRequest) error {
		return firstProblem(requireBot(r.BotID), requireMessage(r.MessageID), requireReaction(r.Reaction))
	},
}

// Delete takes a reaction of the bot away. After a lost answer it may be gone or not; another call shows which, by
// [ErrReactionNotFound].
//
// It is refused where the bot has not set it, or the portal has no such reaction ([ErrReactionNotFound]), where there
// is no such message ([ErrMessageNotFound]), and where the bot is not in the chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-reaction-delete.html
func (s *ReactionService) Delete(ctx context.Context, req ReactionDeleteRequest) (*ReactionDeleteResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodReactionDelete, req)
}
