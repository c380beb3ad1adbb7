package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// panicking is a logger that panics at each warning.
type panicking struct{ slog.Handler }

// Enabled implements slog.Handler.
func (panicking) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler.
func (panicking) Handle(context.Context, slog.Record) error { panic("boom") }

// A logger that panics at each warning hides no outcome.
func TestLeaveAll_loggerPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		var reported []imbot.ChatID
		note := func(result imbot.LeaveResult) {
			reported = append(reported, result.Request.ChatID)
			want := imbot.ErrOutcomeUnknown
			if len(reported) > 1 { // nothing more is sent after the panic
				want = imbot.ErrNotExecuted
			}
			require.ErrorIs(t, result.Err, want)
		}
		portal.On("batch", imbottest.Refuse(500, "INTERNAL_SERVER_ERROR", ""))
		client := clienttest.ForBot(portal, imbot.WithLogger(slog.New(panicking{})), imbot.WithRetry(imbot.RetryPolicy{}))
		requests := []imbot.ChatLeaveRequest{{ChatID: 13}, {ChatID: 14}, {ChatID: 15}}
		assert.PanicsWithValue(t, "boom", func() {
			for result := range client.Chat.LeaveAll(t.Context(), slices.Values(requests), imbot.WithUnreported(note)) {
				note(result)
			}
		})
		assert.Equal(t, []imbot.ChatID{13, 14, 15}, reported)
	})
}

// Each outcome that stays unknown has one warning, however the run ends.
func TestLeaveAll_warnsOnceEach(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", "ctx", "stop", "loop"} {
		for _, bot := range []imbot.BotID{0, imbottest.BotMain} {
			t.Run(fmt.Sprintf("ended by %q, bot %d", end, bot), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					stop := make(chan struct{})
					var requests atomic.Int64
					var log strings.Builder
					client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), imbot.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
						clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
							switch requested := requests.Add(1); {
							case requested == 3 && end == "ctx":
								cancel()
							case requested == 3 && end == "stop":
								close(stop)
							}
							return nil, errors.New("connection reset")
						})))
					unknown := 0
					note := func(result imbot.LeaveResult) {
						if errors.Is(result.Err, imbot.ErrOutcomeUnknown) {
							unknown++
						}
					}
					taken := crowd(120)
					for i := range taken {
						taken[i].BotID = bot
					}
					for result := range client.Chat.LeaveAll(ctx, slices.Values(taken), imbot.WithUnreported(note), imbot.WithStop(stop), imbot.WithConcurrency(2)) {
						if note(result); end == "loop" {
							break
						}
					}
					assert.Positive(t, unknown)
					assert.Equal(t, unknown, strings.Count(log.String(), "bitrix24 outcome unknown"))
				})
			})
		}
	}
}
