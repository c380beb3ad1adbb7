package imbot_test

import (
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
)

// inMinutes is a Unix time as an answer has it. In a bubble the clock begins with the year 2000.
func inMinutes(n int) string {
	return strconv.FormatInt(time.Date(2000, 1, 1, 0, n, 0, 0, time.UTC).Unix(), 10)
}

func TestOperatingLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(10*time.Second),
			imbottest.WithCost(func(method string) time.Duration {
				if method == "imbot.chat.leave" {
					return 11 * time.Second
				}
				return 0
			}))
		defer portal.Close()
		webhook := imbot.Webhook(portal.WebhookURL())
		client := newClient(t, webhook, imbot.WithHTTPClient(portal.HTTPClient()), imbot.WithClientID(imbottest.ClientID))

		first, err := client.Chat.Leave(t.Context(), leave13) // the call that passes the limit is completed
		require.NoError(t, err)
		require.Equal(t, 11*time.Second, first.Time.Operating)
		resetAt := first.Time.OperatingResetAt
		require.False(t, resetAt.IsZero())

		for requests, chat := range []imbot.ChatID{imbottest.ChatElsewhere, imbottest.ChatOwned} {
			_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: chat, BotID: 39})
			var apiErr *imbot.APIError
			require.ErrorAs(t, err, &apiErr)
			require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Equal(t, 429, apiErr.StatusCode)
			assert.Equal(t, resetAt, apiErr.RetryAt, requests)
			assert.Len(t, portal.Calls("imbot.chat.leave"), 2, "the second refusal is not asked for")
		}

		_, err = imbot.Call(t.Context(), client, reading, struct{}{})
		require.NoError(t, err, "other methods go on")
		other, err := client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
		require.NoError(t, err)
		_, err = other.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotOfApp})
		require.NoError(t, err, "other credentials go on")
		same, err := client.With(webhook)
		require.NoError(t, err)
		_, err = same.Chat.Leave(t.Context(), leave13)
		require.ErrorIs(t, err, imbot.ErrOperationTimeLimit, "the same credentials share their budget")

		time.Sleep(time.Until(resetAt)) // fake clock
		_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatOwned, BotID: 39})
		require.NoError(t, err, "from then on it may be asked for again")
	})
}

// A block that is over is over, also when later answers tell of later resets.
func TestOperatingLimit_endsWhenItWasToldTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ok := func(minute int) imbottest.Answer {
			return imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(minute)+`}}`)
		}
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", ok(5), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""), ok(15), ok(16), ok(17))
		client := portal.Client()
		leave := func() error {
			_, err := client.Chat.Leave(t.Context(), leave13)
			return err
		}

		require.NoError(t, leave())
		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)
		time.Sleep(5 * time.Minute) // fake clock
		require.NoError(t, leave())
		require.NoError(t, leave())
		outcome, err := client.Chat.EnsureLeft(t.Context(), leave13)

		require.NoError(t, err)
		assert.Equal(t, imbot.Left, outcome.State)
		assert.Len(t, portal.Calls(), 5)
	})
}

// Nor does the answer to a call that was on its way when the block began end it.
func TestOperatingLimit_outlivesEarlierCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ok := func(minute int) imbottest.Answer {
			return imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(minute)+`}}`)
		}
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", ok(5), ok(15), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		portal.Fault("imbot.chat.leave", imbottest.NoFault(), imbottest.SlowAfter(time.Minute))
		client := portal.Client()
		leave := func() error {
			_, err := client.Chat.Leave(t.Context(), leave13)
			return err
		}
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

// However often the limit is met, a call that waits for it ends.
func TestEnsureLeft_overAndOverAtTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(time.Second), imbottest.WithCost(func(string) time.Duration { return 2 * time.Second }))
		defer portal.Close()
		client := portal.Client(imbot.WithClientID(imbottest.ClientID))
		for range 5 {
			start := time.Now()
			outcome, err := client.Chat.EnsureLeft(t.Context(), leave13)
			require.NoError(t, err)
			assert.NotEmpty(t, outcome.State)
			assert.Less(t, time.Since(start), 21*time.Minute)
		}
	})
}

// A portal that never told when its counters are reset leaves nothing to go by.
func TestOperatingLimit_withoutAReset(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
	client := portal.Client()
	for requests := range 2 {
		_, err := client.Chat.Leave(t.Context(), leave13)
		var apiErr *imbot.APIError
		require.ErrorAs(t, err, &apiErr)
		assert.Zero(t, apiErr.RetryAt)
		assert.Len(t, portal.Calls(), requests+1)
	}
}

// One client for very many credentials does not remember them all.
func TestOperatingLimit_manyCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		client := portal.Client(imbot.WithLimiter(nil))
		for i := range 3000 {
			other, err := client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
			require.NoError(t, err)
			_, err = imbot.Call(t.Context(), other, reading, struct{}{})
			require.NoError(t, err, "client %d", i)
		}
	})
}

// Callers who wait for their turn when a method is blocked do not go on to ask for it.
func TestOperatingLimit_stopsThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave",
			imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(9)+`}}`),
			imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		client := portal.Client(imbot.WithLimiter(rate.NewLimiter(1, 1)))
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() { _, _ = client.Chat.Leave(t.Context(), leave13) })
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
			imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(9)+`}}`),
			imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "as it was"))
		client := portal.Client()
		_, err := client.Chat.Leave(t.Context(), leave13)
		require.NoError(t, err)
		for range 3 {
			_, err := client.Chat.Leave(t.Context(), leave13)
			var apiErr *imbot.APIError
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, "as it was", apiErr.Description)
			apiErr.Description, apiErr.RetryAt = "changed", time.Time{}
		}
	})
}

// The portal's clock may be off; what it says about the future counts from its own now.
func TestOperatingLimit_clocks(t *testing.T) {
	t.Parallel()
	second := func(s int) string {
		return strconv.FormatInt(time.Date(2000, 1, 1, 0, 0, s, 0, time.UTC).Unix(), 10)
	}
	tests := []struct {
		name, finish, resetAt string
		want                  time.Duration // from now on; 0 for unknown
	}{
		{"in step", second(0), second(300), 5 * time.Minute},
		{"a little off", second(20), second(320), 320 * time.Second},
		{"five hours ahead", second(5 * 3600), second(5*3600 + 300), 5 * time.Minute},
		{"five hours behind", second(-5 * 3600), second(-5*3600 + 300), 5 * time.Minute},
		{"no clock to compare with", "null", second(300), 5 * time.Minute},
		{"an end that does not fit", second(-20_000_000), second(300), 5 * time.Minute},
		{"a reset before the end", second(600), second(300), 5 * time.Minute},
		{"a reset at the end of time", second(0), "253402300799", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.Start()
				defer portal.Close()
				portal.On("imbot.chat.leave",
					imbottest.Raw(200, "application/json", `{"result":true,"time":{"finish":`+tt.finish+`,"operating_reset_at":`+tt.resetAt+`}}`),
					imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
				client := portal.Client()
				_, err := client.Chat.Leave(t.Context(), leave13)
				require.NoError(t, err)

				_, err = client.Chat.Leave(t.Context(), leave13)

				var apiErr *imbot.APIError
				require.ErrorAs(t, err, &apiErr)
				if tt.want == 0 {
					assert.Zero(t, apiErr.RetryAt)
				} else {
					assert.Equal(t, tt.want, time.Until(apiErr.RetryAt))
				}
			})
		})
	}
}
