package imbot

import "context"

// ChatUpdateAvatarRequest has the new picture of a chat. Printed or logged, it masks its ClientID; as JSON it is the
// request itself, ClientID and all.
type ChatUpdateAvatarRequest struct {
	// ChatID is the chat to give a picture. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// Avatar is the new picture: PNG, JPEG or GIF, at most 5000 pixels wide and high. Required. [ReadImage] reads one.
	Avatar Image `json:"AVATAR"`
	// BotID is the bot that gives it. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatUpdateAvatarResponse is the answer to [ChatService.UpdateAvatar]; its Result is always true.
type ChatUpdateAvatarResponse = Response[bool]

// MethodChatUpdateAvatar is imbot.chat.updateAvatar, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-avatar.html
var MethodChatUpdateAvatar = Method[ChatUpdateAvatarRequest, bool]{
	Name:     "imbot.chat.updateAvatar",
	Validate: validateChatUpdateAvatar,
	Refusals: chatUpdateAvatarRefusals,
	Check:    MustBeTrue[bool],
}

// chatUpdateAvatarRefusals has the situations behind the codes. WRONG_REQUEST has one meaning here, and none of its
// own.
var chatUpdateAvatarRefusals = []Refusal{
	refusedGeneralChat,
	refusedClientID,
}

// UpdateAvatar gives the chat another picture.
//
// A nil error means that the portal did it. Otherwise the error tells why not: the picture is none, or is too large
// ([ErrAvatar]); this chat keeps the picture it has ([ErrAccess], for the general chat [ErrActionUnavailable]); the
// bot may not change it ([ErrAccessDenied]); there is no such chat ([ErrWrongRequest]); the bot or its owner is not
// known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error matches
// [ErrOutcomeUnknown] the answer was lost and the chat may have the picture; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), an Avatar that is no picture or is too large ([ErrAvatar]) or a
// negative BotID ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.update as its successor; no date is
// set for its end.
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
