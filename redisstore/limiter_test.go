package redisstore_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// reading is a call that changes nothing.
var reading = imbot.Method[struct{}, any]{Name: "imbot.bot.list", Idempotent: true}

// leaky is the portal's bucket as it is documented, with a queue before it: a request that does not fit in waits.
type leaky struct {
	perSecond, burst, level float64
	at                      time.Time
}

// put puts a request in, and returns how long it has to wait; ok is false if that is too long, and it is not put in.
func (b *leaky) put(now time.Time, room time.Duration) (wait time.Duration, ok bool) {
	b.level = max(0, b.level-b.perSecond*now.Sub(b.at).Seconds())
	b.at = now
	if over := b.level + 1 - b.burst; over > 0 {
		wait = time.Duration(over / b.perSecond * float64(time.Second))
	}
	if wait > room {
		return 0, false
	}
	b.level++
	return wait, true
}

// What Redis keeps is the documented bucket, at any time and under any load. It runs on a miniredis, whose clock the
// test sets.
func TestLimiter_isTheDocumentedBucket(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plan   imbot.Plan
		bucket leaky
	}{
		"standard":   {imbot.PlanStandard, leaky{perSecond: 2, burst: 50}},
		"enterprise": {imbot.PlanEnterprise, leaky{perSecond: 5, burst: 250}},
		"unknown":    {imbot.Plan(99), leaky{perSecond: 2, burst: 50}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mini := miniredis.RunT(t)
			client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
			t.Cleanup(func() { _ = client.Close() })
			replicas := []*redisstore.Limiter{
				redisstore.NewLimiter(client, "portal", test.plan),
				redisstore.NewLimiter(client, "portal", test.plan),
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			now, bucket := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), test.bucket
			waited, refused := 0, 0
			for range 1500 {
				if random.IntN(3) == 0 { // otherwise at the same time as the one before
					mean := 0.75 / bucket.perSecond * float64(time.Second)
					now = now.Add(time.Duration(random.ExpFloat64() * mean))
				}
				if refused > 0 && random.IntN(500) == 0 { // not before it was full: it might never get full otherwise
					now = now.Add(time.Minute)
				}
				mini.SetTime(now)
				room := time.Duration(random.Int64N(int64(3 * time.Second)))

				wait, given, err := replicas[random.IntN(2)].Turn(t.Context(), room)

				require.NoError(t, err)
				want, wantGiven := bucket.put(now, room)
				if given != wantGiven { // only where the wait is the room, within what is negligible
					over := bucket.level + 1 - bucket.burst
					edge := time.Duration(over / bucket.perSecond * float64(time.Second))
					require.InDelta(t, room, edge, float64(3*time.Millisecond))
					if given {
						bucket.level++
					} else {
						bucket.level--
					}
					continue
				}
				if !given {
					refused++
					continue
				}
				require.InDelta(t, want, wait, float64(3*time.Millisecond))
				if wait > 0 {
					waited++
				}
			}
			t.Logf("%d waited, %d refused", waited, refused)
			assert.NotZero(t, waited)
			assert.NotZero(t, refused)
		})
	}
}

// Two replicas share one portal. Real time passes, about five seconds: Redis has its own clock.
func TestLimiter_twoReplicasKeepThePortalsBucket(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.WithPlan(imbottest.Standard))
	var replicas []*imbot.Client
	for range 2 {
		limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanStandard)
		replicas = append(replicas, portal.Client(imbot.WithLimiter(limiter), imbot.WithRetry(imbot.RetryPolicy{})))
	}
	start := time.Now()
	var mu sync.Mutex
	var ends []time.Duration
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			_, err := imbot.Call(t.Context(), replicas[i%2], reading, struct{}{})
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			ends = append(ends, time.Since(start))
		})
	}
	group.Wait()

	slices.Sort(ends)
	t.Logf("50th of 60 calls after %v, the others after %v", ends[49], ends[50:])
	for i, end := range ends[50:] { // later on a busy machine, but never earlier
		assert.Greater(t, end, time.Duration(i+1)*500*time.Millisecond, "50 at once, and the rest at 2 a second")
	}
	calls := portal.Calls()
	assert.Len(t, calls, 60)
	for _, call := range calls {
		assert.Equal(t, http.StatusOK, call.Status, "the portal refused a call: %s", call.Code)
	}
}

func TestLimiter_enterprise(t *testing.T) {
	t.Parallel()
	limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanEnterprise)
	for range 250 {
		require.NoError(t, limiter.Wait(t.Context()))
	}
	// It has taken some time to get there, in which there was room for a few more.
	for {
		wait, given, err := limiter.Turn(t.Context(), 0)
		require.NoError(t, err)
		assert.Zero(t, wait)
		if !given {
			return
		}
	}
}

// fill takes every turn that need not be waited for.
func fill(t *testing.T, limiter *redisstore.Limiter) {
	t.Helper()
	for given := true; given; {
		var err error
		_, given, err = limiter.Turn(t.Context(), 0)
		require.NoError(t, err)
	}
}

// A turn that would come too late is not taken: it is refused at once, and there for somebody with more time.
func TestLimiter_deadline(t *testing.T) {
	t.Parallel()
	limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanStandard)
	fill(t, limiter)
	for range 10 {
		err := limiter.Wait(within(t, 20*time.Millisecond))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
	start := time.Now()
	ctx := within(t, 1200*time.Millisecond) // long enough for two turns, or three if the first is there soon
	var mu sync.Mutex
	var passed, failed []time.Duration
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			err := limiter.Wait(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				passed = append(passed, time.Since(start))
				return
			}
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			failed = append(failed, time.Since(start))
		})
	}
	group.Wait()

	assert.Contains(t, []int{2, 3}, len(passed))
	assert.Equal(t, 8, len(passed)+len(failed))
	for _, end := range failed {
		assert.Less(t, end, 800*time.Millisecond, "a wait that is too long fails at once")
	}
}

func TestLimiter_contextHasEnded(t *testing.T) {
	t.Parallel()
	limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanStandard)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 60 {
		require.ErrorIs(t, limiter.Wait(ctx), context.Canceled)
	}
	for range 50 {
		require.NoError(t, limiter.Wait(t.Context()), "no turn was taken")
	}
}

func TestLimiter_canceledWaitGivesItsTurnBack(t *testing.T) {
	t.Parallel()
	limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanStandard)
	fill(t, limiter)
	before, _, err := limiter.Turn(t.Context(), 10*time.Second)
	require.NoError(t, err)
	taken := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	last := make(chan error)
	go func() { last <- limiter.Wait(ctx) }()
	pause(t.Context(), 100*time.Millisecond)

	cancel()

	assert.ErrorIs(t, <-last, context.Canceled)
	require.Eventually(t, func() bool { // the next turn is 500 ms after the one before, the one after that 1 s
		_, given, err := limiter.Turn(t.Context(), before+750*time.Millisecond-time.Since(taken))
		return assert.NoError(t, err) && given
	}, time.Second, 10*time.Millisecond, "the turn can be had by another")
}

// Somebody has a turn after the one that is given back, and it is not given to two.
func TestLimiter_canceledWaitKeepsLaterTurns(t *testing.T) {
	t.Parallel()
	limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanStandard)
	fill(t, limiter)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { first <- limiter.Wait(ctx) }()
	pause(t.Context(), 100*time.Millisecond)
	second, _, err := limiter.Turn(t.Context(), 10*time.Second)
	require.NoError(t, err)
	taken := time.Now()

	cancel()

	assert.ErrorIs(t, <-first, context.Canceled)
	pause(t.Context(), 100*time.Millisecond)
	third, _, err := limiter.Turn(t.Context(), 10*time.Second)
	require.NoError(t, err)
	assert.InDelta(t, second+500*time.Millisecond, third+time.Since(taken), float64(200*time.Millisecond))
}

func TestLimiter_empty(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	limiter, replica := redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard), redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard)
	require.NoError(t, limiter.Wait(t.Context()))

	start := time.Now()
	for range 5 { // as many calls are refused together
		require.NoError(t, limiter.Empty(t.Context()))
	}

	assert.ErrorIs(t, replica.Wait(within(t, 100*time.Millisecond)), context.DeadlineExceeded)
	require.NoError(t, replica.Wait(t.Context()))
	assert.InDelta(t, 750*time.Millisecond, time.Since(start), float64(250*time.Millisecond), "one turn, and not the second one")
}

// The client empties the limiter when the portal refuses a call for being one too many: somebody else behind the same
// address has used up what there was.
func TestLimiter_isEmptiedByTheClient(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	limiter := redisstore.NewLimiter(newClient(t), t.Name(), imbot.PlanStandard)
	client := portal.Client(imbot.WithLimiter(limiter), imbot.WithRetry(imbot.RetryPolicy{}))
	portal.On(reading.Name, imbottest.Refuse(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests"))

	_, err := imbot.Call(t.Context(), client, reading, struct{}{})

	require.ErrorIs(t, err, imbot.ErrQueryLimitExceeded)
	_, given, err := limiter.Turn(t.Context(), 0)
	require.NoError(t, err)
	assert.False(t, given)
}
