package imbot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// BotService has the methods imbot.bot.*, imbot.register, imbot.update and imbot.unregister, as [Client.Bot]. The last
// three fail as those of [ChatService]. Register is repeated after a lost answer, as it cannot act twice; Update and
// Unregister are not.
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot#example-BotService.Register
type BotService struct{ client *Client }

// Bot is a chat bot of the portal.
type Bot struct {
	ID       BotID  `json:"ID"`       // the bot
	Name     string `json:"NAME"`     // what people read
	Code     string `json:"CODE"`     // what the bot was registered as
	OpenLine bool   `json:"OPENLINE"` // whether the bot works in open lines
}

// BotList is the bots of a portal, sorted by their ids.
type BotList []Bot

// BotListRequest has no parameters: the method takes none.
type BotListRequest struct{}

// BotListResponse is the answer to [BotService.List]; its Result is the bots of the portal.
type BotListResponse = Response[BotList]

// MethodBotList is the method of [BotService.List].
var MethodBotList = Method[BotListRequest, BotList]{Name: "imbot.bot.list", Idempotent: true}

// List returns the bots of the portal, sorted by their ids. They are those of all applications: calls for a bot of
// another application are refused ([ErrAppID]). List is refused for credentials that may not list bots
// ([ErrWrongAuthType]).
//
// Scope: imbot. Superseded by imbot.v2.Bot.list, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/bots/imbot-bot-list.html
func (s *BotService) List(ctx context.Context, req BotListRequest) (*BotListResponse, error) {
	return Call(ctx, s.client, MethodBotList, req)
}

var errNoBots = errors.New("not a list of bots")

// UnmarshalJSON reads the bots as the portal has them, an object by their ids, or an empty list.
func (l *BotList) UnmarshalJSON(data []byte) error {
	bots, problem := BotList{}, error(nil)
	if !envelope.Elements(data, func(_ int, _ string, value []byte) bool {
		var wire struct {
			ID         BotID
			Name, Code loose.String
			OpenLine   YesNo
		}
		if problem = json.Unmarshal(value, &wire); problem == nil && wire.ID <= 0 {
			problem = errNotAnID
		}
		bots = append(bots, Bot{wire.ID, string(wire.Name), string(wire.Code), bool(wire.OpenLine)})
		return problem == nil
	}) {
		return cmp.Or(problem, errNoBots)
	}
	slices.SortFunc(bots, func(a, b Bot) int { return cmp.Compare(a.ID, b.ID) })
	*l = bots
	return nil
}
