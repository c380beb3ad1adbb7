package events_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// BenchmarkParse reads and verifies posts of portals, and reports how much longer that takes than ParseForm of net/http
// takes for the same post.
func BenchmarkParse(b *testing.B) {
	const repeats = 20 // in turn
	for _, name := range []string{"ONIMBOTDELETE", "ONIMBOTJOINCHAT_group", "ONIMBOTMESSAGEADD_group", "ONIMCOMMANDADD_group"} {
		b.Run(name, func(b *testing.B) {
			_, body := postedJSON(b, name)
			r := post(b, "/", "")
			timed := func(do func() bool) time.Duration {
				start := time.Now()
				for range repeats {
					r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
					r.Form, r.PostForm = nil, nil
					if !do() {
						b.Fatal("a post was refused")
					}
				}
				return time.Since(start)
			}
			var ours, theirs time.Duration
			for b.Loop() {
				theirs += timed(func() bool { return r.ParseForm() == nil })
				ours += timed(func() bool {
					event, err := events.Parse(r)
					return err == nil && event.Verify(proof)
				})
			}
			b.ReportMetric(float64(len(body)), "body-B")
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*repeats), "ns/event")
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "of-ParseForm")
		})
	}
}
