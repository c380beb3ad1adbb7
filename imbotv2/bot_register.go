package imbotv2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// BotRegisterRequest is a bot to register. Printed or logged, it masks the BotToken.
type BotRegisterRequest struct {
	Fields BotRegisterFields `json:"fields"` // the bot; required, or [ErrBotCodeRequired]
}

// Format masks the BotToken, whatever the verb.
func (r BotRegisterRequest) Format(s fmt.State, _ rune) { redact.Format(s, r) }

// LogValue masks the BotToken.
func (r BotRegisterRequest) LogValue() slog.Value { return redact.LogValue(r) }

// BotRegisterFields is the bot of a [BotRegisterRequest]. Printed or logged, it masks its BotToken, and
// the query of the WebhookURL.
type BotRegisterFields struct {
	Code               string        `json:"code"`                         // what the application calls the bot; required
	BotToken           string        `json:"botToken,omitempty"`           // by webhook: a secret of your choice, at most 40 characters; empty: see [imbot.WithClientID]
	Properties         BotProperties `json:"properties"`                   // what people see of it
	Type               BotType       `json:"type,omitempty"`               // which messages it hears; empty: [BotTypeBot]
	EventMode          EventMode     `json:"eventMode,omitempty"`          // how its events reach the program; empty: [EventModeFetch]
	WebhookURL         string        `json:"webhookUrl,omitempty"`         // where the portal posts events; required for [EventModeWebhook]; see [BotService.Register]
	IsHidden           *bool         `json:"isHidden,omitempty"`           // keeps it out of the list of contacts; nil: it is in it
	IsReactionsEnabled *bool         `json:"isReactionsEnabled,omitempty"` // lets people react to its messages; nil: they may
	IsSupportOpenLine  *bool         `json:"isSupportOpenline,omitempty"`  // lets it work in open lines; nil: it does not
	BackgroundID       Background    `json:"backgroundId,omitempty"`       // behind its private chats: a constant; empty: [NoBackground]
}

// Format masks the BotToken, whatever the verb.
func (f BotRegisterFields) Format(s fmt.State, _ rune) { redact.Format(s, f) }

// LogValue masks the BotToken.
func (f BotRegisterFields) LogValue() slog.Value { return redact.LogValue(f) }

// BotProperties is what people see of a bot.
type BotProperties struct {
	Name         string      `json:"name,omitempty"`         // the first name; required to register
	LastName     string      `json:"lastName,omitempty"`     // the last name
	WorkPosition string      `json:"workPosition,omitempty"` // what stands below the name
	Color        Color       `json:"color,omitempty"`        // behind the initials: a constant; empty: the portal chooses
	Gender       Gender      `json:"gender,omitempty"`       // for texts about it: a constant
	Avatar       imbot.Image `json:"avatar,omitempty"`       // the picture
}

// BotRegisterResult is the bot that has the code now: a new one or, unchanged, one that had it before.
type BotRegisterResult struct {
	Bot   BotInfo `json:"bot"`   // the bot
	Users []User  `json:"users"` // the users that Bot refers to, itself among them
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *BotRegisterResult) UnmarshalJSON(data []byte) error {
	type plain BotRegisterResult
	return loose.Unmarshal(data, (*plain)(r))
}

// Differs returns which of the fields the bot has otherwise, by their names in the request: a bot that had the code
// before keeps what it is. What is left out is compared with what a new bot would have, but for the WorkPosition, for
// which the portal has a text of its own. What the portal does not show is not compared: token, webhookUrl, color and
// picture.
func (r BotRegisterResult) Differs(fields BotRegisterFields) []string {
	var names []string
	note := func(name string, differs bool) {
		if differs {
			names = append(names, name)
		}
	}
	flag := func(name string, asked *bool, ofNew, is bool) {
		if asked != nil {
			ofNew = *asked
		}
		note(name, ofNew != is)
	}
	note("type", !strings.EqualFold(string(cmp.Or(fields.Type, BotTypeBot)), string(r.Bot.Type)))
	note("eventMode", cmp.Or(fields.EventMode, EventModeFetch) != r.Bot.EventMode)
	flag("isHidden", fields.IsHidden, false, r.Bot.IsHidden)
	flag("isReactionsEnabled", fields.IsReactionsEnabled, true, r.Bot.IsReactionsEnabled)
	flag("isSupportOpenline", fields.IsSupportOpenLine, false, r.Bot.IsSupportOpenLine)
	note("backgroundId", fields.BackgroundID.orNone() != r.Bot.BackgroundID.orNone())
	if i := slices.IndexFunc(r.Users, func(u User) bool { return u.ID == imbot.UserID(r.Bot.ID) }); i >= 0 {
		asked, shown := fields.Properties, r.Users[i]
		isWholeName := asked.LastName == "" && asked.Name == shown.Name
		note("properties.name", asked.Name != shown.FirstName && asked.Name != shown.Name)
		note("properties.lastName", asked.LastName != shown.LastName && !isWholeName)
		// The portal shows a male gender for a bot that has none.
		note("properties.gender", cmp.Or(asked.Gender, GenderMale) != cmp.Or(shown.Gender, GenderMale))
		note("properties.workPosition", asked.WorkPosition != "" && asked.WorkPosition != shown.WorkPosition)
	}
	return names
}

// BotRegisterResponse is the answer to [BotService.Register].
type BotRegisterResponse = imbot.Response[BotRegisterResult]

// MethodBotRegister is the method of [BotService.Register].
var MethodBotRegister = imbot.Method[BotRegisterRequest, BotRegisterResult]{
	Name: "imbot.v2.Bot.register", Idempotent: true, Validate: validateBotRegister, Refusals: refusedBot(),
	Check: func(r BotRegisterResult) error { return requireResult("bot", r.Bot.ID > 0) },
}

// Register registers a bot. A bot of the same application or token that has the code is returned as it is, and nothing
// of it is changed: see [BotRegisterResult.Differs]. That makes it safe to repeat, and it is repeated after a lost
// answer.
//
// It is refused where a bot of another application has the code ([ErrBotCodeAlreadyTaken]), where the portal has no
// room for another bot ([ErrBotLimitExceeded]), and where it does not take one of the fields ([ErrBotInvalidType],
// [ErrBotAvatarIncorrectSize] and other errors of this package that begin with ErrBot). Under OAuth a BotToken is a
// [*imbot.ParamError]: the bot would be lost to its application.
//
// By the source code of the server, a WebhookURL is not of the bot alone. Each address of an application gets the
// events of all its bots whose events are posted. By webhook, an address belongs to one token: when another token is
// registered with the same address, the bots of the first token get no more posts. So give each token an address of its
// own. A portal of revision 33 posts nothing to a bot of a webhook whose address lacks ?CLIENT_ID= with the token.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/bots/bot-register.html
func (s *BotService) Register(ctx context.Context, req BotRegisterRequest) (*BotRegisterResponse, error) {
	return imbot.Call(ctx, s.caller(), MethodBotRegister, req)
}

// longestToken is how many characters a token may have.
const longestToken = 40

func validateBotRegister(r BotRegisterRequest) error {
	f := r.Fields
	problems := []*imbot.ParamError{
		requireText("fields.code", f.Code, ErrBotCodeRequired),
		requireText("fields.properties.name", f.Properties.Name, ErrBotPropertiesRequired),
		allowProperties("fields.properties", f.Properties), allowBackground("fields.backgroundId", f.BackgroundID),
		allowToken(f.BotToken), allowEventMode(f.EventMode),
	}
	if f.EventMode == EventModeWebhook {
		problems = append(problems, requireText("fields.webhookUrl", f.WebhookURL, ErrBotWebhookURLRequired))
	}
	return firstProblem(problems...)
}

// allowProperties returns what is wrong with what people see of a bot.
func allowProperties(param string, p BotProperties) *imbot.ParamError {
	return cmp.Or(allowColor(param+".color", p.Color), allowGender(param+".gender", p.Gender), allowImage(param+".avatar", p.Avatar))
}

// allowGender returns what is wrong with a gender that may be left out.
func allowGender(param string, gender Gender) *imbot.ParamError {
	switch gender {
	case "", GenderMale, GenderFemale:
		return nil
	default:
		return &imbot.ParamError{Param: param, Err: fmt.Errorf("is neither M nor F: %s", quoteShort(string(gender)))}
	}
}

// allowToken returns what is wrong with a token that may be left out.
func allowToken(token string) *imbot.ParamError {
	if utf8.RuneCountInString(token) <= longestToken {
		return nil
	}
	return &imbot.ParamError{Param: "fields.botToken", Err: fmt.Errorf("has more than %d characters: %w", longestToken, ErrBotTokenInvalidLength)}
}

// allowEventMode returns what is wrong with a mode that may be left out.
func allowEventMode(mode EventMode) *imbot.ParamError {
	if mode == "" || mode == EventModeFetch || mode == EventModeWebhook {
		return nil
	}
	return &imbot.ParamError{Param: "fields.eventMode", Err: fmt.Errorf("is neither fetch nor webhook: %w", ErrBotInvalidEventMode)}
}

// requireResult returns what is wrong with a result that lacks a part.
func requireResult(part string, there bool) error {
	if there {
		return nil
	}
	return errors.New("an object without " + part)
}
