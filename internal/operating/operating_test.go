package operating_test

import (
	"math"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/operating"
)

// A reset is believed within the window, and by how long after the answer it comes where the portal's clock is off.
func TestBlocks_resetAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		reset, finish time.Duration // from now; 0 for not reported
		want          time.Duration // 0 for unknown
	}{
		{"not reported", 0, time.Second, 0},
		{"in five minutes", 5 * time.Minute, time.Second, 5 * time.Minute},
		{"without a finish", 5 * time.Minute, 0, 5 * time.Minute},
		{"a little beyond the window", 11 * time.Minute, time.Second, operating.Window},
		{"far beyond the window", time.Hour, time.Second, 0},
		{"a clock an hour ahead", time.Hour + 5*time.Minute, time.Hour, 5 * time.Minute},
		{"a clock an hour behind", 5*time.Minute - time.Hour, -time.Hour, 5 * time.Minute},
		{"over", -time.Minute, time.Second, 0},
		{"two that do not fit together", 5 * time.Minute, -time.Hour, 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				at := func(after time.Duration) time.Time {
					if after == 0 {
						return time.Time{}
					}
					return now.Add(after)
				}
				blocks, key := operating.NewBlocks[string](), operating.Key{Portal: "portal.example", Method: "imbot.chat.leave"}
				blocks.Seen(key, operating.Report{ResetAt: at(tt.reset), Finish: at(tt.finish)})
				assert.Equal(t, at(tt.want), blocks.ResetAt(key))
			})
		})
	}
}

// A block holds for its method, portal and caller until its time, and is forgotten then.
func TestBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		blocks := operating.NewBlocks[string]()
		key := operating.Key{Portal: "portal.example", Caller: 1, Method: "imbot.chat.leave"}
		blocks.Refused(key, "enough", time.Now().Add(time.Minute))
		for _, other := range []operating.Key{{Caller: 1, Method: key.Method}, {Portal: key.Portal, Method: key.Method}, {Portal: key.Portal, Caller: 1}} {
			_, ok := blocks.Blocked(other)
			assert.False(t, ok, other)
		}
		refusal, ok := blocks.Blocked(key)
		assert.True(t, ok)
		assert.Equal(t, "enough", refusal)

		time.Sleep(time.Minute) // fake clock
		_, ok = blocks.Blocked(key)
		assert.False(t, ok)
		assert.Equal(t, 1, blocks.Len())
		blocks.Seen(operating.Key{Method: "x"}, operating.Report{ResetAt: time.Now().Add(time.Minute)})
		assert.Equal(t, 1, blocks.Len(), "what is over is swept")
	})
}

func TestBudget(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	reset := now.Add(5 * time.Minute)
	used := func(used time.Duration) operating.Report {
		return operating.Report{Known: true, Used: used, ResetAt: reset, Finish: now}
	}
	var b operating.Budget
	assert.Equal(t, math.MaxInt, b.Room(now, time.Second, 0), "nothing is known")
	b.Spent(time.Hour)
	assert.Equal(t, math.MaxInt, b.Room(now, time.Second, 0), "nothing is counted")

	b.Seen(used(400*time.Second), now)
	assert.Equal(t, 80, b.Room(now, time.Second, 0))
	assert.Equal(t, 30, b.Room(now, time.Second, 50), "beside those at the portal")
	b.Seen(used(300*time.Second), now)
	assert.Equal(t, 80, b.Room(now, time.Second, 0), "an answer that comes late says less")
	b.Seen(operating.Report{}, now)
	assert.Equal(t, 80, b.Room(now, time.Second, 0), "an answer without counters says nothing")
	b.Spent(70 * time.Second)
	assert.Equal(t, 10, b.Room(now, time.Second, 0))

	b.Seen(used(480*time.Second), now)
	assert.Zero(t, b.Room(now, time.Second, 0))
	assert.Equal(t, reset, b.OpensAt(now))
	assert.Equal(t, 1, b.Room(reset, time.Second, 0), "the one whose answer reports how much was forgotten")
	assert.Zero(t, b.Room(reset, time.Second, 1), "one of them")
	b.Seen(operating.Report{Known: true, Used: time.Second, ResetAt: reset.Add(time.Minute), Finish: reset}, reset)
	assert.Equal(t, 479, b.Room(reset, time.Second, 0), "believed anew")

	b.Blocked(reset.Add(time.Minute))
	b.Blocked(reset)
	assert.Zero(t, b.Room(reset, time.Second, 0))
	assert.Equal(t, reset.Add(time.Minute), b.OpensAt(reset))
}

// However many methods there are, each has its own state, and what is over is forgotten with none of the others.
func TestBlocks_many(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{1, 4, 5, 100} {
			blocks := operating.NewBlocks[int]()
			keyOf := func(i int) operating.Key { return operating.Key{Portal: "portal.example", Method: strconv.Itoa(i)} }
			began := time.Now()
			for i := range n {
				blocks.Seen(keyOf(i), operating.Report{ResetAt: began.Add(time.Duration(i%9+1) * time.Minute)})
				blocks.Refused(keyOf(i), i, began.Add(time.Duration(i%7+1)*time.Minute))
			}
			for i := range n {
				assert.Equal(t, began.Add(time.Duration(i%9+1)*time.Minute), blocks.ResetAt(keyOf(i)))
				refusal, ok := blocks.Blocked(keyOf(i))
				assert.True(t, ok)
				assert.Equal(t, i, refusal)
			}
			assert.Equal(t, n, blocks.Len())
			time.Sleep(9 * time.Minute) // fake clock
			blocks.Seen(operating.Key{Method: "x"}, operating.Report{ResetAt: time.Now().Add(9 * time.Minute)})
			time.Sleep(time.Minute) // fake clock
			blocks.Seen(operating.Key{Method: "y"}, operating.Report{ResetAt: time.Now().Add(time.Minute)})
			assert.Equal(t, 2, blocks.Len())
			assert.False(t, blocks.ResetAt(operating.Key{Method: "x"}).IsZero())
		}
	})
}
