package acceptance_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
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

// inTheCloud returns the options of a portal with the rules of the cloud, and more.
func inTheCloud(more ...imbottest.Option) []imbottest.Option {
	return append([]imbottest.Option{
		imbottest.CostTakesTime(), imbottest.WithPlan(imbottest.Standard),
		imbottest.WithOperatingLimit(8 * time.Minute), imbottest.WithRequestLimit(time.Minute),
	}, more...)
}

// cheapFirst is the cost of leaves of which the first ones are cheap. Looking for members costs nothing.
func cheapFirst(first int64, cheap, rest time.Duration) imbottest.Option {
	var n atomic.Int64
	return imbottest.WithCost(func(method string) time.Duration {
		switch {
		case method != "imbot.chat.leave":
			return 0
		case n.Add(1) <= first:
			return cheap
		default:
			return rest
		}
	})
}

func constantly(d time.Duration) imbottest.Option {
	return imbottest.WithCost(imbottest.ConstantCost(d))
}

// Whatever limits a portal has and however it reports them, every chat is left, once, and no request is cut. A limit
// that is met is waited out.
func TestLeaveAll_getsThroughEveryLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		chats  int
		portal []imbottest.Option
		client []imbot.Option
	}{
		{"a limit that is met over and over", 2000, inTheCloud(constantly(time.Second), imbottest.WithOperatingLimit(100*time.Second)), nil},
		{"a limit that no answer has", 2000, inTheCloud(constantly(time.Second), imbottest.WithOperatingLimit(100*time.Second), imbottest.SelfHosted()), nil},
		{"no limiter", 4000, inTheCloud(constantly(50 * time.Millisecond)), []imbot.Option{imbot.WithLimiter(nil)}},
		{"others use half of the rate", 2000, inTheCloud(constantly(50*time.Millisecond), imbottest.WithRateLimit(1, 2)), nil},
		{"a first leave that is cheap", 300, inTheCloud(cheapFirst(1, 10*time.Millisecond, 2*time.Second)), nil},
		{"a first leave that is cheap, without a limit", 1000, []imbottest.Option{
			imbottest.CostTakesTime(), imbottest.WithPlan(imbottest.Standard), imbottest.WithRequestLimit(time.Minute),
			cheapFirst(1, 10*time.Millisecond, 3*time.Second),
		}, nil},
		{"leaves of ten seconds", 200, inTheCloud(constantly(10 * time.Second)), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := crowded(t, tt.chats, tt.portal...)

				for _, result := range leaveAllOf(t, clienttest.ForBot(portal, tt.client...), crowd(tt.chats)) {
					require.NoError(t, result.Err)
					require.Equal(t, imbot.Left, result.Outcome.State)
					require.Equal(t, 1, portal.Removals(result.Request.ChatID))
				}
				for _, call := range portal.Calls("batch") {
					require.NotEqual(t, http.StatusGatewayTimeout, call.Status, "a request was cut")
				}
			})
		})
	}
}

// A limiter may let through more than is ever sent.
func TestLeaveAll_vastLimiters(t *testing.T) {
	t.Parallel()
	for name, limiter := range map[string]*rate.Limiter{
		"a vast burst":           rate.NewLimiter(1, math.MaxInt/2),
		"the largest burst":      rate.NewLimiter(1, math.MaxInt),
		"any rate":               rate.NewLimiter(rate.Inf, 0),
		"any rate, a vast burst": rate.NewLimiter(rate.Inf, math.MaxInt/2),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, result := range leaveAllOf(t, clienttest.ForBot(crowded(t, 300), imbot.WithLimiter(limiter)), crowd(300)) {
					require.NoError(t, result.Err)
				}
			})
		})
	}
}

// Batches are small enough to be answered within the timeout of the client.
func TestLeaveAll_shortTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 200, inTheCloud(constantly(time.Second))...)
		client := clienttest.New(t, imbot.Webhook(portal.WebhookURL()), imbot.WithClientID(imbottest.ClientID),
			imbot.WithHTTPClient(&http.Client{Transport: portal.RoundTripper(), Timeout: 5 * time.Second}))

		for _, result := range leaveAllOf(t, client, crowd(200)) {
			require.NoError(t, result.Err)
			require.Equal(t, imbot.Left, result.Outcome.State)
		}
	})
}

// Refusals cost the portal little, and are not counted as the cost of a leave.
func TestLeaveAll_refusalsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 100, inTheCloud(imbottest.WithCost(func(string) time.Duration { return 10 * time.Millisecond }))...)
		refused := slices.Repeat([]imbot.ChatLeaveRequest{{ChatID: 1, BotID: 39}}, 500)

		got := leaveAllOf(t, clienttest.ForBot(portal), append(refused, crowd(100)...))

		for i, result := range got {
			require.Equal(t, i < 500, errors.Is(result.Err, imbot.ErrActionUnavailable), "%d: %v", i, result)
		}
		sizes := batchSizes(t, portal)
		assert.Equal(t, 4, sizes[1], "%v", sizes)
		assert.Greater(t, sizes[16], 20, "carefully, but not one by one: %v", sizes)
	})
}

// Commands of a batch that were certainly not executed are repeated, and so are those that only read.
func TestLeaveAll_repeatsSingleCommands(t *testing.T) {
	t.Parallel()
	limited := imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
	broken := imbottest.Refuse(500, "ERROR_UNEXPECTED_ANSWER", "")
	stranger := imbottest.Refuse(400, "WRONG_REQUEST", "")
	tests := []struct {
		name        string
		leave, list []imbottest.Answer
		want        imbot.LeaveOutcome
		is          error
	}{
		{
			name: "a leave beyond the rate", leave: []imbottest.Answer{limited, imbottest.Result(true)},
			want: imbot.LeaveOutcome{State: imbot.Left, Attempts: 2},
		},
		{
			name: "every leave beyond the rate", leave: []imbottest.Answer{limited},
			want: imbot.LeaveOutcome{Attempts: 4}, is: imbot.ErrQueryLimitExceeded,
		},
		{
			name: "a refusal after a lost answer is the last word", leave: []imbottest.Answer{imbottest.Broken(), imbottest.Refuse(403, "LEAVE_OWNER_FORBIDDEN", ""), imbottest.Result(true)},
			list: []imbottest.Answer{imbottest.Result([]int{1, 39})},
			want: imbot.LeaveOutcome{Attempts: 2}, is: imbot.ErrLeaveOwnerForbidden,
		},
		{
			name: "a look beyond the rate", leave: []imbottest.Answer{stranger}, list: []imbottest.Answer{limited, imbottest.Result([]int{1})},
			want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true},
		},
		{
			name: "a look at a portal in trouble", leave: []imbottest.Answer{stranger}, list: []imbottest.Answer{broken, broken, imbottest.Result([]int{1})},
			want: imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 1, Verified: true},
		},
		{
			name: "every look at a portal in trouble", leave: []imbottest.Answer{stranger}, list: []imbottest.Answer{broken},
			want: imbot.LeaveOutcome{Attempts: 1}, is: imbot.ErrOutcomeUnknown,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.On("imbot.chat.leave", tt.leave...)
				if tt.list != nil {
					portal.On("imbot.chat.user.list", tt.list...)
				}

				got := leaveAllOf(t, clienttest.ForBot(portal), chats(14))

				assert.Equal(t, tt.want, got[0].Outcome)
				if tt.is == nil {
					assert.NoError(t, got[0].Err)
				} else {
					assert.ErrorIs(t, got[0].Err, tt.is)
				}
			})
		})
	}
}

// A command that the portal did not come to is sent again, whatever it was.
func TestLeaveAll_commandsNotComeTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := func(results, refusals map[string]any) imbottest.Answer {
			return imbottest.Result(map[string]any{"result": results, "result_error": refusals})
		}
		none := answer(map[string]any{}, map[string]any{})
		portal := imbottest.NewPortal(t)
		portal.On("batch", none, answer(map[string]any{}, map[string]any{"c0": map[string]any{"error": "WRONG_REQUEST", "error_description": ""}}),
			none, answer(map[string]any{"c0": []int{1}}, map[string]any{}))
		got := leaveAllOf(t, clienttest.ForBot(portal), chats(14))
		require.NoError(t, got[0].Err)
		assert.Equal(t, imbot.LeaveOutcome{State: imbot.AlreadyOut, Attempts: 2, Verified: true}, got[0].Outcome)
	})
}

// Where the deadline comes before the next turn, or before the portal takes more, the work ends at once, and nothing
// more is taken.
func TestLeaveAll_noTimeLeft(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		portal  []imbottest.Option
		timeout time.Duration
		ends    time.Duration
	}{
		{"for the limiter", inTheCloud(constantly(time.Millisecond)), 3300 * time.Millisecond, 3 * time.Second},
		{"for the working time", inTheCloud(constantly(time.Second)), 5 * time.Minute, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const many = 100_000
				portal := crowded(t, 4000, tt.portal...)
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				start := time.Now()
				taken := 0
				requests := func(yield func(imbot.ChatLeaveRequest) bool) {
					for taken < many {
						request := crowd(1)[0]
						request.ChatID += imbot.ChatID(taken % 4000)
						taken++
						if !yield(request) {
							return
						}
					}
				}
				results := 0
				for result := range clienttest.ForBot(portal).Chat.LeaveAll(ctx, requests) {
					if results++; result.Err != nil {
						require.ErrorIs(t, result.Err, context.DeadlineExceeded)
						require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
						require.True(t, portal.Has(result.Request.ChatID, 39), "%v", result)
					}
				}
				assert.Less(t, time.Since(start), tt.ends+time.Second)
				assert.Equal(t, taken, results)
				assert.Less(t, taken, many/2)
			})
		})
	}
}

// A chat that has to be looked at again does not hold back the results behind it for long.
func TestLeaveAll_reportsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 300, inTheCloud(constantly(200*time.Millisecond))...)
		requests := append(chats(14), crowd(300)...) // the bot is not in the first
		start := time.Now()
		for result := range clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), slices.Values(requests), imbot.WithConcurrency(1)) {
			require.NoError(t, result.Err)
			if result.Request.ChatID == 14 {
				assert.Equal(t, imbot.AlreadyOut, result.Outcome.State)
				assert.Less(t, time.Since(start), 20*time.Second, "of more than a minute")
			}
		}
		assert.Greater(t, time.Since(start), time.Minute)
	})
}
