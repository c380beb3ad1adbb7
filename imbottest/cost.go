package imbottest

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// ConstantCost is a cost for [WithCost] that is the same for each call.
func ConstantCost(cost time.Duration) func(method string) time.Duration {
	return func(string) time.Duration { return cost }
}

// UniformCost is a cost for [WithCost] that is anything from shortest up to but not including longest, or always
// shortest if that is not shorter. The same seed gives the same costs, in the order of the calls.
func UniformCost(seed uint64, shortest, longest time.Duration) func(method string) time.Duration {
	spread := float64(max(0, longest-shortest))
	return drawn(seed, func(source *rand.Rand) time.Duration {
		return shortest + time.Duration(spread*source.Float64())
	})
}

// LogNormalCost is a cost for [WithCost] as work on a database has it: most calls take about the median, a few of them
// many times as long. The spread is the standard deviation of the logarithm; 0 is a constant, 0.5 an ordinary day, 1 a
// bad one. The same seed gives the same costs, in the order of the calls.
func LogNormalCost(seed uint64, median time.Duration, spread float64) func(method string) time.Duration {
	return drawn(seed, func(source *rand.Rand) time.Duration {
		return time.Duration(float64(median) * math.Exp(spread*source.NormFloat64()))
	})
}

// drawn is a cost that is drawn anew for each call.
func drawn(seed uint64, draw func(*rand.Rand) time.Duration) func(method string) time.Duration {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // it has to be the same each time
	return func(string) time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return draw(source)
	}
}
