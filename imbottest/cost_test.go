package imbottest_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestCosts covers the costs that come with the package, each by ten thousand calls.
func TestCosts(t *testing.T) {
	t.Parallel()
	const n = 10_000
	tests := []struct {
		name             string
		cost             func(seed uint64) func(string) time.Duration
		seeded           bool
		lowest, highest  time.Duration
		median, farAbove time.Duration // a hundredth of the calls costs more than farAbove
	}{
		{
			"constant", func(uint64) func(string) time.Duration { return imbottest.ConstantCost(time.Second) },
			false, time.Second, time.Second, time.Second, time.Second,
		},
		{
			"uniform", func(seed uint64) func(string) time.Duration {
				return imbottest.UniformCost(seed, time.Second, 3*time.Second)
			},
			true, time.Second, 3*time.Second - 1, 2 * time.Second, 2980 * time.Millisecond,
		},
		{
			"uniform, of one value", func(seed uint64) func(string) time.Duration {
				return imbottest.UniformCost(seed, time.Second, 0)
			},
			false, time.Second, time.Second, time.Second, time.Second,
		},
		{
			"log-normal", func(seed uint64) func(string) time.Duration {
				return imbottest.LogNormalCost(seed, time.Second, 0.5)
			},
			true, 1, time.Minute, time.Second, 3200 * time.Millisecond,
		},
		{
			"log-normal, of one value", func(seed uint64) func(string) time.Duration {
				return imbottest.LogNormalCost(seed, time.Second, 0)
			},
			false, time.Second, time.Second, time.Second, time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			draw := func(seed uint64) []time.Duration {
				cost, costs := tt.cost(seed), make([]time.Duration, n)
				for i := range costs {
					costs[i] = cost("imbot.chat.leave")
				}
				return costs
			}
			costs := draw(1)
			assert.Equal(t, costs, draw(1), "the same seed gives the same costs")
			assert.Equal(t, tt.seeded, !slices.Equal(costs, draw(2)), "another seed gives others")

			slices.Sort(costs)
			assert.GreaterOrEqual(t, costs[0], tt.lowest)
			assert.LessOrEqual(t, costs[n-1], tt.highest)
			assert.InEpsilon(t, tt.median, costs[n/2], 0.05)
			assert.InEpsilon(t, tt.farAbove, costs[n-n/100], 0.05)
		})
	}
}

// TestCosts_concurrent is for the race detector, and holds that no draw is lost or given twice.
func TestCosts_concurrent(t *testing.T) {
	t.Parallel()
	cost, alone := imbottest.LogNormalCost(1, time.Second, 1), imbottest.LogNormalCost(1, time.Second, 1)
	var mu sync.Mutex
	var together, inOrder []time.Duration
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				drawn := cost("x")
				mu.Lock()
				together = append(together, drawn)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for range 800 {
		inOrder = append(inOrder, alone("x"))
	}
	assert.ElementsMatch(t, inOrder, together)
}
