package imbot

import "context"

// ChatSendTypingRequest names the dialog that is to show that the bot writes. Printed or logged, it masks its
// ClientID; as JSON it is the request itself, ClientID and all.
type ChatSendTypingRequest struct {
	// DialogID is the chat ("chat13") or the user ("27") to show it to. Required.
	DialogID DialogID `json:"DIALOG_ID"`
	// BotID is the bot that writes. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatSendTypingResponse is the answer to [ChatService.SendTyping]; its Result is always true.
type ChatSendTypingResponse = Response[bool]

// MethodChatSendTyping is imbot.chat.sendTyping, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-send-typing.html
var MethodChatSendTyping = Method[ChatSendTypingRequest, bool]{
	Name:     "imbot.chat.sendTyping",
	Validate: validateChatSendTyping,
	Refusals: chatSendTypingRefusals,
	Check:    MustBeTrue[bool],
}

// chatSendTypingRefusals has the situations behind the codes.
var chatSendTypingRefusals = []Refusal{
	refusedClientID,
}

// SendTyping shows in the dialog that the bot is writing.
//
// A nil error means that the portal took the request; whether anybody saw it is not known. Otherwise the error tells
// why not: the dialog is none ([ErrDialogIDEmpty]); the bot or its owner is not known ([ErrBotID], [ErrAppID],
// [ErrClientIDMissing]); or any code of the REST interface. Where the error matches [ErrOutcomeUnknown] the answer was
// lost; the call is not repeated then.
//
// An empty DialogID ([ErrDialogIDEmpty]) or a negative BotID ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.InputAction.notify as its successor;
// no date is set for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-send-typing.html
func (s *ChatService) SendTyping(ctx context.Context, req ChatSendTypingRequest) (*ChatSendTypingResponse, error) {
	return Call(ctx, s.client, MethodChatSendTyping, req)
}

func validateChatSendTyping(r ChatSendTypingRequest) error {
	return firstProblem(allowID("BOT_ID", r.BotID, ErrBotID), requireDialogID("DIALOG_ID", r.DialogID))
}
