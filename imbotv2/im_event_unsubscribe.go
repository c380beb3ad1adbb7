package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// IMEventUnsubscribeRequest ends keeping events of the user. It has no parameters.
type IMEventUnsubscribeRequest struct{}

// IMEventUnsubscribeResponse is the answer to [IMEventService.Unsubscribe]; its Result is always true.
type IMEventUnsubscribeResponse = imbot.Response[bool]

// MethodIMEventUnsubscribe is the method of [IMEventService.Unsubscribe].
var MethodIMEventUnsubscribe = imbot.Method[IMEventUnsubscribeRequest, bool]{
	Name: "im.v2.Event.unsubscribe", Idempotent: true, Check: imbot.MustBeTrue[bool],
}

// Unsubscribe has the portal keep no more events of the user of the webhook or token. Those that wait stay for a day. A
// second call does the same as one, so that it is repeated after a lost answer. It is refused where the scope is
// missing ([imbot.ErrInsufficientScope]).
//
// Scope: im.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/im.v2/events/event-unsubscribe.html
func (s *IMEventService) Unsubscribe(ctx context.Context, req IMEventUnsubscribeRequest) (*IMEventUnsubscribeResponse, error) {
	return imbot.Call(ctx, s.client, MethodIMEventUnsubscribe, req)
}
