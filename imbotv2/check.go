package imbotv2

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// Result is the result of the methods that have nothing to tell: true inside of an object.
type Result bool

var errNoResult = errors.New("not a result of the second generation")

// UnmarshalJSON reads {"result":true}; anything without a boolean there is an error, as is an answer that contradicts
// itself.
func (r *Result) UnmarshalJSON(data []byte) error {
	nested, err := envelope.Parse(data)
	if err != nil || nested.Refusal != nil || nested.Contradicts {
		return errNoResult
	}
	switch string(nested.Result) {
	case "true":
		*r = true
	case "false":
		*r = false
	default:
		return errNoResult
	}
	return nil
}

// refusedBot has the rows of every method that acts as a bot.
func refusedBot() []imbot.Refusal {
	return []imbot.Refusal{
		{Code: imbot.ErrAccessDenied, Description: "Access denied! Client ID not specified", Means: imbot.ErrClientIDMissing},
		{Code: "BOT_TOKEN_NOT_SPECIFIED", Means: imbot.ErrClientIDMissing},
		{Code: "BOT_NOT_FOUND", Means: imbot.ErrBotID},
		{Code: "BOT_ID_REQUIRED", Means: imbot.ErrBotID},
		{Code: "BOT_OWNERSHIP_ERROR", Means: imbot.ErrAppID},
	}
}

// refusedOutsider has the rows of a method that the bot has to be in the chat for.
func refusedOutsider() []imbot.Refusal { return refusedAccess(imbot.ErrNotInChat) }

// refusedAccess has the rows of a method that a chat denies access to, which means one thing for each. ACCESS_DENIED is
// also what a portal says whose plan has no REST, or to somebody without access, by another status and in other words.
func refusedAccess(means error) []imbot.Refusal {
	return append(refusedBot(),
		imbot.Refusal{Code: imbot.ErrAccessDenied, Description: "REST is available only on commercial plans."},
		imbot.Refusal{Code: imbot.ErrAccessDenied, Description: "REST is available only by subscription."},
		imbot.Refusal{Code: imbot.ErrAccessDenied, Description: "Current user can't be authorized in this context"},
		imbot.Refusal{Code: imbot.ErrAccessDenied, Description: "Access denied", Means: means},
		imbot.Refusal{Code: imbot.ErrAccessDenied, Status: http.StatusBadRequest, Means: means},
	)
}

// firstProblem returns the first mistake, or nil.
func firstProblem(problems ...*imbot.ParamError) error {
	if problem := cmp.Or(problems...); problem != nil {
		return problem
	}
	return nil
}

// requireBot returns what is wrong with the id of the bot.
func requireBot(id imbot.BotID) *imbot.ParamError { return requireID("botId", id, imbot.ErrBotID) }

// requireID returns what is wrong with an id that has to be there.
func requireID[ID ~int64](param string, id ID, sentinel error) *imbot.ParamError {
	if id > 0 {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("has to be a positive number, not %d: %w", id, sentinel)}
}

// requireDialog returns what is wrong with a dialog id that has to be there.
func requireDialog(id imbot.DialogID) *imbot.ParamError {
	return requireText("dialogId", id, imbot.ErrDialogIDEmpty)
}

// requireText returns what is wrong with a text that has to be there.
func requireText[S ~string](param string, text S, sentinel error) *imbot.ParamError {
	if strings.TrimSpace(string(text)) != "" {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("is missing: %w", sentinel)}
}

// groupChat returns the chat that a dialog id names by its number, and zero for one that is named by what it belongs
// to: a workgroup, or a CRM item. Nothing else is a group chat.
func groupChat(param string, dialog imbot.DialogID) (imbot.ChatID, *imbot.ParamError) {
	name := strings.ToLower(string(dialog))
	if id, err := imbot.ParseChatID(name); err == nil && string(id.DialogID()) == name {
		return id, nil
	}
	if chatOfEntity.MatchString(name) {
		return 0, nil
	}
	return 0, &imbot.ParamError{Param: param, Err: fmt.Errorf(
		`%s is not the id of a group chat, which is "chat" and a number; a dialog with a user is not left: %w`, quoteShort(string(dialog)), imbot.ErrDialogIDEmpty)}
}

// chatOfEntity matches the dialog ids of a workgroup and of a CRM item, in lower case.
var chatOfEntity = regexp.MustCompile(`^(sg[1-9][0-9]*|crm\|[^|]+\|[^|]+)$`)

// quoteShort quotes a text for an error and cuts it where it is too long to be a mistyped id.
func quoteShort(s string) string {
	const enough = 32
	if len(s) > enough {
		return strconv.Quote(s[:enough]) + "…"
	}
	return strconv.Quote(s)
}

// refusedChat has the rows of a method that asks for a chat.
func refusedChat() []imbot.Refusal {
	return append(refusedOutsider(), imbot.Refusal{Code: "CHAT_NOT_FOUND", Means: imbot.ErrNotInChat})
}

// allowText returns what is wrong with a text that may be left out.
func allowText(param, text string) *imbot.ParamError {
	return paramError(param, content.CheckText(text))
}

// allowAttach returns what is wrong with an attachment that may be left out.
func allowAttach(attach *content.Attach) *imbot.ParamError {
	if attach == nil {
		return nil
	}
	return paramError("fields.attach", attach.Check())
}

// allowKeyboard returns what is wrong with a keyboard that may be left out.
func allowKeyboard(keyboard *content.Keyboard) *imbot.ParamError {
	if keyboard == nil {
		return nil
	}
	return paramError("fields.keyboard", keyboard.Check())
}

func paramError(param string, err error) *imbot.ParamError {
	if err == nil {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: err}
}
