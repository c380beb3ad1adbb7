package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
)

// printing is how a command prints what it found.
type printing struct {
	JSON bool `help:"Print JSON, for programs." name:"json"`
}

// AfterApply tells the program before the command runs, so that mistakes are JSON, too.
func (o printing) AfterApply(p *process) error { //nolint:unparam // so kong wants it
	p.isJSON = o.JSON
	return nil
}

// printJSON prints a value as one line of JSON, which is shown by a terminal as it is: what would move the cursor or turn
// a text around is escaped, though JSON need not escape all of that.
func (p *process) printJSON(value any) {
	_, _ = p.out.Write(append(escaped(encoded(value)), '\n')) // in one piece
}

// encoded is a value as JSON.
func encoded(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) //nolint:errchkjson // all values are of this program, or were read of JSON
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// escaped is JSON with an escape for each character that cannot be printed: there are none outside of its strings.
func escaped(text []byte) []byte {
	shown := make([]byte, 0, len(text)+1)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case unicode.IsPrint(r):
			shown = append(shown, text[:size]...)
		case utf16.RuneLen(r) > 1:
			high, low := utf16.EncodeRune(r)
			shown = fmt.Appendf(shown, `\u%04x\u%04x`, high, low)
		default:
			shown = fmt.Appendf(shown, `\u%04x`, r)
		}
		text = text[size:]
	}
	return shown
}

// failure is an error as JSON.
type failure struct {
	Outcome string    `json:"outcome"` // refused, unknown, failed, interrupted or usage
	Error   described `json:"error"`
}

// described is what is known of an error.
type described struct {
	Code      imbot.Code `json:"code,omitempty"`    // that of the portal
	Status    int        `json:"status,omitempty"`  // of HTTP
	Message   string     `json:"message"`           // the error's own text
	Meaning   string     `json:"meaning,omitempty"` // what it means
	Action    string     `json:"action,omitempty"`  // what to do
	Temporary bool       `json:"temporary"`         // it may work later, though nobody does anything
	RetryAt   *time.Time `json:"retry_at,omitempty"`
}

// outcomeOf names what came of a call that has failed.
func outcomeOf(err error) (outcome string, code int) {
	_, isAnswer := errors.AsType[*imbot.APIError](err)
	switch {
	case isUsage(err):
		return "usage", exitUsage
	case isUndone(err):
		return "interrupted", exitInterrupted
	case errors.Is(err, imbot.ErrStillInChat):
		return "refused", exitRefused
	case (errors.Is(err, imbot.ErrQueryLimitExceeded) || errors.Is(err, imbot.ErrOperationTimeLimit)) && !errors.Is(err, imbot.ErrOutcomeUnknown):
		return "failed", exitFailed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		if errors.Is(err, imbot.ErrOutcomeUnknown) {
			return "unknown", exitUnknown
		}
		return "interrupted", exitInterrupted
	case errors.Is(err, imbot.ErrOutcomeUnknown):
		return "unknown", exitUnknown
	case !isAnswer && !errors.Is(err, imbot.ErrDeclined):
		return "failed", exitFailed
	default:
		return "refused", exitRefused
	}
}

// isUsage tells whether an error is a mistake of who started the program.
func isUsage(err error) bool {
	_, wrong := errors.AsType[*usageError](err)
	_, unsent := errors.AsType[*imbot.ParamError](err)
	return wrong || unsent
}

func codeOf(err error) int {
	_, code := outcomeOf(err)
	return code
}

// tell tells of an error, and what to do about it.
func (p *process) tell(err error) {
	what := imbot.Explain(err)
	if p.isJSON {
		outcome, _ := outcomeOf(err)
		shown := described{Message: printableLines(err.Error()), Meaning: what.Meaning, Action: what.Action, Temporary: what.Temporary}
		if answer, ok := errors.AsType[*imbot.APIError](err); ok {
			shown.Code, shown.Status = imbot.Code(printable(string(answer.Code))), answer.StatusCode
		}
		if !what.RetryAt.IsZero() {
			shown.RetryAt = &what.RetryAt
		}
		p.printJSON(failure{outcome, shown})
	}
	say(p.err, "imbot "+p.command+": "+printableLines(err.Error()))
	if text := explained(what); text != "" {
		say(p.err, text)
	}
}

// table prints rows below a header, as wide as the terminal at the most. What does not fit is broken between words.
func table(out io.Writer, header []string, rows [][]string) {
	const gap = "  "
	widths := make([]int, len(header))
	all := append([][]string{header}, rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	room := columns(out) - 1 - len(gap)*(len(header)-1)
	for total := sum(widths); total > room; total-- {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= 8 {
			break
		}
		widths[widest]--
	}
	for _, row := range all {
		cells, height := make([][]string, len(row)), 1
		for i, cell := range row {
			cells[i] = strings.Split(wrapHard(cell, widths[i]), "\n")
			height = max(height, len(cells[i]))
		}
		for line := range height {
			var text strings.Builder
			for i, cell := range cells {
				part := ""
				if line < len(cell) {
					part = cell[line]
				}
				text.WriteString(part + strings.Repeat(" ", max(0, widths[i]-width(part))) + gap)
			}
			fmt.Fprintln(out, strings.TrimRight(text.String(), " "))
		}
	}
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}
