package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

const (
	soakEvents  = 100_000
	shortEvents = 5_000
	soakDialogs = 50
)

// soakedEvents is how many events there are.
func soakedEvents() int {
	if testing.Short() {
		return shortEvents
	}
	return soakEvents
}

// memory is what is in use after one in a hundred, and is to be in use at the end.
type memory struct {
	after       int
	early, late uint64
}

// at measures when so many are done.
func (m *memory) at(done int) {
	if done == m.after {
		m.early = heap()
	}
}

// end measures for the last time: nothing may have grown.
func (m *memory) end(t *testing.T, what string, n int, since time.Time) {
	t.Helper()
	m.late = heap()
	t.Logf("%d %s, memory in use %d KiB after one in a hundred of them and %d KiB at the end, %s of virtual time",
		n, what, m.early>>10, m.late>>10, time.Since(since).Round(time.Second))
	assert.NotZero(t, m.early)
	assert.Less(t, m.late, m.early+m.early/5+1<<20)
}

// leanEvents is a portal that has events of a bot, from 1 on, and keeps none of them. One in five of its answers is lost
// or spoiled, in turn.
type leanEvents struct {
	last  int
	count int // one request at a time
}

// RoundTrip implements http.RoundTripper.
func (p *leanEvents) RoundTrip(req *http.Request) (*http.Response, error) {
	var call struct{ Offset, Limit int }
	if err := json.NewDecoder(req.Body).Decode(&call); err != nil {
		return nil, err
	}
	p.count++
	switch p.count % 25 {
	case 3:
		return nil, syscall.ECONNRESET
	case 8:
		return answer(req, 502, "text/html", "<html>"), nil
	case 13:
		return answer(req, 503, "application/json", `{"error":"QUERY_LIMIT_EXCEEDED","error_description":""}`), nil
	case 18:
		cut := answer(req, 200, "application/json", "")
		cut.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"result":{"events":[`), cutReader{}))
		return cut, nil
	case 23:
		return answer(req, 200, "application/json", `{"result":{"eve`), nil
	}
	first := max(call.Offset, 1)
	next := min(first+call.Limit, p.last+1)
	var page strings.Builder
	for id := first; id < next; id++ {
		fmt.Fprintf(&page, `,{"eventId":%d,"type":"ONIMBOTV2MESSAGEADD","date":%q,"data":{"message":{"id":%d,"text":"hello"},"chat":{"id":%d,"dialogId":"chat%d"},"user":{"id":1}}}`,
			id, time.Now().Format(time.RFC3339), id, id%soakDialogs+1, id%soakDialogs+1)
	}
	return answer(req, 200, "application/json", fmt.Sprintf(`{"result":{"events":[%s],"nextOffset":%d,"hasMore":%t}}`,
		strings.TrimPrefix(page.String(), ","), next, next <= p.last)), nil
}

// A hundred thousand events are fetched from a portal that loses every fifth answer, by functions that fail now and
// then, for a while or for ever, and panic: each event is worked on in the order of its dialog, and none is missing.
func TestSoak_events(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	errNotNow, errNever := errors.New("not now"), errors.New("never")
	synctest.Test(t, func(t *testing.T) {
		n := soakedEvents()
		client, err := imbot.NewClient(imbot.Webhook("https://portal.example/rest/1/EXAMPLEsecret/"), imbot.WithLimiter(nil),
			imbot.WithHTTPClient(&http.Client{Transport: &leanEvents{last: n}}))
		require.NoError(t, err)
		var (
			mu            sync.Mutex
			last          [soakDialogs]imbotv2.EventID
			tried         = map[imbotv2.EventID]bool{}
			ended, failed int
			used          = memory{after: n / 100}
			ctx, cancel   = context.WithTimeout(t.Context(), 24*time.Hour) // fake clock
		)
		defer cancel()
		end := func(event *imbotv2.Event) {
			dialog := &last[event.EventID%soakDialogs]
			if want := max(*dialog+soakDialogs, event.EventID%soakDialogs); *dialog != 0 && event.EventID != want {
				t.Errorf("event %d after %d", event.EventID, *dialog)
			}
			*dialog = event.EventID
			ended++
			used.at(ended)
			if ended == n {
				cancel()
			}
		}
		mux := imbotv2.NewMux()
		mux.Message(func(_ context.Context, event *imbotv2.Event) error {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case event.EventID%997 == 0 && !tried[event.EventID]:
				tried[event.EventID] = true
				return errNotNow
			case event.EventID%1777 == 0:
				panic(errNever)
			case event.EventID%1999 == 0:
				return errNever
			}
			delete(tried, event.EventID)
			end(event)
			return nil
		})
		mux.Failed(func(_ context.Context, event *imbotv2.Event, _ error) {
			mu.Lock()
			defer mu.Unlock()
			failed++
			end(event)
		})
		mux.Errors(func(context.Context, error) {})
		start := time.Now()

		err = mux.Run(ctx, imbotv2.New(client).As(imbotv2.Identity{BotID: 456, BotToken: "EXAMPLE_TOKEN"}), imbotv2.WithOffsets(imbotv2.NewMemoryOffsets()))

		require.NoError(t, err)
		assert.Equal(t, n, ended)
		assert.Equal(t, n/1777+n/1999-n/(1777*1999), failed)
		used.end(t, "events fetched", n, start)
	})
}

// A hundred thousand events are posted, some twice, some by nobody, some garbled, to functions that fail now and then:
// each that was answered 200 is worked on once.
func TestSoak_posts(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	goroutines := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		n := soakedEvents()
		var mu sync.Mutex
		var calls, panics int
		used := memory{after: n / 100}
		lookup := func(context.Context, events.Sender) (string, error) { return "EXAMPLE_PROOF", nil }
		handler, err := events.NewHandler(lookup, events.WithoutRepeats(time.Minute), events.OnJoinChat(func(_ context.Context, event *events.Event) error {
			mu.Lock()
			defer mu.Unlock()
			calls++
			used.at(calls)
			if event.ChatID%1777 == 0 {
				panics++
				panic("now and then")
			}
			return nil
		}))
		require.NoError(t, err)
		event := func(chat int, proof string) string {
			return fmt.Sprintf("event=ONIMBOTJOINCHAT&ts=1789545901&data[BOT][571][BOT_ID]=571&data[PARAMS][CHAT_ID]=%d&data[PARAMS][DIALOG_ID]=chat%[1]d"+
				"&auth[member_id]=portal%d&auth[application_token]=%s", chat, chat%20, proof)
		}
		post := func(body string) int {
			for {
				request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
				request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, request)
				if recorder.Code != http.StatusServiceUnavailable {
					return recorder.Code
				}
				time.Sleep(time.Millisecond) // fake clock
			}
		}
		start := time.Now()
		for chat := 1; chat <= n; chat++ {
			require.Equal(t, http.StatusOK, post(event(chat, "EXAMPLE_PROOF")))
			switch chat % 20 {
			case 5:
				require.Equal(t, http.StatusOK, post(event(chat, "EXAMPLE_PROOF")), "it came before")
			case 10:
				require.Equal(t, http.StatusForbidden, post(event(chat, "wrong")))
			case 15:
				require.Equal(t, http.StatusBadRequest, post(event(chat, "EXAMPLE_PROOF")[len("event="):]))
			}
		}
		require.NoError(t, handler.Shutdown(t.Context()))

		assert.Equal(t, n, calls)
		assert.Equal(t, n/1777, panics)
		used.end(t, "events posted", n, start)
	})
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
}
