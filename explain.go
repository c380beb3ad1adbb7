package imbot

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/advice"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// Advice is what an error means and what to do about it, in words for people, by [Explain]. Both are parts of a
// sentence, without a capital letter and a full stop.
type Advice struct {
	Meaning   string    // what happened
	Action    string    // what to do about it; "nothing" where that is all
	Temporary bool      // nothing was executed, and the same call may fare better later, though nobody does anything
	RetryAt   time.Time // when to make it again; zero where that is not known, and where Temporary is false
}

// Explain returns what an error of this module means and what to do about it; the zero Advice for nil. What matters most
// comes first: that the bot is still in a chat, then that an outcome is unknown, then why a call was refused. It decides
// by what the error matches, as errors.Is and errors.As do, and never by its text.
//
// An error of another package that has a method Advice() Advice explains itself, unless it wraps one whose outcome is
// unknown and does not match [ErrOutcomeUnknown] itself. Of all other errors the advice is to read them. Explain does not
// panic: an error whose methods do, as those of a nil pointer may, has an advice of its own.
func Explain(err error) (found Advice) {
	if err == nil {
		return Advice{}
	}
	defer func() {
		if recover() != nil {
			found = Advice{Meaning: "the error cannot be read: it is a nil pointer, or one of its methods panics", Action: "fix the program that returns it"}
		}
	}()
	found = explain(err)
	if _, isMistake := errors.AsType[*ParamError](err); isMistake {
		found.Temporary = false // the same request would be wrong again
	}
	if refused, ok := errors.AsType[*APIError](err); ok && found.Temporary && found.RetryAt.IsZero() {
		found.RetryAt = refused.RetryAt
	}
	return found
}

// NewError returns an error with a text, as errors.New does, for which [Explain] returns advice. It is for the
// sentinels of packages that build on this one.
func NewError(text string, advice Advice) error { return &advisedError{text, advice} }

type advisedError struct {
	text   string
	advice Advice
}

func (e *advisedError) Error() string { return e.text }

func (e *advisedError) Advice() Advice { return e.advice }

// explain looks for the most special thing that is known of an error.
func explain(err error) Advice {
	if errors.Is(err, ErrStillInChat) {
		return stillInChat
	}
	var own interface {
		error
		Advice() Advice
	}
	explains := errors.As(err, &own)
	if errors.Is(err, ErrOutcomeUnknown) && (!explains || !errors.Is(own, ErrOutcomeUnknown)) {
		return outcomeUnknown
	}
	if explains {
		return own.Advice()
	}
	if situation, ok := errors.AsType[*situation](err); ok {
		if refused, ok := errors.AsType[*APIError](err); ok && error(situation) == ErrNotInChat && !isLeaving(refused.Method) { //nolint:errorlint // which one it is
			return notThere
		}
		return situations[error(situation)]
	}
	if found, ok := explainCode(err); ok {
		return found
	}
	for _, row := range sentinels {
		if errors.Is(err, row.err) {
			return row.advice
		}
	}
	return explainRest(err)
}

// isLeaving reports whether a method gets a bot out of a chat, so that it is well if the bot is not there.
func isLeaving(method string) bool { return strings.HasSuffix(strings.ToLower(method), ".leave") }

// explainCode explains an error by its code, if it has one.
func explainCode(err error) (found Advice, ok bool) {
	refused, isRefused := errors.AsType[*APIError](err)
	code, hasCode := errors.AsType[Code](err)
	switch {
	case isRefused && refused.isTooMany():
		code = ErrQueryLimitExceeded
	case isRefused && refused.head != nil:
		return Advice{}, false // by its sentinel
	case isRefused && refused.unreadable:
		return Advice{Meaning: "the answer was not one of Bitrix24: something before the portal gave it, or nothing is there", Action: "check the address of the portal, and what stands before it"}, true
	case isRefused && refused.Is(ErrAccess) && refused.Method == MethodDialogGet.Name:
		return notSeen, true
	case isRefused:
		code = refused.Code
	case !hasCode:
		return Advice{}, false
	}
	if text, known := advice.OfCode(string(code)); known {
		return Advice{Meaning: text.Meaning, Action: text.Action, Temporary: text.Temporary}, true
	}
	return Advice{Meaning: "the portal refused the call, for a reason that this library does not know", Action: "read the code and the text of the error"}, true
}

// explainRest explains what has neither a sentinel nor a code.
func explainRest(err error) Advice {
	if _, ok := errors.AsType[*ParamError](err); ok {
		return Advice{Meaning: "the request can never be right, so nothing was sent", Action: "fix what the error names"}
	}
	if _, ok := errors.AsType[*RedirectError](err); ok {
		return Advice{
			Meaning: "the portal is at another address, where the call was not repeated; nothing was executed",
			Action:  "use the new address",
		}
	}
	if outcome.IsCertificate(err) {
		return Advice{Meaning: "the certificate of the server is not trusted, so nothing was sent", Action: "check the address, the clock and the certificates of this machine"}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Advice{Meaning: "the program gave the call up", Action: "nothing"}
	case errors.Is(err, context.DeadlineExceeded):
		return Advice{Meaning: "there was no time left for the call", Action: "give it more time", Temporary: true}
	case isDown(err), isDialing(err):
		return Advice{Meaning: "there was no connection, so nothing was sent", Action: "check the address and the network, or try again later", Temporary: true}
	default:
		return Advice{Meaning: "something failed that is not part of this library", Action: "read the text of the error"}
	}
}

// isDialing reports whether an error is that of a connection that did not come about.
func isDialing(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	_, isName := errors.AsType[*net.DNSError](err)
	return isName || ok && operation.Op == "dial"
}

var (
	stillInChat = Advice{
		Meaning: "the bot was looked for, and found in the chat",
		Action:  "as for the refusal that the error matches as well; after lost answers, try again later",
	}
	notThere = Advice{
		Meaning: "the bot is not in the chat, or the chat does not exist or is private",
		Action:  "check the id of the chat, or have the bot added to it",
	}
	notSeen = Advice{
		Meaning: "the user of the webhook or token is not in the chat, or there is no such chat",
		Action:  "check the id of the chat, or use the webhook or token of somebody who is in it",
	}
	outcomeUnknown = Advice{
		Meaning: "the answer was lost, or tells nothing, and the portal may have acted",
		Action:  "do not just repeat the call: look what came of it; to read, or to leave a chat, again does no harm",
	}
)

// sentinels are what errors match that have no code, the most special first.
var sentinels = []struct {
	err    error
	advice Advice
}{
	{ErrNotFound, Advice{Meaning: "the portal has nothing of that kind", Action: "nothing, or check what was asked for"}},
	{ErrDeclined, Advice{Meaning: "the portal said a plain no, without a reason, and did nothing", Action: "check the ids in the request"}},
	{ErrAnswerTooLarge, Advice{Meaning: "the answer is larger than what this library reads", Action: "ask for less at a time"}},
	{ErrUnexpectedResult, Advice{Meaning: "the result is not the documented one, so it was not read", Action: "of a method of your own, correct the type of the result; else report it with the text of the error"}},
	{ErrNotExecuted, Advice{Meaning: "the call was not executed: its batch ended before it, or was not sent", Action: "make the call again when the reason is gone"}},
}

// situations has the reasons behind codes.
var situations = map[error]Advice{
	ErrLeaveOwnerForbidden: {
		Meaning: "the bot owns the chat, and an owner may not leave a chat of this kind",
		Action:  "transfer the chat (imbot.chat.setOwner), then leave; or leave by imbot.v2.Chat.leave, which has no such restriction",
	},
	ErrActionUnavailable: {
		Meaning: "it is the portal's general chat, which methods of the first generation leave as it is",
		Action:  "nothing; or leave by imbot.v2.Chat.leave, which does not ask",
	},
	ErrUserDeleteForbidden: {
		Meaning: "the chat is that of a workgroup, a call or a support session, whose members are managed there",
		Action:  "remove the bot or user from the workgroup, call or session",
	},
	ErrNotInChat: {
		Meaning: "the bot is not in the chat, or the chat does not exist or is private; on older portals also: the bot may not leave",
		Action:  "nothing; to be certain, look at the members of the chat",
	},
	ErrClientIDMissing: {
		Meaning: "a call by webhook named no CLIENT_ID or botToken",
		Action:  "name the CLIENT_ID that the bot was registered with",
	},
	ErrUserAddForbidden: {
		Meaning: "the chat is that of a workgroup, a call or a support session, whose members are managed there",
		Action:  "add the user to the workgroup, call or session",
	},
	ErrUserNotAdded:   {Meaning: "the bot has no access to the chat, there is none, or the users are in it", Action: "check the ids, and whether the bot is in the chat"},
	ErrUserNotDeleted: {Meaning: "the user is not in the chat, there is no such chat, or the bot may not remove the user", Action: "check the ids, and the role of the bot in the chat"},
}
