package imbot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// LeaveState is how a bot got out of a chat, by [ChatService.EnsureLeft].
type LeaveState string

// The states. Beside an error the state is empty.
const (
	Left       LeaveState = "left"        // the portal confirmed that this call removed the bot
	AlreadyOut LeaveState = "already out" // the first answer said that it was not in the chat, or there is no such chat
	Out        LeaveState = "out"         // an answer was lost; the bot is out now, whether by this call is unknown
)

// LeaveOutcome is what came of [ChatService.EnsureLeft].
type LeaveOutcome struct {
	State    LeaveState // empty beside an error
	Attempts int        // requests to leave that were made, failed connections included

	// Verified tells that the bot was looked for among the members, and was not there. It is false for [Left], and
	// without a BotID: then AlreadyOut is what the portal said, and older ones say it of bots that may not leave, too.
	Verified bool
}

// ErrStillInChat is matched by the error of [ChatService.EnsureLeft] where the bot was found among the members of the
// chat, after the portal had said that it was not a member, or after answers were lost.
var ErrStillInChat = errors.New("imbot: the bot is still in the chat")

// EnsureLeft takes the bot out of the chat if it is in it: a nil error means that it is out, by this call or before it.
// After a lost answer the call is repeated, and [ErrOperationTimeLimit] is waited out as long as ctx allows. A bot that
// is invited again between two attempts is removed again.
//
// Where the portal says that the bot was not in the chat, or an answer was lost, the bot is looked for among the
// members (imbot.chat.user.list). That needs the BotID; without it nothing is verified, and a repeat may remove another
// bot of the application. The error matches [ErrStillInChat] where the bot was found in the chat, and
// [ErrOutcomeUnknown] alone where that could not be learned. After any other error nothing was done.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-leave.html
func (s *ChatService) EnsureLeft(ctx context.Context, req ChatLeaveRequest) (LeaveOutcome, error) {
	return EnsureLeft(ctx, s.client, leaveByV1, req)
}

// LeaveBy is a method that leaves a chat, and what it takes to learn whether the bot is out: for [EnsureLeft] and
// [LeaveAll] by that method.
type LeaveBy[Req, Res any] struct {
	Method Method[Req, Res] // what leaves; a refusal that matches [ErrNotInChat] says that the bot was not in the chat

	// Member returns the bot to look for, and the chat in whose list of members (imbot.chat.user.list). Without a ChatID
	// or a BotID nothing is verified: an error matches [ErrOutcomeUnknown] then. Nil is a [*ParamError].
	Member func(Req) ChatLeaveRequest
	// Ambiguous reports whether a refusal may mean that the bot is not in the chat, and something else as well, so that
	// only the list of members can tell. Nil knows of none.
	Ambiguous func(*APIError) bool
}

var leaveByV1 = LeaveBy[ChatLeaveRequest, bool]{
	Method: MethodChatLeave,
	Member: func(r ChatLeaveRequest) ChatLeaveRequest { return r },
}

// EnsureLeft takes a bot out of a chat by any method that leaves, as [ChatService.EnsureLeft] does by imbot.chat.leave.
// The request is sent again after a lost answer, so that leaving twice must do no harm.
func EnsureLeft[Req, Res any](ctx context.Context, c *Client, by LeaveBy[Req, Res], req Req) (ended LeaveOutcome, err error) {
	m := by.Method
	if by.Member == nil {
		return LeaveOutcome{}, &ParamError{Method: m.Name, Param: "LeaveBy.Member", Err: errNil}
	}
	t := c.newGoalTrace(GoalEnsureLeft, m.Name)
	if t == nil {
		return by.ensureLeft(ctx, c, req)
	}
	returned := false
	defer func() { t.endOne(ended, err, returned) }()
	ended, err = by.ensureLeft(t.begin(ctx), c, req)
	returned = true
	return ended, err
}

func (by LeaveBy[Req, Res]) ensureLeft(ctx context.Context, c *Client, req Req) (ended LeaveOutcome, err error) {
	defer func() { c.logUnknown(ctx, by.Method.Name, ended.Attempts, err) }()
	_, leaving, err := by.Method.call(ctx, c, req, callOptions{repeatable: true, ofGoal: true})
	if leaving == nil {
		return LeaveOutcome{}, err
	}
	ambiguous := by.isAmbiguous(err)
	outcome := LeaveOutcome{Attempts: leaving.requests}
	switch {
	case err == nil:
		outcome.State = Left
		return outcome, nil
	case leaving.lost != nil || isUnexpected(err):
		outcome.State = Out
	case ambiguous || saidNotInChat(err):
		outcome.State = AlreadyOut
	default:
		return outcome, err
	}
	return verifyLeft(ctx, c, by.Member(req), outcome, err, ambiguous)
}

// isUnexpected reports whether err is a result that is not the documented one, and not an error of somebody else who
// met one.
func isUnexpected(err error) bool {
	_, ok := asType[*resultError](err)
	return ok
}

// isAmbiguous reports whether a call ended with a refusal that only the member list can explain.
func (by LeaveBy[Req, Res]) isAmbiguous(err error) bool {
	refused := lastRefusal(err)
	return refused != nil && by.Ambiguous != nil && by.Ambiguous(refused) && !errors.Is(refused, ErrNotInChat)
}

// saidNotInChat reports whether the last answer was that the bot is not in the chat. Those before it, and errors of
// others in the chain, say nothing of where the bot is now.
func saidNotInChat(err error) bool {
	refused := lastRefusal(err)
	return refused != nil && errors.Is(refused, ErrNotInChat)
}

// lastRefusal returns the refusal that a call ended with, or nil where it ended in another way, or the answer does not
// prove that nothing was done.
func lastRefusal(err error) *APIError {
	if ended, ok := asType[*callError](err); ok && ended.isAfterLost() {
		err = ended.cause
	}
	if refused, ok := asType[*APIError](err); ok && refused.ran() == outcome.NotExecuted {
		return refused
	}
	return nil
}

// verifyLeft looks whether the bot is out, as outcome has it, after err.
func verifyLeft(ctx context.Context, c *Client, member ChatLeaveRequest, outcome LeaveOutcome, err error, ambiguous bool) (LeaveOutcome, error) {
	if !canLook(member) {
		return unseen(member, outcome, err, ambiguous)
	}
	in, listErr := isMember(ctx, c, member)
	return seen(outcome, err, ambiguous, in, listErr)
}

// canLook reports whether the bot can be looked for.
func canLook(member ChatLeaveRequest) bool { return member.BotID > 0 && member.ChatID > 0 }

// unseen is what outcome comes to, after err, where the bot cannot be looked for. An ambiguous refusal is only a
// refusal then, and that the bot is not there is believed only of a request that names none.
func unseen(member ChatLeaveRequest, outcome LeaveOutcome, err error, ambiguous bool) (LeaveOutcome, error) {
	failed := LeaveOutcome{Attempts: outcome.Attempts}
	switch {
	case ambiguous && outcome.State == AlreadyOut:
		return failed, err
	case saidNotInChat(err) && !ambiguous && member.BotID == 0:
		return outcome, nil
	default:
		return failed, fmt.Errorf("%w; %w", ErrOutcomeUnknown, err)
	}
}

// seen is what outcome comes to, after err, where the members of the chat were asked for: the bot is among them or is
// not, or listErr is why they could not be read.
func seen(outcome LeaveOutcome, err error, ambiguous, in bool, listErr error) (LeaveOutcome, error) {
	failed := LeaveOutcome{Attempts: outcome.Attempts}
	switch {
	case listErr != nil && ambiguous && outcome.State == AlreadyOut && !errors.Is(listErr, ErrOutcomeUnknown):
		return failed, err
	case listErr != nil:
		return failed, fmt.Errorf("%w; %w; %w", ErrOutcomeUnknown, err, listErr)
	case in:
		return failed, fmt.Errorf("%w; %w", ErrStillInChat, err)
	}
	outcome.Verified = true
	return outcome, nil
}

// isMember looks for the bot among the members of the chat.
func isMember(ctx context.Context, c *Client, member ChatLeaveRequest) (bool, error) {
	members, _, err := MethodChatUserList.call(ctx, c, ChatUserListRequest(member), callOptions{repeatable: true, ofGoal: true})
	if err != nil {
		return false, err
	}
	return slices.Contains(members.Result, UserID(member.BotID)), nil
}
