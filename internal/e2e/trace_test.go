package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// traced is a tracer whose spans stay in memory, and the middleware that feeds it.
func traced() (*tracetest.InMemoryExporter, imbot.Option) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	return spans, imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return otelhttp.NewTransport(next, otelhttp.WithTracerProvider(provider))
	})
}

// printed is everything that a span holds, in every form that an exporter may give it.
func printed(t *testing.T, spans tracetest.SpanStubs) string {
	t.Helper()
	var text strings.Builder
	for _, span := range spans {
		encoded, err := json.Marshal(span)
		require.NoError(t, err)
		_, _ = fmt.Fprintf(&text, "%+v %s\n", span, encoded)
		for _, a := range span.Attributes {
			_, _ = fmt.Fprintf(&text, "%s=%v\n", a.Key, a.Value.String())
		}
	}
	return text.String()
}

// A tracer sees each request, and no secret, whatever becomes of the request.
func TestTracing(t *testing.T) {
	t.Parallel()
	const token, clientID = "EXAMPLEtoken7731", "EXAMPLEclient9921"
	faults := map[string]imbottest.Fault{
		"success":      imbottest.NoFault(),
		"a refusal":    imbottest.Inside200("ACCESS_ERROR", "no "+imbottest.Secret),
		"a page":       imbottest.HTML(http.StatusBadGateway),
		"cut before":   imbottest.LoseBefore(),
		"cut after":    imbottest.LoseAfter(),
		"a redirect":   imbottest.RedirectTo("https://portal.example/rest/1/" + imbottest.Secret + "/imbot.chat.leave"),
		"no such host": imbottest.RefuseDial(),
	}
	for name, fault := range faults {
		for _, byToken := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by token %v", name, byToken), func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.AddToken(imbottest.Token{AccessToken: token, App: imbottest.App, UserID: imbottest.Employee, Scopes: []string{imbottest.ScopeBots}})
				portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return fault })
				spans, middleware := traced()
				opts := []imbot.Option{middleware, imbot.WithClientID(clientID), imbot.WithRetry(imbot.RetryPolicy{})}
				client := portal.Client(opts...)
				if byToken {
					client = portal.OAuthClient(imbot.StaticToken(token), opts...)
				}

				_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
				batch := client.NewBatch()
				imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
				_ = batch.Do(t.Context()) // what becomes of it is not the matter

				_ = err
				got := spans.GetSpans()
				require.Len(t, got, 2)
				text := printed(t, got)
				assert.Contains(t, text, "https://portal.example/rest/imbot.chat.leave", "the address without the secret")
				for _, secret := range []string{imbottest.Secret, token, clientID, "/rest/1/"} {
					assert.NotContains(t, text, secret)
				}
			})
		}
	}
}

// The search of the test above would find a secret.
func TestTracing_aSecretWouldBeFound(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	_, span := provider.Tracer("x").Start(t.Context(), "call")
	span.SetAttributes(attribute.String("url.full", "https://portal.example/rest/1/"+imbottest.Secret+"/x"))
	span.End()
	assert.Contains(t, printed(t, spans.GetSpans()), imbottest.Secret)
}
