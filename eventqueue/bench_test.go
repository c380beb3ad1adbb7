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

// BenchmarkAccept takes events of a hundred portals in, first with a handler that keeps nothing, then with one that
// keeps them. The ratio is that of accepted events a second, with the queue to without.
func BenchmarkAccept(b *testing.B) {
	q := open(b)
	nothing := events.OnOther(func(context.Context, *events.Event) error { return nil })
	var begin int
	for b.Loop() {
		const some = 4000
		without := accept(b, begin, some, nothing, events.WithQueue(2*some))
		with := accept(b, begin, some, events.WithEnqueue(q.Put))
		begin += some
		b.ReportMetric(with, "kept/s")
		b.ReportMetric(without, "unkept/s")
		b.ReportMetric(with/without, "ratio")
	}
}

// accept posts n events by 32 clients, and returns how many were accepted in a second.
func accept(b *testing.B, begin, n int, opts ...events.Option) float64 {
	b.Helper()
	lookup := func(context.Context, events.Sender) (string, error) { return secret, nil }
	handler, err := events.NewHandler(lookup, append(opts, events.WithWorkers(32))...)
	require.NoError(b, err)
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	defer client.CloseIdleConnections()
	var next, refused atomic.Int64
	start := time.Now()
	var clients sync.WaitGroup
	for range 32 {
		clients.Go(func() {
			for {
				number := int(next.Add(1))
				if number > n {
					return
				}
				answer, err := client.Post(server.URL, "application/x-www-form-urlencoded", strings.NewReader(post(begin+number))) //nolint:noctx // the benchmark ends it
				if err != nil || answer.StatusCode != http.StatusOK {
					refused.Add(1)
				}
				if err == nil {
					_ = answer.Body.Close()
				}
			}
		})
	}
	clients.Wait()
	took := time.Since(start)
	require.NoError(b, handler.Shutdown(b.Context()))
	require.Zero(b, refused.Load())
	return float64(n) / took.Seconds()
}

// post is the body of a message as a portal posts it.
func post(number int) string {
	form := url.Values{
		"event": {"ONIMBOTMESSAGEADD"}, "auth[member_id]": {fmt.Sprint("p", number%100)}, "auth[application_token]": {secret},
		"auth[domain]": {"portal.example"}, "auth[access_token]": {secret}, "data[PARAMS][MESSAGE_ID]": {strconv.Itoa(number)},
		"data[PARAMS][MESSAGE]": {"Hello, this is what somebody has written to a bot"}, "data[PARAMS][CHAT_ID]": {"1157"},
		"data[PARAMS][DIALOG_ID]": {"chat1157"}, "data[PARAMS][FROM_USER_ID]": {"27"}, "data[PARAMS][CHAT_TYPE]": {"C"},
		"data[BOT][9][BOT_ID]": {"9"}, "data[BOT][9][BOT_CODE]": {"echo"}, "data[BOT][9][access_token]": {secret},
		"data[USER][ID]": {"27"}, "data[USER][NAME]": {"Example Person"}, "ts": {"1772094525"},
	}
	return form.Encode()
}
