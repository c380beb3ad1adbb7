package imbotv2

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
)

// ActionStatus is what a bot is shown to be doing.
type ActionStatus string

// What a bot can be shown to be doing; an empty status is that it writes. Portals ignore one that they do not know.
const (
	ActionThinking    ActionStatus = "IMBOT_AGENT_ACTION_THINKING"
	ActionSearching   ActionStatus = "IMBOT_AGENT_ACTION_SEARCHING"
	ActionGenerating  ActionStatus = "IMBOT_AGENT_ACTION_GENERATING"
	ActionAnalyzing   ActionStatus = "IMBOT_AGENT_ACTION_ANALYZING"
	ActionProcessing  ActionStatus = "IMBOT_AGENT_ACTION_PROCESSING"
	ActionTranslating ActionStatus = "IMBOT_AGENT_ACTION_TRANSLATING"
	ActionConnecting  ActionStatus = "IMBOT_AGENT_ACTION_CONNECTING"
	ActionChecking    ActionStatus = "IMBOT_AGENT_ACTION_CHECKING"
	ActionCalculating ActionStatus = "IMBOT_AGENT_ACTION_CALCULATING"
	ActionReadingDocs ActionStatus = "IMBOT_AGENT_ACTION_READING_DOCS"
	ActionComposing   ActionStatus = "IMBOT_AGENT_ACTION_COMPOSING"
)

// InputActionNotifyRequest is what the bot is shown to be doing in a dialog.
type InputActionNotifyRequest struct {
	BotID             imbot.BotID    `json:"botId"`                       // the bot; zero: that of [Client.As]
	DialogID          imbot.DialogID `json:"dialogId"`                    // where it is shown; required, or [imbot.ErrDialogIDEmpty]
	StatusMessageCode ActionStatus   `json:"statusMessageCode,omitempty"` // what it does; empty: it writes
	Duration          int            `json:"duration,omitempty"`          // for how many seconds, at most 600; zero: as the portal has it
}

// InputActionNotifyResponse is the answer to [InputActionService.Notify]; its Result is always true.
type InputActionNotifyResponse = imbot.Response[Result]

// MethodInputActionNotify is the method of [InputActionService.Notify].
var MethodInputActionNotify = imbot.Method[InputActionNotifyRequest, Result]{
	Name: "imbot.v2.Chat.InputAction.notify", Validate: validateInputActionNotify, Refusals: refusedOutsider(), Check: imbot.MustBeTrue[Result],
}

// Notify shows in a dialog that the bot is writing, or doing something else. A nil error means that the portal took the
// request; whether anybody saw it is not known. It is refused where the bot is not in the chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/ui/chat-input-action-notify.html
func (s *InputActionService) Notify(ctx context.Context, req InputActionNotifyRequest) (*InputActionNotifyResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodInputActionNotify, req)
}

// longestAction is for how many seconds an action may be shown.
const longestAction = 600

func validateInputActionNotify(r InputActionNotifyRequest) error {
	problems := []*imbot.ParamError{requireBot(r.BotID), requireDialog(r.DialogID)}
	if r.Duration < 0 || r.Duration > longestAction {
		problems = append(problems, &imbot.ParamError{Param: "duration", Err: fmt.Errorf("has to be from 1 to %d seconds, or unset, not %d", longestAction, r.Duration)})
	}
	return firstProblem(problems...)
}
