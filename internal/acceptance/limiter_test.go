package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

// The default limiter keeps a portal that counts as the documentation says from ever refusing.
func TestLimiter_keepsThePortalsBucket(t *testing.T) {
	t.Parallel()
	for plan, want := range map[imbot.Plan]time.Duration{
		imbot.PlanStandard:   5 * time.Second, // 50 at once, 10 more at 2 a second
		imbot.PlanEnterprise: 0,               // 250 at once
	} {
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.Start(imbottest.WithPlan(plan))
			defer portal.Close()
			client := portal.Client(imbot.WithClientID(imbottest.ClientID), imbot.WithLimiter(imbot.NewLimiter(plan)))
			start := time.Now()
			var group sync.WaitGroup
			for range 60 {
				group.Go(func() { _, _ = imbot.Call(t.Context(), client, clienttest.Reading, struct{}{}) })
			}
			group.Wait()

			assert.Equal(t, want, time.Since(start))
			assert.Len(t, portal.Calls(), 60)
			for _, call := range portal.Calls() {
				assert.Empty(t, call.Code)
			}
		})
	}
}

func TestLimiter_isTheDefaultAndShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithPlan(imbottest.Standard))
		defer portal.Close()
		first := portal.Client()
		second, err := first.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
		require.NoError(t, err)
		start := time.Now()
		var group sync.WaitGroup
		for i := range 60 {
			group.Go(func() {
				_, err := imbot.Call(t.Context(), []*imbot.Client{first, second}[i%2], clienttest.Reading, struct{}{})
				assert.NoError(t, err)
			})
		}
		group.Wait()

		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}

// portalsInMemory answers whatever portal is asked, with success or as refuse has it.
func portalsInMemory(refuse func(host string) string) imbot.Option {
	return clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		if body := refuse(req.URL.Host); body != "" {
			return clienttest.Answering(http.StatusServiceUnavailable, body).RoundTrip(req)
		}
		return clienttest.Answering(http.StatusOK, `{"result":true}`).RoundTrip(req)
	}))
}

// Each portal counts for itself, and so do the limiters: as many portals take as many times the requests.
func TestLimiter_isThePortals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := clienttest.New(t, imbot.Webhook(secretURL), portalsInMemory(func(string) string { return "" }))
		start := time.Now()
		var group sync.WaitGroup
		for portal := range 20 {
			client, err := first.With(imbot.OAuth(fmt.Sprintf("https://p%d.example/rest/", portal), imbot.StaticToken("EXAMPLE_TOKEN")))
			require.NoError(t, err)
			for range 60 {
				group.Go(func() {
					_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
					assert.NoError(t, err)
				})
			}
		}
		group.Wait()

		assert.Equal(t, 5*time.Second, time.Since(start), "the last 10 of 60 come at 2 a second")
	})
}

// A portal is the same for all credentials and in every spelling of its address.
func TestLimiter_ofOnePortal(t *testing.T) {
	t.Parallel()
	const portal = "https://portal.example/rest/"
	token := imbot.StaticToken("EXAMPLE_TOKEN")
	tests := []struct {
		name  string
		other imbot.Auth
		opts  []imbot.Option
		same  bool
	}{
		{"the same webhook", imbot.Webhook(portal + "1/EXAMPLE_ONE/"), nil, true},
		{"another webhook", imbot.Webhook(portal + "1/EXAMPLE_TWO/"), nil, true},
		{"a token", imbot.OAuth(portal, token), nil, true},
		{"the port of https", imbot.OAuth("https://portal.example:443/rest/", token), nil, true},
		{"capitals", imbot.OAuth("https://Portal.Example/rest/", token), nil, true},
		{"another port", imbot.OAuth("https://portal.example:8443/rest/", token), nil, false},
		{"another portal", imbot.OAuth("https://other.example/rest/", token), nil, false},
		{"another portal, one limiter", imbot.OAuth("https://other.example/rest/", token), []imbot.Option{imbot.WithLimiter(imbot.NewLimiter(imbot.PlanStandard))}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				first := clienttest.New(t, imbot.Webhook(portal+"1/EXAMPLE_ONE/"), append(tt.opts, portalsInMemory(func(string) string { return "" }))...)
				second, err := first.With(tt.other)
				require.NoError(t, err)
				for range 50 {
					_, err := first.Chat.Leave(t.Context(), clienttest.Leave13)
					require.NoError(t, err)
				}
				start := time.Now()

				_, err = second.Chat.Leave(t.Context(), clienttest.Leave13)

				require.NoError(t, err)
				assert.Equal(t, tt.same, time.Since(start) > 0)
			})
		})
	}
}

// A portal that was renamed is one portal, by its old address as by its new one.
func TestLimiter_ofARenamedPortal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := &clienttest.Web{Answers: map[string]http.RoundTripper{
			clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+"/rest/1/EXAMPLE_SECRET/imbot.chat.leave", ""),
			clienttest.NewHost: clienttest.Done,
		}}
		old := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+"/rest/1/EXAMPLE_SECRET/"), clienttest.Over(net))
		renamed, err := old.With(imbot.Webhook("https://" + clienttest.NewHost + "/rest/1/EXAMPLE_SECRET/"))
		require.NoError(t, err)
		start := time.Now()
		for i := range 60 {
			_, err := []*imbot.Client{old, renamed}[i%2].Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
		}

		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestLimiter_firstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		client := portal.Client(imbot.WithLimiter(rate.NewLimiter(2, 1)))
		var mu sync.Mutex
		var order []int
		start := time.Now()
		var group sync.WaitGroup
		for i := range 25 {
			group.Go(func() {
				_, err := imbot.Call(t.Context(), client, clienttest.Reading, struct{}{})
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
			synctest.Wait() // the next one comes when this one waits
		}
		group.Wait()

		assert.IsIncreasing(t, order)
		assert.Equal(t, 12*time.Second, time.Since(start))
	})
}

// A deadline before the turn comes is context.DeadlineExceeded, which the error of x/time does not match.
func TestLimiter_shortDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		limiter := rate.NewLimiter(rate.Every(time.Minute), 1)
		limiter.Allow()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()

		_, err := portal.Client(imbot.WithLimiter(limiter)).Chat.Leave(ctx, clienttest.Leave13)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		assert.Zero(t, time.Since(start))
		assert.Empty(t, portal.Calls())
	})
}

type brokenLimiter struct{}

func (brokenLimiter) Wait(context.Context) error { return errBrokenLimiter }

var errBrokenLimiter = errors.New("the limiter's store does not answer")

func TestLimiter_failureEndsTheCallUnsent(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	_, err := portal.Client(imbot.WithLimiter(brokenLimiter{})).Chat.Leave(ctx, clienttest.Leave13)

	require.ErrorIs(t, err, errBrokenLimiter)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Empty(t, portal.Calls())
}

// A limiter without a burst is a mistake of the program, and no exceeded deadline.
func TestLimiter_withoutABurst(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	_, err := portal.Client(imbot.WithLimiter(rate.NewLimiter(1, 0))).Chat.Leave(ctx, clienttest.Leave13)

	require.ErrorContains(t, err, "burst")
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	assert.Empty(t, portal.Calls())
}

func TestWithLimiter_nilSwitchesItOff(t *testing.T) {
	t.Parallel()
	var none *rate.Limiter
	for _, limiter := range []imbot.Limiter{nil, none} {
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.Start()
			defer portal.Close()
			client := portal.Client(imbot.WithLimiter(limiter))
			start := time.Now()
			for range 200 {
				_, err := imbot.Call(t.Context(), client, clienttest.Reading, struct{}{})
				require.NoError(t, err)
			}
			assert.Zero(t, time.Since(start))
		})
	}
}
