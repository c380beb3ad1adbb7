package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/seed-a6e4e5a4/imbot"
)

// progress shows how far the work is: as a bar on a terminal, and elsewhere as a line now and then.
type progress struct {
	out     io.Writer
	isBar   bool
	verb    string
	thing   string
	total   int
	done    int
	note    string
	waiting time.Time
	began   time.Time
	printed time.Time
	drawn   int // columns of the last picture
}

// The time between two lines, and two pictures of the bar. A wait that is over before there would be another line is
// not reported.
const (
	betweenLines    = 5 * time.Second
	betweenPictures = 100 * time.Millisecond
)

func newProgress(out io.Writer, verb, thing string, total int) *progress {
	p := &progress{out: out, isBar: isTerminal(out), verb: verb, thing: thing, total: total, began: time.Now(), printed: time.Now()}
	if p.isBar && total > 0 {
		p.draw()
	}
	return p
}

// at tells how many are done, and what else there is to say.
func (p *progress) at(done int, note string) {
	p.done, p.note = done, note
	pause := betweenLines
	if p.isBar {
		pause = betweenPictures
	}
	if time.Since(p.printed) >= pause {
		p.draw()
	}
}

// wait tells until when the portal makes it wait. While it does there is nothing else to tell, so that is not put off.
func (p *progress) wait(until time.Time) {
	if time.Until(until) < betweenLines {
		until = time.Time{}
	}
	if until.Equal(p.waiting) {
		return
	}
	p.waiting = until
	if !until.IsZero() {
		p.draw()
	}
}

// longest is the longest time that is shown. Nobody waits for what takes longer.
const longest = 10_000 * time.Hour

// state is how far it is, short enough for a line of a terminal with a small bar.
func (p *progress) state() string {
	if !p.waiting.IsZero() {
		return fmt.Sprintf("%d/%d, paused until %s (time used up)%s", p.done, p.total, p.waiting.Local().Format(time.TimeOnly), p.note)
	}
	rate := float64(p.done) / max(time.Since(p.began).Seconds(), 0.001)
	left := "?"
	if seconds := float64(p.total-p.done) / rate; seconds < longest.Seconds() {
		left = time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
	}
	return fmt.Sprintf("%d/%s, %.1f/s, %s to go%s", p.done, counted(p.total, p.thing), rate, left, p.note)
}

func (p *progress) draw() {
	p.printed = time.Now()
	if !p.isBar {
		fmt.Fprintln(p.out, p.verb+": "+p.state())
		return
	}
	line := p.picture(columns(p.out))
	wide := width(line)
	fmt.Fprint(p.out, "\r"+line+strings.Repeat(" ", max(0, p.drawn-wide))) // at once, so that it does not flicker
	p.drawn = wide
}

// The bar is as wide as there is room for, between these.
const (
	smallestBar = 3
	largestBar  = 10
)

// picture is the bar with its text. It leaves the last column empty, where some terminals begin a new line.
func (p *progress) picture(columns int) string {
	const frame = len("100% |") + len("|  ") + 1
	text := p.state()
	bar := progressbar.NewOptions(p.total,
		progressbar.OptionSetWriter(io.Discard), // it would be drawn twice, by Set and by Describe
		progressbar.OptionSetWidth(min(max(columns-1-frame-len(text), smallestBar), largestBar)),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd())
	_ = bar.Set(p.done)
	bar.Describe(text)
	line := []rune(strings.TrimRight(strings.TrimPrefix(bar.String(), "\r"), " "))
	if most := max(columns-1, 1); len(line) > most {
		line = append(line[:most-1], '…')
	}
	return string(line)
}

func (p *progress) end() {
	if p.total <= 0 {
		return
	}
	p.draw()
	if p.isBar {
		fmt.Fprintln(p.out)
	}
}

// leaving is the progress of LeaveAll. How many are done it takes from what LeaveAll tells, as results may wait for
// earlier ones; what came of them is known of results only.
type leaving struct {
	*progress
	latest                  imbot.LeaveProgress
	notSent, refused, again int
	failed                  int           // results with an error of something that was sent
	isEnding                func() bool   // whether the rest is given up; nil: it is not
	throttled               *atomic.Int64 // when the portal last had too many requests; nil: that is not known
}

// result takes in what came of a chat. What was not sent is not done.
func (l *leaving) result(result imbot.LeaveResult, e entry) {
	if result.Err != nil && !errors.Is(result.Err, imbot.ErrNotExecuted) {
		l.failed++
	}
	switch {
	case errors.Is(result.Err, imbot.ErrNotExecuted):
		l.notSent++
	case e.outcome == refused:
		l.refused++
	case !e.isFinal():
		l.again++
	}
	l.show()
}

// reached takes in how far LeaveAll is.
func (l *leaving) reached(now imbot.LeaveProgress) {
	l.latest = now
	l.wait(now.WaitUntil)
	l.show()
}

func (l *leaving) show() {
	note := ""
	if l.throttled != nil && time.Since(time.Unix(0, l.throttled.Load())) < betweenLines {
		note += ", throttled"
	}
	if l.refused > 0 {
		note += fmt.Sprintf(", %d refused", l.refused)
	}
	if l.again > 0 {
		note += fmt.Sprintf(", %d to repeat", l.again)
	}
	l.at(l.certain(), note)
}

// certain is how many chats are done. When the rest is given up, LeaveAll counts that as failed at once, and its results
// come later. From then on, of the failures only those count of which there is a result.
func (l *leaving) certain() int {
	if l.isEnding == nil || !l.isEnding() {
		return max(0, l.latest.Done()-l.notSent)
	}
	return max(l.done, l.latest.Left+l.latest.AlreadyOut+l.latest.Out+l.failed)
}
