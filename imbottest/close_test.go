package imbottest_test

import (
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestClose_inFlight holds that a call that waits in the portal when it is closed does nothing more, and is not
// answered.
func TestClose_inFlight(t *testing.T) {
	t.Parallel()
	refresh := tokens("refresh_token", "refresh-1")
	tests := []struct {
		name     string
		opts     []imbottest.Option
		fault    imbottest.Fault
		request  request
		left     bool // before the portal was closed
		statuses []int
	}{
		{name: "before the act", fault: imbottest.SlowBefore(3 * time.Second), request: leave(botTrue), statuses: []int{0}},
		{name: "after the act", fault: imbottest.SlowAfter(3 * time.Second), request: leave(botTrue), left: true, statuses: []int{0}},
		{
			name: "in the middle of a batch", opts: []imbottest.Option{imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(2 * time.Second))},
			request: batchOf(`{"cmd":["` + list13 + `","` + leave39 + `"]}`), statuses: []int{0, 200},
		},
		{name: "request for tokens", fault: imbottest.SlowBefore(3 * time.Second), request: refresh},
		{name: "tokens on their way", fault: imbottest.SlowAfter(3 * time.Second), request: refresh},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, tt.opts...)
				portal.IssueTokens(imbottest.App)
				portal.Fault(chatLeave, tt.fault.Optional()) // each request meets one of the two
				portal.FaultTokens(tt.fault.Optional())
				time.AfterFunc(time.Second, portal.Close)
				_, err := try(t, portal, tt.request)
				require.ErrorIs(t, err, syscall.ECONNRESET)
				assert.Equal(t, tt.left, !portal.Has(imbottest.ChatGroup, imbottest.BotMain))
				assert.Equal(t, tt.statuses, statuses(portal))
				for _, call := range portal.TokenCalls() {
					assert.Zero(t, call.Status)
				}
			})
		})
	}
}

// TestClose_handler holds the same for a portal that is a handler of somebody else's server, which Close does not stop.
func TestClose_handler(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	server := httptest.NewServer(portal)
	t.Cleanup(server.Close)
	r := leave(botTrue)
	r.host = server.URL
	portal.Close()
	_, err := tryClient(t, client(&http.Transport{DisableKeepAlives: true}), r)
	require.Error(t, err)
	assert.True(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
}
