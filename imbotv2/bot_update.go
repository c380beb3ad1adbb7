package imbotv2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// BotUpdateRequest is what to change of a bot. Printed or logged, it masks the BotToken.
type BotUpdateRequest struct {
	BotID  imbot.BotID     `json:"botId"`  // the bot; zero: that of [Client.As]
	Fields BotUpdateFields `json:"fields"` // what to change; required, or [imbot.ErrInvalidFormat]
}

// Format masks the BotToken, whatever the verb.
func (r BotUpdateRequest) Format(s fmt.State, _ rune) { redact.Format(s, r) }

// LogValue masks the BotToken.
func (r BotUpdateRequest) LogValue() slog.Value { return redact.LogValue(r) }

// BotUpdateFields is what a [BotUpdateRequest] changes. What is not set stays as it is. Printed or logged, it masks its
// BotToken, and the query of the WebhookURL.
type BotUpdateFields struct {
	Properties         *BotProperties `json:"properties,omitempty"`         // what people see of it, all of it: see [Bot.Update]
	IsHidden           *bool          `json:"isHidden,omitempty"`           // keeps it out of the list of contacts
	IsReactionsEnabled *bool          `json:"isReactionsEnabled,omitempty"` // lets people react to its messages
	IsSupportOpenLine  *bool          `json:"isSupportOpenline,omitempty"`  // lets it work in open lines
	BackgroundID       Background     `json:"backgroundId,omitempty"`       // behind its private chats: a constant; [NoBackground] removes it
	EventMode          EventMode      `json:"eventMode,omitempty"`          // how its events reach the program; the portal subscribes it anew
	WebhookURL         string         `json:"webhookUrl,omitempty"`         // where the portal posts events; see [BotService.Register]
	BotToken           string         `json:"botToken,omitempty"`           // by webhook: a new secret in the place of its own, at most 40 characters
}

// Format masks the BotToken, whatever the verb.
func (f BotUpdateFields) Format(s fmt.State, _ rune) { redact.Format(s, f) }

// LogValue masks the BotToken.
func (f BotUpdateFields) LogValue() slog.Value { return redact.LogValue(f) }

// BotUpdateResult is the bot as it is now.
type BotUpdateResult struct {
	Bot   BotInfo `json:"bot"`   // the bot
	Users []User  `json:"users"` // the users that Bot refers to, itself among them
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *BotUpdateResult) UnmarshalJSON(data []byte) error {
	type plain BotUpdateResult
	return loose.Unmarshal(data, (*plain)(r))
}

// BotUpdateResponse is the answer to [Bot.Update].
type BotUpdateResponse = imbot.Response[BotUpdateResult]

// MethodBotUpdate is the method of [Bot.Update].
var MethodBotUpdate = imbot.Method[BotUpdateRequest, BotUpdateResult]{
	Name: "imbot.v2.Bot.update", Validate: validateBotUpdate, Refusals: refusedBot(),
	Check: func(r BotUpdateResult) error { return requireResult("bot", r.Bot.ID > 0) },
}

// Update changes the bot. Its profile is replaced as a whole: with Properties, a LastName and a Gender that are left out
// are emptied, and a WorkPosition becomes what the portal has for bots. Only a Name and a Color that are left out stay. To
// change one of them, send the others as they are. [Bot.Get] has them, in the user that is the bot.
//
// With a new BotToken the old one ends at once: make another bot by [Client.As] for the calls that follow. After a lost
// answer either of them may be that of the bot, and the call is not repeated. The portal refuses a token that another
// bot has ([ErrBotTokenRotationFailed]), and older portals ignore it, as they ignore a WebhookURL that is not an
// address. All addresses that the events of the old token are posted to go with the new one, also those of other bots
// that had it: let no two bots share a token. Under OAuth a BotToken is a [*imbot.ParamError].
//
// It is refused where the portal does not take one of the fields ([ErrBotAvatarIncorrectType],
// [ErrBotAvatarIncorrectSize], [ErrBotInvalidEventMode], [ErrBotInvalidCallback], [ErrBotTokenInvalidLength]), and
// where the portal fails ([ErrBotUpdateFailed]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/bots/bot-update.html
func (b *Bot) Update(ctx context.Context, req BotUpdateRequest) (*BotUpdateResponse, error) {
	req.BotID = cmp.Or(req.BotID, b.id)
	return imbot.Call(ctx, b.client, MethodBotUpdate, req)
}

func validateBotUpdate(r BotUpdateRequest) error {
	f := r.Fields
	problems := []*imbot.ParamError{
		requireBot(r.BotID), requireChange("fields", f), allowBackground("fields.backgroundId", f.BackgroundID),
		allowEventMode(f.EventMode), allowToken(f.BotToken),
	}
	if f.BotToken != "" { // the portal takes a blank one for none, and changes nothing
		problems = append(problems, requireText("fields.botToken", f.BotToken, ErrBotTokenInvalidLength))
	}
	if f.Properties != nil {
		problems = append(problems, requireChange("fields.properties", *f.Properties),
			allowProperties("fields.properties", *f.Properties))
	}
	return firstProblem(problems...)
}

// requireChange returns what is wrong with fields of which none is set.
func requireChange(param string, fields any) *imbot.ParamError {
	if !reflect.ValueOf(fields).IsZero() {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("%w: %w", errNoChange, imbot.ErrInvalidFormat)}
}

var errNoChange = errors.New("names nothing to change")
