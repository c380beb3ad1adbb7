package imbot

import (
	"context"
	"errors"
)

// ChatType is who may see a chat, and enter it.
type ChatType string

// The types of [ChatAddRequest].
const (
	// ChatOpen is a chat that everybody of the portal finds, and may enter.
	ChatOpen ChatType = "OPEN"
	// ChatClosed is a chat for those who were invited.
	ChatClosed ChatType = "CHAT"
)

// ChatAddRequest has what the new chat is to be. All of it is optional. Printed or logged, it masks its ClientID; as
// JSON it is the request itself, ClientID and all.
type ChatAddRequest struct {
	// Type is who may see the chat. Where it is empty the portal makes it a closed one, [ChatClosed].
	Type ChatType `json:"TYPE,omitempty"`
	// Title is the name of the chat. Where it is empty the portal makes one up.
	Title string `json:"TITLE,omitempty"`
	// Description is a text about the chat.
	Description string `json:"DESCRIPTION,omitempty"`
	// Color is the color of the chat in the mobile application. Where it is empty the portal chooses one.
	Color Color `json:"COLOR,omitempty"`
	// Message is the first message of the chat.
	Message string `json:"MESSAGE,omitempty"`
	// Users are the members beside the bot.
	Users []UserID `json:"USERS,omitempty"`
	// Avatar is the picture of the chat: PNG, JPEG or GIF, at most 5000 pixels wide and high.
	Avatar Image `json:"AVATAR,omitempty"`
	// EntityType and EntityID bind the chat to something outside of it, by which [ChatService.Get] finds it.
	EntityType string `json:"ENTITY_TYPE,omitempty"`
	// EntityID is the second half of that.
	EntityID string `json:"ENTITY_ID,omitempty"`
	// BotID is the bot that makes the chat, owns it and is a member. Where it is zero the portal takes the first bot
	// of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatAddResponse is the answer to [ChatService.Add]; its Result is the new chat.
type ChatAddResponse = Response[ChatID]

// MethodChatAdd is imbot.chat.add, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-add.html
var MethodChatAdd = Method[ChatAddRequest, ChatID]{
	Name:     "imbot.chat.add",
	Validate: validateChatAdd,
	Refusals: chatAddRefusals,
	Check:    mustBeChat,
}

// chatAddRefusals has the situations behind the codes. WRONG_REQUEST has one meaning here, and needs none.
var chatAddRefusals = []Refusal{
	refusedClientID,
}

// Add makes a chat that the bot owns and is a member of.
//
// A nil error means that the portal made it; the Result is its id. A chat is made anew by each call, also with the
// same EntityType and EntityID. Otherwise the error tells why not: the users are no list of users
// ([ErrInvalidFormat]); the portal could not make the chat ([ErrWrongRequest]); the bot or its owner is not known
// ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error matches
// [ErrOutcomeUnknown] the answer was lost and there may be a new chat; the call is not repeated then.
//
// A UserID that is not positive ([ErrInvalidFormat]), a Color that is none ([ErrWrongColor]), an Avatar that is no
// picture or is too large ([ErrAvatar]) or a negative BotID ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.add as its successor; no date is set
// for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-add.html
func (s *ChatService) Add(ctx context.Context, req ChatAddRequest) (*ChatAddResponse, error) {
	return Call(ctx, s.client, MethodChatAdd, req)
}

func validateChatAdd(r ChatAddRequest) error {
	return firstProblem(
		allowUserIDs("USERS", r.Users, ErrInvalidFormat),
		allowColor("COLOR", r.Color),
		allowImage("AVATAR", r.Avatar),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

func mustBeChat(id ChatID) error {
	if id > 0 {
		return nil
	}
	return errors.New("an id that is none")
}
