package events_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
			var ours, theirs []time.Duration
			for b.Loop() {
				theirs = append(theirs, timed(func() bool { return r.ParseForm() == nil }))
				ours = append(ours, timed(func() bool {
					event, err := events.Parse(r)
					return err == nil && event.Verify(proof)
				}))
			}
			b.ReportMetric(float64(len(body)), "body-B")
			b.ReportMetric(float64(median(ours).Nanoseconds())/repeats, "ns/event")
			b.ReportMetric(median(ours).Seconds()/median(theirs).Seconds(), "of-ParseForm")
		})
	}
}

// BenchmarkEvent does what a queue does with an event, and reports how much of the time that is which it takes to read
// the post.
func BenchmarkEvent(b *testing.B) {
	_, body := postedJSON(b, "ONIMBOTMESSAGEADD_group")
	event := parse(b, "/", body)
	kept, err := event.MarshalBinary()
	require.NoError(b, err)
	changed := parse(b, "/", strings.ReplaceAll(body, "MESSAGEADD", "MESSAGEUPDATE"))
	for name, do := range map[string]func() error{
		"ID":              func() error { _ = event.ID(); return nil },
		"ID by content":   func() error { _ = changed.ID(); return nil },
		"MarshalBinary":   func() error { _, err := event.MarshalBinary(); return err },
		"UnmarshalBinary": func() error { return new(events.Event).UnmarshalBinary(kept) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var ours, parsing []time.Duration
			for b.Loop() {
				start := time.Now()
				_ = parse(b, "/", body)
				parsed := time.Now()
				if err := do(); err != nil {
					b.Fatal(err)
				}
				ours = append(ours, time.Since(parsed))
				parsing = append(parsing, parsed.Sub(start))
			}
			b.ReportMetric(float64(median(ours).Nanoseconds()), "ns/event")
			b.ReportMetric(median(ours).Seconds()/median(parsing).Seconds(), "of-Parse")
		})
	}
}

// median returns the time in the middle, which others who use the machine change least.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
