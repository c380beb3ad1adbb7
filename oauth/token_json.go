package oauth

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

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

// MarshalJSON returns the token as it is stored, with both secrets: keep it like a password. The names are those of
// the OAuth server's answers. Expiry is cut to whole seconds.
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
	if expires, ok := fields.number("expires"); ok && expires > 0 && expires <= maxUnix {
		token.Expiry = time.Unix(expires, 0).UTC()
	} else {
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
	lenient := func(name string) string {
		text, _ := f.text(name)
		return text
	}
	userID, _ := f.number("user_id")
	return Token{
		AccessToken:    access,
		RefreshToken:   refresh,
		ClientEndpoint: lenient("client_endpoint"),
		ServerEndpoint: lenient("server_endpoint"),
		MemberID:       lenient("member_id"),
		Domain:         lenient("domain"),
		Scope:          lenient("scope"),
		Status:         lenient("status"),
		UserID:         imbot.UserID(userID),
	}, nil
}

// expiry is when a token stops being accepted that lives for expires_in seconds from now on; zero if that is unknown.
func (f fields) expiry(now time.Time) time.Time {
	lifetime, ok := f.number("expires_in")
	if !ok || lifetime < 0 || lifetime > maxLifetime {
		return time.Time{}
	}
	return now.Add(time.Duration(lifetime) * time.Second).Truncate(time.Second).UTC()
}

// text returns a string or a number as it is written. What PHP writes for nothing (null, false) is empty. The rest is
// no text, and neither is what is too long.
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
