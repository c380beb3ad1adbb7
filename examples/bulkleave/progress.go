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

// between is the time between two lines.
const between = 5 * time.Second

func newProgress(out io.Writer, total int) *progress {
	p := &progress{out: out, total: total, began: time.Now(), told: time.Now()}
	if total > 0 && isTerminal(out) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(out),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("chats"),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetDescription("leaving"))
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
	p.show()
}

// progress tells when the portal makes it wait.
func (p *progress) progress(now imbot.LeaveProgress) {
	if now.WaitUntil.Equal(p.waiting) {
		return
	}
	if p.waiting = now.WaitUntil; !p.waiting.IsZero() {
		p.told = time.Time{}
	}
	p.show()
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

func (p *progress) show() {
	if p.bar != nil {
		p.bar.Describe(p.state())
		_ = p.bar.Set(p.done) // a bar that cannot be drawn is no reason to stop
		return
	}
	if time.Since(p.told) >= between {
		p.line()
	}
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
	switch {
	case p.bar != nil:
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
	case p.total > 0:
		p.line()
	}
}
