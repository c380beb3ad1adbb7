package otelimbot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// tally counts calls by itself, beside the telemetry.
type tally struct {
	mu       sync.Mutex
	outcomes map[string]float64 // by method, whether in a batch, outcome
	alone    float64            // calls that are not in a batch
	attempts int
}

func (y *tally) option() imbot.Option {
	y.outcomes = make(map[string]float64)
	return imbot.WithOptions(
		imbot.WithTrace(func(ctx context.Context, info imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			return ctx, func(result imbot.CallResult) {
				y.mu.Lock()
				defer y.mu.Unlock()
				y.outcomes[fmt.Sprintf("%s %v %s", info.Method, info.InBatch, result.Outcome)]++
				if !info.InBatch {
					y.alone++
				}
			}
		}),
		imbot.WithObserver(func(context.Context, imbot.Attempt) {
			y.mu.Lock()
			defer y.mu.Unlock()
			y.attempts++
		}))
}

// A day of a bot, with lost answers, refusals, mistakes, renewals, batches, events, and many chats to leave: whatever
// happened is in the traces and in the metrics, and each of it once.
func TestDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		portal := imbottest.NewPortal(t, imbottest.WithCost(imbottest.ConstantCost(time.Second)))
		w := newWatch(t)
		var counted tally
		shared := []imbot.Option{w.Client(), counted.option(), imbot.WithClientID(imbottest.ClientID)}
		client := portal.Client(shared...)

		leave := func(chat imbot.ChatID) error {
			_, err := client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: chat, BotID: imbottest.BotMain})
			return err
		}
		require.NoError(t, leave(imbottest.ChatGroup))
		require.ErrorIs(t, leave(imbottest.ChatGroup), imbot.ErrNotInChat)
		require.ErrorIs(t, leave(imbottest.ChatGeneral), imbot.ErrActionUnavailable)
		require.ErrorIs(t, leave(0), imbot.ErrChatIDEmpty)
		portal.Fault(imbot.MethodChatLeave.Name, imbottest.LoseAfter())
		require.ErrorIs(t, leave(imbottest.ChatElsewhere), imbot.ErrOutcomeUnknown)
		portal.Fault(imbot.MethodBotList.Name, imbottest.RefuseDial(), imbottest.Inside200("QUERY_LIMIT_EXCEEDED", ""))
		_, err := client.Bot.List(ctx, imbot.BotListRequest{})
		require.NoError(t, err, "after two repeats")
		portal.AddMember(imbottest.ChatGroup, imbot.UserID(imbottest.BotMain), imbottest.Employee)
		portal.Fault(imbot.MethodChatLeave.Name, imbottest.LoseAfter())
		outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
		require.NoError(t, err)
		assert.Equal(t, imbot.Out, outcome.State)

		batch := client.NewBatch(imbot.WithHalt())
		imbot.Queue(batch, imbot.MethodBotList, imbot.BotListRequest{})
		imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: imbottest.BotMain})
		imbot.Queue(batch, imbot.MethodBotList, imbot.BotListRequest{})
		require.NoError(t, batch.Do(ctx))

		var chats []imbot.ChatLeaveRequest
		for i := range 70 {
			chat := imbot.ChatID(10_000 + i)
			portal.AddChat(imbottest.Chat{ID: chat, Members: []imbot.UserID{imbot.UserID(imbottest.BotMain)}})
			chats = append(chats, imbot.ChatLeaveRequest{ChatID: chat, BotID: imbottest.BotMain})
		}
		portal.Fault("batch", imbottest.NoFault(), imbottest.LoseAfter())
		for result := range client.Chat.LeaveAll(ctx, slices.Values(chats)) {
			require.NoError(t, result.Err)
		}

		renewed, refused := renewals(t, portal, w, shared)
		posts, failedPosts := post(t, portal, w)
		synctest.Wait()

		// Calls.
		assert.Equal(t, counted.outcomes, w.values(t, "imbot.calls", "rpc.method", "imbot.in_batch", "imbot.outcome"))
		assert.InDelta(t, counted.alone, total(w.values(t, "rpc.client.call.duration")), 0)
		calls, commands, requests, broken := 0.0, 0, 0, 0
		for _, span := range w.spans.GetSpans() {
			method := attr(span, "rpc.method")
			switch {
			case method != "":
				assert.Equal(t, method, span.Name)
				assert.Equal(t, trace.SpanKindClient, span.SpanKind)
				calls++
				commands += len(span.Events)
				if span.Status.Code == codes.Error {
					broken++
				}
			case attr(span, "http.request.method") == http.MethodPost:
				requests++
				assert.True(t, span.Parent.IsValid())
			}
		}
		assert.InDelta(t, counted.alone, calls, 0)
		assert.Equal(t, counted.attempts, requests)
		inBatches, failures := 0.0, 0.0
		for key, n := range counted.outcomes {
			var method, outcome string
			var inBatch bool
			_, err := fmt.Sscanf(key, "%s %v %s", &method, &inBatch, &outcome)
			require.NoError(t, err)
			switch {
			case inBatch:
				inBatches += n
			case outcome != "done" && outcome != "refused":
				failures += n
			}
		}
		assert.InDelta(t, inBatches, commands, 0)
		const refusedCalls = 2 // the general chat, and a token that was not renewed; the bot that was out already is none
		assert.InDelta(t, failures+refusedCalls, broken, 0)
		waits := w.values(t, "imbot.call.wait", "imbot.wait.cause")
		assert.Positive(t, waits["rate_limit"])
		assert.Positive(t, waits["backoff"])
		assert.Positive(t, total(w.values(t, "imbot.operating.used", "rpc.method")))

		// Tokens.
		assert.Equal(t, map[string]float64{"renewed -": renewed, "refused INVALID_GRANT": refused}, w.values(t, "imbot.renewals", "imbot.outcome", "error.type"))
		assert.Len(t, w.named("renew token"), int(renewed+refused))

		// Events.
		assert.Equal(t, map[string]float64{
			"receive ONIMBOTJOINCHAT accepted": posts, "work ONIMBOTJOINCHAT done": posts - failedPosts,
			"work ONIMBOTJOINCHAT failed": failedPosts, "receive _OTHER refused": 1,
		}, w.values(t, "imbot.events", "imbot.event.step", "imbot.event.name", "imbot.outcome"))
		assert.InDelta(t, posts, total(w.values(t, "messaging.process.duration")), 0)
		assert.Len(t, w.named("receive ONIMBOTJOINCHAT"), int(posts))
		assert.Len(t, w.named("process ONIMBOTJOINCHAT"), int(posts))
	})
}

// renewals has a token renewed, and one refused.
func renewals(t *testing.T, portal *imbottest.Portal, w *watch, opts []imbot.Option) (renewed, refused float64) {
	t.Helper()
	app := w.App(oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()})
	for _, works := range []bool{true, false} {
		pair := oauth.Token(portal.IssueTokens(imbottest.App))
		portal.Expire(pair.AccessToken)
		if !works {
			portal.FaultTokens(imbottest.RefuseTokens(http.StatusBadRequest, "invalid_grant", ""))
		}
		_, err := portal.OAuthClient(app.Source(oauth.NewMemoryStore(pair)), opts...).Bot.List(t.Context(), imbot.BotListRequest{})
		assert.Equal(t, works, err == nil)
	}
	return 1, 1
}

// post has events posted to a handler: two that go well, one whose callback fails, one that is none.
func post(t *testing.T, portal *imbottest.Portal, w *watch) (posts, failed float64) {
	t.Helper()
	calls := 0
	handler, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return imbottest.ApplicationToken, nil },
		w.Events(), events.WithSynchronous(), events.OnJoinChat(func(context.Context, *events.Event) error {
			if calls++; calls == 2 {
				return errors.New("no way")
			}
			return nil
		}))
	require.NoError(t, err)
	portal.SendEventsTo(handler)
	for i := range 3 {
		chat := imbot.ChatID(20_000 + i)
		portal.AddChat(imbottest.Chat{ID: chat, Members: []imbot.UserID{imbottest.Employee}})
		portal.AddMember(chat, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://bot.example/", http.NoBody)
	require.NoError(t, err)
	handler.ServeHTTP(&nowhere{}, req)
	require.NoError(t, handler.Shutdown(t.Context()))
	return 3, 1
}

// nowhere is an answer that nobody reads.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header {
	if n.header == nil {
		n.header = http.Header{}
	}
	return n.header
}

func (*nowhere) Write(b []byte) (int, error) { return len(b), nil }

func (*nowhere) WriteHeader(int) {}

func total(values map[string]float64) (sum float64) {
	for _, value := range values {
		sum += value
	}
	return sum
}
