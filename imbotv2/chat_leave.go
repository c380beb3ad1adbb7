package imbotv2

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"github.com/seed-a6e4e5a4/imbot"
)

// ChatLeaveRequest names the chat to leave and the bot that leaves it.
type ChatLeaveRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that leaves; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // "chat13"; required, or [imbot.ErrDialogIDEmpty]
}

// ChatLeaveResponse is the answer to [ChatService.Leave]; its Result is always true.
type ChatLeaveResponse = imbot.Response[Result]

// MethodChatLeave is the method of [ChatService.Leave].
var MethodChatLeave = imbot.Method[ChatLeaveRequest, Result]{
	Name: "imbot.v2.Chat.leave", Validate: validateChatLeave, Refusals: chatLeaveRefusals, Check: imbot.MustBeTrue[Result],
}

// chatLeaveRefusals has the situations behind the codes, in the terms of the first generation.
var chatLeaveRefusals = append(refusedOutsider(),
	imbot.Refusal{Code: "USER_NOT_FOUND", Means: imbot.ErrNotInChat}, // of an open chat
	imbot.Refusal{Code: "CHAT_NOT_FOUND", Means: imbot.ErrNotInChat},
	imbot.Refusal{Code: "USER_INVITED_FROM_STRUCTURE", Means: imbot.ErrWrongRequest},
)

// Leave takes the bot out of the chat. The portal does not ask whether the bot may leave: an owner may, and the general
// chat is left. Bots that were registered by the first generation can leave by it, too. Do not name the dialog with a
// user: the portal takes the bot out of that as well.
//
// A nil error means that the portal confirmed it. It is refused where the bot is not in the chat, or there is no such
// chat ([imbot.ErrNotInChat], an [imbot.ErrWrongRequest] whatever its code), and where the bot is there with its
// department ([ErrUserInvitedFromStructure]). After a lost answer it may be out: to be certain, use
// [ChatService.EnsureLeft].
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *ChatService) Leave(ctx context.Context, req ChatLeaveRequest) (*ChatLeaveResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodChatLeave, req)
}

// EnsureLeft takes the bot out of the chat if it is in it, as [imbot.ChatService.EnsureLeft] does, by
// [ChatService.Leave].
//
// The DialogID has to be that of a group chat. Named by its number ("chat13") the bot can be looked for; named by what
// it belongs to ("sg7", "crm|DEAL|5") it cannot, and the error matches [imbot.ErrOutcomeUnknown] after a lost answer
// and where the portal says that the bot is not there. Any other DialogID is a [*imbot.ParamError] that matches
// [imbot.ErrDialogIDEmpty].
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *ChatService) EnsureLeft(ctx context.Context, req ChatLeaveRequest) (imbot.LeaveOutcome, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.EnsureLeft(ctx, s.bot.client, leaveBy, req)
}

// LeaveResult is what came of one request of [ChatService.LeaveAll].
type LeaveResult = imbot.LeaveResultOf[ChatLeaveRequest]

// LeaveAll takes the bot out of any number of chats, as [ChatService.EnsureLeft] does of one and
// [imbot.ChatService.LeaveAll] of many, with the options of that. The Request of a result names the bot.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-leave.html
func (s *ChatService) LeaveAll(ctx context.Context, reqs iter.Seq[ChatLeaveRequest], opts ...imbot.LeaveAllOption) iter.Seq[LeaveResult] {
	asBot := func(yield func(ChatLeaveRequest) bool) {
		for req := range reqs {
			req.BotID = cmp.Or(req.BotID, s.bot.id)
			if !yield(req) {
				return
			}
		}
	}
	return imbot.LeaveAll(ctx, s.bot.client, leaveBy, asBot, opts...)
}

// leaveBy leaves group chats alone: a dialog with a user cannot be left for good. The bot is looked for by the method of
// the first generation, whose list of members is complete.
var leaveBy = imbot.LeaveBy[ChatLeaveRequest, Result]{
	Method: func() imbot.Method[ChatLeaveRequest, Result] {
		m := MethodChatLeave
		m.Validate = func(r ChatLeaveRequest) error {
			_, problem := groupChat("dialogId", r.DialogID)
			return firstProblem(requireBot(r.BotID), problem)
		}
		return m
	}(),
	Member: func(r ChatLeaveRequest) imbot.ChatLeaveRequest {
		chat, _ := groupChat("dialogId", r.DialogID)
		return imbot.ChatLeaveRequest{ChatID: chat, BotID: r.BotID}
	},
	Ambiguous: isAmbiguous,
}

// isAmbiguous reports whether a refusal may mean that the bot is not in the chat, or that the plan is without REST.
func isAmbiguous(e *imbot.APIError) bool {
	return e.Is(imbot.ErrAccessDenied) && e.StatusCode != http.StatusUnauthorized &&
		(e.StatusCode != http.StatusBadRequest || e.Unwrap() == nil)
}

func validateChatLeave(r ChatLeaveRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID))
}
