package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
)

// screen is a terminal that somebody looks at.
type screen struct {
	bytes.Buffer
	width  int
	writes int
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.writes++
	return s.Buffer.Write(p)
}

// IsTerminal tells the program that it is one.
func (*screen) IsTerminal() bool { return true }

// Columns tells the program how wide it is.
func (s *screen) Columns() int { return s.width }

func leavingOn(out io.Writer, total int) *leaving {
	return &leaving{progress: newProgress(out, "leaving", "chat", total)}
}

func done(n int) imbot.LeaveProgress { return imbot.LeaveProgress{Taken: n, Left: n} }

func TestProgress_lines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := leavingOn(&out, 100)
		for i := range 60 {
			time.Sleep(time.Second / 2) // fake clock
			now := done(i + 1)
			now.WaitUntil = time.Now().Add(time.Second)
			p.reached(now)
		}
		p.reached(imbot.LeaveProgress{Left: 60, Failed: 1})
		notSent := imbot.LeaveResult{Err: imbot.ErrNotExecuted}
		p.result(notSent, entryOf(notSent))
		p.end()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		assert.Len(t, lines, 7, "one in five seconds, and one at the end")
		assert.Equal(t, "leaving: 10/100 chats, 2.0/s, 45s to go", lines[0])
		assert.Equal(t, "leaving: 60/100 chats, 2.0/s, 20s to go", lines[6])
	})
}

// When the rest is given up, LeaveAll counts it as failed at once. The progress stays where it is: it neither jumps ahead
// by what was not sent nor back, and goes on with what is still answered.
func TestProgress_interrupted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := leavingOn(&out, 300)
	ending := false
	p.isEnding = func() bool { return ending }
	refusal, notSent := imbot.LeaveResult{Err: imbot.ErrAccess}, imbot.LeaveResult{Err: imbot.ErrNotExecuted}
	p.reached(imbot.LeaveProgress{Taken: 70, Left: 18, Failed: 2})
	p.result(refusal, entryOf(refusal))
	assert.Equal(t, 20, p.done)
	ending = true
	p.reached(imbot.LeaveProgress{Taken: 70, Left: 18, Failed: 52})
	assert.Equal(t, 20, p.done, "fifty were not sent")
	for range 50 {
		p.result(notSent, entryOf(notSent))
		assert.Equal(t, 20, p.done)
	}
	p.result(refusal, entryOf(refusal))
	p.reached(imbot.LeaveProgress{Taken: 70, Left: 23, Failed: 52})
	assert.Equal(t, 25, p.done, "five more were answered")
	p.end()
	assert.Contains(t, out.String(), "leaving: 25/300 chats, ")
}

// What takes longer than anybody waits has no time, and no negative one.
func TestProgress_longest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for total, says := range map[int]string{
			3600:        "leaving: 1/3600 chats, 0.2/s, 4h59m55s to go\n",
			math.MaxInt: fmt.Sprintf("leaving: 1/%d chats, 0.2/s, ? to go\n", math.MaxInt),
		} {
			var out bytes.Buffer
			p := leavingOn(&out, total)
			time.Sleep(betweenLines) // fake clock
			p.at(1, "")
			assert.Equal(t, says, out.String())
		}
	})
}

// What is done is counted when it is known, also while its result waits for an earlier one. A refusal is the portal's
// last word; what is to be repeated is something else.
func TestProgress_counts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := leavingOn(&out, 100)
	p.reached(imbot.LeaveProgress{Taken: 50, Left: 40, Failed: 3})
	for _, err := range []error{imbot.ErrAccess, imbot.ErrOutcomeUnknown, imbot.ErrBotID, nil} {
		result := imbot.LeaveResult{Err: err}
		if err == nil {
			result.Outcome.State = imbot.Left
		}
		p.result(result, entryOf(result))
	}
	p.end()
	assert.Contains(t, out.String(), "leaving: 43/100 chats, ")
	assert.Contains(t, out.String(), ", 1 refused, 2 to repeat\n")
}

// Whoever shares the limits of a portal with other programs is told why it is slow, as long as it is.
func TestProgress_throttled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &screen{width: 80}
		p := leavingOn(out, 10000)
		p.throttled, p.refused = new(atomic.Int64), 1234
		p.throttled.Store(time.Now().UnixNano())
		time.Sleep(betweenPictures) // fake clock
		p.reached(done(43))
		assert.Contains(t, out.String(), "to go, throttled, 1234 refused")
		time.Sleep(betweenLines) // fake clock
		out.Reset()
		p.reached(done(44))
		assert.Contains(t, out.String(), "to go, 1234 refused")
	})
}

// A long wait is told of when it begins, as nothing else happens then.
func TestProgress_waiting(t *testing.T) {
	t.Parallel()
	for _, out := range []interface {
		Write(p []byte) (int, error)
		String() string
	}{&bytes.Buffer{}, &screen{width: 80}} {
		synctest.Test(t, func(t *testing.T) {
			p := leavingOn(out, 3)
			time.Sleep(time.Second) // fake clock
			refusal := imbot.LeaveResult{Err: imbot.ErrAccess}
			p.result(refusal, entryOf(refusal))
			until := time.Now().Add(time.Minute)
			p.reached(imbot.LeaveProgress{Failed: 1, WaitUntil: until})
			assert.Contains(t, out.String(), "paused until "+until.Local().Format(time.TimeOnly)+" (time used up), 1 refused")
			time.Sleep(time.Minute) // fake clock
			p.reached(imbot.LeaveProgress{Failed: 1, Left: 1})
			p.end()
			last := strings.TrimSpace(out.String())
			last = last[max(0, len(last)-100):]
			assert.Contains(t, last, "to go, 1 refused")
			assert.Contains(t, last, "2/3 chats")
		})
	}
}

// Whatever there is to tell fits into a line of the terminal, and is drawn in one go.
func TestProgress_bar(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{80, 40, 200, 2} {
		synctest.Test(t, func(t *testing.T) {
			out := &screen{width: columns}
			p := leavingOn(out, 10000)
			p.refused, p.again = 1234, 123
			pictures := 1
			for i := range 100 {
				time.Sleep(time.Minute) // fake clock
				now := done(100 * (i + 1))
				if i%10 == 0 {
					now.WaitUntil = time.Now().Add(10 * time.Minute)
				}
				p.reached(now)
				pictures++
				assert.Equal(t, pictures, out.writes)
			}
			p.end()
			for line := range strings.SplitSeq(out.String(), "\r") {
				assert.Less(t, uniseg.StringWidth(strings.TrimRight(line, "\n")), max(columns, 3), "%q", line)
			}
			if columns < 80 {
				return
			}
			assert.Contains(t, out.String(), " 50% |█")
			assert.Contains(t, out.String(), "5000/10000 chats, 1.7/s, 50m0s to go, 1234 refused")
			assert.Contains(t, out.String(), "100% |█")
		})
	}
}
