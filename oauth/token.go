package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Token is a pair of tokens, as Bitrix24's OAuth server and the installation event hand it out, with where and for whom
// it is valid. Printing it, by whatever verb or logger, shows the two as "***". Its JSON does have them: see
// [Token.MarshalJSON]; and so does what fmt prints of a struct that has a Token in an unexported field, as it calls no
// method of such a field.
type Token struct {
	// AccessToken authorizes calls, for an hour.
	AccessToken string
	// RefreshToken gets the next pair, once, within 180 days.
	RefreshToken string
	// Expiry is when AccessToken stops being accepted, by the clock of this machine; zero if unknown. A [Source] renews
	// the pair shortly before if it is used then; otherwise the portal decides.
	Expiry time.Time
	// ClientEndpoint is where the methods of the portal live: https://portal.example/rest/
	ClientEndpoint string
	// ServerEndpoint is where the OAuth server lives: https://oauth.bitrix.info/rest/
	ServerEndpoint string
	// MemberID identifies the portal for good, whatever its name becomes.
	MemberID string
	// Domain is the host of the portal in events and on return from the authorization, and that of the OAuth server in
	// its own answers.
	Domain string
	// Scope has the granted scopes, separated by commas.
	Scope string
	// Status is the application's: L local, F free, D demo, T trial, P paid, S by subscription.
	Status string
	// UserID is who authorized; zero if not sent.
	UserID imbot.UserID
}

// isEmpty reports whether there is nothing to authorize with.
func (t Token) isEmpty() bool { return t.AccessToken == "" && t.RefreshToken == "" }

// samePair reports whether the two were handed out together.
func (t Token) samePair(other Token) bool {
	return t.AccessToken == other.AccessToken && t.RefreshToken == other.RefreshToken
}

// filledFrom returns t with the fields it lacks from old: answers of the OAuth server leave out some that an event had.
func (t Token) filledFrom(old Token) Token {
	for field, was := range map[*string]string{
		&t.RefreshToken:   old.RefreshToken,
		&t.ClientEndpoint: old.ClientEndpoint,
		&t.ServerEndpoint: old.ServerEndpoint,
		&t.MemberID:       old.MemberID,
		&t.Domain:         old.Domain,
		&t.Scope:          old.Scope,
		&t.Status:         old.Status,
	} {
		if *field == "" {
			*field = was
		}
	}
	if t.UserID == 0 {
		t.UserID = old.UserID
	}
	return t
}

// secrets returns the two tokens, which no text may show.
func (t Token) secrets() redact.Set {
	return redact.Set{redact.NewSecret(t.AccessToken), redact.NewSecret(t.RefreshToken)}
}

// moved reports whether the portal of t is at another address than that of old.
func (t Token) moved(old Token) bool {
	normal := func(endpoint string) string { return strings.ToLower(strings.TrimSuffix(endpoint, "/")) }
	return t.ClientEndpoint != "" && old.ClientEndpoint != "" && normal(t.ClientEndpoint) != normal(old.ClientEndpoint)
}

// Format prints the token without its secrets, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) {
	var expiry string
	if !t.Expiry.IsZero() {
		expiry = t.Expiry.Format(time.RFC3339)
	}
	var b strings.Builder
	b.WriteString("oauth.Token{AccessToken:" + masked(t.AccessToken) + " RefreshToken:" + masked(t.RefreshToken))
	for _, field := range []struct{ name, value string }{
		{"Expiry", expiry},
		{"ClientEndpoint", t.ClientEndpoint},
		{"ServerEndpoint", t.ServerEndpoint},
		{"MemberID", t.MemberID},
		{"Domain", t.Domain},
		{"Scope", t.Scope},
		{"Status", t.Status},
	} {
		b.WriteString(" " + field.name + ":" + strconv.Quote(field.value))
	}
	b.WriteString(" UserID:" + strconv.FormatInt(int64(t.UserID), 10) + "}")
	_, _ = f.Write([]byte(b.String()))
}

// LogValue makes a log record of the token a group of its fields, without its secrets.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("access_token", masked(t.AccessToken)),
		slog.String("refresh_token", masked(t.RefreshToken)),
		slog.Time("expiry", t.Expiry),
		slog.String("client_endpoint", t.ClientEndpoint),
		slog.String("server_endpoint", t.ServerEndpoint),
		slog.String("member_id", t.MemberID),
		slog.String("domain", t.Domain),
		slog.String("scope", t.Scope),
		slog.String("status", t.Status),
		slog.Int64("user_id", int64(t.UserID)),
	)
}

// masked returns what is printed in place of a secret.
func masked(secret string) string {
	if secret == "" {
		return `""`
	}
	return redact.Mask
}

// storedToken is a Token as JSON, with the names of the OAuth server.
type storedToken struct {
	AccessToken    string `json:"access_token"`
	RefreshToken   string `json:"refresh_token"`
	Expires        int64  `json:"expires,omitempty"` // Unix time
	ClientEndpoint string `json:"client_endpoint,omitempty"`
	ServerEndpoint string `json:"server_endpoint,omitempty"`
	MemberID       string `json:"member_id,omitempty"`
	Domain         string `json:"domain,omitempty"`
	Scope          string `json:"scope,omitempty"`
	Status         string `json:"status,omitempty"`
	UserID         int64  `json:"user_id,omitempty"`
}

// MarshalJSON returns the token as it is stored, with both secrets: keep it like a password. The names are those of the
// OAuth server's answers. Expiry is cut to whole seconds.
func (t Token) MarshalJSON() ([]byte, error) {
	stored := storedToken{
		AccessToken:    t.AccessToken,
		RefreshToken:   t.RefreshToken,
		ClientEndpoint: t.ClientEndpoint,
		ServerEndpoint: t.ServerEndpoint,
		MemberID:       t.MemberID,
		Domain:         t.Domain,
		Scope:          t.Scope,
		Status:         t.Status,
		UserID:         int64(t.UserID),
	}
	if !t.Expiry.IsZero() {
		stored.Expires = t.Expiry.Unix()
	}
	return json.Marshal(stored)
}

// UnmarshalJSON reads what MarshalJSON wrote, and an answer of the OAuth server. Numbers may be quoted or have a
// fraction, and texts may be numbers. A field that makes no sense or is longer than 4 KiB counts as missing, because a
// pair of tokens is worth more than what stands beside it; only where the two themselves cannot be read is it an error.
// "expires" is preferred to "expires_in", which counts from now.
func (t *Token) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	fields, err := readFields(data)
	if err != nil {
		return err
	}
	token, err := fields.token()
	if err != nil {
		return err
	}
	if token.Expiry = fields.expires(); token.Expiry.IsZero() {
		token.Expiry = fields.expiry(time.Now())
	}
	*t = token
	return nil
}

// Errors of reading a token are fixed texts: those of encoding/json quote what they read.
var (
	errNotObject = errors.New("oauth: the token is not a JSON object")
	errNotText   = errors.New("oauth: the access token or the refresh token is not a text, or is longer than 4 KiB")
)

const (
	maxUnix     = 253402300799          // the last second of the year 9999, beyond which time.Time cannot be written
	maxLifetime = 100 * 365 * 24 * 3600 // seconds
	maxText     = 4 << 10               // bytes
)

// fields are the members of a JSON object.
type fields map[string]json.RawMessage

func readFields(data []byte) (fields, error) {
	var f fields
	if err := json.Unmarshal(data, &f); err != nil || f == nil {
		return nil, errNotObject
	}
	return f, nil
}

// token reads all but the time.
func (f fields) token() (Token, error) {
	access, okAccess := f.text("access_token")
	refresh, okRefresh := f.text("refresh_token")
	if !okAccess || !okRefresh {
		return Token{}, errNotText
	}
	userID, _ := f.number("user_id")
	return Token{
		AccessToken:    access,
		RefreshToken:   refresh,
		ClientEndpoint: f.lenient("client_endpoint"),
		ServerEndpoint: f.lenient("server_endpoint"),
		MemberID:       f.lenient("member_id"),
		Domain:         f.lenient("domain"),
		Scope:          f.lenient("scope"),
		Status:         f.lenient("status"),
		UserID:         imbot.UserID(userID),
	}, nil
}

// lenient returns a text, and nothing where there is none that can be read.
func (f fields) lenient(name string) string {
	text, _ := f.text(name)
	return text
}

// expiry returns when a token that is valid for expires_in seconds from now on expires; zero if that is unknown.
func (f fields) expiry(now time.Time) time.Time {
	lifetime, ok := f.number("expires_in")
	if !ok || lifetime < 0 || lifetime > maxLifetime {
		return time.Time{}
	}
	return now.Add(time.Duration(lifetime) * time.Second).Truncate(time.Second).UTC()
}

// expires returns the time that the field "expires" has, which counts seconds since 1970; zero if it has none.
func (f fields) expires() time.Time {
	if expires, ok := f.number("expires"); ok && expires > 0 && expires <= maxUnix {
		return time.Unix(expires, 0).UTC()
	}
	return time.Time{}
}

// text returns a string, or a number as it is written. null and false, which PHP writes for nothing, are empty. Any
// other value is not ok, and neither is a text that is too long.
func (f fields) text(name string) (text string, ok bool) {
	raw := f[name]
	if len(raw) == 0 {
		return "", true
	}
	switch raw[0] {
	case 'n', 'f':
		return "", true
	case '"':
		if err := json.Unmarshal(raw, &text); err != nil || len(text) > maxText {
			return "", false
		}
		return text, true
	case '{', '[', 't':
		return "", false
	default:
		if len(raw) > maxText {
			return "", false
		}
		return string(raw), true
	}
}

// number returns a whole number, quoted or not, without its fraction.
func (f fields) number(name string) (n int64, ok bool) {
	text, ok := f.text(name)
	if !ok {
		return 0, false
	}
	return parseNumber(text)
}

// parseNumber reads a whole number, and leaves out its fraction.
func parseNumber(text string) (n int64, ok bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	float, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(float) || math.Abs(float) >= 1<<62 {
		return 0, false
	}
	return int64(float), true
}
