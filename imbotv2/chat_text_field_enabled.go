package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// TextFieldEnabledRequest says whether people may type in a chat.
type TextFieldEnabledRequest struct {
	BotID    imbot.BotID    `json:"botId"`             // the bot; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"`          // the chat, or the user of a private one; required, or [imbot.ErrDialogIDEmpty]
	Enabled  *bool          `json:"enabled,omitempty"` // whether they may; nil: they may
}

// TextFieldEnabledResponse is the answer to [TextFieldService.Enabled]; its Result is always true.
type TextFieldEnabledResponse = imbot.Response[Result]

// MethodTextFieldEnabled is the method of [TextFieldService.Enabled].
var MethodTextFieldEnabled = imbot.Method[TextFieldEnabledRequest, Result]{
	Name: "imbot.v2.Chat.TextField.enabled", Refusals: refusedChat(), Check: imbot.MustBeTrue[Result],
	Validate: func(r TextFieldEnabledRequest) error {
		return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID))
	},
}

// Enabled lets people type in a chat, or takes the field that they type in away from them. The bot may write in either
// case, and needs no right in the chat. It is refused where the bot is not in the chat, or there is no such chat
// ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/ui/chat-text-field-enabled.html
func (s *TextFieldService) Enabled(ctx context.Context, req TextFieldEnabledRequest) (*TextFieldEnabledResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodTextFieldEnabled, req)
}
