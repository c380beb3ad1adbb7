package imbot

import "context"

// ChatUserService has the methods imbot.chat.user.*, as [ChatService.User].
type ChatUserService struct{ client *Client }

// ChatUserAddRequest names who is to be added to a chat. Printed or logged, it masks its ClientID; as JSON it is the
// request itself, ClientID and all.
type ChatUserAddRequest struct {
	// ChatID is the chat to add them to. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// Users are who is to be added, at least one. Required.
	Users []UserID `json:"USERS"`
	// HideHistory tells whether the new members see no message from before, new(imbot.Yes), or all of them,
	// new(imbot.No). Say which: where it is nil, portals and their documentation do not agree.
	HideHistory *YesNo `json:"HIDE_HISTORY,omitempty"`
	// BotID is the bot that adds them. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatUserAddResponse is the answer to [ChatUserService.Add]; its Result is always true.
type ChatUserAddResponse = Response[bool]

// MethodChatUserAdd is imbot.chat.user.add, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-add.html
var MethodChatUserAdd = Method[ChatUserAddRequest, bool]{
	Name:     "imbot.chat.user.add",
	Validate: validateChatUserAdd,
	Refusals: chatUserAddRefusals,
	Check:    MustBeTrue[bool],
}

// chatUserAddRefusals has the situations behind the codes. Documentation and servers word one of them differently.
var chatUserAddRefusals = []Refusal{
	refusedGeneralChat,
	{Code: ErrAccess, Description: "It is forbidden to add users to this chat", Means: ErrUserAddForbidden},
	{Code: ErrWrongRequest, Description: "User IDs must be passed in array format", Means: ErrWrongRequest},
	{Code: ErrWrongRequest, Means: ErrUserNotAdded},
	{Code: "ACCESS_DENIED_EXTEND", Means: ErrUserNotAdded},
	refusedClientID,
}

// Add makes users members of the chat.
//
// A nil error means that the portal did it; newer portals also say so where all of them were members before. Otherwise
// the error tells why not: the chat takes no new members ([ErrUserAddForbidden], for the general chat
// [ErrActionUnavailable], both of them [ErrAccess]); the bot has no access to the chat, or the users are members
// ([ErrUserNotAdded], an [ErrWrongRequest]); the bot or its owner is not known ([ErrBotID], [ErrAppID],
// [ErrClientIDMissing]); or any code of the REST interface. Where the error matches [ErrOutcomeUnknown] the answer was
// lost and the users may be members; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), no Users or one that is not positive ([ErrWrongRequest]) or a
// negative BotID ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.User.add as its successor; no date is
// set for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-add.html
func (s *ChatUserService) Add(ctx context.Context, req ChatUserAddRequest) (*ChatUserAddResponse, error) {
	return Call(ctx, s.client, MethodChatUserAdd, req)
}

func validateChatUserAdd(r ChatUserAddRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireUserIDs("USERS", r.Users, ErrWrongRequest),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}
