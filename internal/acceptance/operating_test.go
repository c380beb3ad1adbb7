package acceptance_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

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
		client := clienttest.New(t, webhook, imbot.WithHTTPClient(portal.HTTPClient()), imbot.WithClientID(imbottest.ClientID))

		first, err := client.Chat.Leave(t.Context(), clienttest.Leave13) // the call that passes the limit is completed
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

		_, err = imbot.Call(t.Context(), client, clienttest.Reading, struct{}{})
		require.NoError(t, err, "other methods go on")
		other, err := client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
		require.NoError(t, err)
		_, err = other.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotOfApp})
		require.NoError(t, err, "other credentials go on")
		same, err := client.With(webhook)
		require.NoError(t, err)
		_, err = same.Chat.Leave(t.Context(), clienttest.Leave13)
		require.ErrorIs(t, err, imbot.ErrOperationTimeLimit, "the same credentials share their budget")
		assert.Len(t, portal.Calls("imbot.chat.leave"), 3)

		time.Sleep(time.Until(resetAt)) // fake clock
		_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatOwned, BotID: 39})
		require.NoError(t, err, "from then on it may be asked for again")
	})
}

// The portal's clock may be off: the times that it reports count from the time of its answer.
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
		{"a reset in ten minutes", second(0), second(600), 10 * time.Minute},
		{"a little more, as clocks differ", second(60), second(660), 10 * time.Minute},
		{"a little more, by a clock that is far off", second(5 * 3600), second(5*3600 + 601), 10 * time.Minute},
		{"a reset in half an hour", second(0), second(1800), 0},
		{"a reset in half an hour, by a clock that is far off", second(-3600), second(-3600 + 1800), 0},
		{"a reset in three hours", second(0), second(3 * 3600), 0},
		{"a reset in three hours, and nothing else", "null", second(3 * 3600), 0},
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
				_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
				require.NoError(t, err)

				_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)

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
