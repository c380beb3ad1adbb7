package eventqueue_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// BenchmarkAccept takes posts of a hundred portals in, in turn with a handler that calls a callback and with one that
// keeps them, and reports how many of them were answered 200 in a second, and the ratio of the two. Callbacks take no
// time, and no post is refused. Events that are kept are worked off while others come, or not at all.
func BenchmarkAccept(b *testing.B) {
	for name, works := range map[string]bool{"kept": false, "kept and worked off": true} {
		b.Run(name, func(b *testing.B) {
			const some = 2000
			nothing := func(context.Context, *events.Event) error { return nil }
			q := open(b)
			if works {
				stop := work(b, q, nothing)
				defer stop()
			}
			without := accepting(b, events.OnOther(nothing), events.OnMessageAdd(nothing), events.WithQueue(some))
			with := accepting(b, events.WithEnqueue(q.Put))
			var keeping, calling time.Duration
			number := 0
			for b.Loop() {
				calling += without(number, some)
				keeping += with(number, some)
				number += some
			}
			b.ReportMetric(float64(number)/keeping.Seconds(), "kept/s")
			b.ReportMetric(float64(number)/calling.Seconds(), "unkept/s")
			b.ReportMetric(calling.Seconds()/keeping.Seconds(), "ratio")
		})
	}
}

// accepting returns a func that has n events posted to a handler by 32 clients, and returns how long that took.
func accepting(b *testing.B, opts ...events.Option) func(begin, n int) time.Duration {
	b.Helper()
	const clients = 32
	lookup := func(context.Context, events.Sender) (string, error) { return secret, nil }
	handler, err := events.NewHandler(lookup, append(opts, events.WithWorkers(clients))...)
	require.NoError(b, err)
	server := httptest.NewServer(handler)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	b.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
		require.NoError(b, handler.Shutdown(context.WithoutCancel(b.Context())))
	})
	return func(begin, n int) time.Duration {
		bodies := posts(begin, n)
		var next, refused atomic.Int64
		start := time.Now()
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= n {
						return
					}
					answer, err := client.Post(server.URL, "application/x-www-form-urlencoded", strings.NewReader(bodies[i])) //nolint:noctx // the benchmark ends it
					if err != nil || answer.StatusCode != http.StatusOK {
						refused.Add(1)
					}
					if err == nil {
						_ = answer.Body.Close()
					}
				}
			})
		}
		all.Wait()
		took := time.Since(start)
		require.Zero(b, refused.Load())
		return took
	}
}

// posts returns the bodies of n messages, each with as many fields as a portal posts.
func posts(begin, n int) []string {
	form := url.Values{
		"event": {"ONIMBOTMESSAGEADD"}, "event_handler_id": {"403"}, "ts": {"1772094525"}, "data[PARAMS][MESSAGE_ID]": {"NUMBER"},
		"data[PARAMS][MESSAGE]": {"Hello, this is what somebody has written to a bot"}, "data[PARAMS][CHAT_ID]": {"1157"},
		"data[PARAMS][DIALOG_ID]": {"chat1157"}, "data[PARAMS][FROM_USER_ID]": {"27"}, "data[PARAMS][CHAT_TYPE]": {"C"},
		"data[BOT][9][BOT_ID]": {"9"}, "data[BOT][9][BOT_CODE]": {"echo"}, "data[USER][ID]": {"27"}, "data[USER][NAME]": {"Example Person"},
	}
	for _, place := range []string{"auth", "data[BOT][9]", "data[BOT][9][AUTH]"} {
		for name, value := range map[string]string{
			"access_token": secret, "refresh_token": secret, "application_token": secret, "expires": "1772098125", "expires_in": "3600",
			"scope": "imbot", "status": "F", "domain": "portal.example", "client_endpoint": "https://portal.example/rest/",
			"server_endpoint": "https://oauth.example/rest/", "member_id": "PORTAL", "user_id": "27",
		} {
			form.Set(place+"["+name+"]", value)
		}
	}
	for i := range 40 {
		form.Set(fmt.Sprintf("data[PARAMS][PARAMETER_%d]", i), "N")
	}
	body := form.Encode()
	bodies := make([]string, n)
	for i := range bodies {
		number := begin + i
		bodies[i] = strings.NewReplacer("NUMBER", strconv.Itoa(number), "PORTAL", fmt.Sprint("p", number%100)).Replace(body)
	}
	return bodies
}
