package imbot

import "context"

// ChatUpdateColorRequest has the new color of a chat. Printed or logged, it masks its ClientID; as JSON it is the
// request itself, ClientID and all.
type ChatUpdateColorRequest struct {
	// ChatID is the chat to color. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// Color is the new color. Required.
	Color Color `json:"COLOR"`
	// BotID is the bot that colors. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatUpdateColorResponse is the answer to [ChatService.UpdateColor]; its Result is always true.
type ChatUpdateColorResponse = Response[bool]

// MethodChatUpdateColor is imbot.chat.updateColor, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-color.html
var MethodChatUpdateColor = Method[ChatUpdateColorRequest, bool]{
	Name:     "imbot.chat.updateColor",
	Validate: validateChatUpdateColor,
	Refusals: chatUpdateColorRefusals,
	Check:    MustBeTrue[bool],
}

// chatUpdateColorRefusals has the situations behind the codes. WRONG_REQUEST has one meaning here, and none of its
// own.
var chatUpdateColorRefusals = []Refusal{
	refusedGeneralChat,
	refusedClientID,
}

// UpdateColor gives the chat another color in the mobile application.
//
// A nil error means that the portal did it. Otherwise the error tells why not: the chat has this color, or there is no
// such chat ([ErrWrongRequest], so that a second call fails where the first one worked); the portal does not have the
// color ([ErrWrongColor]); it is the general chat ([ErrActionUnavailable]); the bot or its owner is not known
// ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error matches
// [ErrOutcomeUnknown] the answer was lost and the chat may have the color; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), a Color that is none ([ErrWrongColor]) or a negative BotID
// ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.update as its successor; no date is
// set for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-color.html
func (s *ChatService) UpdateColor(ctx context.Context, req ChatUpdateColorRequest) (*ChatUpdateColorResponse, error) {
	return Call(ctx, s.client, MethodChatUpdateColor, req)
}

func validateChatUpdateColor(r ChatUpdateColorRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireColor("COLOR", r.Color),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}
