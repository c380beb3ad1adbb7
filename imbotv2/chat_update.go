package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// ChatUpdateRequest is what to change of a chat.
type ChatUpdateRequest struct {
	BotID    imbot.BotID      `json:"botId"`    // the bot that owns the chat; zero: that of [Client.As]
	DialogID imbot.DialogID   `json:"dialogId"` // the chat; required, or [imbot.ErrDialogIDEmpty]
	Fields   ChatUpdateFields `json:"fields"`   // what to change; required, or [imbot.ErrInvalidFormat]
}

// ChatUpdateFields is what a [ChatUpdateRequest] changes. What is not set stays as it is.
type ChatUpdateFields struct {
	Title       string      `json:"title,omitempty"`       // the title
	Description string      `json:"description,omitempty"` // a text about the chat
	Color       Color       `json:"color,omitempty"`       // a constant, or [imbot.ErrWrongColor]
	Avatar      imbot.Image `json:"avatar,omitempty"`      // the picture, as [imbot.ReadImage] reads it, or [imbot.ErrAvatar]
}

// ChatUpdateResponse is the answer to [ChatService.Update]; its Result is always true.
type ChatUpdateResponse = imbot.Response[Result]

// MethodChatUpdate is the method of [ChatService.Update].
var MethodChatUpdate = imbot.Method[ChatUpdateRequest, Result]{
	Name: "imbot.v2.Chat.update", Validate: validateChatUpdate, Refusals: chatUpdateRefusals, Check: imbot.MustBeTrue[Result],
}

// chatUpdateRefusals has the situations behind the codes.
var chatUpdateRefusals = append(refusedAct(), imbot.Refusal{Code: ErrWrongParameter, Means: imbot.ErrAvatar})

// Update changes the title, the description, the color and the picture of a chat. It is refused where the bot does not
// own the chat, or is not in it, and for the chat of a workgroup and the like ([ErrNotPermitted], an
// [imbot.ErrAccessDenied]); where there is no such chat ([imbot.ErrNotInChat]); where the avatar is not a picture
// ([imbot.ErrAvatar]); and where the dialog is not a chat ([ErrWrongMessageType]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-update.html
func (s *ChatService) Update(ctx context.Context, req ChatUpdateRequest) (*ChatUpdateResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodChatUpdate, req)
}

func validateChatUpdate(r ChatUpdateRequest) error {
	return firstProblem(
		requireBot(r.BotID), requireDialog(r.DialogID), requireChange("fields", r.Fields),
		allowColor("fields.color", r.Fields.Color), allowImage("fields.avatar", r.Fields.Avatar),
	)
}
