package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
)

// screen is a terminal that somebody looks at.
type screen struct{ bytes.Buffer }

// IsTerminal tells the program that it is one.
func (*screen) IsTerminal() bool { return true }

func TestProgress_lines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, 100)
		for range 60 {
			time.Sleep(time.Second / 2) // fake clock
			p.result(imbot.LeaveResult{})
			p.progress(imbot.LeaveProgress{WaitUntil: time.Now().Add(time.Second)})
		}
		p.result(imbot.LeaveResult{Err: imbot.ErrNotExecuted})
		p.end()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		assert.Len(t, lines, 7, "one in five seconds, and one at the end")
		assert.Equal(t, "10 of 100 chats, 2.0 a second, 45s to go: leaving", lines[0])
		assert.Equal(t, "60 of 100 chats, 2.0 a second, 20s to go: leaving", lines[6])
	})
}

// A long wait is told of when it begins, as nothing else happens then.
func TestProgress_waiting(t *testing.T) {
	t.Parallel()
	for _, out := range []interface {
		Write(p []byte) (int, error)
		String() string
	}{&bytes.Buffer{}, &screen{}} {
		synctest.Test(t, func(t *testing.T) {
			p := newProgress(out, 3)
			time.Sleep(time.Second) // fake clock
			p.result(imbot.LeaveResult{Err: imbot.ErrAccess})
			until := time.Now().Add(time.Minute)
			p.progress(imbot.LeaveProgress{WaitUntil: until})
			assert.Contains(t, out.String(), "the portal takes no more until "+until.Local().Format(time.TimeOnly)+", 1 not left")
			time.Sleep(time.Minute) // fake clock
			p.progress(imbot.LeaveProgress{})
			p.result(imbot.LeaveResult{})
			p.end()
			last := strings.TrimSpace(out.String())
			assert.Contains(t, last[max(0, len(last)-200):], "leaving, 1 not left")
		})
	}
}

func TestProgress_bar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := newProgress(&out, 100)
		for range 50 {
			time.Sleep(time.Second) // fake clock
			p.result(imbot.LeaveResult{})
		}
		p.end()
		assert.Contains(t, out.String(), "(50/100, ")
		assert.Contains(t, out.String(), "chats/")
		assert.Contains(t, out.String(), " 50% |")
	})
}
