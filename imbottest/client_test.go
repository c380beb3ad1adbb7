package imbottest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestClient_pace holds that the portal's own clients are slow only where the portal counts, or where the test says so.
func TestClient_pace(t *testing.T) {
	t.Parallel()
	const calls = 60
	tests := []struct {
		name    string
		options []imbottest.Option
		limiter bool // of the test
		want    time.Duration
	}{
		{name: "no limit", want: 0},
		{name: "limit of a plan", options: []imbottest.Option{imbottest.WithPlan(imbottest.Standard)}, want: 5 * time.Second},
		{name: "limit of zero", options: []imbottest.Option{imbottest.WithRateLimit(2, 0)}, want: 0},
		{name: "limiter of the test", limiter: true, want: 5 * time.Second},
	}
	for _, tt := range tests {
		for name, newClient := range map[string]func(*imbottest.Portal, ...imbot.Option) *imbot.Client{
			"webhook": (*imbottest.Portal).Client,
			"token": func(p *imbottest.Portal, opts ...imbot.Option) *imbot.Client {
				return p.OAuthClient(imbot.StaticToken(imbottest.TokenOK), opts...)
			},
		} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var opts []imbot.Option
					if tt.limiter {
						opts = append(opts, imbot.WithLimiter(imbot.NewLimiter(imbot.PlanStandard)))
					}
					client := newClient(imbottest.NewPortal(t, tt.options...), opts...)
					start := time.Now()
					for range calls {
						_, err := client.Bot.List(t.Context(), imbot.BotListRequest{})
						assert.NoError(t, err)
					}
					assert.Equal(t, tt.want, time.Since(start))
				})
			})
		}
	}
}
