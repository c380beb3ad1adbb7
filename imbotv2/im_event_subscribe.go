package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// IMEventSubscribeRequest begins to keep events of the user. It has no parameters.
type IMEventSubscribeRequest struct{}

// IMEventSubscribeResponse is the answer to [IMEventService.Subscribe]; its Result is always true.
type IMEventSubscribeResponse = imbot.Response[bool]

// MethodIMEventSubscribe is the method of [IMEventService.Subscribe].
var MethodIMEventSubscribe = imbot.Method[IMEventSubscribeRequest, bool]{
	Name: "im.v2.Event.subscribe", Idempotent: true, Check: imbot.MustBeTrue[bool],
}

// Subscribe has the portal keep the events of the user of the webhook or token from now on, for [IMEventService.Get]. A
// second call does the same as one, so that it is repeated after a lost answer. It is refused where the scope is
// missing ([imbot.ErrInsufficientScope]).
//
// Scope: im.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/im.v2/events/event-subscribe.html
func (s *IMEventService) Subscribe(ctx context.Context, req IMEventSubscribeRequest) (*IMEventSubscribeResponse, error) {
	return imbot.Call(ctx, s.client, MethodIMEventSubscribe, req)
}
