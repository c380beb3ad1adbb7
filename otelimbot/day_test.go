package otelimbot_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// tally counts calls by itself, beside the telemetry.
type tally struct {
	mu       sync.Mutex
	outcomes map[string]float64 // by method, whether in a batch, outcome
	alone    float64            // calls that are not in a batch
	attempts int

	waits     map[string]float64 // calls that have waited, by cause
	waited    time.Duration      // in all
	operating float64            // answers that said what is used up
	took      time.Duration      // calls that are not in a batch
	goals     map[string]float64
	leaves    map[string]float64
}

// note counts what a call tells of. It is called under the lock.
func (y *tally) note(info imbot.CallInfo, result imbot.CallResult) {
	y.outcomes[fmt.Sprintf("%s %v %s", info.Method, info.InBatch, result.Outcome)]++
	if result.HasOperating {
		y.operating++
	}
	if info.InBatch {
		return
	}
	y.alone++
	y.took += result.Duration
	for cause, wait := range map[string]time.Duration{
		"rate_limit": info.Waited.RateLimit + result.Wait.RateLimit,
		"operating":  info.Waited.Operating + result.Wait.Operating,
		"backoff":    info.Waited.Backoff + result.Wait.Backoff,
	} {
		if wait > 0 {
			y.waits[cause]++
			y.waited += wait
		}
	}
}

// noteGoal counts what a goal tells of. It is called under the lock.
func (y *tally) noteGoal(goal imbot.Goal, result imbot.GoalResult) {
	y.goals[string(goal)]++
	for outcome, chats := range map[string]int{
		"left": result.Left, "already out": result.AlreadyOut, "out": result.Out, "failed": result.Failed - result.Unknown, "unknown": result.Unknown,
	} {
		if chats > 0 {
			y.leaves[string(goal)+": "+outcome] += float64(chats)
		}
	}
}

func (y *tally) option() imbot.Option {
	y.outcomes, y.waits, y.goals, y.leaves = map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	return imbot.WithOptions(
		imbot.WithTrace(func(ctx context.Context, info imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			return ctx, func(result imbot.CallResult) {
				y.mu.Lock()
				defer y.mu.Unlock()
				y.note(info, result)
			}
		}),
		imbot.WithGoalTrace(func(ctx context.Context, info imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) {
			return ctx, func(result imbot.GoalResult) {
				y.mu.Lock()
				defer y.mu.Unlock()
				y.noteGoal(info.Goal, result)
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
		portal.Fault("batch", imbottest.NoFault(), imbottest.LoseAfter(), imbottest.Inside200("OPERATION_TIME_LIMIT", ""))
		for result := range client.Chat.LeaveAll(ctx, slices.Values(chats)) {
			require.NoError(t, result.Err)
		}

		renewed, refused := renewals(t, portal, w, shared)
		posts, failedPosts := post(t, portal, w)
		held := otelimbot.Backlog{Pending: 5, Oldest: time.Now().Add(-2 * time.Minute), DeadLetters: 3}
		_, err = w.Queue("events", func(context.Context) (otelimbot.Backlog, error) { return held, nil })
		require.NoError(t, err)
		synctest.Wait()

		// Calls.
		assert.Equal(t, counted.outcomes, w.values(t, "imbot.calls", "rpc.method", "imbot.in_batch", "imbot.outcome"))
		assert.InDelta(t, counted.alone, total(w.values(t, "rpc.client.call.duration")), 0)
		calls, requests, broken := map[string]float64{}, 0, 0
		for _, span := range w.spans.GetSpans() {
			method := attr(span, "rpc.method")
			switch {
			case method != "":
				assert.Equal(t, method, span.Name)
				assert.Equal(t, trace.SpanKindClient, span.SpanKind)
				calls[fmt.Sprintf("%s false %s", method, cmp.Or(attr(span, "imbot.outcome"), "done"))]++
				for _, event := range span.Events {
					calls[fmt.Sprintf("%s true %s", event.Name, cmp.Or(attr(tracetest.SpanStub{Attributes: event.Attributes}, "imbot.outcome"), "done"))]++
				}
				if span.Status.Code == codes.Error {
					broken++
				}
			case attr(span, "http.request.method") == http.MethodPost:
				requests++
				assert.True(t, span.Parent.IsValid())
			}
		}
		assert.Equal(t, counted.outcomes, calls)
		assert.Equal(t, counted.attempts, requests)
		failures := 0.0
		for key, n := range counted.outcomes {
			var method, outcome string
			var inBatch bool
			_, err := fmt.Sscanf(key, "%s %v %s", &method, &inBatch, &outcome)
			require.NoError(t, err)
			if !inBatch && outcome != "done" && (outcome != "refused" || method == "batch") {
				failures += n
			}
		}
		const refusedCalls = 2 // the general chat, and a token that was not renewed; the bot that was out already is none
		assert.InDelta(t, failures+refusedCalls, broken, 0)
		assert.Equal(t, counted.waits, w.values(t, "imbot.call.wait", "imbot.wait.cause"))
		assert.Len(t, counted.waits, 3, "there was each cause")
		assert.InDelta(t, counted.waited.Seconds(), w.sum(t, "imbot.call.wait"), 1e-6)
		assert.InDelta(t, counted.took.Seconds(), w.sum(t, "rpc.client.call.duration"), 1e-6)
		assert.InDelta(t, counted.operating, total(w.values(t, "imbot.operating.used", "rpc.method")), 0)
		assert.Positive(t, counted.operating)

		// Goals.
		assert.Equal(t, map[string]float64{"ensure left: out": 1, "leave all: left": counted.leaves["leave all: left"], "leave all: out": 70 - counted.leaves["leave all: left"]}, counted.leaves)
		assert.Equal(t, counted.leaves, joined(w.values(t, "imbot.leaves", "imbot.goal", "imbot.outcome"), "ensure left", "leave all"))
		for goal, n := range counted.goals {
			assert.Len(t, w.named(goal), int(n))
		}

		// The queue.
		for metric, want := range map[string]float64{"imbot.queue.depth": 5, "imbot.queue.age": 120, "imbot.queue.dead_letters": 3} {
			assert.Equal(t, map[string]float64{"events": want}, w.values(t, metric, "imbot.queue.name"), metric)
		}

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

// joined returns values with a colon after the first of two labels, which is one of goals.
func joined(values map[string]float64, goals ...string) map[string]float64 {
	made := make(map[string]float64, len(values))
	for key, value := range values {
		for _, goal := range goals {
			if outcome, ok := strings.CutPrefix(key, goal+" "); ok {
				made[goal+": "+outcome] = value
			}
		}
	}
	return made
}

func total(values map[string]float64) (sum float64) {
	for _, value := range values {
		sum += value
	}
	return sum
}
