package imbot

import "context"

// ChatType is who may see a chat, and enter it.
type ChatType string

// The types of [ChatAddRequest].
const (
	ChatOpen   ChatType = "OPEN" // a chat that everybody of the portal finds, and may enter
	ChatClosed ChatType = "CHAT" // a chat for those who were invited
)

// ChatAddRequest is what the new chat is to be. All of it is optional.
type ChatAddRequest struct {
	Type        ChatType `json:"TYPE,omitempty"`        // empty: [ChatClosed]
	Title       string   `json:"TITLE,omitempty"`       // empty: the portal makes one up
	Description string   `json:"DESCRIPTION,omitempty"` // a text about the chat
	Color       Color    `json:"COLOR,omitempty"`       // a constant, or [ErrWrongColor]; empty: the portal chooses
	Message     string   `json:"MESSAGE,omitempty"`     // the first message
	Users       []UserID `json:"USERS,omitempty"`       // the other members, each positive, or [ErrInvalidFormat]
	Avatar      Image    `json:"AVATAR,omitempty"`      // the picture, as [ReadImage] reads it, or [ErrAvatar]
	EntityType  string   `json:"ENTITY_TYPE,omitempty"` // with EntityID: what the chat is bound to, for [ChatService.Get]
	EntityID    string   `json:"ENTITY_ID,omitempty"`   // see EntityType
	BotID       BotID    `json:"BOT_ID,omitempty"`      // the bot that owns the chat; zero: the first bot of the application
	ClientID    string   `json:"CLIENT_ID,omitempty"`   // see [WithClientID]
}

// ChatAddResponse is the answer to [ChatService.Add]; its Result is the new chat.
type ChatAddResponse = Response[ChatID]

// MethodChatAdd is the method of [ChatService.Add].
var MethodChatAdd = Method[ChatAddRequest, ChatID]{Name: "imbot.chat.add", Validate: validateChatAdd, Refusals: refusedByBot, Check: mustBeID[ChatID]}

// Add makes a chat that the bot owns and is a member of. Each call makes another one, also with the same EntityType and
// EntityID. It is refused where one of the users is not a user ([ErrInvalidFormat]), and where the portal fails to make
// the chat ([ErrWrongRequest]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.add, without a date for its end.
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
