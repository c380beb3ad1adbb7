package imbot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// V2Service has methods imbot.v2.*, the second generation, as [Client.V2].
type V2Service struct {
	Chat *V2ChatService // the methods imbot.v2.Chat.*
}

// V2ChatService has the methods imbot.v2.Chat.*, as [V2Service.Chat].
type V2ChatService struct{ client *Client }

// V2ChatLeaveRequest names the chat to leave and the bot that leaves it.
type V2ChatLeaveRequest struct {
	BotID    BotID    `json:"botId"`              // the bot that leaves; required, or [ErrBotID]
	DialogID DialogID `json:"dialogId"`           // "chat13"; required, or [ErrDialogIDEmpty]
	BotToken string   `json:"botToken,omitempty"` // the CLIENT_ID of the first generation; see [WithClientID]
}

// V2Result is a result of the second generation: true inside of an object.
type V2Result bool

// V2ChatLeaveResponse is the answer to [V2ChatService.Leave]; its Result is always true.
type V2ChatLeaveResponse = Response[V2Result]

// MethodV2ChatLeave is the method of [V2ChatService.Leave].
var MethodV2ChatLeave = Method[V2ChatLeaveRequest, V2Result]{Name: "imbot.v2.Chat.leave", Validate: validateV2ChatLeave, Refusals: v2ChatLeaveRefusals, Check: MustBeTrue[V2Result]}

// v2ChatLeaveRefusals has the situations behind the codes, in the terms of the first generation. ACCESS_DENIED is also
// what a portal says whose plan has no REST, or to somebody without access, by another status and in other words.
var v2ChatLeaveRefusals = []Refusal{
	refusedClientID,
	{Code: ErrAccessDenied, Description: "REST is available only on commercial plans.", Means: nil},
	{Code: ErrAccessDenied, Description: "REST is available only by subscription.", Means: nil},
	{Code: ErrAccessDenied, Description: "Current user can't be authorized in this context", Means: nil},
	{Code: ErrAccessDenied, Description: "Access denied", Means: ErrNotInChat},
	{Code: ErrAccessDenied, Status: http.StatusBadRequest, Means: ErrNotInChat},
	{Code: "USER_NOT_FOUND", Means: ErrNotInChat}, // of an open chat
	{Code: "CHAT_NOT_FOUND", Means: ErrNotInChat},
	refusedStructure,
	{Code: "BOT_NOT_FOUND", Means: ErrBotID},
	{Code: "BOT_ID_REQUIRED", Means: ErrBotID},
	{Code: "BOT_OWNERSHIP_ERROR", Means: ErrAppID},
	{Code: "BOT_TOKEN_NOT_SPECIFIED", Means: ErrClientIDMissing},
}

// isAmbiguousV2 reports whether a refusal may mean that the bot is not in the chat, or that the plan is without REST.
func isAmbiguousV2(e *APIError) bool {
	return e.Is(ErrAccessDenied) && e.StatusCode != http.StatusUnauthorized &&
		(e.StatusCode != http.StatusBadRequest || e.reason == nil)
}

// Leave takes the bot out of the chat, by the method that replaces that of [ChatService.Leave]. It differs in that the
// bot has to be named, the chat is named as a dialog, and the portal does not ask whether the bot may leave: an owner
// may, and the general chat is left. Bots of the first generation are known to it. Do not name the dialog with a user:
// the portal takes the bot out of that as well.
//
// A nil error means that the portal confirmed it. The bot is not in the chat, or there is no such chat ([ErrNotInChat],
// an [ErrWrongRequest] whatever its code); is there with its department (USER_INVITED_FROM_STRUCTURE); or the bot or
// its owner is not known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]). After a lost answer it may be out.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *V2ChatService) Leave(ctx context.Context, req V2ChatLeaveRequest) (*V2ChatLeaveResponse, error) {
	return Call(ctx, s.client, MethodV2ChatLeave, req)
}

// EnsureLeft takes the bot out of the chat if it is in it, as [ChatService.EnsureLeft] does, by [V2ChatService.Leave].
//
// The DialogID has to be that of a group chat. Named by its number ("chat13") the bot can be looked for; named by what
// it belongs to ("sg7", "crm|DEAL|5") it cannot, and the error matches [ErrOutcomeUnknown] after a lost answer and
// where the portal says that the bot is not there. Any other DialogID is a [*ParamError] that matches
// [ErrDialogIDEmpty].
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *V2ChatService) EnsureLeft(ctx context.Context, req V2ChatLeaveRequest) (LeaveOutcome, error) {
	return ensureLeft(ctx, s.client, leaveByV2, req)
}

// leaveByV2 leaves group chats alone: a dialog with a user cannot be left for good.
var leaveByV2 = func() leaveBy[V2ChatLeaveRequest, V2Result] {
	method := MethodV2ChatLeave
	method.Validate = func(r V2ChatLeaveRequest) error {
		_, problem := groupChat("dialogId", r.DialogID)
		return cmp.Or(validateV2ChatLeave(r), firstProblem(problem))
	}
	return leaveBy[V2ChatLeaveRequest, V2Result]{
		method: method,
		member: func(r V2ChatLeaveRequest) ChatLeaveRequest {
			chat, _ := groupChat("dialogId", r.DialogID)
			return ChatLeaveRequest{ChatID: chat, BotID: r.BotID, ClientID: r.BotToken}
		},
		ambiguous: isAmbiguousV2,
	}
}()

// groupChat returns the chat that a dialog id names by its number, and zero for one that is named by what it belongs
// to: a workgroup, or a CRM item. Nothing else is a group chat.
func groupChat(param string, dialog DialogID) (ChatID, *ParamError) {
	name := strings.ToLower(string(dialog))
	if id, err := ParseChatID(name); err == nil && string(id.DialogID()) == name {
		return id, nil
	}
	if chatOfEntity.MatchString(name) {
		return 0, nil
	}
	return 0, &ParamError{Param: param, Err: fmt.Errorf(
		`%s is no group chat, want "chat" and a number: a dialog with a user cannot be left: %w`, quoteShort(string(dialog)), ErrDialogIDEmpty)}
}

// chatOfEntity matches the dialog ids of a workgroup and of a CRM item, in lower case.
var chatOfEntity = regexp.MustCompile(`^(sg[1-9][0-9]*|crm\|[^|]+\|[^|]+)$`)

func validateV2ChatLeave(r V2ChatLeaveRequest) error {
	return firstProblem(requireID("botId", r.BotID, ErrBotID), requireDialogID("dialogId", r.DialogID))
}

// requireDialogID returns what is wrong with a dialog id that has to be there.
func requireDialogID(param string, id DialogID) *ParamError {
	if id != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is missing: %w", ErrDialogIDEmpty)}
}

var errNoV2Result = errors.New("not a result of the second generation")

// UnmarshalJSON reads {"result":true}; anything without a boolean there is an error, as is an answer that contradicts
// itself.
func (r *V2Result) UnmarshalJSON(data []byte) error {
	nested, err := envelope.Parse(data)
	if err != nil || nested.Refusal != nil || nested.Contradicts {
		return errNoV2Result
	}
	switch string(nested.Result) {
	case "true":
		*r = true
	case "false":
		*r = false
	default:
		return errNoV2Result
	}
	return nil
}
