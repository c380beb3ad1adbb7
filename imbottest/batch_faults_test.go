package imbottest_test

import (
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestFault_command goes through the faults that the second of three commands meets: the bot gets out of the chats 13
// and 15, and in between somebody reads the members of 13.
func TestFault_command(t *testing.T) {
	t.Parallel()
	const leave15 = "imbot.chat.leave?CHAT_ID=15&BOT_ID=39&CLIENT_ID=my"
	const list = "imbot.chat.user.list"
	tests := []struct {
		name   string
		fault  imbottest.Fault
		status int  // 0: no answer
		ends   bool // the batch, at this command
		wait   time.Duration
		check  func(*testing.T, answer, error)
	}{
		{
			name: "Inside200", fault: imbottest.Inside200("INTERNAL", "can't"), status: http.StatusOK,
			check: func(t *testing.T, got answer, _ error) {
				assert.Contains(t, got.body, `"result_error":{"b":{"error":"INTERNAL","error_description":"can\u0027t"}}`)
				assert.Contains(t, got.body, `"result":{"a":true,"c":true}`)
			},
		},
		{
			name: "NoFault", fault: imbottest.NoFault(), status: http.StatusOK,
			check: func(t *testing.T, got answer, _ error) { assert.Contains(t, got.body, `"result_error":[]`) },
		},
		{name: "SlowBefore", fault: imbottest.SlowBefore(time.Minute), status: http.StatusOK, wait: time.Minute},
		{name: "SlowAfter", fault: imbottest.SlowAfter(time.Minute), status: http.StatusOK, wait: time.Minute},
		{
			name: "HTML", fault: imbottest.HTML(http.StatusGatewayTimeout), status: http.StatusGatewayTimeout, ends: true,
			check: func(t *testing.T, got answer, _ error) { assert.Contains(t, got.body, "<h1>Gateway Timeout</h1>") },
		},
		{name: "HTMLAfter", fault: imbottest.HTMLAfter(http.StatusBadGateway), status: http.StatusBadGateway},
		{
			name: "LoseBefore", fault: imbottest.LoseBefore(), ends: true,
			check: func(t *testing.T, _ answer, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) },
		},
		{
			name: "RefuseDial", fault: imbottest.RefuseDial(), ends: true,
			check: func(t *testing.T, _ answer, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) },
		},
		{
			name: "LoseAfter", fault: imbottest.LoseAfter(),
			check: func(t *testing.T, _ answer, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) },
		},
		{
			name: "RedirectTo", fault: imbottest.RedirectTo("https://portal.example/"), status: http.StatusFound, ends: true,
		},
		{
			name: "Truncate", fault: imbottest.Truncate(11), status: http.StatusOK,
			check: func(t *testing.T, got answer, err error) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.Equal(t, `{"result":{`, got.body)
			},
		},
		{
			name: "CutJSON", fault: imbottest.CutJSON(11), status: http.StatusOK,
			check: func(t *testing.T, got answer, err error) {
				require.NoError(t, err)
				assert.Equal(t, `{"result":{`, got.body)
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault(list, tt.fault)
				began := time.Now()
				got, err := try(t, portal, batchOf(`{"cmd":{"a":"`+leave39+`","b":"`+list13+`","c":"`+leave15+`"}}`))
				assert.Equal(t, tt.status, got.status)
				assert.Equal(t, tt.wait, time.Since(began))
				if tt.check != nil {
					tt.check(t, got, err)
				}
				assert.False(t, portal.Has(13, imbottest.BotMain), "what stands before it is done")
				assert.Equal(t, tt.ends, portal.Has(15, imbottest.BotMain))
				assert.Equal(t, 1, portal.CallCount(list))
			})
		})
	}
}

// TestFault_commands holds that a fault is for one call, whether that is a request or a command, and that commands
// which are never run meet none.
func TestFault_commands(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	refuse := imbottest.Inside200("INTERNAL", "")
	portal.Fault(chatLeave, refuse, refuse)
	got := send(t, portal, batchOf(`{"halt":1,"cmd":{"a":"IMBOT.CHAT.LEAVE?CHAT_ID=13&CLIENT_ID=my","b":"`+leave39+`"}}`))
	assert.Contains(t, got.body, `"result_error":{"a":{"error":"INTERNAL"`)
	assert.Equal(t, []string{"Fault: 1 of 2 faults for imbot.chat.leave were met"}, portal.Unmet())
	assert.Contains(t, send(t, portal, leave(botTrue)).body, "INTERNAL")
	assert.Contains(t, send(t, portal, leave(botTrue)).body, `"result":true`)
}

// TestFault_commandOverConnection holds that a batch which ends at a command has no answer over a connection either.
func TestFault_commandOverConnection(t *testing.T) {
	t.Parallel()
	for _, fault := range []imbottest.Fault{imbottest.LoseBefore(), imbottest.LoseAfter()} {
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, fault)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, portal.ServerWebhookURL()+"batch?cmd[a]=imbot.chat.leave", http.NoBody)
		require.NoError(t, err)
		resp, err := http.DefaultTransport.RoundTrip(req) //nolint:bodyclose // there is no answer
		require.Error(t, err)
		assert.Nil(t, resp)
	}
}
