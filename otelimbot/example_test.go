package otelimbot_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// printing returns a provider whose spans are printed when they end.
func printing() *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithSyncer(printer{}))
}

type printer struct{}

func (printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range tracetest.SpanStubsFromReadOnlySpans(spans) {
		line := fmt.Sprintf("%v %s %s %s", span.SpanKind, span.Name, attr(span, "imbot.outcome"), attr(span, "error.type"))
		fmt.Fprintln(os.Stdout, strings.Join(strings.Fields(line), " "))
		for _, event := range span.Events {
			fmt.Fprintln(os.Stdout, "  ", event.Name)
		}
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }

// A call is a span, and so is each of its requests.
func ExampleTelemetry_Client() {
	portal := imbottest.Start()
	defer portal.Close()
	telemetry, err := otelimbot.New(otelimbot.WithTracerProvider(printing()))
	if err != nil {
		log.Fatal(err)
	}
	client := portal.Client(telemetry.Client(), imbot.WithClientID(imbottest.ClientID))

	_, _ = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: imbottest.BotMain})
	batch := client.NewBatch()
	imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	if err := batch.Do(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// client POST imbot.chat.leave ACCESS_ERROR
	// client imbot.chat.leave refused ACCESS_ERROR
	// client POST batch
	// client batch
	//    imbot.chat.leave
}

// Metrics go to the provider of a program. They are labeled by portal only if it has a few, and by the methods of this
// SDK and those that it names.
func ExampleNew() {
	portal := imbottest.Start()
	defer portal.Close()
	reader := metric.NewManualReader()
	telemetry, err := otelimbot.New(otelimbot.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))),
		otelimbot.WithPortals(), otelimbot.WithMethods("im.chat.mute"))
	if err != nil {
		log.Fatal(err)
	}
	client := portal.Client(telemetry.Client(), imbot.WithClientID(imbottest.ClientID))
	for range 3 {
		_, _ = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	}

	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		log.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
			fmt.Println(m.Name, len(sum.DataPoints), "outcomes")
		}
	}
	// Output: imbot.calls 2 outcomes
}

// A renewal of tokens is a span inside of the call that waits for it.
func ExampleTelemetry_App() {
	portal := imbottest.Start()
	defer portal.Close()
	telemetry, err := otelimbot.New(otelimbot.WithTracerProvider(printing()))
	if err != nil {
		log.Fatal(err)
	}
	app := telemetry.App(oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()})
	pair := oauth.Token(portal.IssueTokens(imbottest.App))
	portal.Expire(pair.AccessToken)

	client := portal.OAuthClient(app.Source(oauth.NewMemoryStore(pair)))
	if _, err := client.Bot.List(context.Background(), imbot.BotListRequest{}); err != nil {
		log.Fatal(err)
	}
	// Output: client renew token renewed
}

// The post of an event is a span, and so is the work for it.
func ExampleTelemetry_Events() {
	portal := imbottest.Start()
	defer portal.Close()
	telemetry, err := otelimbot.New(otelimbot.WithTracerProvider(printing()))
	if err != nil {
		log.Fatal(err)
	}
	known := func(context.Context, events.Sender) (string, error) { return imbottest.ApplicationToken, nil }
	handler, err := events.NewHandler(known, telemetry.Events(), events.WithSynchronous(),
		events.OnJoinChat(func(context.Context, *events.Event) error { return nil }))
	if err != nil {
		log.Fatal(err)
	}
	portal.SendEventsTo(handler)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	// Output:
	// consumer process ONIMBOTJOINCHAT done
	// server receive ONIMBOTJOINCHAT accepted
}

// A queue is asked when metrics are collected.
func ExampleTelemetry_Queue() {
	reader := metric.NewManualReader()
	telemetry, err := otelimbot.New(otelimbot.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	if err != nil {
		log.Fatal(err)
	}
	stop, err := telemetry.Queue("events", func(context.Context) (otelimbot.Backlog, error) {
		return otelimbot.Backlog{Pending: 3, Oldest: time.Now().Add(-time.Minute)}, nil
	})
	if err != nil {
		log.Fatal(err)
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		log.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name, m.Unit)
	}
	if err := stop(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// imbot.queue.depth {event}
	// imbot.queue.age s
	// imbot.queue.dead_letters {event}
}
