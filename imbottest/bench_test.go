package imbottest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// benchChats is how many chats the portal of a benchmark has: what a batch costs must not depend on it.
const benchChats = 10_000

// BenchmarkBatch sends fifty commands in one request, in memory.
func BenchmarkBatch(b *testing.B) {
	for _, bb := range []struct{ name, command string }{
		{"leave", "imbot.chat.leave?BOT_ID=39&CLIENT_ID=my&CHAT_ID="},
		{"list", "imbot.chat.user.list?BOT_ID=39&CLIENT_ID=my&CHAT_ID="},
	} {
		b.Run(bb.name, func(b *testing.B) {
			portal := imbottest.Start(imbottest.Empty(), imbottest.KeepCalls(100),
				imbottest.WithOperatingLimit(1e18), imbottest.WithCost(imbottest.ConstantCost(1e9)))
			defer portal.Close()
			portal.AddBot(imbottest.Bot{ID: imbottest.BotMain, ClientID: imbottest.ClientID})
			commands := make(map[string]string)
			for i := range benchChats {
				id := imbot.ChatID(1000 + i)
				portal.AddChat(imbottest.Chat{ID: id, Owner: 1, Members: []imbot.UserID{1, bot}})
				if i < 50 {
					commands["c"+strconv.Itoa(i)] = bb.command + strconv.Itoa(1000+i)
				}
			}
			body, err := json.Marshal(map[string]any{"cmd": commands})
			if err != nil {
				b.Fatal(err)
			}
			transport := portal.RoundTripper()

			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				for i := range imbot.ChatID(50) {
					portal.AddMember(1000+i, bot, 1)
				}
				b.StartTimer()
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, portal.WebhookURL()+"batch", strings.NewReader(string(body)))
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				resp, err := transport.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				answer, err := io.ReadAll(resp.Body)
				if err != nil || !strings.Contains(string(answer), `"result_error":[]`) {
					b.Fatalf("%v: %.300s", err, answer)
				}
				_ = resp.Body.Close()
			}
		})
	}
}
