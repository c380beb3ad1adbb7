package acceptance_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// A token source that fails for a moment is asked again; one that goes on failing ends the work.
func TestLeaveAll_tokenSourceFails(t *testing.T) {
	t.Parallel()
	noToken := errors.New("the store does not answer")
	for name, tt := range map[string]struct {
		fails func(n int64) bool
		ok    bool
	}{
		"once":   {func(n int64) bool { return n == 3 }, true},
		"always": {func(n int64) bool { return n >= 3 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.On("imbot.chat.leave", imbottest.Result(true))
				var asked atomic.Int64
				client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) {
					if tt.fails(asked.Add(1)) {
						return "", noToken
					}
					return imbottest.TokenOK, nil
				}))

				for i, result := range leaveAllOf(t, client, crowd(500)) {
					if tt.ok || i < 2 {
						require.NoError(t, result.Err)
						continue
					}
					require.ErrorIs(t, result.Err, noToken)
					require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
				}
				if !tt.ok {
					assert.Less(t, asked.Load(), int64(20), "it is not asked for every chat")
				}
			})
		})
	}
}

// Whatever an error of a token source matches says nothing about what the portal did, nor about the deadline of ctx.
func TestLeaveAll_tokenSourceFailsWithAnything(t *testing.T) {
	t.Parallel()
	for _, problem := range []error{
		imbot.ErrUnexpectedResult, imbot.ErrNotExecuted, imbot.ErrOutcomeUnknown, imbot.ErrNotInChat, imbot.ErrStillInChat,
		imbot.ErrOperationTimeLimit, imbot.ErrQueryLimitExceeded, context.DeadlineExceeded, context.Canceled,
	} {
		t.Run(problem.Error(), func(t *testing.T) {
			t.Parallel()
			for name, fails := range map[string]func(n int64) bool{
				"always": func(int64) bool { return true },
				"once":   func(n int64) bool { return n == 3 },
			} {
				synctest.Test(t, func(t *testing.T) {
					portal := imbottest.NewPortal(t)
					portal.On("imbot.chat.leave", imbottest.Result(true))
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					var asked atomic.Int64
					client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) {
						if fails(asked.Add(1)) {
							return "", problem
						}
						return imbottest.TokenOK, nil
					}))

					got := leaveAll(ctx, client, crowd(100))

					require.Len(t, got, 100, name)
					for _, result := range got {
						if name == "once" {
							require.NoError(t, result.Err)
							continue
						}
						require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
						require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
						assert.Zero(t, result.Outcome.Attempts)
					}
				})
			}
		})
	}
}

// Nor does an error that the transport has instead of an answer: before a bot leaves again, it is looked for.
func TestLeaveAll_answersLostWithAnything(t *testing.T) {
	t.Parallel()
	for _, problem := range []error{
		imbot.ErrUnexpectedResult, imbot.ErrNotExecuted, imbot.ErrNotInChat, context.DeadlineExceeded, context.Canceled,
	} {
		t.Run(problem.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := crowded(t, 100)
				var requests atomic.Int64
				client := clienttest.New(t, imbot.Webhook(portal.WebhookURL()), imbot.WithClientID(imbottest.ClientID),
					clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						resp, err := portal.RoundTripper().RoundTrip(req)
						if requests.Add(1)%3 > 0 {
							return resp, err
						}
						require.NoError(t, err)
						_ = resp.Body.Close()
						return nil, problem
					})))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()

				got := leaveAll(ctx, client, crowd(100))

				require.Len(t, got, 100)
				for _, result := range got {
					require.NoError(t, result.Err)
					require.NotEqual(t, imbot.AlreadyOut, result.Outcome.State)
				}
				assert.Len(t, portal.Calls("imbot.chat.leave"), 100, "none twice")
			})
		})
	}
}

// Neither an error of a token source nor an answer that contradicts itself shows that the bot is out.
func TestLeaveAll_takesNobodyElsesWord(t *testing.T) {
	t.Parallel()
	noBot := []imbot.ChatLeaveRequest{{ChatID: 13}}
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) { return "", imbot.ErrNotInChat }))
		got := leaveAllOf(t, client, noBot)
		require.ErrorIs(t, got[0].Err, imbot.ErrNotInChat, "the chain is as it is")
		assert.Empty(t, got[0].Outcome.State)

		portal.On("batch", imbottest.Result(map[string]any{
			"result":       map[string]any{"c0": true},
			"result_error": map[string]any{"c0": map[string]any{"error": "WRONG_REQUEST", "error_description": ""}},
		}))
		got = leaveAllOf(t, clienttest.ForBot(portal), noBot)
		require.ErrorIs(t, got[0].Err, imbot.ErrOutcomeUnknown)
		assert.Empty(t, got[0].Outcome.State)
	})
}

// Where the portal cannot be reached every chat has that error.
func TestLeaveAll_unreachablePortal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.RefuseDial() })
		for _, result := range leaveAllOf(t, clienttest.ForBot(portal), crowd(60)) {
			require.Error(t, result.Err)
			require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
			assert.Equal(t, 4, result.Outcome.Attempts)
		}
	})
}

// A page of a firewall does not end the work.
func TestLeaveAll_oneHTMLAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 60)
		portal.Fault("batch", imbottest.HTML(http.StatusForbidden))
		failed := 0
		for _, result := range leaveAllOf(t, clienttest.ForBot(portal), crowd(60)) {
			assertTrue(t, portal, result)
			if result.Err != nil {
				failed++
			}
		}
		assert.Equal(t, 1, failed, "the batch of one")
	})
}
