package imbot

import (
	"cmp"
	"context"
	"errors"
)

// LeavePreflight is what [ChatService.CanLeave] found out.
type LeavePreflight struct {
	Allowed bool // nothing forbids the bot to leave
	IsOwner bool // the bot owns the chat; where an owner may leave, the chat passes to another member

	// Reason is nil where Allowed is true, and otherwise what [ChatService.Leave] would be refused with:
	// [ErrLeaveOwnerForbidden], which [ChatService.SetOwner] helps against, [ErrUserDeleteForbidden], in the general
	// chat [ErrActionUnavailable], or in a private one [ErrNotInChat].
	Reason error
}

// CanLeave looks whether the bot may leave the chat, and changes nothing. The BotID of the request has to be set; its
// ClientID plays no part.
//
// A nil error means that the portal described the chat (imbot.dialog.get). It is refused for a chat that the user of
// the webhook or token may not see ([ErrAccess]); where the description lacks what CanLeave has to know, the error
// matches [ErrUnexpectedResult]. CanLeave does not look whether the bot is in the chat, and the answer of
// [ChatService.Leave] is the one that counts.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-dialog-get.html
func (s *ChatService) CanLeave(ctx context.Context, req ChatLeaveRequest) (LeavePreflight, error) {
	if err := cmp.Or(requireID("CHAT_ID", req.ChatID, ErrChatIDEmpty), requireID("BOT_ID", req.BotID, ErrBotID)); err != nil {
		err.Method = MethodDialogGet.Name
		return LeavePreflight{}, err
	}
	response, err := Call(ctx, s.client, methodLeaveFacts, DialogGetRequest{DialogID: req.ChatID.DialogID()})
	if err != nil {
		return LeavePreflight{}, err
	}
	return response.Result.preflight(UserID(req.BotID))
}

// methodLeaveFacts is imbot.dialog.get, read for what leaving depends on.
var methodLeaveFacts = Method[DialogGetRequest, leaveFacts]{
	Name:       MethodDialogGet.Name,
	Idempotent: true,
	Refusals:   MethodDialogGet.Refusals,
}

// leaveFacts is what leaving depends on. What the portal did not say is nil: nothing is made up for it.
type leaveFacts struct {
	Owner        *UserID `json:"owner"`
	Type         string  `json:"type"`
	MessageType  string  `json:"message_type"`
	Restrictions struct {
		Leave      *YesNo `json:"leave"`
		LeaveOwner *YesNo `json:"leave_owner"`
	} `json:"restrictions"`
}

func (f leaveFacts) preflight(bot UserID) (LeavePreflight, error) {
	mayLeave, mayOwnerLeave := f.Restrictions.Leave, f.Restrictions.LeaveOwner
	found := LeavePreflight{IsOwner: f.Owner != nil && *f.Owner == bot}
	switch {
	case f.Type == "private" || f.MessageType == "P":
		found.Reason = ErrNotInChat
	case mayLeave != nil && !bool(*mayLeave) && f.Type == "general":
		found.Reason = ErrActionUnavailable
	case mayLeave != nil && !bool(*mayLeave):
		found.Reason = ErrUserDeleteForbidden
	case mayLeave == nil || f.Owner == nil || found.IsOwner && mayOwnerLeave == nil:
		return LeavePreflight{}, &resultError{method: MethodDialogGet.Name, problem: errors.New("a dialog without owner or restrictions"), known: true}
	case found.IsOwner && !bool(*mayOwnerLeave):
		found.Reason = ErrLeaveOwnerForbidden
	default:
		found.Allowed = true
	}
	return found, nil
}
