package imbotv2

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// EventGetRequest asks for the events that wait.
type EventGetRequest struct {
	BotID          imbot.BotID `json:"botId"`                    // the bot; zero: that of [Client.As]
	Offset         EventID     `json:"offset,omitempty"`         // the portal deletes all events below it, and cannot bring them back; zero: none
	Limit          int         `json:"limit,omitempty"`          // how many, at most 1,000; zero: 100
	WithUserEvents *bool       `json:"withUserEvents,omitempty"` // those of the user of the webhook or token as well; nil: not
}

// EventGetResult is some of the events that wait, the oldest first.
type EventGetResult struct {
	Events     []Event `json:"events"`     // in the order of their numbers
	NextOffset EventID `json:"nextOffset"` // one past the last of them; without any, the Offset of the request
	HasMore    bool    `json:"hasMore"`    // there were as many as the Limit, so that others may wait
}

// UnmarshalJSON reads an object in all forms that portals have for its members. Events that have no number, are out of
// order, or are more than 1,000, are an error.
func (r *EventGetResult) UnmarshalJSON(data []byte) error {
	type plain EventGetResult
	var sent struct {
		Events json.RawMessage `json:"events"`
	}
	if err := loose.Unmarshal(data, &sent); err != nil {
		return err
	}
	if !envelope.Elements(sent.Events, func(place int, _ string, _ []byte) bool { return place < mostEvents }) {
		return errNoEvents
	}
	if err := loose.Unmarshal(data, (*plain)(r)); err != nil {
		return err
	}
	var last EventID
	for _, event := range r.Events {
		if event.EventID <= last || event.EventID == math.MaxInt64 { // which no offset would confirm
			return errEventOrder
		}
		last = event.EventID
	}
	return nil
}

var (
	errNoEvents   = errors.New("an object without events, or with more than an answer has")
	errEventOrder = errors.New("an event without a number, or one that is out of order")
)

// EventGetResponse is the answer to [EventService.Get].
type EventGetResponse = imbot.Response[EventGetResult]

// MethodEventGet is the method of [EventService.Get].
var MethodEventGet = imbot.Method[EventGetRequest, EventGetResult]{
	Name: "imbot.v2.Event.get", Idempotent: true, Validate: validateEventGet, Refusals: refusedBot(),
}

// Get returns events that wait, and deletes those below the Offset. A repeat does no harm, and it is repeated after a
// lost answer: an event comes again until it is deleted, which the portal does by itself after a day. [Bot.Events] does
// all of this, and loses none.
//
// For a bot whose events are posted the list is empty, without an error. With WithUserEvents it is refused where the
// scope im is missing ([ErrScope]), and where the user is not subscribed ([ErrUserNotSubscribed]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/events/event-get.html
func (s *EventService) Get(ctx context.Context, req EventGetRequest) (*EventGetResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodEventGet, req)
}

// mostEvents is how many events one answer may have.
const mostEvents = 1000

func validateEventGet(r EventGetRequest) error {
	return firstProblem(requireBot(r.BotID), allowOffset(r.Offset), allowLimit(r.Limit))
}

// allowOffset returns what is wrong with an offset that may be left out.
func allowOffset(offset EventID) *imbot.ParamError {
	if offset >= 0 {
		return nil
	}
	return &imbot.ParamError{Param: "offset", Err: fmt.Errorf("is negative: %d", offset)}
}

// allowLimit returns what is wrong with a number of events that may be left out.
func allowLimit(limit int) *imbot.ParamError {
	if limit >= 0 && limit <= mostEvents {
		return nil
	}
	return &imbot.ParamError{Param: "limit", Err: fmt.Errorf("has to be from 1 to %d, or unset, not %d", mostEvents, limit)}
}
