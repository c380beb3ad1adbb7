package imbot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
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
	portal.Fault("imbot.chat.leave", imbottest.Inside200("ACCESS_ERROR", ""))
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := portal.Client(imbot.WithLogger(logger), imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorIs(t, err, imbot.ErrAccess)
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
		assert.ElementsMatch(t, []string{"time", "level", "msg", "method", "portal", "attempt", "status", "code", "wait", "duration"}, slices.Collect(maps.Keys(record)))
		assert.Equal(t, "DEBUG", record["level"])
		assert.Equal(t, "imbot.chat.leave", record["method"])
		assert.InDelta(t, 1, record["attempt"], 0)
		assert.Equal(t, "ACCESS_ERROR", record["code"])
	}
	assert.InDelta(t, 200, records[0]["status"], 0)
	assert.InDelta(t, 403, records[1]["status"], 0)
}

// namedError has a code, as errors of package oauth have one.
type namedError string

func (namedError) Error() string { return "EXAMPLE_SECRET is wrong" }

func (e namedError) As(target any) bool {
	code, ok := target.(*imbot.Code)
	if ok {
		*code = imbot.Code(e)
	}
	return ok
}

// What a person should look at is a warning, what explains a delay is told at info level, and the rest at debug level.
func TestWithLogger_levels(t *testing.T) {
	t.Parallel()
	const method = "imbot.chat.leave"
	leave := func(ctx context.Context, client *imbot.Client) {
		_, _ = client.Chat.Leave(ctx, clienttest.Leave13)
	}
	batch := func(ctx context.Context, client *imbot.Client) {
		batch := client.NewBatch()
		imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
		imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
		_ = batch.Do(ctx)
	}
	broken := clienttest.Refresher(func(context.Context) (string, error) { return "old", nil },
		func(context.Context, string) (string, error) { return "", errors.New("EXAMPLE_SECRET is wrong") })
	tests := map[string]struct {
		answers []imbottest.Answer
		call    func(context.Context, *imbot.Client)
		want    []string
	}{
		"done":    {[]imbottest.Answer{imbottest.Result(true)}, leave, nil},
		"refused": {[]imbottest.Answer{imbottest.Refuse(403, "ACCESS_ERROR", "")}, leave, nil},
		"unknown": {
			[]imbottest.Answer{imbottest.Refuse(500, "INTERNAL_SERVER_ERROR", "")},
			leave,
			[]string{"WARN bitrix24 outcome unknown method=imbot.chat.leave portal=portal.example attempts=1 code=INTERNAL_SERVER_ERROR"},
		},
		"repeated": {
			[]imbottest.Answer{imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""), imbottest.Result(true)},
			leave,
			[]string{"INFO bitrix24 request repeated method=imbot.chat.leave portal=portal.example attempt=1 status=503 code=QUERY_LIMIT_EXCEEDED pause=1ns"},
		},
		"not renewed": {
			[]imbottest.Answer{imbottest.Refuse(401, "expired_token", "")},
			leave,
			[]string{"WARN bitrix24 token not renewed method=imbot.chat.leave portal=portal.example attempts=1 code=expired_token"},
		},
		"not renewed, for a reason with a name": {
			[]imbottest.Answer{imbottest.Refuse(401, "expired_token", "")},
			func(ctx context.Context, client *imbot.Client) {
				client, err := client.With(imbot.OAuth("https://portal.example/rest/", clienttest.Refresher(
					func(context.Context) (string, error) { return "old", nil },
					func(context.Context, string) (string, error) {
						return "", fmt.Errorf("of the source: %w", namedError("invalid_grant"))
					})))
				assert.NoError(t, err)
				leave(ctx, client)
			},
			[]string{"WARN bitrix24 token not renewed method=imbot.chat.leave portal=portal.example attempts=1 code=invalid_grant"},
		},
		"no token": {
			nil,
			func(ctx context.Context, client *imbot.Client) {
				client, err := client.With(imbot.OAuth("https://portal.example/rest/", clienttest.TokenFunc(func(context.Context) (string, error) { return "", imbot.ErrInvalidGrant })))
				assert.NoError(t, err)
				leave(ctx, client)
				canceled, cancel := context.WithCancel(ctx)
				cancel()
				leave(canceled, client)
			},
			[]string{"WARN bitrix24 token not renewed method=imbot.chat.leave portal=portal.example attempts=0 code=invalid_grant"},
		},
		"lost, and found out": {
			[]imbottest.Answer{imbottest.Refuse(500, "INTERNAL_SERVER_ERROR", ""), imbottest.Refuse(500, "INTERNAL_SERVER_ERROR", "")},
			func(ctx context.Context, client *imbot.Client) {
				client, err := client.With(imbot.OAuth("https://portal.example/rest/", imbot.StaticToken(imbottest.TokenOK)))
				assert.NoError(t, err)
				_, err = client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatElsewhere, BotID: imbottest.BotOfApp})
				assert.NoError(t, err)
			},
			[]string{"INFO bitrix24 request repeated method=imbot.chat.leave portal=portal.example attempt=1 status=500 code=INTERNAL_SERVER_ERROR pause=1ns"},
		},
		"a batch, unknown": {
			[]imbottest.Answer{imbottest.Refuse(500, "INTERNAL_SERVER_ERROR", "")},
			batch,
			[]string{"WARN bitrix24 outcome unknown method=batch portal=portal.example attempts=1 code=INTERNAL_SERVER_ERROR"},
		},
		"one of a batch, unknown": {
			[]imbottest.Answer{imbottest.Result(map[string]any{
				"result": map[string]any{"c0": true}, "result_error": map[string]any{"c1": map[string]any{"error": "INTERNAL_SERVER_ERROR"}},
			})},
			batch,
			[]string{"WARN bitrix24 outcome unknown method=imbot.chat.leave portal=portal.example attempts=1 code=INTERNAL_SERVER_ERROR"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				called := method
				if strings.Contains(name, "batch") {
					called = "batch"
				}
				portal.On(called, test.answers...)
				var out bytes.Buffer
				plain := func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == slog.TimeKey {
						return slog.Attr{}
					}
					return a
				}
				logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: plain}))

				test.call(t.Context(), portal.OAuthClient(broken, imbot.WithLogger(logger),
					imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond})))

				var got []string
				for line := range strings.Lines(out.String()) {
					line = strings.NewReplacer("level=", "", `msg="`, "", `" method`, " method", "pause=0s", "pause=1ns").Replace(line)
					got = append(got, strings.TrimSpace(line))
				}
				assert.Equal(t, test.want, got)
			})
		})
	}
}

// A read that the caller has given up leaves nothing open, by itself or in a batch; what acts does.
func TestWithLogger_givenUp(t *testing.T) {
	t.Parallel()
	read := func(ctx context.Context, client *imbot.Client) error {
		_, err := client.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13})
		return err
	}
	batchOf := func(acts bool) func(context.Context, *imbot.Client) error {
		return func(ctx context.Context, client *imbot.Client) error {
			batch := client.NewBatch()
			imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13})
			if acts {
				imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			}
			return batch.Do(ctx)
		}
	}
	for name, test := range map[string]struct {
		call     func(context.Context, *imbot.Client) error
		warnings int
	}{
		"a read":                {read, 0},
		"a batch of reads":      {batchOf(false), 0},
		"a batch with one more": {batchOf(true), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			var out bytes.Buffer
			client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), imbot.WithClientID(imbottest.ClientID), imbot.WithLogger(slog.New(slog.NewTextHandler(&out, nil))),
				clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
					cancel()
					return nil, ctx.Err()
				})))

			err := test.call(ctx, client)

			require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Equal(t, test.warnings, strings.Count(out.String(), "level=WARN"), out.String())
		})
	}
}

// deafHandler is not enabled, and fails the test when it gets a record all the same.
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
		_, err := imbot.NewClient(imbot.Webhook(clienttest.WebhookURL), opt)
		var paramErr *imbot.ParamError
		require.ErrorAs(t, err, &paramErr)
		assert.Equal(t, name, paramErr.Param)
	}
}
