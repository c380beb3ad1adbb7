package oauth

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Token is what Bitrix24's OAuth server and the installation event hand out: a pair of tokens, and where and for whom
// they are valid. Printing it, by whatever verb or logger, shows the two as "***". Its JSON does have them: see
// [Token.MarshalJSON]; and so does what fmt prints of a struct that has a Token in an unexported field, as it does not
// ask such a field how to print it.
type Token struct {
	// AccessToken authorizes calls, for an hour.
	AccessToken string
	// RefreshToken gets the next pair, once, within 180 days.
	RefreshToken string
	// Expiry is when AccessToken stops being accepted, by the clock of this machine; zero if unknown. Nothing in this
	// package acts on it: the portal decides.
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

// over returns t with what it lacks taken from old: answers of the OAuth server leave fields out that an event had.
func (t Token) over(old Token) Token {
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

// secrets are what has to be kept out of texts.
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

// masked shows that there is a secret, and not which.
func masked(secret string) string {
	if secret == "" {
		return `""`
	}
	return redact.Mask
}
