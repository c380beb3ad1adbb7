package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// restVersion is the version of the form at rest. A program reads no other.
const restVersion = 1

// atRest is an event as it is kept: JSON without secrets.
type atRest struct {
	Version  int           `json:"v"`
	Name     text          `json:"name"`
	ChatID   imbot.ChatID  `json:"chat,omitempty"`
	DialogID text          `json:"dialog,omitempty"`
	ChatType text          `json:"type,omitempty"`
	Author   imbot.UserID  `json:"author,omitempty"`
	UserID   imbot.UserID  `json:"user,omitempty"`
	Bots     []botAtRest   `json:"bots,omitempty"`
	Auth     *tokenAtRest  `json:"auth,omitempty"`
	MemberID text          `json:"member,omitempty"`
	Handler  text          `json:"handler,omitempty"`
	Time     *time.Time    `json:"time,omitempty"`
	Values   []valueAtRest `json:"values,omitempty"`
	LeftOut  int           `json:"left_out,omitempty"`
}

type botAtRest struct {
	ID    imbot.BotID  `json:"id"`
	Code  text         `json:"code,omitempty"`
	Token *tokenAtRest `json:"token,omitempty"`
}

// tokenAtRest is what is known of a token, without the token.
type tokenAtRest struct {
	Expiry         *time.Time   `json:"expiry,omitempty"`
	ClientEndpoint text         `json:"client_endpoint,omitempty"`
	ServerEndpoint text         `json:"server_endpoint,omitempty"`
	MemberID       text         `json:"member,omitempty"`
	Domain         text         `json:"domain,omitempty"`
	Scope          text         `json:"scope,omitempty"`
	Status         text         `json:"status,omitempty"`
	UserID         imbot.UserID `json:"user,omitempty"`
}

// valueAtRest is a field of the form: its name, then its values.
type valueAtRest []text

// text is a string that JSON keeps whatever its bytes are. What is not UTF-8 becomes a list with its base64.
type text string

// MarshalJSON writes a string, or a list of the bytes in base64.
func (s text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(s)) {
		return json.Marshal(string(s))
	}
	return json.Marshal([][]byte{[]byte(s)})
}

// UnmarshalJSON reads what MarshalJSON has written.
func (s *text) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '[' {
		return json.Unmarshal(data, (*string)(s))
	}
	var list [][]byte
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) != 1 {
		return errors.New("want one text in base64")
	}
	*s = text(list[0])
	return nil
}

// MarshalBinary returns the event in the form in which a queue keeps it. It has everything but secrets: no token, no
// application token and no CLIENT_ID. Fields of Values that bring one are there with an empty text, and a secret of at
// least 8 bytes that stands in another field, such as in the text of a message, is replaced by "***". The error is
// always nil.
func (e *Event) MarshalBinary() ([]byte, error) {
	hide := e.hider()
	rest := atRest{
		Version: restVersion, Name: hide(e.Name), ChatID: e.ChatID, DialogID: hide(string(e.DialogID)), ChatType: hide(e.ChatType),
		Author: e.ChatAuthorID, UserID: e.UserID, Auth: keepToken(e.Auth, hide), MemberID: hide(e.MemberID),
		Handler: hide(e.HandlerID), Time: keepTime(e.Time), LeftOut: e.LeftOut,
	}
	for _, bot := range e.Bots {
		rest.Bots = append(rest.Bots, botAtRest{bot.ID, hide(bot.Code), keepToken(bot.Token, hide)})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		field := valueAtRest{hide(name)}
		for _, value := range e.Values[name] {
			if bringsSecret(name) {
				value = "" // the name stays, so that Fetched finds the same objects and lists
			}
			field = append(field, hide(value))
		}
		rest.Values = append(rest.Values, field)
	}
	return json.Marshal(rest)
}

// ErrNotAtRest is the error of [Event.UnmarshalBinary] for what [Event.MarshalBinary] has not written, or has written in
// a version of this package that has another form.
var ErrNotAtRest = errors.New("events: not an event at rest")

// UnmarshalBinary reads what [Event.MarshalBinary] has written. The event is what it was, but without secrets: it cannot
// be verified again, and [Bot.Client] has no token for it, so that its work is done by a client of the portal that has
// tokens of its own. The error matches [ErrNotAtRest]; the event is unchanged then.
func (e *Event) UnmarshalBinary(data []byte) error {
	var rest atRest
	if err := json.Unmarshal(data, &rest); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAtRest, err)
	}
	if rest.Version != restVersion {
		return fmt.Errorf("%w: its version is %d, and not %d", ErrNotAtRest, rest.Version, restVersion)
	}
	event := Event{
		Name: string(rest.Name), ChatID: rest.ChatID, DialogID: imbot.DialogID(rest.DialogID), ChatType: string(rest.ChatType),
		ChatAuthorID: rest.Author, UserID: rest.UserID, Auth: rest.Auth.token(), MemberID: string(rest.MemberID),
		HandlerID: string(rest.Handler), Time: timeOf(rest.Time), LeftOut: rest.LeftOut,
	}
	for _, bot := range rest.Bots {
		event.Bots = append(event.Bots, Bot{ID: bot.ID, Code: string(bot.Code), Token: bot.Token.token()})
	}
	for _, field := range rest.Values {
		if len(field) == 0 {
			return fmt.Errorf("%w: a field has no name", ErrNotAtRest)
		}
		if event.Values == nil {
			event.Values = make(url.Values, len(rest.Values))
		}
		values := make([]string, 0, len(field)-1)
		for _, value := range field[1:] {
			values = append(values, string(value))
		}
		event.Values[string(field[0])] = values
	}
	*e = event
	return nil
}

// hider returns a func that replaces the secrets of the event in a text.
func (e *Event) hider() func(string) text {
	const shortest = 8 // less is no token, and may be part of any word
	secrets := []string{e.ApplicationToken, strings.TrimPrefix(e.ApplicationToken, customToken), e.Auth.AccessToken, e.Auth.RefreshToken}
	for _, bot := range e.Bots {
		secrets = append(secrets, bot.ClientID, bot.Token.AccessToken, bot.Token.RefreshToken)
	}
	for name, values := range e.Values {
		if bringsSecret(name) {
			secrets = append(secrets, values...)
		}
	}
	secrets = slices.DeleteFunc(secrets, func(secret string) bool { return len(secret) < shortest })
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // of two that begin alike the longer one first
	return func(s string) text {
		for _, secret := range secrets {
			s = strings.ReplaceAll(s, secret, redact.Mask)
		}
		return text(s)
	}
}

// bringsSecret reports whether a field such as data[BOT][571][AUTH][access_token] has a secret, or is below one. AUTH
// itself is an object, of which only some fields are secrets.
func bringsSecret(name string) bool {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '[' || r == ']' })
	for i, part := range parts {
		isObject := strings.EqualFold(part, "auth") && i < len(parts)-1
		if redact.IsSecretParam(part) && !isObject || strings.EqualFold(part, "AUTH_ID") || strings.EqualFold(part, "REFRESH_ID") {
			return true
		}
	}
	return false
}

func keepToken(token oauth.Token, hide func(string) text) *tokenAtRest {
	token.AccessToken, token.RefreshToken = "", ""
	if token == (oauth.Token{}) {
		return nil
	}
	return &tokenAtRest{
		Expiry: keepTime(token.Expiry), ClientEndpoint: hide(token.ClientEndpoint), ServerEndpoint: hide(token.ServerEndpoint),
		MemberID: hide(token.MemberID), Domain: hide(token.Domain), Scope: hide(token.Scope), Status: hide(token.Status),
		UserID: token.UserID,
	}
}

func (t *tokenAtRest) token() oauth.Token {
	if t == nil {
		return oauth.Token{}
	}
	return oauth.Token{
		Expiry: timeOf(t.Expiry), ClientEndpoint: string(t.ClientEndpoint), ServerEndpoint: string(t.ServerEndpoint),
		MemberID: string(t.MemberID), Domain: string(t.Domain), Scope: string(t.Scope), Status: string(t.Status), UserID: t.UserID,
	}
}

// keepTime returns nil for the zero time. Another one is within the years that JSON has, as events have seconds of Unix.
func keepTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
