package events

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// ErrNotAtRest is the error of [Event.UnmarshalBinary] for what [Event.MarshalBinary] has not written, or has written in
// a version of this package that has another form.
var ErrNotAtRest = imbot.NewError("events: what was kept is not an event of this version", imbot.Advice{
	Meaning: "what was kept is not an event, or one of another version of this library",
	Action:  "let the version that kept it work on it",
})

// MarshalBinary returns the event in the form in which a queue keeps it. It has everything but secrets: no token, no
// application token and no CLIENT_ID. Fields of Values that bring one are there with an empty text, and a secret of at
// least 8 bytes that stands in another field, such as in the text of a message, is replaced by "***". The error is
// always nil.
func (e *Event) MarshalBinary() ([]byte, error) {
	w := coder{data: make([]byte, 0, 512+48*len(e.Values))} // most names and texts are short
	w.event(e)
	secrets := e.hidden(w.left)
	if slices.ContainsFunc(secrets, func(secret string) bool { return mayContain(w.data, secret) }) {
		w = coder{secrets: secrets}
		w.event(e)
	}
	return w.data, nil
}

// UnmarshalBinary reads what [Event.MarshalBinary] has written. The event is what it was, but without secrets: it cannot
// be verified again, and [Bot.Client] has no token for it, so that its work is done by a client of the portal that has
// tokens of its own. The error matches [ErrNotAtRest]; the event is unchanged then.
func (e *Event) UnmarshalBinary(data []byte) error {
	r := coder{reads: true, rest: string(data)}
	var event Event
	r.event(&event)
	if r.err == nil && r.rest != "" {
		r.fail(errLonger)
	}
	if r.err != nil {
		return fmt.Errorf("%w: %w", ErrNotAtRest, r.err)
	}
	event.kept = true
	*e = event
	return nil
}

// Kept reports whether the event was read by [Event.UnmarshalBinary]. It comes from a queue then, and has nothing left to
// be verified by: a [Handler] with [WithEnqueue] has verified it before it was kept.
func (e *Event) Kept() bool { return e.kept }

// hidden returns the secrets of the event that no text may have in it, with those of its fields. Of two that begin alike
// the longer one is first.
func (e *Event) hidden(ofFields []string) []string {
	const shortest = 8 // less is no token, and may be part of any word
	secrets := slices.Concat(ofFields, []string{
		e.ApplicationToken, strings.TrimPrefix(e.ApplicationToken, customToken), e.Auth.AccessToken, e.Auth.RefreshToken,
	})
	for _, bot := range e.Bots {
		secrets = append(secrets, bot.ClientID, bot.Token.AccessToken, bot.Token.RefreshToken)
	}
	secrets = slices.DeleteFunc(secrets, func(secret string) bool { return len(secret) < shortest })
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	return slices.Compact(secrets)
}

// mayContain reports whether a secret may be in some data. It looks for the beginning of it, which is found fast.
func mayContain(data []byte, secret string) bool {
	const enough = 32
	return bytes.Contains(data, []byte(secret[:min(len(secret), enough)]))
}

// bringsSecret reports whether a field such as data[BOT][571][AUTH][access_token] has a secret, or is below one. AUTH
// itself is an object, of which only some fields are secrets.
func bringsSecret(name string) bool {
	isAuth := false
	for key := range keysOf(name) {
		isAuth = strings.EqualFold(key, "auth")
		if !isAuth && isSecretKey(key) {
			return true
		}
	}
	return isAuth
}

// isSecretKey reports whether what is under a key is a secret.
func isSecretKey(key string) bool {
	return redact.IsSecretParam(key) || strings.EqualFold(key, "AUTH_ID") || strings.EqualFold(key, "REFRESH_ID")
}

// keysOf yields the keys in the name of a field.
func keysOf(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := 0
		for i := range len(name) + 1 {
			if i < len(name) && name[i] != '[' && name[i] != ']' {
				continue
			}
			if start < i && !yield(name[start:i]) {
				return
			}
			start = i + 1
		}
	}
}
