package main

import (
	"cmp"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
)

// advice is what an error means, and what to do about it.
type advice struct {
	meaning, action string
	retryAt         time.Time // when it may work; zero: that is not known
}

// text is the advice in a line, empty where the error's own text says all of it.
func (a advice) text() string {
	text := a.meaning
	if a.action != "" {
		if text != "" {
			text += ". "
		}
		text += a.action
	}
	if !a.retryAt.IsZero() {
		if text != "" {
			text += " "
		}
		text += "It may work from " + a.retryAt.Local().Format(time.TimeOnly) + " on."
	}
	return text
}

// sentence makes a sentence of a hint.
func sentence(hint string) string {
	if hint == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(hint)
	text := string(unicode.ToUpper(first)) + hint[size:]
	if strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// explain says what an error of a command means.
func explain(command string, err error) advice {
	var told advice
	if answer, ok := errors.AsType[*imbot.APIError](err); ok {
		told.retryAt = answer.RetryAt
		hint := troubles[string(answer.Code)]
		if command == "leave" {
			hint = cmp.Or(hintFor(err), hint)
		}
		told.action = sentence(hint)
	}
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		told.meaning = "The portal may have acted, and may not"
	}
	return told
}
