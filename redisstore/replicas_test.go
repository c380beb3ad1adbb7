package redisstore_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// Three replicas on one portal call it as often together as it allows, and no more often: 0.98 of what it allows, at
// least. Real time passes, about ten seconds: Redis has its own clock.
func TestLimiter_threeReplicas(t *testing.T) {
	t.Parallel()
	const long, workers = 10 * time.Second, 4
	portal := imbottest.NewPortal(t, imbottest.WithPlan(imbottest.Enterprise))
	start := time.Now()
	end := start.Add(long)
	var group sync.WaitGroup
	for range 3 {
		limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanEnterprise)
		client := portal.Client(imbot.WithLimiter(limiter), imbot.WithRetry(imbot.RetryPolicy{}))
		for range workers {
			group.Go(func() {
				for time.Now().Before(end) {
					if _, err := imbot.Call(t.Context(), client, reading, struct{}{}); !assert.NoError(t, err) {
						return
					}
				}
			})
		}
	}
	group.Wait()
	done := 0
	for _, call := range portal.Calls() {
		assert.Equal(t, http.StatusOK, call.Status, "the portal refused a call: %s", call.Code)
		if call.At.Before(end) {
			done++
		}
	}
	allowed := 250 + 5*long.Seconds()
	t.Logf("%d calls of %.0f that the portal allows", done, allowed)
	assert.GreaterOrEqual(t, float64(done), 0.98*allowed)
}
