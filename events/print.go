package events

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Format prints the event without its secrets and without the fields of the form, whatever the verb.
func (e Event) Format(f fmt.State, _ rune) {
	var b strings.Builder
	fmt.Fprintf(&b, "events.Event{Name:%q ChatID:%d DialogID:%q UserID:%d Bots:[", short(e.Name), e.ChatID, short(string(e.DialogID)), e.UserID)
	for i, bot := range e.Bots {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(bot.text())
	}
	fmt.Fprintf(&b, "] Auth:%s ApplicationToken:%s MemberID:%q Time:%s Values:(%d)}",
		tokenText(e.Auth), mask(e.ApplicationToken), short(e.MemberID), timeText(e.Time), len(e.Values))
	_, _ = f.Write([]byte(b.String()))
}

// LogValue makes a log record of the event, without its secrets and without the fields of the form.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("name", short(e.Name))}
	if e.ChatID != 0 {
		attrs = append(attrs, slog.Int64("chat_id", int64(e.ChatID)))
	}
	if e.DialogID != "" {
		attrs = append(attrs, slog.String("dialog_id", short(string(e.DialogID))))
	}
	if e.UserID != 0 {
		attrs = append(attrs, slog.Int64("user_id", int64(e.UserID)))
	}
	for _, bot := range e.Bots {
		attrs = append(attrs, slog.Any("bot_"+strconv.FormatInt(int64(bot.ID), 10), bot))
	}
	if e.MemberID != "" {
		attrs = append(attrs, slog.String("member_id", short(e.MemberID)))
	}
	return slog.GroupValue(attrs...)
}

// Format prints the bot without its secrets, whatever the verb.
func (b Bot) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(b.text())) }

// LogValue makes a log record of the bot, without its secrets.
func (b Bot) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int64("id", int64(b.ID)), slog.String("code", short(b.Code))}
	if b.ClientID != "" {
		attrs = append(attrs, slog.String("client_id", redact.Mask))
	}
	if b.Token.AccessToken != "" {
		attrs = append(attrs, slog.String("token", redact.Mask))
	}
	return slog.GroupValue(attrs...)
}

func (b Bot) text() string {
	return fmt.Sprintf("events.Bot{ID:%d Code:%q ClientID:%s Token:%s}", b.ID, short(b.Code), mask(b.ClientID), tokenText(b.Token))
}

// mask shows whether there is a secret.
func mask(secret string) string {
	if secret == "" {
		return `""`
	}
	return redact.Mask
}

// tokenText shows whether there are tokens. It does not lean on how a Token prints: what is not written cannot leak.
func tokenText(token oauth.Token) string { return mask(token.AccessToken + token.RefreshToken) }

func timeText(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// short cuts a text that a stranger may have made long.
func short(s string) string {
	const enough = 64
	if len(s) > enough {
		return s[:enough] + "…"
	}
	return s
}
