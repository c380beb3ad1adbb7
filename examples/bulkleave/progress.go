package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/seed-a6e4e5a4/imbot"
)

// progress shows how far the work is: as a bar on a terminal, and elsewhere as a line now and then.
type progress struct {
	out     io.Writer
	bar     *progressbar.ProgressBar // nil where there is no terminal
	total   int
	done    int
	refused int
	waiting time.Time
	began   time.Time
	told    time.Time
}

// The time between two lines, and two pictures of the bar. A wait that is over before there would be another line is not
// told of.
const (
	betweenLines    = 5 * time.Second
	betweenPictures = 100 * time.Millisecond
)

func newProgress(out io.Writer, total int) *progress {
	p := &progress{out: out, total: total, began: time.Now(), told: time.Now()}
	if total > 0 && isTerminal(out) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(out),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("chats"),
			progressbar.OptionSetDescription("leaving"))
		p.draw() // which is when the bar takes the time
	}
	return p
}

// result counts one. What was not sent is not done.
func (p *progress) result(result imbot.LeaveResult) {
	if errors.Is(result.Err, imbot.ErrNotExecuted) {
		return
	}
	p.done++
	if result.Err != nil {
		p.refused++
	}
	p.show(false)
}

// progress tells when the portal makes it wait. While it does there is nothing else to tell, so that is not put off.
func (p *progress) progress(now imbot.LeaveProgress) {
	until := now.WaitUntil
	if time.Until(until) < betweenLines {
		until = time.Time{}
	}
	if until.Equal(p.waiting) {
		return
	}
	p.waiting = until
	p.show(!until.IsZero())
}

func (p *progress) state() string {
	text := "leaving"
	if !p.waiting.IsZero() {
		text = "the portal takes no more until " + p.waiting.Local().Format(time.TimeOnly)
	}
	if p.refused > 0 {
		text += fmt.Sprintf(", %d not left", p.refused)
	}
	return text
}

func (p *progress) show(atOnce bool) {
	pause := betweenLines
	if p.bar != nil {
		pause = betweenPictures
	}
	if atOnce || time.Since(p.told) >= pause {
		p.draw()
	}
}

func (p *progress) draw() {
	if p.bar == nil {
		p.line()
		return
	}
	p.told = time.Now()
	p.bar.Describe(p.state())
	_ = p.bar.Set(p.done) // a bar that cannot be drawn is no reason to stop
}

func (p *progress) line() {
	p.told = time.Now()
	rate := float64(p.done) / max(time.Since(p.began).Seconds(), 0.001)
	left := "?"
	if rate > 0 {
		left = time.Duration(float64(p.total-p.done) / rate * float64(time.Second)).Round(time.Second).String()
	}
	fmt.Fprintf(p.out, "%d of %d chats, %.1f a second, %s to go: %s\n", p.done, p.total, rate, left, p.state())
}

func (p *progress) end() {
	if p.total == 0 {
		return
	}
	p.draw()
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
	}
}
