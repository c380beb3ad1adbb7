package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const (
	soakWorkers = 64
	soakCalls   = 1_000_000
	soakTime    = time.Minute // whichever comes first: with the race detector it is this
	shortTime   = 5 * time.Second
)

// leanPortal is a portal without a memory, but for the chats that were left just now. One in five of its answers is
// lost or spoiled, in turn.
type leanPortal struct {
	left  sync.Map // the chats whose bot is out, until somebody has looked
	count atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (p *leanPortal) RoundTrip(req *http.Request) (*http.Response, error) {
	var call struct {
		ChatID int64 `json:"CHAT_ID"`
	}
	if err := json.NewDecoder(req.Body).Decode(&call); err != nil {
		return nil, err
	}
	act := func() { p.left.Store(call.ChatID, true) }
	switch p.count.Add(1) % 50 {
	case 1:
		return nil, syscall.ECONNRESET
	case 6:
		act()
		return nil, syscall.ECONNRESET
	case 11:
		return answer(req, 502, "text/html", "<html>"), nil
	case 16:
		act()
		return answer(req, 504, "text/html", "<html>"), nil
	case 21:
		act()
		return answer(req, 200, "application/json", `{"result":tr`), nil
	case 26:
		return answer(req, 503, "application/json", `{"error":"QUERY_LIMIT_EXCEEDED","error_description":""}`), nil
	case 31:
		return answer(req, 403, "application/json", `{"error":"ACCESS_ERROR","error_description":"Action unavailable"}`), nil
	case 36:
		moved := answer(req, 302, "text/html", "")
		moved.Header.Set("Location", "https://elsewhere.example/")
		return moved, nil
	case 41:
		act()
		return answer(req, 200, "application/json", `{"result":null}`), nil
	case 46:
		act()
		cut := answer(req, 200, "application/json", "")
		cut.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"res`), cutReader{}))
		return cut, nil
	default:
		act()
		return answer(req, 200, "application/json", `{"result":true,"time":{"start":1771946333,"finish":1771946334.073154,"duration":1.07,"processing":1,"operating":0.1,"operating_reset_at":1771946933}}`), nil
	}
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func answer(req *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)), Request: req,
	}
}

// A million calls, a fifth of them spoiled: the error of each tells the truth, and nothing is left behind.
func TestSoak(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	portal := &leanPortal{}
	client, err := imbot.NewClient(imbot.Webhook("https://portal.example/rest/1/EXAMPLEsecret/"), imbot.WithLimiter(nil),
		imbot.WithHTTPClient(&http.Client{Transport: portal}),
		imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Microsecond, MaxDelay: time.Microsecond}))
	require.NoError(t, err)
	var calls, outcomes atomic.Int64
	goroutines := runtime.NumGoroutine()
	limit := soakTime
	if testing.Short() {
		limit = shortTime
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	work := func(until int64) {
		var workers sync.WaitGroup
		for range soakWorkers {
			workers.Go(func() {
				for ctx.Err() == nil {
					id := calls.Add(1)
					if id > until {
						return
					}
					_, err := client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: imbot.ChatID(id), BotID: 39, ClientID: "EXAMPLEclient"})
					_, left := portal.left.LoadAndDelete(id)
					if !isTrue(err, left) {
						t.Errorf("call %d: left %v, but %v", id, left, err)
					}
					outcomes.Add(1)
				}
			})
		}
		workers.Wait()
	}
	start := time.Now()
	work(soakCalls / 100)
	early := heap()
	calls.Store(soakCalls / 100)
	work(soakCalls)
	late := heap()

	t.Logf("%d calls in %s, memory in use %d KiB after one in a hundred of them and %d KiB at the end", outcomes.Load(), time.Since(start).Round(time.Millisecond), early>>10, late>>10)
	assert.Less(t, late, early+early/5+1<<20)
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
	goleak.VerifyNone(t, goleak.IgnoreCurrent())
}

// isTrue tells whether what a call says goes with what the portal did.
func isTrue(err error, left bool) bool {
	return err == nil && left || err != nil && (errors.Is(err, imbot.ErrOutcomeUnknown) || !left)
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools keep survives one
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// The same over a network, for a while: in the end there is no connection left.
func TestSoak_connections(t *testing.T) { //nolint:paralleltest // it counts the goroutines of the process
	before := goleak.IgnoreCurrent()
	portal := imbottest.Start(imbottest.KeepCalls(1))
	for id := range 2000 {
		portal.AddChat(imbottest.Chat{ID: imbot.ChatID(1000 + id), Kind: imbottest.Group, Owner: imbottest.Employee, Members: []imbot.UserID{imbottest.Employee, imbot.UserID(imbottest.BotMain)}})
	}
	var count atomic.Int64
	faults := []imbottest.Fault{imbottest.LoseBefore(), imbottest.LoseAfter(), imbottest.HTML(502), imbottest.Truncate(10), imbottest.CutJSON(5), imbottest.NoFault()}
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		if n := count.Add(1); n%5 == 0 {
			return faults[n/5%int64(len(faults))]
		}
		return imbottest.NoFault()
	})
	transport := &http.Transport{MaxIdleConnsPerHost: soakWorkers}
	client, err := imbot.NewClient(imbot.Webhook(portal.ServerWebhookURL()), imbot.WithClientID(imbottest.ClientID), imbot.WithLimiter(nil),
		imbot.WithHTTPClient(&http.Client{Transport: transport, Timeout: 10 * time.Second}))
	require.NoError(t, err)
	var workers sync.WaitGroup
	var next atomic.Int64
	for range soakWorkers {
		workers.Go(func() {
			for {
				id := imbot.ChatID(999 + next.Add(1))
				if id >= 3000 {
					return
				}
				_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: id, BotID: imbottest.BotMain})
				if !isTrue(err, !portal.Has(id, imbottest.BotMain)) {
					t.Errorf("chat %d: %v", id, err)
				}
			}
		})
	}
	workers.Wait()
	transport.CloseIdleConnections()
	portal.Close()
	goleak.VerifyNone(t, before)
	_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 1, BotID: imbottest.BotMain})
	assert.NotContains(t, fmt.Sprint(err), imbottest.Secret)
}
