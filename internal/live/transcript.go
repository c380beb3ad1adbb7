package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// transcript writes what is asked and answered, masked. It is used by one goroutine.
type transcript struct {
	out  io.Writer
	mask *mask
	rows []row
	err  error // of writing
}

// row is a promise of the library, and what came.
type row struct {
	promise, came string
	held          bool
}

func (t *transcript) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(t.out, format, args...); err != nil && t.err == nil {
		t.err = err
	}
}

// largest is how much of an answer is shown.
const largest = 1 << 20

// middleware writes each request and its answer. It sees no credentials but the token of the bot, which is masked.
func (t *transcript) middleware(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		sent, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		params, err := io.ReadAll(sent)
		if err != nil {
			return nil, err
		}
		method := path.Base(req.URL.Path)
		t.printf("\n### %s\n\n```json\n%s\n```\n", method, t.mask.json("", params))
		start := time.Now()
		resp, err := next.RoundTrip(req)
		if err != nil {
			t.printf("\nNo answer after %s: %s\n", since(start), kindOf(err))
			return nil, err
		}
		answer, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
		if err != nil {
			t.printf("\nHTTP %d, and no whole answer after %s: %s\n", resp.StatusCode, since(start), kindOf(err))
			resp.Body.Close()
			return nil, err
		}
		shown := "(not shown: more than a mebibyte)"
		if len(answer) <= largest {
			shown = t.mask.json(strings.ToLower(method), answer)
		}
		t.printf("\nHTTP %d after %s:\n\n```json\n%s\n```\n", resp.StatusCode, since(start), shown)
		resp.Body = &body{io.MultiReader(bytes.NewReader(answer), resp.Body), resp.Body}
		return resp, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// body is that of an answer whose beginning was read.
type body struct {
	io.Reader
	io.Closer
}

func since(start time.Time) time.Duration { return time.Since(start).Round(time.Millisecond) }

// kindOf returns the types of an error and of those within it, as their texts may name hosts and people.
func kindOf(err error) string {
	var kinds []string
	for ; err != nil; err = errors.Unwrap(err) {
		kinds = append(kinds, fmt.Sprintf("%T", err))
	}
	return strings.Join(slices.Compact(kinds), ", ")
}

// outcome says what an error of the library is, without what stands in it.
func (t *transcript) outcome(err error) string {
	if err == nil {
		return "done"
	}
	var said []string
	for _, known := range []struct {
		err  error
		name string
	}{
		{imbot.ErrStillInChat, "ErrStillInChat"},
		{imbot.ErrOutcomeUnknown, "ErrOutcomeUnknown"},
		{imbot.ErrNotExecuted, "ErrNotExecuted"},
		{imbot.ErrUnexpectedResult, "ErrUnexpectedResult"},
		{imbot.ErrDeclined, "ErrDeclined"},
		{imbot.ErrNotInChat, "ErrNotInChat"},
		{imbot.ErrBotID, "ErrBotID"},
		{imbot.ErrAppID, "ErrAppID"},
		{imbot.ErrClientIDMissing, "ErrClientIDMissing"},
	} {
		if errors.Is(err, known.err) {
			said = append(said, known.name)
		}
	}
	if refused, ok := errors.AsType[*imbot.APIError](err); ok {
		code := words(string(refused.Code), codeWord, codeWords)
		return strings.Join(append(said, fmt.Sprintf("%s (HTTP %d)", code, refused.StatusCode)), ", ")
	}
	if wrong, ok := errors.AsType[*imbot.ParamError](err); ok {
		return strings.Join(append(said, "not sent, for "+wrong.Param), ", ")
	}
	return strings.Join(append(said, kindOf(err)), ", ")
}

// promise notes whether something came as the library promises.
func (t *transcript) promise(promise string, held bool, came string) bool {
	t.rows = append(t.rows, row{promise, came, held})
	return held
}

// done notes whether a call did what it was to do.
func (t *transcript) done(promise string, err error) bool {
	return t.promise(promise, err == nil, t.outcome(err))
}

// refused notes whether a call was refused for a reason.
func (t *transcript) refused(promise string, err, reason error) {
	t.promise(promise, errors.Is(err, reason), t.outcome(err))
}

// table writes what was promised and came, and returns how much was not as promised.
func (t *transcript) table() (broken int) {
	t.printf("\n## Promises\n\n| promise | what came | held |\n|---|---|---|\n")
	for _, r := range t.rows {
		held := "yes"
		if !r.held {
			held = "**no**"
			broken++
		}
		t.printf("| %s | %s | %s |\n", r.promise, r.came, held)
	}
	return broken
}
