package acceptance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// batchOfTrue is the answer to a batch of so many commands, each of which has the documented answer.
func batchOfTrue(commands int) string {
	results, times := make([]string, commands), make([]string, commands)
	for i := range commands {
		results[i] = fmt.Sprintf(`"c%d":true`, i)
		times[i] = fmt.Sprintf(`"c%d":%s`, i, strings.TrimPrefix(documentedTime, `"time":`))
	}
	return `{"result":{"result":{` + strings.Join(results, ",") + `},"result_error":[],"result_total":[],"result_next":[],` +
		`"result_time":{` + strings.Join(times, ",") + `}},` + documentedTime + `}`
}

// BenchmarkBatch takes a bot out of fifty chats by a batch, and by LeaveAll, without a network. "x-hand" is how many
// times it takes what fifty single calls by hand take, and "x-json" what encoding and decoding these takes alone. They
// take turns, and the middle one of the turns counts. LeaveAll begins with small batches: "batches" is how many it sends.
func BenchmarkBatch(b *testing.B) {
	const chats = 50
	requests := make([]imbot.ChatLeaveRequest, chats)
	for i := range requests {
		requests[i] = imbot.ChatLeaveRequest{ChatID: imbot.ChatID(1000 + i), BotID: 39, ClientID: "EXAMPLE_CLIENT"}
	}
	var answers [chats + 1]http.RoundTripper
	for i := range answers {
		answers[i] = clienttest.Answering(http.StatusOK, batchOfTrue(i))
	}
	var batches atomic.Int64
	overBatch := &http.Client{Transport: clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		batches.Add(1)
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		return answers[bytes.Count(body, []byte("imbot.chat.leave"))].RoundTrip(req)
	})}
	client := clienttest.New(b, imbot.Webhook(secretURL), imbot.WithHTTPClient(overBatch), imbot.WithLimiter(rate.NewLimiter(1e9, 1e9)))
	hand := handClient{http: &http.Client{Transport: clienttest.Answering(http.StatusOK, documentedAnswer)}, webhook: secretURL}

	jsonAlone := func() {
		for _, req := range requests {
			body, err := json.Marshal(req)
			var answer handAnswer[bool]
			if err != nil || len(body) == 0 || json.Unmarshal([]byte(documentedAnswer), &answer) != nil || !*answer.Result {
				b.Fatal("not encoded, or not decoded")
			}
		}
	}
	byHand := func() {
		for _, req := range requests {
			if answer, err := hand.leave(b.Context(), req); err != nil || !*answer.Result {
				b.Fatal(err)
			}
		}
	}
	for name, leave := range map[string]func(){
		"batch": func() {
			batch := client.NewBatch()
			queued := make([]*imbot.Queued[bool], chats)
			for i, req := range requests {
				queued[i] = imbot.Queue(batch, imbot.MethodChatLeave, req)
			}
			if err := batch.Do(b.Context()); err != nil {
				b.Fatal(err)
			}
			for _, q := range queued {
				if answer, err := q.Result(); err != nil || !answer.Result {
					b.Fatal(err)
				}
			}
		},
		"LeaveAll": func() {
			for result := range client.Chat.LeaveAll(b.Context(), slices.Values(requests)) {
				if result.Err != nil {
					b.Fatal(result.Err)
				}
			}
		},
	} {
		b.Run("by="+name, func(b *testing.B) {
			took := map[string][]time.Duration{}
			batches.Store(0)
			turns := map[string]func(){"leave": leave, "hand": byHand, "json": jsonAlone}
			b.ReportAllocs()
			for b.Loop() {
				for _, turn := range slices.Sorted(maps.Keys(turns)) {
					began := time.Now()
					turns[turn]()
					took[turn] = append(took[turn], time.Since(began))
				}
			}
			b.ReportMetric(middle(took["leave"])/middle(took["hand"]), "x-hand")
			b.ReportMetric(middle(took["leave"])/middle(took["json"]), "x-json")
			b.ReportMetric(float64(batches.Load())/float64(len(took["leave"])), "batches")
		})
	}
}
