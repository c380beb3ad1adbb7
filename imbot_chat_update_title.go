package imbot

import (
	"context"
	"fmt"
	"strings"
)

// ChatUpdateTitleRequest has the new title of a chat. Printed or logged, it masks its ClientID; as JSON it is the
// request itself, ClientID and all.
type ChatUpdateTitleRequest struct {
	// ChatID is the chat to rename. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// Title is the new title. Required; the portal takes blanks and line breaks around it away.
	Title string `json:"TITLE"`
	// BotID is the bot that renames. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatUpdateTitleResponse is the answer to [ChatService.UpdateTitle]; its Result is always true.
type ChatUpdateTitleResponse = Response[bool]

// MethodChatUpdateTitle is imbot.chat.updateTitle, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-title.html
var MethodChatUpdateTitle = Method[ChatUpdateTitleRequest, bool]{
	Name:     "imbot.chat.updateTitle",
	Validate: validateChatUpdateTitle,
	Refusals: chatUpdateTitleRefusals,
	Check:    MustBeTrue[bool],
}

// chatUpdateTitleRefusals has the situations behind the codes.
var chatUpdateTitleRefusals = []Refusal{
	refusedGeneralChat,
	refusedClientID,
}

// UpdateTitle gives the chat another title.
//
// A nil error means that the portal took the request. It does not mean that the chat has the title now: the portal
// says the same where the chat had that title before, and where the bot is not in the chat. Otherwise the error tells
// why not: the chat cannot be renamed ([ErrAccess], for the general chat [ErrActionUnavailable]); the bot or its owner
// is not known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error
// matches [ErrOutcomeUnknown] the answer was lost and the chat may be renamed; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), a blank Title ([ErrTitleEmpty]) or a negative BotID ([ErrBotID])
// is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.update as its successor; no date is
// set for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-title.html
func (s *ChatService) UpdateTitle(ctx context.Context, req ChatUpdateTitleRequest) (*ChatUpdateTitleResponse, error) {
	return Call(ctx, s.client, MethodChatUpdateTitle, req)
}

func validateChatUpdateTitle(r ChatUpdateTitleRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireTitle("TITLE", r.Title),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

// requireTitle returns what is wrong with a title that has to be there.
func requireTitle(param, title string) *ParamError {
	if strings.TrimSpace(title) != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is blank: %w", ErrTitleEmpty)}
}
