package acceptance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// leanPortal is a portal that needs no memory of its own, so that what is measured is the client's: it takes batches of
// leaves, each of which lasts for a while, and counts them.
type leanPortal struct {
	perLeave time.Duration
	left     atomic.Int64
	requests atomic.Int64
	observe  func()
}

// RoundTrip implements http.RoundTripper.
func (p *leanPortal) RoundTrip(req *http.Request) (*http.Response, error) {
	var batch struct {
		Cmd map[string]string `json:"cmd"`
	}
	if err := json.NewDecoder(req.Body).Decode(&batch); err != nil {
		return nil, err
	}
	if p.requests.Add(1); p.observe != nil {
		p.observe()
	}
	time.Sleep(time.Duration(len(batch.Cmd)) * p.perLeave) // fake clock
	var body bytes.Buffer
	body.WriteString(`{"result":{"result":{`)
	separator := ""
	for label, command := range batch.Cmd {
		method, query, _ := strings.Cut(command, "?")
		values, err := url.ParseQuery(query)
		if err != nil || method != "imbot.chat.leave" || values.Get("BOT_ID") != "39" {
			return nil, fmt.Errorf("unexpected command %s", method)
		}
		fmt.Fprintf(&body, "%s%q:true", separator, label)
		separator = ","
	}
	body.WriteString(`},"result_error":[],"result_total":[],"result_next":[],"result_time":[]},"time":{"operating":0}}`)
	p.left.Add(int64(len(batch.Cmd)))
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(&body),
		Request:    req,
	}, nil
}

func chatsUpTo(n int) iter.Seq[imbot.ChatLeaveRequest] {
	return func(yield func(imbot.ChatLeaveRequest) bool) {
		for id := range n {
			if !yield(imbot.ChatLeaveRequest{ChatID: imbot.ChatID(id + 1), BotID: 39, ClientID: "my"}) {
				return
			}
		}
	}
}

// peakMemory leaves n chats, and returns the largest amount of memory in use when a request was at the portal.
func peakMemory(t *testing.T, n int, every int64, opts ...imbot.LeaveAllOption) (peak uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		portal := &leanPortal{perLeave: 200 * time.Millisecond}
		var mu sync.Mutex
		portal.observe = func() {
			mu.Lock()
			defer mu.Unlock()
			if count := portal.requests.Load(); count > 11 && count%every != 0 {
				return
			}
			var stats runtime.MemStats
			runtime.GC()
			runtime.GC() // what pools keep survives one
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapAlloc)
		}
		client := clienttest.New(t, imbot.Webhook("https://portal.example/rest/1/EXAMPLEsecret/"),
			clienttest.Over(portal))
		next := imbot.ChatID(1)
		for result := range client.Chat.LeaveAll(t.Context(), chatsUpTo(n), opts...) {
			require.NoError(t, result.Err)
			require.Equal(t, next, result.Request.ChatID)
			next++
		}
		assert.EqualValues(t, n+1, next)
		assert.EqualValues(t, n, portal.left.Load())
	})
	return peak
}

// The memory of a LeaveAll depends on how many batches are in flight, not on how many chats there are: a hundred chats
// fill two batches of ten, and five thousand all that a portal takes at once.
func TestLeaveAll_memoryIsConstant(t *testing.T) { //nolint:paralleltest // the memory is that of the whole process
	times := 1000 // times as many
	if testing.Short() {
		times = 100
	}
	narrow := []imbot.LeaveAllOption{imbot.WithConcurrency(2), imbot.WithBatchSize(10)}
	few, many := peakMemory(t, 100, 1, narrow...), peakMemory(t, 100*times, 200, narrow...)
	t.Logf("in two batches of ten: 100 chats: %d bytes, %d chats: %d bytes", few, 100*times, many)
	assert.InEpsilon(t, few, many, 0.1)

	few, many = peakMemory(t, 5000, 10), peakMemory(t, 50*times, 25)
	t.Logf("as it comes: 5,000 chats: %d bytes, %d chats: %d bytes", few, 50*times, many)
	assert.Less(t, float64(many), 1.5*float64(few), "which would be ten times as much if it grew")
}
