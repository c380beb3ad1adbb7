package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// ReactionAddRequest is a reaction to set.
type ReactionAddRequest struct {
	BotID     imbot.BotID     `json:"botId"`     // the bot that reacts; zero: that of [Client.As]
	MessageID imbot.MessageID `json:"messageId"` // the message; required, or [ErrMessageNotFound]
	Reaction  Reaction        `json:"reaction"`  // such as "like" or "redHeart", which are in the documentation; required, or [ErrReactionNotFound]
}

// ReactionAddResponse is the answer to [ReactionService.Add]; its Result is always true.
type ReactionAddResponse = imbot.Response[Result]

// MethodReactionAdd is the method of [ReactionService.Add].
var MethodReactionAdd = imbot.Method[ReactionAddRequest, Result]{
	Name: "imbot.v2.Chat.Message.Reaction.add", Refusals: refusedChat(), Check: imbot.MustBeTrue[Result],
	Validate: func(r ReactionAddRequest) error {
		return firstProblem(requireBot(r.BotID), requireMessage(r.MessageID), requireReaction(r.Reaction))
	},
}

// Add sets a reaction of the bot to a message. Other reactions of the bot to it stay. After a lost answer it may be set
// or not; another call shows which, by [ErrReactionAlreadySet].
//
// It is refused where the bot has set it before ([ErrReactionAlreadySet]), where the portal has no such reaction
// ([ErrReactionNotFound]) or message ([ErrMessageNotFound]), and where the bot is not in the chat
// ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-reaction-add.html
func (s *ReactionService) Add(ctx context.Context, req ReactionAddRequest) (*ReactionAddResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodReactionAdd, req)
}

// requireReaction returns what is wrong with a reaction that has to be there. Which there are, the portal alone knows.
func requireReaction(reaction Reaction) *imbot.ParamError {
	return requireText("reaction", reaction, ErrReactionNotFound)
}
