// Package redact keeps secrets out of texts: it holds them where printing cannot reach them, takes them out of
// errors that others made, and prints structs that have a secret among their fields.
package redact

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// Mask stands where a secret was.
const Mask = "***"

// Secret holds a text in a closure. A struct field would not do: fmt, spew and testify print unexported fields by
// reflection, whatever methods their types have. Of a func they print an address.
type Secret struct{ forms func() []string }

// NewSecret returns s as a Secret. The empty text is no secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	forms := spell(s)
	return Secret{forms: func() []string { return forms }}
}

// spell returns how a secret may be spelled: as it is, and escaped as in a URL or in JSON.
func spell(plain string) []string {
	escaped := url.QueryEscape(plain)
	if escaped == plain {
		return []string{plain} // letters, digits and little else: JSON escapes none of it either
	}
	forms := []string{plain, escaped}
	if quoted, err := json.Marshal(plain); err == nil && len(quoted) != len(plain)+2 {
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	return forms
}

// Reveal returns the text. It is for the request, and for comparing; never for a message.
func (s Secret) Reveal() string {
	if s.forms == nil {
		return ""
	}
	return s.forms()[0]
}

// IsZero reports whether there is nothing to keep.
func (s Secret) IsZero() bool { return s.forms == nil }

// Set is the secrets of one call.
type Set []Secret

// And returns the secrets of both sets, which stay as they are.
func (set Set) And(more Set) Set {
	if len(more) == 0 {
		return set
	}
	return slices.Concat(set, more)
}

// Text returns s with every secret masked, also where it stands escaped as in a URL or in JSON.
func (set Set) Text(s string) string {
	for _, form := range set.formsIn(s) {
		if len(form) < shortest {
			s = maskWords(s, form)
		} else {
			s = strings.ReplaceAll(s, form, Mask)
		}
	}
	return s
}

// Words returns s with every secret masked where it is a word of its own.
func (set Set) Words(s string) string {
	for _, form := range set.formsIn(s) {
		s = maskWords(s, form)
	}
	return s
}

// formsIn returns the forms of secrets that stand in s, the longest first: one may be the beginning of another.
func (set Set) formsIn(s string) []string {
	var found []string
	for _, secret := range set {
		if secret.IsZero() {
			continue
		}
		for _, form := range secret.forms() {
			if strings.Contains(s, form) {
				found = append(found, form)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// shortest is the length from which a secret is masked wherever it stands. A shorter one is masked only where it is
// a word of its own: a CLIENT_ID of "my" must not eat into other words.
const shortest = 6

func maskWords(s, secret string) string {
	var b strings.Builder
	rest, before := s, byte(' ')
	for {
		i := strings.Index(rest, secret)
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		if i > 0 {
			before = rest[i-1]
		}
		end := i + len(secret)
		word := !isWord(before) && (end == len(rest) || !isWord(rest[end]))
		b.WriteString(rest[:i])
		if word {
			b.WriteString(Mask)
		} else {
			b.WriteString(secret)
		}
		before, rest = secret[len(secret)-1], rest[end:]
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// Error returns err as it is where its text shows no secret, and otherwise an error with the masked text that still
// answers errors.Is and Timeout as err would, but lets nobody look inside.
func (set Set) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	masked := set.Text(text)
	if masked == text {
		return err
	}
	timeout := false
	if t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok {
		timeout = t.Timeout()
	}
	return &maskedError{
		text:    masked,
		timeout: timeout,
		is:      func(target error) bool { return errors.Is(err, target) },
	}
}

// maskedError stands for an error that would show a secret. It implements net.Error.
type maskedError struct {
	text    string
	timeout bool
	is      func(target error) bool
}

func (e *maskedError) Error() string        { return e.text }
func (e *maskedError) Is(target error) bool { return e.is(target) }
func (e *maskedError) Timeout() bool        { return e.timeout }

// Temporary is part of net.Error; like net's own errors of today it promises nothing.
func (e *maskedError) Temporary() bool { return false }
