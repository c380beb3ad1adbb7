package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// BotUnregisterRequest names the bot that is deleted.
type BotUnregisterRequest struct {
	BotID imbot.BotID `json:"botId"` // the bot; zero: that of [Client.As]
}

// BotUnregisterResponse is the answer to [Bot.Unregister]; its Result is always true.
type BotUnregisterResponse = imbot.Response[Result]

// MethodBotUnregister is the method of [Bot.Unregister].
var MethodBotUnregister = imbot.Method[BotUnregisterRequest, Result]{
	Name: "imbot.v2.Bot.unregister", Refusals: refusedBot(), Check: imbot.MustBeTrue[Result],
	Validate: func(r BotUnregisterRequest) error { return firstProblem(requireBot(r.BotID)) },
}

// Unregister deletes the bot: it is in no chat any more, and its events are gone. A second call is refused, as there is
// no bot any more ([imbot.ErrBotID]). After a lost answer the bot may be deleted or not; another call shows which.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/bots/bot-unregister.html
func (b *Bot) Unregister(ctx context.Context, req BotUnregisterRequest) (*BotUnregisterResponse, error) {
	req.BotID = cmp.Or(req.BotID, b.id)
	return imbot.Call(ctx, b.client, MethodBotUnregister, req)
}
