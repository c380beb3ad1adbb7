package imbottest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// leaveOf is the command to leave a chat.
func leaveOf(chat string) string { return "imbot.chat.leave?BOT_ID=39&CLIENT_ID=my&CHAT_ID=" + chat }

// giveUp sends a batch and stops waiting for the answer after some time.
func giveUp(t *testing.T, portal *imbottest.Portal, after time.Duration, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, portal.WebhookURL()+"batch", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	_, err = portal.HTTPClient().Do(req) //nolint:bodyclose // there is no answer
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestBatch_nobodyWaits holds that a batch does the same whether somebody waits for its answer or not.
func TestBatch_nobodyWaits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts []imbottest.Option
		body string
		left []imbot.ChatID
		in   []imbot.ChatID
	}{
		{
			name: "all commands",
			body: `{"cmd":["` + leaveOf("13") + `","` + leaveOf("15") + `"]}`,
			left: []imbot.ChatID{13, 15},
		},
		{
			name: "halt at what fails while the caller goes",
			body: `{"halt":1,"cmd":["` + leaveOf("99") + `","` + leaveOf("13") + `"]}`,
			in:   []imbot.ChatID{13},
		},
		{
			name: "halt at what fails later",
			body: `{"halt":1,"cmd":["` + leaveOf("13") + `","` + leaveOf("99") + `","` + leaveOf("15") + `"]}`,
			left: []imbot.ChatID{13},
			in:   []imbot.ChatID{15},
		},
		{
			name: "a reference to what was done while the caller went",
			body: `{"cmd":{"a":"` + list13 + `","b":"imbot.chat.leave?BOT_ID=39&CLIENT_ID=my&CHAT_ID=$result[a][0]3"}}`,
			left: []imbot.ChatID{13},
		},
		{
			name: "cut all the same",
			opts: []imbottest.Option{imbottest.WithRequestLimit(30 * time.Second)},
			body: `{"cmd":["` + list13 + `","` + leaveOf("13") + `","` + leaveOf("15") + `"]}`,
			left: []imbot.ChatID{13},
			in:   []imbot.ChatID{15},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, append(tt.opts, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(20*time.Second)))...)
				giveUp(t, portal, time.Second, tt.body)
				for _, chat := range tt.left {
					assert.False(t, portal.Has(chat, imbottest.BotMain), "chat %d", chat)
				}
				for _, chat := range tt.in {
					assert.True(t, portal.Has(chat, imbottest.BotMain), "chat %d", chat)
				}
			})
		})
	}
}

func TestWithRequestLimit(t *testing.T) {
	t.Parallel()
	two := batchOf(`{"cmd":["` + list13 + `","` + leave39 + `"]}`)
	tests := []struct {
		name    string
		limit   time.Duration
		request request
		status  int
		took    time.Duration
		left    bool
	}{
		{"a call that is cut has acted", 19 * time.Second, leave(botTrue), http.StatusGatewayTimeout, 19 * time.Second, true},
		{"a call that just fits", 20 * time.Second, leave(botTrue), http.StatusOK, 20 * time.Second, true},
		{"a batch that just fits", 40 * time.Second, two, http.StatusOK, 40 * time.Second, true},
		{"a batch that does not", 40*time.Second - 1, two, http.StatusGatewayTimeout, 40*time.Second - 1, true},
		{"cut when the second command begins", 20 * time.Second, two, http.StatusGatewayTimeout, 20 * time.Second, true},
		{"cut before the second command begins", 20*time.Second - 1, two, http.StatusGatewayTimeout, 20*time.Second - 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithRequestLimit(tt.limit),
					imbottest.WithCost(imbottest.ConstantCost(20*time.Second)), imbottest.WithOperatingLimit(20*time.Second))
				start := time.Now()
				got := send(t, portal, tt.request)
				assert.Equal(t, tt.status, got.status)
				assert.Equal(t, tt.took, time.Since(start))
				assert.Equal(t, tt.left, !portal.Has(13, imbottest.BotMain))
				if tt.status != http.StatusOK {
					assert.Equal(t, "text/html; charset=UTF-8", got.header.Get("Content-Type"))
				}
				assert.Equal(t, tt.status, portal.Calls()[0].Status)
				refused := send(t, portal, leave(`{}`)).status == http.StatusTooManyRequests
				assert.Equal(t, tt.left, refused, "what had begun is paid, and nothing else")
			})
		})
	}
}
