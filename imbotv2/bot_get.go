package imbotv2

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// BotGetRequest names the bot that is asked for. Of both names the BotID counts.
type BotGetRequest struct {
	BotID imbot.BotID `json:"botId,omitempty"` // the bot; zero, and no Code: that of [Client.As]
	Code  string      `json:"code,omitempty"`  // the bot by its code, among all bots of the portal
}

// BotGetResult is a bot.
type BotGetResult struct {
	Bot   BotInfo `json:"bot"`   // the bot; fewer fields for a bot of another application or token
	Users []User  `json:"users"` // the users that Bot refers to, itself among them
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *BotGetResult) UnmarshalJSON(data []byte) error {
	type plain BotGetResult
	return loose.Unmarshal(data, (*plain)(r))
}

// BotGetResponse is the answer to [Bot.Get].
type BotGetResponse = imbot.Response[BotGetResult]

// MethodBotGet is the method of [Bot.Get].
var MethodBotGet = imbot.Method[BotGetRequest, BotGetResult]{
	Name: "imbot.v2.Bot.get", Idempotent: true, Validate: validateBotGet, Refusals: refusedBot(),
	Check: func(r BotGetResult) error { return requireResult("bot", r.Bot.ID > 0) },
}

// Get returns the bot, or another one of the portal. It is refused where no bot has that id or code ([imbot.ErrBotID]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/bots/bot-get.html
func (b *Bot) Get(ctx context.Context, req BotGetRequest) (*BotGetResponse, error) {
	if req.Code == "" {
		req.BotID = cmp.Or(req.BotID, b.id)
	}
	return imbot.Call(ctx, b.client, MethodBotGet, req)
}

func validateBotGet(r BotGetRequest) error {
	if r.BotID < 0 || r.BotID == 0 && r.Code == "" {
		return &imbot.ParamError{Param: "botId", Err: fmt.Errorf("has to be a positive number, or a code given: %w", imbot.ErrBotID)}
	}
	return nil
}
