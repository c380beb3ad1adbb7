package otelimbot_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// Methods are told apart by name where this SDK has them or the program has named them; all others are one.
func TestMethods_areFew(t *testing.T) {
	t.Parallel()
	w := newWatch(t, otelimbot.WithMethods("im.chat.mute", "crm.item.list"))
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), imbot.WithLimiter(nil), w.Client(),
		clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":true}`)))
	call := func(name string) error {
		_, err := imbot.Call(t.Context(), client, imbot.Method[struct{}, any]{Name: name}, struct{}{})
		return err
	}
	for i := range 100 {
		require.NoError(t, call(fmt.Sprintf("x.y%d", i)))
	}
	require.NoError(t, call("tasks.task.get"))
	require.NoError(t, call("IMBOT.CHAT.LEAVE"), "is another name")
	require.NoError(t, call("im.chat.mute"))
	require.NoError(t, call("imbot.v2.Chat.leave"))
	mistakes := []string{"", "a b", imbottest.Secret + "/x", "imbot.chat.leave\n", strings.Repeat("x.", 5000)}
	for _, name := range mistakes {
		require.Error(t, call(name))
	}
	others := float64(102 + len(mistakes))
	assert.Equal(t, map[string]float64{"_OTHER": others, "im.chat.mute": 1, "imbot.v2.Chat.leave": 1}, w.values(t, "imbot.calls", "rpc.method"))
	assert.Equal(t, map[string]float64{"-": others + 2}, w.values(t, "imbot.calls", "server.address"), "portals are not told apart")

	names, originals := map[string]int{}, map[string]int{}
	for _, span := range w.spans.GetSpans() {
		names[span.Name]++
		if original := attr(span, "rpc.method_original"); original != "" {
			originals[original]++
		}
	}
	assert.Equal(t, map[string]int{
		"_OTHER": int(others), "POST _OTHER": 102, "im.chat.mute": 1, "POST im.chat.mute": 1, "imbot.v2.Chat.leave": 1, "POST imbot.v2.Chat.leave": 1,
	}, names)
	assert.Equal(t, map[string]int{"tasks.task.get": 1, "IMBOT.CHAT.LEAVE": 1}, originals, "what may be an id or a secret is not shown")
	assert.NotContains(t, w.printed(t), imbottest.Secret)
}

// So are those in a batch.
func TestMethods_inABatch(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	portal := imbottest.NewPortal(t)
	portal.On("im.chat.mute", imbottest.Result("true"))
	portal.On("x.y7", imbottest.Result("true"))
	batch := clienttest.ForBot(portal, w.Client()).NewBatch()
	for _, name := range []string{"im.chat.mute", "x.y7", imbot.MethodBotList.Name} {
		imbot.Queue(batch, imbot.Method[struct{}, any]{Name: name}, struct{}{})
	}
	require.NoError(t, batch.Do(t.Context()))
	var got []string
	for _, event := range w.named("batch")[0].Events {
		words := []string{event.Name}
		for _, a := range event.Attributes {
			if strings.HasPrefix(string(a.Key), "rpc.method") {
				words = append(words, a.Value.AsString())
			}
		}
		got = append(got, strings.Join(words, " "))
	}
	assert.Equal(t, []string{"_OTHER _OTHER im.chat.mute", "_OTHER _OTHER", "imbot.bot.list imbot.bot.list"}, got)
}

// Every method that this SDK has is told apart.
func TestMethods_areKnown(t *testing.T) {
	t.Parallel()
	table, err := os.Open("../methods.csv")
	require.NoError(t, err)
	defer func() { _ = table.Close() }()
	rows, err := csv.NewReader(table).ReadAll()
	require.NoError(t, err)
	w := newWatch(t)
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), imbot.WithLimiter(nil), w.Client(),
		clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":true}`)))
	want := map[string]float64{}
	for _, row := range rows[1:] {
		_, err := imbot.Call(t.Context(), client, imbot.Method[struct{}, any]{Name: row[0]}, struct{}{})
		require.NoError(t, err)
		want[row[0]] = 1
	}
	assert.Equal(t, want, w.values(t, "imbot.calls", "rpc.method"))
}

// There are few values of each label, whatever portals and people send.
func TestLabels_areFew(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	hostile := []string{"A", "SOME\u00a0THING", "\u212aEYBOARD_ERROR", strings.Repeat("X", 1000), imbottest.Secret, "USER NOT FOUND", "ACCESS_ERROR "}
	for i := range 13 {
		hostile = append(hostile, fmt.Sprintf("CODE_%d", i), "CODE_"+strings.Repeat("A", i+1))
	}
	for _, code := range hostile {
		portal.Fault(imbot.MethodChatLeave.Name, imbottest.Inside200(code, ""))
	}
	w := newWatch(t)
	client := clienttest.ForBot(portal, w.Client(), imbot.WithLimiter(nil))
	for range hostile {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.Error(t, err)
	}
	assert.Equal(t, map[string]float64{"_OTHER": float64(len(hostile))}, w.values(t, "imbot.calls", "error.type"))
	for _, span := range w.spans.GetSpans() {
		assert.Equal(t, "_OTHER", attr(span, "error.type"), span.Name)
	}

	handler, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return imbottest.ApplicationToken, nil },
		w.Events(), events.WithSynchronous(), events.OnOther(func(context.Context, *events.Event) error { return nil }))
	require.NoError(t, err)
	for i := range 20 {
		form := fmt.Sprintf("event=ONSOMETHING%d&auth[member_id]=%s&auth[application_token]=%s", i, imbottest.MemberID, imbottest.ApplicationToken)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://bot.example/", strings.NewReader(form))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		handler.ServeHTTP(&nowhere{}, req)
	}
	assert.Equal(t, map[string]float64{"_OTHER": 40}, w.values(t, "imbot.events", "imbot.event.name"))
}
