// Package redact keeps secrets out of texts: it holds them where printing cannot reach them, takes them out of
// errors and answers that others made, cuts texts of others to what is worth keeping, and prints structs that have a
// secret among their fields.
package redact

import (
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Mask stands where a secret was.
const Mask = "***"

// Secret holds a text in a closure. A struct field would not do: fmt, spew and testify print unexported fields by
// reflection, whatever methods their types have. Of a func they print an address.
type Secret struct{ reveal func() string }

// NewSecret returns s as a Secret. The empty text is no secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return s }}
}

// Reveal returns the text. It is for the request, and for comparing; never for a message.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is nothing to keep.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Set is the secrets of one call.
type Set []Secret

// And returns the secrets of both sets, which stay as they are.
func (set Set) And(more Set) Set {
	switch {
	case len(more) == 0:
		return set
	case len(set) == 0:
		return more
	default:
		return slices.Concat(set, more)
	}
}

// How much of the texts of others is kept, in bytes.
const (
	// MaxCode is for codes, names and hosts.
	MaxCode = 200
	// MaxDetail is for remarks on single parameters.
	MaxDetail = 500
	// MaxText is for descriptions and the texts of errors.
	MaxText = 2 << 10
)

// Cut stands at the end of a text that was cut.
const Cut = "…"

// Text returns s with every secret masked, in whatever form PHP writes it: as it is or in other letter case, or escaped
// as in a URL, in JSON or in HTML.
func (set Set) Text(s string) string { return set.mask(s, inText, math.MaxInt) }

// Bounded returns s as [Set.Text] does, and no longer than limit bytes. A secret that stands where it is cut is masked
// before.
func (set Set) Bounded(s string, limit int) string { return Short(set.mask(s, inText, limit), limit) }

// Code returns a code with the secrets masked, and no longer than [MaxCode] bytes: what was cut ends with [Cut] and so
// equals no code that there is. Unlike in other texts letter case counts, and shorter secrets have to be words of their
// own.
func (set Set) Code(s string) string { return Short(set.mask(s, inCode, MaxCode), MaxCode) }

// mask masks the secrets in s, and gives up when it has more than limit bytes.
func (set Set) mask(s string, rule rule, limit int) string {
	var starts [256]bool
	shortest := set.starts(rule, &starts)
	if shortest == 0 || shortest > len(s) {
		return s
	}
	var b strings.Builder
	i, copied := 0, 0
	for i <= len(s)-shortest && b.Len()+i-copied <= limit {
		if !starts[s[i]] {
			i++
			continue
		}
		n, _ := set.at(s, i, rule, true)
		if n == 0 {
			i++
			continue
		}
		b.WriteString(s[copied:i])
		b.WriteString(Mask)
		i += n
		copied = i
	}
	if copied == 0 {
		return s
	}
	if i > len(s)-shortest { // the rest has room for none
		i = len(s)
	}
	b.WriteString(s[copied:i])
	return b.String()
}

// Short returns s, or as much of its beginning as has room in limit bytes with [Cut] behind it, between two characters.
func Short(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit - len(Cut)
	for most := end - utf8.UTFMax; end > max(most, 0) && !utf8.RuneStart(s[end]); {
		end--
	}
	return s[:end] + Cut
}

// Error returns err as it is where its text is short and shows no secret, and otherwise an error with the masked
// beginning of the text that still answers errors.Is and Timeout as err would, but lets nobody look inside.
func (set Set) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	masked := set.Bounded(text, MaxText)
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
