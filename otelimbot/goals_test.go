package otelimbot_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// The calls of a goal are inside of its span, and each chat is counted.
func TestGoals(t *testing.T) {
	t.Parallel()
	blocked := imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
	tests := map[string]struct {
		prepare func(*imbottest.Portal)
		chats   []imbot.ChatID
		leaves  map[string]float64
		status  codes.Code
		failed  string
		waits   map[string]float64
	}{
		"left": {chats: []imbot.ChatID{imbottest.ChatGroup, imbottest.ChatElsewhere}, leaves: map[string]float64{"left": 1, "already out": 1}, waits: map[string]float64{}},
		"a refusal": {
			chats: []imbot.ChatID{imbottest.ChatGroup, imbottest.ChatGeneral}, leaves: map[string]float64{"left": 1, "failed": 1},
			status: codes.Error, failed: "failed", waits: map[string]float64{},
		},
		"a lost answer": {
			prepare: func(portal *imbottest.Portal) { portal.Fault("batch", imbottest.LoseAfter()) },
			chats:   []imbot.ChatID{imbottest.ChatGroup}, leaves: map[string]float64{"out": 1}, waits: map[string]float64{},
		},
		"nobody knows": {
			prepare: func(portal *imbottest.Portal) {
				portal.Fault("batch", imbottest.LoseAfter())
				portal.On(imbot.MethodChatUserList.Name, imbottest.Refuse(403, "ACCESS_ERROR", ""))
			},
			chats: []imbot.ChatID{imbottest.ChatGroup}, leaves: map[string]float64{"unknown": 1}, status: codes.Error, failed: "unknown", waits: map[string]float64{},
		},
		"a method that has used up its time": {
			prepare: func(portal *imbottest.Portal) { portal.On(imbot.MethodChatLeave.Name, blocked, imbottest.Result(true)) },
			chats:   []imbot.ChatID{imbottest.ChatGroup}, leaves: map[string]float64{"left": 1}, waits: map[string]float64{"operating": 1},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				if test.prepare != nil {
					test.prepare(portal)
				}
				w := newWatch(t)
				client := clienttest.ForBot(portal, w.Client())
				var reqs []imbot.ChatLeaveRequest
				for _, chat := range test.chats {
					reqs = append(reqs, imbot.ChatLeaveRequest{ChatID: chat, BotID: imbottest.BotMain})
				}

				for range client.Chat.LeaveAll(t.Context(), slices.Values(reqs)) {
				}

				assert.Equal(t, test.leaves, w.values(t, "imbot.leaves", "imbot.outcome"))
				assert.Equal(t, test.waits, w.values(t, "imbot.call.wait", "imbot.wait.cause"))
				goal := w.named("leave all")
				require.Len(t, goal, 1)
				assert.Equal(t, trace.SpanKindInternal, goal[0].SpanKind)
				assert.Equal(t, test.status, goal[0].Status.Code)
				assert.Equal(t, test.failed, attr(goal[0], "error.type"))
				batches := w.named("batch")
				require.NotEmpty(t, batches)
				for _, batch := range batches {
					assert.Equal(t, goal[0].SpanContext.SpanID(), batch.Parent.SpanID())
				}
			})
		})
	}
}

func TestGoals_ensureLeft(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.Fault(imbot.MethodChatLeave.Name, imbottest.Inside200("USER_NOT_FOUND", ""))
	portal.AddChat(imbottest.Chat{ID: 77, Members: []imbot.UserID{imbottest.Employee}})
	w := newWatch(t)
	_, err := clienttest.ForBot(portal, w.Client()).Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: 77, BotID: imbottest.BotMain})
	require.NoError(t, err)
	assert.Equal(t, map[string]float64{"ensure left already out": 1}, w.values(t, "imbot.leaves", "imbot.goal", "imbot.outcome"))
	goal := w.named("ensure left")[0]
	assert.Equal(t, codes.Unset, goal.Status.Code)
	for _, call := range []string{"imbot.chat.leave", "imbot.chat.user.list"} {
		require.Len(t, w.named(call), 1)
		assert.Equal(t, goal.SpanContext.SpanID(), w.named(call)[0].Parent.SpanID())
	}
}

// open counts the spans that have not ended.
type open struct{ spans atomic.Int64 }

func (o *open) OnStart(context.Context, sdktrace.ReadWriteSpan) { o.spans.Add(1) }

func (o *open) OnEnd(sdktrace.ReadOnlySpan) { o.spans.Add(-1) }

func (*open) Shutdown(context.Context) error { return nil }

func (*open) ForceFlush(context.Context) error { return nil }

// Every span ends, whatever function of the program panics, and what it was of is counted once.
func TestPanics_leaveNoSpanOpen(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	trace := func(atTheEnd bool) imbot.Option {
		return imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			if !atTheEnd {
				panic(boom)
			}
			return ctx, func(imbot.CallResult) { panic(boom) }
		})
	}
	tests := map[string]struct {
		opt  imbot.Option
		want map[string]float64
	}{
		"observer":       {imbot.WithObserver(func(context.Context, imbot.Attempt) { panic(boom) }), map[string]float64{"unknown": 1}},
		"trace":          {trace(false), map[string]float64{"not sent": 1}},
		"end of a trace": {trace(true), map[string]float64{"done": 1}},
		"trace of goals": {imbot.WithGoalTrace(func(context.Context, imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) { panic(boom) }), map[string]float64{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatch(t)
			var left open
			w.tracer.RegisterSpanProcessor(&left)
			client := clienttest.ForBot(imbottest.NewPortal(t), w.Client(), test.opt)
			assert.PanicsWithValue(t, boom, func() { _, _ = client.Chat.EnsureLeft(t.Context(), clienttest.Leave13) })
			assert.Zero(t, left.spans.Load())
			assert.Equal(t, test.want, w.values(t, "imbot.calls", "imbot.outcome"))
			assert.InDelta(t, 1, total(w.values(t, "imbot.leaves")), 0)
			assert.Len(t, w.named("ensure left"), 1)
		})
	}
}

// So does that of a renewal, and those of an event.
func TestPanics_ofRenewalsAndEvents(t *testing.T) {
	t.Parallel()
	for _, atTheEnd := range []bool{false, true} {
		portal := imbottest.NewPortal(t)
		w := newWatch(t)
		var left open
		w.tracer.RegisterSpanProcessor(&left)
		app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
		app.Renewing = func(context.Context) (context.Context, func(oauth.Renewal)) {
			if !atTheEnd {
				panic("boom")
			}
			return nil, func(oauth.Renewal) { panic("boom") }
		}
		pair := oauth.Token(portal.IssueTokens(imbottest.App))
		_, err := w.App(app).Source(oauth.NewMemoryStore(pair)).Refresh(t.Context(), pair.AccessToken)
		require.ErrorContains(t, err, "panicked")
		assert.Zero(t, left.spans.Load())
		assert.Equal(t, map[string]float64{map[bool]string{false: "failed", true: "renewed"}[atTheEnd]: 1}, w.values(t, "imbot.renewals", "imbot.outcome"))

		handler, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return imbottest.ApplicationToken, nil },
			w.Events(), events.WithSynchronous(), events.OnJoinChat(func(context.Context, *events.Event) error { panic("boom") }))
		require.NoError(t, err)
		portal.SendEventsTo(handler)
		portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
		assert.Zero(t, left.spans.Load())
		assert.Equal(t, map[string]float64{"receive accepted": 1, "work failed": 1}, w.values(t, "imbot.events", "imbot.event.step", "imbot.outcome"))
	}
}

// A look at a queue that panics does not end the program: there is no value.
func TestQueue_panics(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	_, err := w.Queue("broken", func(context.Context) (otelimbot.Backlog, error) { panic(imbottest.Secret) })
	require.NoError(t, err)
	_, err = w.Queue("works", func(context.Context) (otelimbot.Backlog, error) { return otelimbot.Backlog{Pending: 1}, nil })
	require.NoError(t, err)
	got, err := w.tryCollect(t)
	require.ErrorContains(t, err, `queue "broken"`)
	assert.NotContains(t, err.Error(), imbottest.Secret)
	assert.Equal(t, map[string]float64{"works": 1}, valuesOf(t, got, "imbot.queue.depth", "imbot.queue.name"))
}

// Traces and metrics are of one version of the conventions, which the documentation names.
func TestSchema(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	_, err := clienttest.ForBot(imbottest.NewPortal(t), w.Client()).Bot.List(t.Context(), imbot.BotListRequest{})
	require.NoError(t, err)
	schemas := map[string]bool{}
	for _, span := range w.spans.GetSpans() {
		schemas[span.InstrumentationScope.SchemaURL] = true
	}
	for _, scope := range w.collect(t).ScopeMetrics {
		schemas[scope.Scope.SchemaURL] = true
	}
	require.Len(t, schemas, 1)
	for schema := range schemas {
		named, err := url.Parse(schema)
		require.NoError(t, err)
		for _, file := range []string{"doc.go", "README.md"} {
			assert.Contains(t, read(t, file), "conventions "+strings.TrimPrefix(named.Path, "/schemas/"), file)
		}
	}
}
