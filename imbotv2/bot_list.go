package imbotv2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// BotListRequest says which bots are listed. All of it is optional.
type BotListRequest struct {
	Filter BotListFilter `json:"filter,omitzero"`  // zero: all of them
	Limit  int           `json:"limit,omitempty"`  // how many; zero: 50
	Offset int           `json:"offset,omitempty"` // how many to skip
}

// BotListFilter is what the bots of a [BotListRequest] have in common.
type BotListFilter struct {
	Type BotType `json:"type,omitempty"` // what they are for: a constant, or [ErrBotInvalidType]; empty: anything
}

// BotListResult is some of the bots.
type BotListResult struct {
	Bots        []BotInfo `json:"bots"`        // in no order
	Users       []User    `json:"users"`       // the users that Bots refers to, the bots among them
	HasNextPage bool      `json:"hasNextPage"` // there were as many as the Limit, so that there may be others
}

// UnmarshalJSON reads an object in all forms that portals have for its members. One without bots, or with something else
// among them, is an error.
func (r *BotListResult) UnmarshalJSON(data []byte) error {
	type plain BotListResult
	var sent struct {
		Bots json.RawMessage `json:"bots"`
	}
	if err := loose.Unmarshal(data, &sent); err != nil {
		return err
	}
	if !envelope.Elements(sent.Bots, func(int, string, []byte) bool { return true }) {
		return errNoBots
	}
	return loose.Unmarshal(data, (*plain)(r))
}

var (
	errNoBots   = errors.New("an object without bots")
	errSamePage = errors.New("another page with bots of the pages before it alone")
)

// BotListResponse is the answer to [BotService.List].
type BotListResponse = imbot.Response[BotListResult]

// MethodBotList is the method of [BotService.List].
var MethodBotList = imbot.Method[BotListRequest, BotListResult]{
	Name: "imbot.v2.Bot.list", Idempotent: true, Validate: validateBotList, Refusals: refusedBot(), Check: checkBotList,
}

// List returns bots of the application or, by webhook, of the token that [imbot.WithClientID] has. An empty list is no
// error. By webhook without a token it is refused ([imbot.ErrClientIDMissing]). [BotService.All] goes through all
// pages.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/bots/bot-list.html
func (s *BotService) List(ctx context.Context, req BotListRequest) (*BotListResponse, error) {
	return imbot.Call(ctx, s.caller(), MethodBotList, req)
}

// All returns the bots of all pages from the Offset on, with a call of [BotService.List] for each Limit of them. An
// error ends the sequence, and comes without a bot. The portal does not sort the bots: one that is registered or
// deleted meanwhile may move others to a page that has been read. No bot comes twice.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/bots/bot-list.html
func (s *BotService) All(ctx context.Context, req BotListRequest) iter.Seq2[BotInfo, error] {
	return func(yield func(BotInfo, error) bool) {
		known := map[imbot.BotID]bool{}
		for page := req; ; {
			response, err := s.List(ctx, page)
			if err != nil {
				yield(BotInfo{}, err)
				return
			}
			before := len(known)
			for _, bot := range response.Result.Bots {
				if !known[bot.ID] && !yield(bot, nil) {
					return
				}
				known[bot.ID] = true
			}
			switch {
			case len(response.Result.Bots) == 0 || !response.Result.HasNextPage:
				return
			case len(known) == before: // a portal that does not heed the offset would have no end
				yield(BotInfo{}, fmt.Errorf("%s: %w: %w", MethodBotList.Name, imbot.ErrUnexpectedResult, errSamePage))
				return
			}
			page.Offset += len(response.Result.Bots)
		}
	}
}

func validateBotList(r BotListRequest) error {
	var problems []*imbot.ParamError
	switch r.Filter.Type {
	case "", BotTypeBot, BotTypeSupervisor, BotTypePersonal, BotTypeOpenLine, BotTypeNetwork:
	default: // which is nothing by the documentation, and everything by portals
		problems = append(problems, &imbot.ParamError{
			Param: "filter.type", Err: fmt.Errorf("is not one of the types of bots: %s: %w", quoteShort(string(r.Filter.Type)), ErrBotInvalidType),
		})
	}
	if r.Limit < 0 {
		problems = append(problems, &imbot.ParamError{Param: "limit", Err: fmt.Errorf("is negative: %d", r.Limit)})
	}
	if r.Offset < 0 {
		problems = append(problems, &imbot.ParamError{Param: "offset", Err: fmt.Errorf("is negative: %d", r.Offset)})
	}
	return firstProblem(problems...)
}

func checkBotList(r BotListResult) error {
	for _, bot := range r.Bots {
		if bot.ID <= 0 {
			return errors.New("a bot without an id")
		}
	}
	return nil
}
