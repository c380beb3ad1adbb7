package imbot_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
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

// inMinutes is a Unix time as an answer has it. In a bubble the clock begins with the year 2000.
func inMinutes(n int) string {
	return strconv.FormatInt(time.Date(2000, 1, 1, 0, n, 0, 0, time.UTC).Unix(), 10)
}

// doneWithReset is the body of an answer with the time of the reset, and doneWithResetIn an answer with that.
func doneWithReset(reset string) string {
	return `{"result":true,"time":{"operating_reset_at":` + reset + `}}`
}

func doneWithResetIn(minute int) imbottest.Answer {
	return imbottest.Raw(200, "application/json", doneWithReset(inMinutes(minute)))
}

func leave13(t *testing.T, client *imbot.Client) error {
	t.Helper()
	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	return err
}

// A limiter that is not used is dropped within twenty minutes, but not while callers wait for it.
func TestLimiter_isForgottenWhenItIsIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(clienttest.Done))
		leave := func(auth imbot.Auth) {
			client, err := first.With(auth)
			require.NoError(t, err)
			_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
		}
		most := 0
		for portal := range 10_000 {
			leave(imbot.OAuth(fmt.Sprintf("https://p%d.example/rest/", portal), imbot.StaticToken("EXAMPLE_TOKEN")))
			_, limiters := imbot.Remembered(first)
			most = max(most, limiters)
			time.Sleep(time.Second) // fake clock
		}
		assert.LessOrEqual(t, most, 1201, "those of twenty minutes")

		time.Sleep(20 * time.Minute) // fake clock
		var group sync.WaitGroup
		start := time.Now()
		for range 2000 {
			group.Go(func() { leave(imbot.Webhook(clienttest.WebhookURL)) })
		}
		time.Sleep(15 * time.Minute) // fake clock
		leave(imbot.OAuth("https://other.example/rest/", imbot.StaticToken("EXAMPLE_TOKEN")))
		_, limiters := imbot.Remembered(first)
		assert.Equal(t, 2, limiters)
		leave(imbot.Webhook(clienttest.WebhookURL))
		group.Wait()
		assert.Equal(t, 975500*time.Millisecond, time.Since(start), "the last of them waited longer than an idle limiter is kept")
	})
}

// A block ends at the time of its refusal, whatever reset later answers report.
func TestOperatingLimit_endsWhenItWasToldTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", doneWithResetIn(5), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""), doneWithResetIn(15), doneWithResetIn(16), doneWithResetIn(17))
		client := portal.Client()
		leave := func() error { return leave13(t, client) }

		require.NoError(t, leave())
		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)
		time.Sleep(5 * time.Minute) // fake clock
		require.NoError(t, leave())
		require.NoError(t, leave())
		outcome, err := client.Chat.EnsureLeft(t.Context(), clienttest.Leave13)

		require.NoError(t, err)
		assert.Equal(t, imbot.Left, outcome.State)
		assert.Len(t, portal.Calls(), 5)
	})
}

// Nor does the answer to a call that was on its way when the block began end it.
func TestOperatingLimit_outlivesEarlierCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", doneWithResetIn(5), doneWithResetIn(15), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		portal.Fault("imbot.chat.leave", imbottest.NoFault(), imbottest.SlowAfter(time.Minute))
		client := portal.Client()
		leave := func() error { return leave13(t, client) }
		require.NoError(t, leave())
		var group sync.WaitGroup
		group.Go(func() { assert.NoError(t, leave()) })
		synctest.Wait()
		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)
		group.Wait()

		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)

		assert.Len(t, portal.Calls(), 3)
	})
}

// Without the time of the reset the end of a block is unknown.
func TestOperatingLimit_withoutAReset(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
	client := portal.Client()
	for requests := range 2 {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		var apiErr *imbot.APIError
		require.ErrorAs(t, err, &apiErr)
		assert.Zero(t, apiErr.RetryAt)
		assert.Len(t, portal.Calls(), requests+1)
	}
}

// A portal keeps a budget for each webhook, and one for the application whatever its token.
func TestOperatingLimit_ofWhom(t *testing.T) {
	t.Parallel()
	const portal = "https://portal.example/rest/"
	token := func(token imbot.StaticToken) imbot.Auth { return imbot.OAuth(portal, token) }
	tests := []struct {
		name       string
		one, other imbot.Auth
		same       bool
	}{
		{"a webhook, made again", imbot.Webhook(portal + "1/EXAMPLE_ONE/"), imbot.Webhook(portal + "1/EXAMPLE_ONE"), true},
		{"another webhook", imbot.Webhook(portal + "1/EXAMPLE_ONE/"), imbot.Webhook(portal + "1/EXAMPLE_TWO/"), false},
		{"a webhook of another user", imbot.Webhook(portal + "1/EXAMPLE_ONE/"), imbot.Webhook(portal + "2/EXAMPLE_ONE/"), false},
		{"a webhook of another portal", imbot.Webhook(portal + "1/EXAMPLE_ONE/"), imbot.Webhook("https://other.example/rest/1/EXAMPLE_ONE/"), false},
		{"a token of an event, and of the next", token("EXAMPLE_ONE"), token("EXAMPLE_TWO"), true},
		{"a token at another portal", token("EXAMPLE_ONE"), imbot.OAuth("https://other.example/rest/", imbot.StaticToken("EXAMPLE_ONE")), false},
		{"a token and a webhook", token("EXAMPLE_ONE"), imbot.Webhook(portal + "1/EXAMPLE_ONE/"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				one := clienttest.New(t, tt.one, clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					if requests++; requests == 2 {
						return clienttest.Answering(http.StatusTooManyRequests, `{"error":"OPERATION_TIME_LIMIT"}`).RoundTrip(req)
					}
					return clienttest.Answering(http.StatusOK, doneWithReset(inMinutes(9))).RoundTrip(req)
				})))
				_, err := one.Chat.Leave(t.Context(), clienttest.Leave13)
				require.NoError(t, err)
				_, err = one.Chat.Leave(t.Context(), clienttest.Leave13)
				require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
				other, err := one.With(tt.other)
				require.NoError(t, err)

				_, err = other.Chat.Leave(t.Context(), clienttest.Leave13)

				if tt.same {
					require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
					assert.Equal(t, 2, requests)
				} else {
					require.NoError(t, err)
				}
			})
		})
	}
}

// Budgets that are over are dropped once in ten minutes, however many there are: a call does not pay for those of
// others.
func TestOperatingLimit_manyBudgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), imbot.WithLimiter(nil), clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			reset := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
			return clienttest.Answering(http.StatusOK, doneWithReset(reset)).RoundTrip(req)
		})))
		leave := func(portal int) {
			client, err := first.With(imbot.OAuth(fmt.Sprintf("https://p%d.example/rest/", portal), imbot.StaticToken("EXAMPLE_TOKEN")))
			require.NoError(t, err)
			_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
		}
		for portal := range 3000 {
			leave(portal)
		}
		time.Sleep(9 * time.Minute) // fake clock
		for range 100 {
			leave(0)
		}
		budgets, _ := imbot.Remembered(first)
		assert.Equal(t, 3000, budgets, "they are over, and nobody has looked for them yet")

		time.Sleep(time.Minute) // fake clock
		leave(0)
		budgets, _ = imbot.Remembered(first)
		assert.Equal(t, 1, budgets)
	})
}

// A block is not dropped before its time, whatever is reported meanwhile.
func TestOperatingLimit_outlivesTheSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.bot.list", doneWithResetIn(1), doneWithResetIn(15))
		portal.On("imbot.chat.leave", doneWithResetIn(14), doneWithResetIn(9), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		portal.Fault("imbot.chat.leave", imbottest.NoFault(), imbottest.SlowAfter(30*time.Second))
		client := portal.Client()
		_, err := imbot.Call(t.Context(), client, clienttest.Reading, struct{}{})
		require.NoError(t, err)
		time.Sleep(5 * time.Minute) // fake clock
		leave := func() error { return leave13(t, client) }
		require.NoError(t, leave())
		var group sync.WaitGroup
		group.Go(func() { assert.NoError(t, leave()) })
		synctest.Wait()
		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)
		group.Wait()
		time.Sleep(6 * time.Minute) // fake clock
		_, err = imbot.Call(t.Context(), client, clienttest.Reading, struct{}{})
		require.NoError(t, err)

		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)

		assert.Len(t, portal.Calls("imbot.chat.leave"), 3)
	})
}

// Callers who wait for their turn when a method is blocked do not go on to ask for it.
func TestOperatingLimit_stopsThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave",
			doneWithResetIn(9),
			imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		client := portal.Client(imbot.WithLimiter(rate.NewLimiter(1, 1)))
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() { _, _ = client.Chat.Leave(t.Context(), clienttest.Leave13) })
		}
		group.Wait()

		assert.Len(t, portal.Calls(), 2)
	})
}

// What a caller does to an error changes nothing for others.
func TestOperatingLimit_errorsAreNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave",
			doneWithResetIn(9),
			imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "as it was"))
		client := portal.Client()
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
		for range 3 {
			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
			var apiErr *imbot.APIError
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, "as it was", apiErr.Description)
			apiErr.Description, apiErr.RetryAt = "changed", time.Time{}
		}
	})
}

// Neither Retry-After nor the time of the reset is taken to be longer than a block can last.
func TestOperatingLimit_isOverInTenMinutes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		retryAfter, reset string
		want              time.Duration
	}{
		"Retry-After within":        {"30", "null", 30 * time.Second},
		"Retry-After beyond":        {"86400", "null", 10 * time.Minute},
		"a date beyond":             {"Sun, 02 Jan 2000 00:00:00 GMT", "null", 10 * time.Minute},
		"a reset beside it":         {"86400", inMinutes(3), 3 * time.Minute},
		"neither is to be believed": {"86400", inMinutes(180), 10 * time.Minute},
	} {
		for kind, body := range map[string]string{
			"plain":     `{"error":"OPERATION_TIME_LIMIT"}`,
			"ambiguous": `{"error":"OPERATION_TIME_LIMIT","result":true}`, // the method is not blocked, and the time is in the error all the same
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					requests := 0
					client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						if requests++; requests != 2 {
							return clienttest.Answering(http.StatusOK, doneWithReset(tt.reset)).RoundTrip(req)
						}
						resp, err := clienttest.Answering(http.StatusTooManyRequests, body).RoundTrip(req)
						resp.Header.Set("Retry-After", tt.retryAfter)
						return resp, err
					})))
					_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
					require.NoError(t, err)
					start := time.Now()
					_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
					var refused *imbot.APIError
					require.ErrorAs(t, err, &refused)
					if kind == "plain" {
						assert.Equal(t, tt.want, time.Until(refused.RetryAt))
					}
					assert.LessOrEqual(t, time.Until(refused.RetryAt), 10*time.Minute)

					requests = 1
					outcome, err := client.Chat.EnsureLeft(t.Context(), clienttest.Leave13)
					if kind == "plain" {
						require.NoError(t, err)
						assert.Equal(t, imbot.Left, outcome.State)
					}
					assert.LessOrEqual(t, time.Since(start), 20*time.Minute)
				})
			})
		}
	}
}

// A reset that cannot be true is corrected by the next answer.
func TestOperatingLimit_isCorrected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", doneWithResetIn(11), doneWithResetIn(2), doneWithResetIn(500), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		client := portal.Client()
		for range 3 {
			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
		}

		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

		var refused *imbot.APIError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, 2*time.Minute, time.Until(refused.RetryAt))
	})
}
