package acceptance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// figuresPortal takes batches of leaves in 100 ms each, and answers with the figures of a function for each of them.
func figuresPortal(t *testing.T, figures func(request int64) string) (*imbot.Client, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	return clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		var batch struct {
			Cmd map[string]string `json:"cmd"`
		}
		if err := json.NewDecoder(req.Body).Decode(&batch); err != nil {
			return nil, err
		}
		now := figures(requests.Add(1))
		var results, times []string
		for label := range batch.Cmd {
			results = append(results, fmt.Sprintf("%q:true", label))
			times = append(times, fmt.Sprintf("%q:%s", label, now))
		}
		time.Sleep(100 * time.Millisecond) // fake clock
		return clienttest.Answering(http.StatusOK,
			`{"result":{"result":{`+strings.Join(results, ",")+`},"result_error":[],"result_time":{`+strings.Join(times, ",")+`}}}`).RoundTrip(req)
	}))), &requests
}

// One answer with impossible figures costs no more than the ten minutes that a portal counts, and later ones
// correct it. A portal whose clock is wrong costs nothing.
func TestLeaveAll_oddFigures(t *testing.T) {
	t.Parallel()
	const chats = 3000
	usual := func(clock time.Duration) string {
		now := time.Now().Add(clock).Unix()
		return fmt.Sprintf(`{"finish":%d,"operating":0.2,"operating_reset_at":%d}`, now, now+600)
	}
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	tests := map[string]struct {
		odd   func() string
		clock time.Duration
		free  bool // costs nothing
	}{
		"none":                         {nil, 0, true},
		"a clock that is five h ahead": {nil, 5 * time.Hour, true},
		"a clock that is a day late":   {nil, -24 * time.Hour, true},
		"used up, reset at no time":    {func() string { return `{"operating":480}` }, 0, false},
		"used up, reset in the past":   {func() string { return `{"operating":480,"operating_reset_at":1}` }, 0, false},
		"used up, reset in the future": {func() string { return `{"operating":480,"operating_reset_at":253402300799}` }, 0, false},
		"used up, reset in 11 min":     {func() string { return fmt.Sprintf(`{"operating":480,"operating_reset_at":%d}`, at(11*time.Minute)) }, 0, false},
		"used up, reset in half an h": {func() string {
			return fmt.Sprintf(`{"finish":%d,"operating":480,"operating_reset_at":%d}`, at(0), at(30*time.Minute))
		}, 0, false},
		"used up, reset in a day": {func() string {
			return fmt.Sprintf(`{"finish":%d,"operating":480,"operating_reset_at":%d}`, at(0), at(24*time.Hour))
		}, 0, false},
		"more than there is time": {func() string {
			return fmt.Sprintf(`{"finish":%d,"operating":9e9,"operating_reset_at":%d}`, at(0), at(10*time.Minute))
		}, 0, false},
		"less than nothing": {func() string {
			return fmt.Sprintf(`{"finish":%d,"operating":-1e9,"operating_reset_at":%d}`, at(0), at(10*time.Minute))
		}, 0, true},
		"used up, by a clock that errs": {func() string {
			return fmt.Sprintf(`{"finish":%d,"operating":480,"operating_reset_at":%d}`, at(-5*time.Hour), at(-5*time.Hour+20*time.Minute))
		}, 0, false},
	}
	took := func(t *testing.T, odd func() string, clock time.Duration) (took time.Duration, sent int64) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			client, requests := figuresPortal(t, func(request int64) string {
				if request == 6 && odd != nil {
					return odd()
				}
				return usual(clock)
			})
			start := time.Now()
			for result := range client.Chat.LeaveAll(t.Context(), chatsUpTo(chats)) {
				require.NoError(t, result.Err)
			}
			took, sent = time.Since(start), requests.Load()
		})
		return took, sent
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			honest, fewest := took(t, nil, 0)
			d, requests := took(t, tt.odd, tt.clock)
			if tt.free {
				assert.Equal(t, honest, d)
				return
			}
			assert.LessOrEqual(t, d, honest+11*time.Minute)
			assert.LessOrEqual(t, requests, 2*fewest, "the batches stay as large as they were")
		})
	}
}
