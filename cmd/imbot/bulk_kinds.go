package main

import (
	"errors"

	"github.com/seed-a6e4e5a4/imbot"
)

// The outcomes in the file, beside those of [imbot.LeaveState].
const (
	refused = "refused" // the portal's last word
	unknown = "unknown" // to be done again
	failed  = "failed"  // to be done again: nothing was done
	isThere = "found"   // the bot was found there by --probe, and nothing was done yet
)

// entry is what the last line about a chat says. The code is the portal's, with its text where one code has several
// reasons.
type entry struct{ outcome, code string }

// isFinal tells whether there is no use in doing it again.
func (e entry) isFinal() bool {
	switch e.outcome {
	case string(imbot.Left), string(imbot.AlreadyOut), string(imbot.Out), refused:
		return true
	default:
		return false
	}
}

// stillIn stands for a code where the portal's answer contradicts the list of members.
const stillIn = "still in the chat"

// fromStructure: the department of the bot is in the chat.
const fromStructure imbot.Code = "USER_INVITED_FROM_STRUCTURE"

// refusals are those that would be the same tomorrow: they are about the chat, and not about who is calling, or how
// often. A portal may write them in one way or another; here each has one name.
var refusals = []struct {
	match error
	code  string
	hint  string
}{
	{imbot.ErrLeaveOwnerForbidden, "LEAVE_OWNER_FORBIDDEN", "the bot owns it: hand it over (imbot.chat.setOwner), then --refused"},
	{imbot.ErrActionUnavailable, "ACCESS_ERROR: Action unavailable", "it is the general chat: only imbot.v2.Chat.leave leaves it"},
	{imbot.ErrUserDeleteForbidden, "ACCESS_ERROR: It is forbidden to delete users of this chat", "it has the members of a workgroup, a call or the like: leave that"},
	{fromStructure, string(fromStructure), "the bot is there with its department: take it out of that, then --refused"},
	{imbot.ErrAccess, "ACCESS_ERROR", "chats of this kind are not left"},
	{imbot.ErrStillInChat, stillIn, "the portal says that the bot is not there, but it is: it may own the chat"},
	{imbot.ErrWrongRequest, "WRONG_REQUEST", "the bot may not leave this chat"},
}

// troubles are hints for what hinders the caller, by the code.
var troubles = map[string]string{
	string(imbot.ErrBotID):              "there is no such bot: is --bot right?",
	string(imbot.ErrAppID):              "the bot is another's: are BITRIX24_CLIENT_ID and --bot right?",
	string(imbot.ErrAccessDenied):       "set BITRIX24_CLIENT_ID to that of the bot",
	string(imbot.ErrInvalidCredentials): "is the webhook right?",
	string(imbot.ErrNoAuthFound):        "is the webhook right?",
	string(imbot.ErrInsufficientScope):  "the webhook or the application lacks the scope imbot",
	string(imbot.ErrExpiredToken):       "get a new token",
	string(imbot.ErrInvalidToken):       "get a new token",
	string(imbot.ErrOperationTimeLimit): "the portal has enough of this for now: start again in ten minutes",
	string(imbot.ErrQueryLimitExceeded): "other programs use up the requests of this address: start again later",
}

// entryOf sums a result up.
func entryOf(result imbot.LeaveResult) entry {
	apiErr, isAnswer := errors.AsType[*imbot.APIError](result.Err)
	switch {
	case result.Err == nil:
		return entry{outcome: string(result.Outcome.State)}
	case errors.Is(result.Err, imbot.ErrOutcomeUnknown) && !errors.Is(result.Err, imbot.ErrStillInChat):
		return entry{outcome: unknown}
	case errors.Is(result.Err, imbot.ErrOutcomeUnknown) && !wasRefused(result.Err): // at last it is known, but nobody said no
		return entry{failed, stillIn}
	}
	for _, refusal := range refusals {
		if errors.Is(result.Err, refusal.match) {
			return entry{refused, refusal.code}
		}
	}
	if isAnswer {
		return entry{failed, printable(string(apiErr.Code))}
	}
	return entry{outcome: failed}
}

// wasRefused tells whether the portal said no to a bot that is still in the chat. Answers that were lost may be in the
// chain of that error as well; they came before.
func wasRefused(err error) bool {
	for _, refusal := range refusals {
		if refusal.code != stillIn && errors.Is(err, refusal.match) {
			return true
		}
	}
	return errors.Is(err, imbot.ErrNotInChat)
}

// hint tells what to do about an outcome.
func (e entry) hint() string {
	switch e.outcome {
	case isOut.outcome:
		return ""
	case refused:
		for _, refusal := range refusals {
			if refusal.code == e.code {
				return refusal.hint
			}
		}
		return ""
	case unknown:
		return "start again: it does no harm"
	}
	if hint, ok := troubles[e.code]; ok {
		return hint
	}
	return "start again"
}
