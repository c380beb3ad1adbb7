package main

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
)

// explained is what an error means and what to do about it, as a text for people; empty where there is nothing to add to
// the error's own text.
func explained(advice imbot.Advice) string {
	text := sentence(advice.Meaning)
	if advice.Action != "" && advice.Action != "nothing" {
		text += " " + sentence(advice.Action)
	}
	if !advice.RetryAt.IsZero() {
		text += " It may work from " + advice.RetryAt.Local().Format(time.TimeOnly) + " on."
	}
	return strings.TrimSpace(text)
}

// sentence makes a sentence of a part of one.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}
