package imbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// ChatRef is what [ChatService.Get] finds.
type ChatRef struct {
	ID ChatID `json:"ID"` // the chat
}

// ChatGetRequest names what the chat was bound to when it was made.
type ChatGetRequest struct {
	EntityType string `json:"ENTITY_TYPE"` // that of [ChatAddRequest]; required, or [ErrNotFound]
	EntityID   string `json:"ENTITY_ID"`   // that of [ChatAddRequest]; required, or [ErrNotFound]
}

// ChatGetResponse is the answer to [ChatService.Get]; its Result has the id of the chat.
type ChatGetResponse = Response[ChatRef]

// MethodChatGet is the method of [ChatService.Get].
var MethodChatGet = Method[ChatGetRequest, ChatRef]{Name: "imbot.chat.get", Idempotent: true, Validate: validateChatGet, Check: mustBeFound}

// Get finds a chat by what it was bound to when it was made, for the user of the webhook or token and not for a bot.
// The error matches [ErrNotFound] where there is no such chat, which the portal answers as a success. It is refused
// where the user has no access to the chat ([ErrAccess]), and for the session of a guest ([ErrAuthorize]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.get, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-get.html
func (s *ChatService) Get(ctx context.Context, req ChatGetRequest) (*ChatGetResponse, error) {
	return Call(ctx, s.client, MethodChatGet, req)
}

func validateChatGet(r ChatGetRequest) error {
	return firstProblem(requireEntity("ENTITY_TYPE", r.EntityType), requireEntity("ENTITY_ID", r.EntityID))
}

// requireEntity returns what is wrong with half of a binding. The portal finds nothing without it.
func requireEntity(param, value string) *ParamError {
	if value != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is missing: %w", ErrNotFound)}
}

var errNoChat = errors.New("not a chat")

// UnmarshalJSON reads an object with the id of a chat; null is a chat without one.
func (c *ChatRef) UnmarshalJSON(data []byte) error {
	if loose.IsNull(data) {
		*c = ChatRef{}
		return nil
	}
	var wire struct{ ID ChatID }
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	if wire.ID <= 0 {
		return errNoChat
	}
	c.ID = wire.ID
	return nil
}

func mustBeFound(chat ChatRef) error {
	if chat.ID > 0 {
		return nil
	}
	return plainAnswer{"null", ErrNotFound} // by which the method says that there is no such chat
}
