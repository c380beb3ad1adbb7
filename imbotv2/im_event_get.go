package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// IMEventGetRequest asks for the events of the user that wait.
type IMEventGetRequest struct {
	Offset EventID `json:"offset,omitempty"` // the portal deletes all events below it, and cannot bring them back; zero: none
	Limit  int     `json:"limit,omitempty"`  // how many, at most 1,000; zero: 100
}

// IMEventGetResult is some of the events that wait, the oldest first.
type IMEventGetResult = EventGetResult

// IMEventGetResponse is the answer to [IMEventService.Get].
type IMEventGetResponse = imbot.Response[IMEventGetResult]

// MethodIMEventGet is the method of [IMEventService.Get].
var MethodIMEventGet = imbot.Method[IMEventGetRequest, IMEventGetResult]{
	Name: "im.v2.Event.get", Idempotent: true,
	Validate: func(r IMEventGetRequest) error { return firstProblem(allowOffset(r.Offset), allowLimit(r.Limit)) },
}

// Get returns events of the user of the webhook or token, and deletes those below the Offset. A repeat does no harm,
// and it is repeated after a lost answer: an event comes again until it is deleted, which the portal does by itself
// after a day. For a user who has not subscribed the list is empty, without an error. It is refused where the scope is
// missing ([imbot.ErrInsufficientScope]).
//
// Scope: im.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/im.v2/events/event-get.html
func (s *IMEventService) Get(ctx context.Context, req IMEventGetRequest) (*IMEventGetResponse, error) {
	return imbot.Call(ctx, s.client, MethodIMEventGet, req)
}
