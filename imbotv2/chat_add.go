package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// ChatAddRequest is a chat to make.
type ChatAddRequest struct {
	BotID  imbot.BotID   `json:"botId"`           // the bot that makes it; zero: that of [Client.As]
	Fields ChatAddFields `json:"fields,omitzero"` // the chat; zero: as the portal makes one
}

// ChatAddFields is the chat of a [ChatAddRequest]. All of it is optional.
type ChatAddFields struct {
	Title       string         `json:"title,omitempty"`       // empty: the portal makes one up
	Description string         `json:"description,omitempty"` // a text about the chat
	Color       Color          `json:"color,omitempty"`       // a constant, or [imbot.ErrWrongColor]; empty: the portal chooses
	Avatar      imbot.Image    `json:"avatar,omitempty"`      // the picture, as [imbot.ReadImage] reads it, or [imbot.ErrAvatar]
	UserIDs     []imbot.UserID `json:"userIds,omitempty"`     // the other members, each positive, or [imbot.ErrUserIDEmpty]
	OwnerID     imbot.UserID   `json:"ownerId,omitempty"`     // who owns the chat, and is made a member; zero: the bot
	Message     string         `json:"message,omitempty"`     // the first message, of the bot, at most 20,000 characters
}

// ChatAddResult is the new chat.
type ChatAddResult struct {
	Chat  Chat   `json:"chat"`  // the chat, as the bot sees it
	Users []User `json:"users"` // the users that Chat refers to
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *ChatAddResult) UnmarshalJSON(data []byte) error {
	type plain ChatAddResult
	return loose.Unmarshal(data, (*plain)(r))
}

// ChatAddResponse is the answer to [ChatService.Add].
type ChatAddResponse = imbot.Response[ChatAddResult]

// MethodChatAdd is the method of [ChatService.Add].
var MethodChatAdd = imbot.Method[ChatAddRequest, ChatAddResult]{
	Name: "imbot.v2.Chat.add", Validate: validateChatAdd, Refusals: chatAddRefusals,
	Check: func(r ChatAddResult) error { return requireResult("chat", r.Chat.ID > 0) },
}

// chatAddRefusals has the situations behind the codes.
var chatAddRefusals = append(refusedBot(), imbot.Refusal{Code: ErrWrongParameter, Means: imbot.ErrAvatar})

// Add makes a group chat that the bot is a member of; each call makes another one. Users that the portal does not know,
// or that may not be in it, are left out without an error. It is refused where the user of the webhook or token may not
// make chats ([imbot.ErrAccessDenied]), where the avatar is not a picture ([imbot.ErrAvatar]), and where the portal
// fails to make the chat ([ErrCreation]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-add.html
func (s *ChatService) Add(ctx context.Context, req ChatAddRequest) (*ChatAddResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodChatAdd, req)
}

func validateChatAdd(r ChatAddRequest) error {
	f := r.Fields
	problems := []*imbot.ParamError{
		requireBot(r.BotID), allowColor("fields.color", f.Color), allowImage("fields.avatar", f.Avatar),
		allowUserIDs("fields.userIds", f.UserIDs, imbot.ErrUserIDEmpty), paramError("fields.message", content.CheckText(f.Message)),
	}
	if f.OwnerID != 0 {
		problems = append(problems, requireID("fields.ownerId", f.OwnerID, imbot.ErrUserIDEmpty))
	}
	return firstProblem(problems...)
}
