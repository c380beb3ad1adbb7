package otelimbot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

func TestNew_mistakes(t *testing.T) {
	t.Parallel()
	_, err := otelimbot.New(otelimbot.WithTracerProvider(nil), nil, otelimbot.WithMeterProvider(nil), otelimbot.WithMethods("im.chat.mute", ""))
	for _, text := range []string{"WithTracerProvider", "option 2", "WithMeterProvider", "WithMethods: is empty"} {
		require.ErrorContains(t, err, text)
	}
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
	_, err = otelimbot.New()
	require.NoError(t, err, "the global providers do nothing as long as nobody sets others")
}

// The status of a span is an error where the outcome is unknown or the call has failed, and nowhere else.
func TestClient_status(t *testing.T) {
	t.Parallel()
	leave := func(ctx context.Context, client *imbot.Client) {
		_, _ = client.Chat.Leave(ctx, clienttest.Leave13)
	}
	tests := map[string]struct {
		faults  []imbottest.Fault
		call    func(context.Context, *imbot.Client)
		status  codes.Code
		failed  string   // error.type
		code    string   // rpc.response.status_code
		outcome string   // imbot.outcome; none where it is done
		events  []string // of a batch
	}{
		"done":        {call: leave},
		"already out": {faults: []imbottest.Fault{imbottest.Inside200("USER_NOT_FOUND", "")}, call: leave, outcome: "refused", failed: "USER_NOT_FOUND", code: "USER_NOT_FOUND"},
		"refused": {
			faults: []imbottest.Fault{imbottest.Inside200("ACCESS_ERROR", "")}, call: leave,
			status: codes.Error, outcome: "refused", failed: "ACCESS_ERROR", code: "ACCESS_ERROR",
		},
		"refused by a new code": {
			faults: []imbottest.Fault{imbottest.Inside200("SOMETHING_NEW", "")}, call: leave,
			status: codes.Error, outcome: "refused", failed: "_OTHER", code: "SOMETHING_NEW",
		},
		"refused by a code with a number": {
			faults: []imbottest.Fault{imbottest.Inside200("USER_913571", "")}, call: leave,
			status: codes.Error, outcome: "refused", failed: "_OTHER", code: "_OTHER",
		},
		"a message to where the bot is not": {call: func(ctx context.Context, client *imbot.Client) {
			bot := imbotv2.New(client).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
			_, _ = bot.Say(ctx, "chat999", "hello")
		}, status: codes.Error, outcome: "refused", failed: "CHAT_NOT_FOUND", code: "CHAT_NOT_FOUND"},
		"unknown": {faults: []imbottest.Fault{imbottest.LoseAfter()}, call: leave, status: codes.Error, outcome: "unknown", failed: "unknown"},
		"not sent": {call: func(ctx context.Context, client *imbot.Client) {
			_, _ = client.Chat.Leave(ctx, imbot.ChatLeaveRequest{})
		}, status: codes.Error, outcome: "not sent", failed: "not sent"},
		"nothing found": {call: func(ctx context.Context, client *imbot.Client) {
			_, _ = client.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "X", EntityID: "1"})
		}, outcome: "refused", failed: "refused"},
		"a batch": {call: func(ctx context.Context, client *imbot.Client) {
			batch := client.NewBatch()
			imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: 39})
			_ = batch.Do(ctx)
		}, outcome: "", events: []string{"imbot.chat.leave", "imbot.chat.leave refused"}},
		"a batch with an unknown outcome": {
			faults: []imbottest.Fault{imbottest.Inside200("INTERNAL_SERVER_ERROR", "")},
			call: func(ctx context.Context, client *imbot.Client) {
				batch := client.NewBatch()
				imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
				_ = batch.Do(ctx)
			}, status: codes.Error, outcome: "", events: []string{"imbot.chat.leave unknown"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.Fault(imbot.MethodChatLeave.Name, test.faults...)
			w := newWatch(t)

			test.call(t.Context(), clienttest.ForBot(portal, w.Client(), imbot.WithRetry(imbot.RetryPolicy{})))

			spans := w.spans.GetSpans()
			span := spans[len(spans)-1]
			assert.Equal(t, test.status, span.Status.Code)
			assert.Equal(t, test.outcome, attr(span, "imbot.outcome"))
			assert.Equal(t, test.failed, attr(span, "error.type"))
			assert.Equal(t, test.code, attr(span, "rpc.response.status_code"))
			var got []string
			for _, event := range span.Events {
				words := []string{event.Name}
				for _, a := range event.Attributes {
					if a.Key == "imbot.outcome" {
						words = append(words, a.Value.AsString())
					}
				}
				got = append(got, strings.Join(words, " "))
			}
			assert.Equal(t, test.events, got)
		})
	}
}

// The span of a request is inside of that of its call, and tells of its part.
func TestClient_attempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t, imbottest.WithCost(imbottest.ConstantCost(time.Second)), imbottest.CostTakesTime())
		portal.Fault(imbot.MethodChatLeave.Name, imbottest.RefuseDial(), imbottest.Inside200("QUERY_LIMIT_EXCEEDED", ""))
		w := newWatch(t)
		ctx, outside := w.tracer.Tracer("test").Start(t.Context(), "the work of a program")

		_, err := clienttest.ForBot(portal, w.Client()).Chat.Leave(ctx, clienttest.Leave13)

		require.NoError(t, err)
		outside.End()
		call, requests := w.named("imbot.chat.leave"), w.named("POST imbot.chat.leave")
		require.Len(t, call, 1)
		require.Len(t, requests, 3)
		assert.Equal(t, outside.SpanContext().SpanID(), call[0].Parent.SpanID())
		assert.Equal(t, "3", attr(call[0], "imbot.attempts"))
		assert.Equal(t, imbottest.Host, attr(call[0], "server.address"))
		var got []string
		for _, span := range requests {
			assert.Equal(t, call[0].SpanContext.SpanID(), span.Parent.SpanID())
			got = append(got, fmt.Sprintf("%q %q %q %v", attr(span, "http.response.status_code"), attr(span, "http.request.resend_count"), attr(span, "error.type"), span.Status.Code))
		}
		assert.Equal(t, []string{`"" "" "not sent" Error`, `"200" "1" "QUERY_LIMIT_EXCEEDED" Error`, `"200" "2" "" Unset`}, got)
		last := requests[2]
		assert.Equal(t, time.Second, last.EndTime.Sub(last.StartTime))
		assert.False(t, last.StartTime.Before(call[0].StartTime))
		assert.False(t, last.EndTime.After(call[0].EndTime))
	})
}

// What a bot does about an event is inside of the span of the event, a renewed token included.
func TestEvents_areTheParentsOfCalls(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	w := newWatch(t)
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	before := 0
	app.Renewing = func(ctx context.Context) (context.Context, func(oauth.Renewal)) {
		before++
		return ctx, func(oauth.Renewal) { before++ }
	}
	pair := oauth.Token(portal.IssueTokens(imbottest.App))
	portal.Expire(pair.AccessToken)
	client := portal.OAuthClient(w.App(app).Source(oauth.NewMemoryStore(pair)), w.Client())
	handler, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return imbottest.ApplicationToken, nil },
		w.Events(), events.OnJoinChat(func(ctx context.Context, event *events.Event) error {
			_, err := client.Bot.List(ctx, imbot.BotListRequest{})
			return err
		}))
	require.NoError(t, err)
	portal.SendEventsTo(handler)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	require.NoError(t, handler.Shutdown(t.Context()))

	assert.Equal(t, 2, before, "the function that the App had is called, too")
	chain := []string{"receive ONIMBOTJOINCHAT", "process ONIMBOTJOINCHAT", "imbot.bot.list", "renew token"}
	for i, name := range chain {
		require.Len(t, w.named(name), 1, name)
		if i > 0 {
			assert.Equal(t, w.named(chain[i-1])[0].SpanContext.SpanID(), w.named(name)[0].Parent.SpanID(), name)
		}
	}
}

func TestWithPortals(t *testing.T) {
	t.Parallel()
	w := newWatch(t, otelimbot.WithPortals())
	for _, host := range []string{"portal.example", "another.example:8443"} {
		client := clienttest.New(t, imbot.Webhook("https://"+host+"/rest/1/EXAMPLE_SECRET/"), w.Client(),
			clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":true}`)))
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
	}
	want := map[string]float64{"portal.example -": 1, "another.example 8443": 1}
	assert.Equal(t, want, w.values(t, "imbot.calls", "server.address", "server.port"))
	assert.Equal(t, want, w.values(t, "rpc.client.call.duration", "server.address", "server.port"))
}

func TestQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWatch(t)
		held, failed := otelimbot.Backlog{}, error(nil)
		look := func(context.Context) (otelimbot.Backlog, error) { return held, failed }
		stop, err := w.Queue("events", look)
		require.NoError(t, err)
		assert.Equal(t, map[string]float64{"events": 0}, w.values(t, "imbot.queue.depth", "imbot.queue.name"))
		assert.Equal(t, map[string]float64{"events": 0}, w.values(t, "imbot.queue.age", "imbot.queue.name"))

		held = otelimbot.Backlog{Pending: 7, Oldest: time.Now().Add(-time.Minute), DeadLetters: 2}
		assert.Equal(t, map[string]float64{"events": 7}, w.values(t, "imbot.queue.depth", "imbot.queue.name"))
		assert.Equal(t, map[string]float64{"events": 60}, w.values(t, "imbot.queue.age", "imbot.queue.name"))
		assert.Equal(t, map[string]float64{"events": 2}, w.values(t, "imbot.queue.dead_letters", "imbot.queue.name"))

		require.NoError(t, stop())
		assert.Empty(t, w.values(t, "imbot.queue.depth"))

		_, err = w.Queue("events", nil)
		var mistake *imbot.ParamError
		require.ErrorAs(t, err, &mistake)
	})
}

// Nothing of what people write, and nothing that opens a door, is recorded, whatever becomes of a call.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const token, clientID, title, chat = "EXAMPLEtoken7731", "EXAMPLEclient9921", "EXAMPLEtitle4417", "913571"
	faults := map[string]imbottest.Fault{
		"success":                  imbottest.NoFault(),
		"a refusal with a secret":  imbottest.Inside200("ACCESS_ERROR", "no "+imbottest.Secret+" "+title),
		"a code that is a secret":  imbottest.Inside200(imbottest.Secret, ""),
		"a code that is a token":   imbottest.Inside200(token, ""),
		"a code that is an id":     imbottest.Inside200("CHAT_"+chat, ""),
		"a page":                   imbottest.HTML(http.StatusBadGateway),
		"cut before":               imbottest.LoseBefore(),
		"cut after":                imbottest.LoseAfter(),
		"a redirect with a secret": imbottest.RedirectTo("https://portal.example/rest/1/" + imbottest.Secret + "/imbot.chat.leave"),
		"no such host":             imbottest.RefuseDial(),
	}
	for name, fault := range faults {
		for _, byToken := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by token %v", name, byToken), func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.AddToken(imbottest.Token{AccessToken: token, App: imbottest.App, UserID: imbottest.Employee, Scopes: []string{imbottest.ScopeBots}})
				portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return fault })
				w := newWatch(t, otelimbot.WithPortals())
				opts := []imbot.Option{w.Client(), imbot.WithClientID(clientID), imbot.WithRetry(imbot.RetryPolicy{})}
				client := portal.Client(opts...)
				if byToken {
					client = portal.OAuthClient(imbot.StaticToken(token), opts...)
				}
				rename := imbot.ChatUpdateTitleRequest{ChatID: 913571, BotID: 39, Title: title}

				_, _ = client.Chat.UpdateTitle(t.Context(), rename)
				batch := client.NewBatch()
				imbot.Queue(batch, imbot.MethodChatUpdateTitle, rename)
				_ = batch.Do(t.Context())
				_, _ = imbotv2.New(client).As(imbotv2.Identity{BotID: 39, BotToken: clientID}).Say(t.Context(), "chat"+chat, title)

				text := w.printed(t)
				assert.Contains(t, text, "imbot.chat.updateTitle")
				for _, secret := range []string{imbottest.Secret, token, clientID, title, chat, "/rest/"} {
					assert.NotContains(t, strings.ToLower(text), strings.ToLower(secret))
				}
			})
		}
	}
}

// Nor is anything of an event, or of a token.
func TestSecrets_eventsAndTokens(t *testing.T) {
	t.Parallel()
	const text, member = "EXAMPLEtext4417", "EXAMPLEmember7731"
	w := newWatch(t)
	handler, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return imbottest.ApplicationToken, nil },
		w.Events(), events.WithSynchronous(), events.OnOther(func(_ context.Context, e *events.Event) error { return errors.New(e.Param("MESSAGE")) }))
	require.NoError(t, err)
	for _, body := range []string{
		"event=" + text, "event=" + text + "&data[PARAMS][MESSAGE]=" + text + "&auth[member_id]=" + member + "&auth[application_token]=" + imbottest.ApplicationToken,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://bot.example/?"+text, io.NopCloser(strings.NewReader(body)))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		handler.ServeHTTP(&nowhere{}, req)
	}
	app := w.App(oauth.App{ID: "app.example", Secret: "EXAMPLE_" + text, HTTPClient: &http.Client{
		Transport: clienttest.Answering(http.StatusBadRequest, `{"error":"`+text+`1","error_description":"EXAMPLE_`+text+`"}`),
	}})
	_, err = app.Source(oauth.NewMemoryStore(oauth.Token{AccessToken: text, RefreshToken: text})).Refresh(t.Context(), text)
	require.Error(t, err)

	printed := w.printed(t)
	for _, part := range []string{"receive _OTHER", "process _OTHER", "renew token"} {
		assert.Contains(t, printed, part)
	}
	for _, secret := range []string{text, member, imbottest.ApplicationToken} {
		assert.NotContains(t, strings.ToLower(printed), strings.ToLower(secret))
	}
}

// The search of the tests above would find a secret.
func TestSecrets_wouldBeFound(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	_, span := w.tracer.Tracer("x").Start(t.Context(), "call "+imbottest.Secret)
	span.End()
	assert.Contains(t, w.printed(t), imbottest.Secret)
}
