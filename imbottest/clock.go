package imbottest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// timeBlock returns the "time" of an answer. In the cloud the start is a whole second, though the duration is counted
// from there, so that a call seems to take up to a second longer than it did.
func (p *Portal) timeBlock(x *exchange, finish time.Time) *php.Array {
	const layout = "2006-01-02T15:04:05-07:00"
	block := php.New()
	if p.config.selfHosted {
		start := seconds(x.start)
		block.Set("start", start).Set("finish", seconds(finish)).
			Set("duration", seconds(finish)-start).Set("processing", seconds(finish)-start)
	} else {
		start := x.start.Unix()
		block.Set("start", start).Set("finish", seconds(finish)).
			Set("duration", seconds(finish)-float64(start)).Set("processing", finish.Unix()-start)
	}
	block.Set("date_start", x.start.In(methods.Zone).Format(layout)).Set("date_finish", finish.In(methods.Zone).Format(layout))
	if !p.config.selfHosted {
		used, resetAt := p.budget.counters(p.budgetKey(x), x.start)
		block.Set("operating_reset_at", resetAt).Set("operating", used.Seconds())
	}
	return block
}

// seconds is a Unix time as PHP has it: a float with microseconds.
func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// addCloudHeaders adds what only the cloud sends: the application and the time that the call has taken.
func (p *Portal) addCloudHeaders(header http.Header, x *exchange, finish time.Time) {
	if token, known := p.store.Token(x.credentials.token); known {
		header.Set("X-Bitrix-Rest-Application", token.App)
	}
	taken := strconv.FormatFloat(finish.Sub(x.start).Seconds(), 'f', 10, 64)
	header.Set("X-Bitrix-Rest-Time", taken)
	header.Set("X-Bitrix-Rest-User-Time", taken)
	header.Set("X-Bitrix-Rest-System-Time", "0.0000000000")
}

// wait lets time pass, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
