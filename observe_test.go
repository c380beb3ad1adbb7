package imbot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestWithObserver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		portal := imbottest.Start(imbottest.WithCost(func(string) time.Duration { return 3 * time.Second }), imbottest.CostTakesTime())
		defer portal.Close()
		portal.Fault("imbot.chat.leave", imbottest.RefuseDial(), imbottest.Inside200("QUERY_LIMIT_EXCEEDED", ""))
		var attempts []imbot.Attempt
		limiter := rate.NewLimiter(rate.Every(time.Minute), 1)
		client := portal.Client(imbot.WithClientID(imbottest.ClientID), imbot.WithLimiter(limiter), imbot.WithObserver(func(ctx context.Context, a imbot.Attempt) {
			assert.Equal(t, "of the call", ctx.Value(key{}))
			attempts = append(attempts, a)
		}))

		_, err := client.Chat.Leave(context.WithValue(t.Context(), key{}, "of the call"), clienttest.Leave13)

		require.NoError(t, err)
		require.Len(t, attempts, 3)
		for i, a := range attempts {
			assert.Equal(t, "imbot.chat.leave", a.Method)
			assert.Equal(t, i+1, a.Number)
		}
		dial, limit, ok := attempts[0], attempts[1], attempts[2]
		assert.Zero(t, dial.StatusCode)
		require.ErrorContains(t, dial.Err, "not sent")
		assert.Zero(t, dial.Wait)
		assert.Equal(t, 200, limit.StatusCode)
		assert.Equal(t, imbot.ErrQueryLimitExceeded, limit.Code)
		require.ErrorIs(t, limit.Err, imbot.ErrQueryLimitExceeded)
		assert.InDelta(t, time.Minute, limit.Wait, float64(time.Millisecond), "the limiter's turn comes a minute after the first")
		assert.Equal(t, 200, ok.StatusCode)
		assert.Empty(t, ok.Code)
		require.NoError(t, ok.Err)
		assert.Equal(t, 3*time.Second, ok.Duration)
		assert.Equal(t, 3*time.Second, ok.Operating)
	})
}

func TestWithLogger_oneRecordPerAttempt(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.Fault("imbot.chat.leave", imbottest.HTML(502))
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := portal.Client(imbot.WithLogger(logger), imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 1, BotID: 39})
	require.ErrorIs(t, err, imbot.ErrAccess)

	var records []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal(line, &record))
		records = append(records, record)
	}
	require.Len(t, records, 2)
	for _, record := range records {
		keys := make([]string, 0, len(record))
		for key := range record {
			keys = append(keys, key)
		}
		assert.ElementsMatch(t, []string{"time", "level", "msg", "method", "attempt", "status", "code", "wait", "duration"}, keys)
		assert.Equal(t, "DEBUG", record["level"])
		assert.Equal(t, "imbot.chat.leave", record["method"])
		assert.InDelta(t, 1, record["attempt"], 0)
	}
	assert.InDelta(t, 502, records[0]["status"], 0)
	assert.Empty(t, records[0]["code"])
	assert.InDelta(t, 403, records[1]["status"], 0)
	assert.Equal(t, "ACCESS_ERROR", records[1]["code"])
}

// deafHandler fails the test where it is handed a record without having asked for it.
type deafHandler struct {
	slog.Handler
	t testing.TB
}

func (deafHandler) Enabled(context.Context, slog.Level) bool { return false }

func (h deafHandler) Handle(context.Context, slog.Record) error {
	h.t.Error("a record was made that nobody wants")
	return nil
}

func TestWithLogger_asksFirst(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.Client(imbot.WithLogger(slog.New(deafHandler{t: t})), imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
}

func TestWatching_refusesNil(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]imbot.Option{"WithLogger": imbot.WithLogger(nil), "WithObserver": imbot.WithObserver(nil)} {
		_, err := imbot.NewClient(imbot.Webhook(secretURL), opt)
		var paramErr *imbot.ParamError
		require.ErrorAs(t, err, &paramErr)
		assert.Equal(t, name, paramErr.Param)
	}
}

// A logger at debug level and an observer over calls that fail, are repeated, redirected and refreshed: no secret.
func TestSecrets_noWatcherSeesOne(t *testing.T) {
	t.Parallel()
	for kind, auth := range auths() {
		for failure, transport := range failures(t, auth.secret, secretClientID) {
			var out bytes.Buffer
			handlers := []slog.Handler{
				slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}),
				slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}),
			}
			for _, handler := range handlers {
				client := clienttest.New(t, auth.Auth,
					imbot.WithHTTPClient(&http.Client{Transport: transport}),
					imbot.WithClientID(secretClientID),
					imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}),
					imbot.WithLogger(slog.New(handler)),
					imbot.WithObserver(func(_ context.Context, a imbot.Attempt) {
						assertPrintsNoSecret(t, a, "Attempt")
						assertPrintsNoSecret(t, &a, "Attempt")
					}))

				_, err := client.Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: secretClientID})

				require.Error(t, err)
				assertPrintsNoSecret(t, err, failure)
			}
			assert.NotEmpty(t, out.String())
			assertNoSecret(t, out.String(), failure+" by "+kind)
		}
	}
}
