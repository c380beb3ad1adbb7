package imbot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// V2Service has the methods imbot.v2.*, as [Client.V2]: the second generation, which replaces the first. Bots that were
// registered by either are known to both.
type V2Service struct {
	// Chat has the methods imbot.v2.Chat.*.
	Chat *V2ChatService
}

// V2ChatService has the methods imbot.v2.Chat.*, as [V2Service.Chat].
type V2ChatService struct{ client *Client }

// V2ChatLeaveRequest names the chat to leave and the bot that leaves it. Printed or logged, it masks its BotToken; as
// JSON it is the request itself, BotToken and all.
type V2ChatLeaveRequest struct {
	// BotID is the bot that leaves. Required: unlike the first generation, this one takes no bot for granted.
	BotID BotID `json:"botId" url:"botId"`
	// DialogID is the chat to leave, as [ChatID.DialogID] has it: "chat13". Required.
	DialogID DialogID `json:"dialogId" url:"dialogId"`
	// BotToken is what the bot was registered with; a CLIENT_ID of the first generation is one. It is needed under a
	// webhook, unless the client has it by [WithClientID], and not read under OAuth. At most 40 characters.
	BotToken string `json:"botToken,omitempty" url:"botToken,omitempty"`
}

// V2Result is a result of the second generation: true inside of an object.
type V2Result bool

// V2ChatLeaveResponse is the answer to [V2ChatService.Leave]; its Result is always true.
type V2ChatLeaveResponse = Response[V2Result]

// MethodV2ChatLeave is imbot.v2.Chat.leave, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
var MethodV2ChatLeave = Method[V2ChatLeaveRequest, V2Result]{
	Name:     "imbot.v2.Chat.leave",
	refusals: v2ChatLeaveRefusals,
	check:    mustBeTrue[V2Result],
	vague:    isVagueV2,
}

// v2ChatLeaveRefusals has the situations behind the codes, in the terms of the first generation. ACCESS_DENIED is also
// what a portal says whose plan has no REST, or to somebody without access, by another status and in other words.
var v2ChatLeaveRefusals = []refusal{
	refusedClientID,
	{code: ErrAccessDenied, description: "REST is available only on commercial plans.", means: nil},
	{code: ErrAccessDenied, description: "REST is available only by subscription.", means: nil},
	{code: ErrAccessDenied, description: "Current user can't be authorized in this context", means: nil},
	{code: ErrAccessDenied, description: "Access denied", means: ErrNotInChat},
	{code: ErrAccessDenied, status: http.StatusBadRequest, means: ErrNotInChat},
	{code: "CHAT_NOT_FOUND", means: ErrNotInChat},
	{code: "BOT_NOT_FOUND", means: ErrBotID},
	{code: "BOT_ID_REQUIRED", means: ErrBotID},
	{code: "BOT_OWNERSHIP_ERROR", means: ErrAppID},
	{code: "BOT_TOKEN_NOT_SPECIFIED", means: ErrClientIDMissing},
}

// isVagueV2 reports whether nothing but the wording tells a bot that is not there from a plan without REST.
func isVagueV2(e *APIError) bool {
	return e.Is(ErrAccessDenied) && e.StatusCode != http.StatusUnauthorized &&
		(e.StatusCode != http.StatusBadRequest || e.reason == nil)
}

// Leave takes the bot out of the chat, as [ChatService.Leave] does, by the method that replaces that one.
//
// Which of the two? This one, wherever the portal has it: the other is developed no further. It differs in that the bot
// has to be named, the chat is named as a dialog, and the portal does not ask whether the bot may leave: one that owns
// the chat, or that the other method refuses for the kind of the chat, may leave by this one. Bots of the first
// generation are known to it, by their CLIENT_ID as BotToken.
//
// A nil error means that the portal confirmed it. Otherwise the bot is not in the chat, or there is no such chat
// ([ErrNotInChat], an [ErrWrongRequest] whatever its code); the bot or its owner is not known ([ErrBotID], [ErrAppID],
// [ErrClientIDMissing]); or any code of the REST interface. Where the error matches [ErrOutcomeUnknown] the answer was
// lost and the bot may be out; the call is not repeated then.
//
// A BotID that is not positive ([ErrBotID]) or an empty DialogID ([ErrDialogIDEmpty]) is a [*ParamError], and nothing
// is sent.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *V2ChatService) Leave(ctx context.Context, req V2ChatLeaveRequest) (*V2ChatLeaveResponse, error) {
	return Call(ctx, s.client, MethodV2ChatLeave, req)
}

// EnsureLeft sees to it that the bot is not in the chat, as [ChatService.EnsureLeft] does and with the same outcome, by
// [V2ChatService.Leave]. It looks for the bot among the members where the DialogID is that of a chat ("chat13").
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *V2ChatService) EnsureLeft(ctx context.Context, req V2ChatLeaveRequest) (LeaveOutcome, error) {
	member := ChatLeaveRequest{BotID: req.BotID, ClientID: req.BotToken}
	if id, err := ParseChatID(string(req.DialogID)); err == nil && strings.EqualFold(string(id.DialogID()), string(req.DialogID)) {
		member.ChatID = id
	}
	return ensureLeft(ctx, s.client, MethodV2ChatLeave, req, member)
}

func (r V2ChatLeaveRequest) validate() *ParamError {
	return cmp.Or(requireID("botId", r.BotID, ErrBotID), requireDialogID("dialogId", r.DialogID))
}

// requireDialogID returns what is wrong with a dialog id that has to be there.
func requireDialogID(param string, id DialogID) *ParamError {
	if id != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is missing: %w", ErrDialogIDEmpty)}
}

// Format prints the request with its BotToken masked, whatever the verb.
func (r V2ChatLeaveRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue makes a log record of the request, with its BotToken masked.
func (r V2ChatLeaveRequest) LogValue() slog.Value { return redact.LogValue(r) }

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
