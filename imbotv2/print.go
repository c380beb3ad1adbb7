package imbotv2

import (
	"fmt"
	"log/slog"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// String returns "***", or nothing where there is no address.
func (u DownloadURL) String() string {
	if u == "" {
		return ""
	}
	return redact.Mask
}

// Format prints what String returns, whatever the verb.
func (u DownloadURL) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(u.String())) }

// LogValue makes a log record of what String returns.
func (u DownloadURL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText returns what String returns, for JSON.
func (u DownloadURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// String returns "***", or nothing where there is no JSON.
func (j HiddenJSON) String() string { return DownloadURL(j).String() }

// Format prints what String returns, whatever the verb.
func (j HiddenJSON) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(j.String())) }

// LogValue makes a log record of what String returns.
func (j HiddenJSON) LogValue() slog.Value { return slog.StringValue(j.String()) }

// MarshalText returns what String returns, for JSON.
func (j HiddenJSON) MarshalText() ([]byte, error) { return []byte(j.String()), nil }

// Format prints which file it is, whatever the verb.
func (f File) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "imbotv2.File{ID:%d ChatID:%d Type:%q Size:%d}", f.ID, f.ChatID, short(f.Type), f.Size)
}

// LogValue makes a log record of which file it is.
func (f File) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("id", int64(f.ID)), slog.Int64("chat_id", int64(f.ChatID)),
		slog.String("type", short(f.Type)), slog.Int64("size", f.Size))
}

// Format prints what happened and where, without what people wrote, whatever the verb.
func (e Event) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "imbotv2.Event{EventID:%d Name:%q BotID:%d DialogID:%q ChatID:%d UserID:%d MessageID:%d}",
		e.EventID, short(e.Name), e.Bot.ID, short(e.DialogID), e.Chat.ID, e.User.ID, e.messageID())
}

// LogValue makes a log record of what happened and where, without what people wrote.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("name", short(e.Name))}
	for _, id := range []struct {
		key string
		is  int64
	}{
		{"event_id", int64(e.EventID)},
		{"bot_id", int64(e.Bot.ID)},
		{"chat_id", int64(e.Chat.ID)},
		{"user_id", int64(e.User.ID)},
		{"message_id", e.messageID()},
	} {
		if id.is != 0 {
			attrs = append(attrs, slog.Int64(id.key, id.is))
		}
	}
	if e.DialogID != "" {
		attrs = append(attrs, slog.String("dialog_id", short(e.DialogID)))
	}
	if e.MemberID != "" {
		attrs = append(attrs, slog.String("member_id", short(e.MemberID)))
	}
	return slog.GroupValue(attrs...)
}

func (e *Event) messageID() int64 {
	if e.Message == nil {
		return 0
	}
	return int64(e.Message.ID)
}

// short cuts a text that a stranger may have made long.
func short[S ~string](s S) string { return redact.Short(string(s), 64) }
