package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// documentedAnswer is a success as the documentation shows it, documentedRefusal an error.
const (
	documentedAnswer = `{"result":true,` + documentedTime + `}`
	documentedTime   = `"time":{"start":1771946333,"finish":1771946334.073154,"duration":1.0731539726257324,` +
		`"processing":1,"date_start":"2026-02-24T16:18:53+03:00","date_finish":"2026-02-24T16:18:54+03:00",` +
		`"operating_reset_at":1771946933,"operating":0.10132789611816406}`
	documentedRefusal = `{"error":"ACCESS_ERROR","error_description":"LEAVE_OWNER_FORBIDDEN"}`
)

const jsonType = "application/json; charset=utf-8"

// BenchmarkLeave is one call, by hand and by imbot: without a network, over loopback, and over loopback from many
// goroutines at once. make bench shows each beside the one by hand.
func BenchmarkLeave(b *testing.B) {
	succeeds := func(b *testing.B, call func(context.Context) error) {
		if err := call(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("transport=memory", func(b *testing.B) {
		benchmarkClients(b, "https://portal.example", clienttest.Answering(http.StatusOK, documentedAnswer), inSeries(succeeds))
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, documentedAnswer)
	}))
	b.Cleanup(server.Close)
	b.Run("transport=loopback", func(b *testing.B) {
		benchmarkClients(b, server.URL, newTransport(b), inSeries(succeeds))
	})
	b.Run("transport=loopback64", func(b *testing.B) {
		benchmarkClients(b, server.URL, newTransport(b), atOnce(succeeds))
	})
}

// BenchmarkRefusal is a call that the portal refuses, without a network.
func BenchmarkRefusal(b *testing.B) {
	refused := func(b *testing.B, call func(context.Context) error) {
		if call(b.Context()) == nil {
			b.Fatal("the call was not refused")
		}
	}
	b.Run("transport=memory", func(b *testing.B) {
		benchmarkClients(b, "https://portal.example", clienttest.Answering(http.StatusForbidden, documentedRefusal), inSeries(refused))
	})
}

// BenchmarkSend is a message with a keyboard, by hand and by imbotv2, without a network.
func BenchmarkSend(b *testing.B) {
	const answer = `{"result":{"id":789,"uuidMap":{}},` + documentedTime + `}`
	client := &http.Client{Transport: clienttest.Answering(http.StatusOK, answer)}
	const webhook = "https://portal.example/rest/1/EXAMPLE_SECRET/"
	byHand := handMessage{BotID: 456, BotToken: "EXAMPLE_TOKEN", DialogID: "chat13"}
	byHand.Fields.Message = "Order 17 is ready. What shall we do?"
	byHand.Fields.Keyboard.Buttons = []handButton{
		{Text: "Send it", Command: "send", CommandParams: "17", Display: "LINE", BgColorToken: "primary"},
		{Text: "Keep it", Command: "keep", CommandParams: "17", Display: "LINE"},
		{Text: "Show it", Link: "https://bot.example/orders/17", Block: "Y"},
	}
	keyboard := &content.Keyboard{Buttons: []content.Button{
		{Text: "Send it", Command: "send", CommandParams: "17", Display: content.DisplayLine, BgColorToken: content.ColorPrimary},
		{Text: "Keep it", Command: "keep", CommandParams: "17", Display: content.DisplayLine},
		{Text: "Show it", Link: "https://bot.example/orders/17", Block: true},
	}}
	b.Run("client=hand", func(b *testing.B) {
		hand := handClient{http: client, webhook: webhook, timeout: 65 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := hand.send(b.Context(), byHand); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("client=default", func(b *testing.B) {
		room := imbot.WithLimiter(rate.NewLimiter(1e9, 1e9))
		bot := imbotv2.New(clienttest.New(b, imbot.Webhook(webhook), room, imbot.WithHTTPClient(client))).As(imbotv2.Identity{BotID: 456, BotToken: "EXAMPLE_TOKEN"})
		b.ReportAllocs()
		for b.Loop() {
			if _, err := bot.Say(b.Context(), "chat13", "Order 17 is ready. What shall we do?", imbotv2.WithKeyboard(keyboard)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOperatingBudgets is one call by a client that remembers the budgets of so many webhooks. A call costs the
// same however many there are: "x-one" is how many times it takes what it takes with one.
func BenchmarkOperatingBudgets(b *testing.B) {
	one := 0.0
	for _, budgets := range []int{1, 1_000, 30_000} {
		b.Run(fmt.Sprintf("budgets=%d/client=bare", budgets), func(b *testing.B) {
			first := clienttest.New(b, imbot.Webhook(secretURL), imbot.WithLimiter(nil), imbot.WithRetry(imbot.RetryPolicy{}), clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				reset := time.Now().Add(10 * time.Minute).Unix()
				return clienttest.Answering(http.StatusOK, fmt.Sprintf(`{"result":true,"time":{"operating":1,"operating_reset_at":%d}}`, reset)).RoundTrip(req)
			})))
			var last *imbot.Client
			for webhook := range budgets {
				client, err := first.With(imbot.Webhook(fmt.Sprintf("https://portal.example/rest/1/EXAMPLE%d/", webhook)))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := client.Chat.Leave(b.Context(), clienttest.Leave13); err != nil {
					b.Fatal(err)
				}
				last = client
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := last.Chat.Leave(b.Context(), clienttest.Leave13); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(b.Elapsed()) / float64(b.N)
			if budgets == 1 {
				one = each
			}
			if one > 0 {
				b.ReportMetric(each/one, "x-one")
			}
		})
	}
}

// BenchmarkTrace is one call without a trace, and with one that does nothing, which is to take at most 1.15 times as
// long: "x-none". They take turns, so that a busy moment of the machine slows both, and the middle one of the turns counts.
func BenchmarkTrace(b *testing.B) {
	room := imbot.WithLimiter(rate.NewLimiter(1e9, 1e9))
	over := imbot.WithHTTPClient(&http.Client{Transport: clienttest.Answering(http.StatusOK, documentedAnswer)})
	none := clienttest.New(b, imbot.Webhook(secretURL), room, over)
	traced := clienttest.New(b, imbot.Webhook(secretURL), room, over,
		imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			return ctx, func(imbot.CallResult) {}
		}))
	took := map[*imbot.Client][]time.Duration{}
	b.ReportAllocs()
	for b.Loop() {
		for _, client := range []*imbot.Client{none, traced} {
			began := time.Now()
			for range 10 {
				if _, err := client.Chat.Leave(b.Context(), clienttest.Leave13); err != nil {
					b.Fatal(err)
				}
			}
			took[client] = append(took[client], time.Since(began))
		}
	}
	b.ReportMetric(middle(took[traced])/middle(took[none]), "x-none")
}

func middle(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)/2])
}

// benchmarkClients measures each client on the same transport: the one by hand, the same with the timeout that imbot
// has, imbot with its limits and repeats switched off, imbot as it comes, and with all that a bot backend under a
// webhook sets.
func benchmarkClients(b *testing.B, portal string, transport http.RoundTripper, measure func(*testing.B, func(context.Context) error)) {
	webhook := portal + "/rest/1/EXAMPLE_SECRET/"
	client := &http.Client{Transport: transport}
	for _, hand := range []struct {
		name   string
		client handClient
	}{
		{"hand", handClient{http: client, webhook: webhook}},
		{"handtimed", handClient{http: client, webhook: webhook, timeout: 65 * time.Second}},
	} {
		b.Run("client="+hand.name, func(b *testing.B) {
			measure(b, func(ctx context.Context) error {
				_, err := hand.client.leave(ctx, clienttest.Leave13)
				return err
			})
		})
	}
	room := imbot.WithLimiter(rate.NewLimiter(1e9, 1e9)) // the limiter that comes with a client, with room for a benchmark
	for _, variant := range []struct {
		name string
		opts []imbot.Option
	}{
		{"bare", []imbot.Option{imbot.WithLimiter(nil), imbot.WithRetry(imbot.RetryPolicy{})}},
		{"default", []imbot.Option{room}},
		{"full", []imbot.Option{room, imbot.WithClientID("EXAMPLE_CLIENT"), imbot.WithObserver(func(context.Context, imbot.Attempt) {})}},
	} {
		b.Run("client="+variant.name, func(b *testing.B) {
			bot := clienttest.New(b, imbot.Webhook(webhook), append(variant.opts, imbot.WithHTTPClient(client))...)
			measure(b, func(ctx context.Context) error {
				_, err := bot.Chat.Leave(ctx, clienttest.Leave13)
				return err
			})
		})
	}
}

type check = func(*testing.B, func(context.Context) error)

// inSeries makes one call after the other.
func inSeries(one check) check {
	return func(b *testing.B, call func(context.Context) error) {
		b.ReportAllocs()
		for b.Loop() {
			one(b, call)
		}
	}
}

// atOnce makes the calls from 64 goroutines.
func atOnce(one check) check {
	return func(b *testing.B, call func(context.Context) error) {
		const goroutines = 64
		b.ReportAllocs()
		b.SetParallelism(max(1, goroutines/runtime.GOMAXPROCS(0)))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				one(b, call)
			}
		})
	}
}

// newTransport is net/http's own, with an idle connection for each of 64 goroutines.
func newTransport(b *testing.B) *http.Transport {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		b.Fatal(errors.New("somebody replaced net/http's transport"))
	}
	transport := standard.Clone()
	transport.MaxIdleConnsPerHost = 64
	b.Cleanup(transport.CloseIdleConnections)
	return transport
}

// BenchmarkQueue fills a batch, and sends none of it.
func BenchmarkQueue(b *testing.B) {
	client := clienttest.New(b, imbot.Webhook(clienttest.WebhookURL), imbot.WithClientID("EXAMPLE_CLIENT"))
	b.ReportAllocs()
	for b.Loop() {
		batch := client.NewBatch()
		for range 50 {
			imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
		}
	}
}
