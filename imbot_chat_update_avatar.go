package imbot

import "context"

// ChatUpdateAvatarRequest has the new picture of a chat.
type ChatUpdateAvatarRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat; required, or [ErrChatIDEmpty]
	Avatar   Image  `json:"AVATAR"`              // the new picture, as [ReadImage] reads it; required, or [ErrAvatar]
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that changes it; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatUpdateAvatarResponse is the answer to [ChatService.UpdateAvatar]; its Result is always true.
type ChatUpdateAvatarResponse = Response[bool]

// MethodChatUpdateAvatar is the method of [ChatService.UpdateAvatar].
var MethodChatUpdateAvatar = Method[ChatUpdateAvatarRequest, bool]{
	Name: "imbot.chat.updateAvatar", Validate: validateChatUpdateAvatar, Refusals: refusedByChat, Check: MustBeTrue[bool],
}

// UpdateAvatar gives the chat another picture. It is refused where the avatar is not a picture, or is too large
// ([ErrAvatar]); where the chat keeps the one it has ([ErrAccess], for the general chat [ErrActionUnavailable]); where
// the bot may not change it ([ErrAccessDenied]); and where there is no such chat ([ErrWrongRequest]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.update, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-avatar.html
func (s *ChatService) UpdateAvatar(ctx context.Context, req ChatUpdateAvatarRequest) (*ChatUpdateAvatarResponse, error) {
	return Call(ctx, s.client, MethodChatUpdateAvatar, req)
}

func validateChatUpdateAvatar(r ChatUpdateAvatarRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireImage("AVATAR", r.Avatar),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}
