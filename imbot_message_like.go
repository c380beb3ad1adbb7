package imbot

import (
	"context"
	"fmt"
)

// LikeAction is what happens to a like.
type LikeAction string

// The actions of [MessageLikeRequest].
const (
	LikeToggle LikeAction = "auto"  // sets the like, or takes it away if it is there
	LikeSet    LikeAction = "plus"  // sets it
	LikeUnset  LikeAction = "minus" // takes it away
)

// MessageLikeRequest names the message, and what happens to the bot's like of it.
type MessageLikeRequest struct {
	BotID     BotID      `json:"BOT_ID,omitempty"`    // the bot that likes it; zero: the first bot of the application
	MessageID MessageID  `json:"MESSAGE_ID"`          // the message, of anybody; required, or [ErrMessageID]
	Action    LikeAction `json:"ACTION,omitempty"`    // a constant; empty: [LikeToggle]
	ClientID  string     `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// MessageLikeResponse is the answer to [MessageService.Like]; its Result is always true.
type MessageLikeResponse = Response[bool]

// MethodMessageLike is the method of [MessageService.Like].
var MethodMessageLike = Method[MessageLikeRequest, bool]{
	Name: "imbot.message.like", Validate: validateMessageLike, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Like sets the bot's like of a message, or takes it away. It is refused where nothing would change
// ([ErrWithoutChanges]): the like is there or gone already, as for a second [LikeSet], or the bot cannot see such a
// message.
//
// Scope: imbot. Superseded by imbot.v2.Chat.Message.Reaction.add and imbot.v2.Chat.Message.Reaction.delete, without a
// date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/messages/imbot-message-like.html
func (s *MessageService) Like(ctx context.Context, req MessageLikeRequest) (*MessageLikeResponse, error) {
	return Call(ctx, s.client, MethodMessageLike, req)
}

func validateMessageLike(r MessageLikeRequest) error {
	return firstProblem(allowID("BOT_ID", r.BotID, ErrBotID), requireID("MESSAGE_ID", r.MessageID, ErrMessageID), allowLike(r.Action))
}

// allowLike returns what is wrong with an action. The portal would toggle the like for any other.
func allowLike(action LikeAction) *ParamError {
	switch action {
	case "", LikeToggle, LikeSet, LikeUnset:
		return nil
	default:
		return &ParamError{Param: "ACTION", Err: fmt.Errorf("has to be auto, plus or minus, not %s", quoteShort(string(action)))}
	}
}
