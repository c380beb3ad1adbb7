package imbot_test

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

// Whatever limits a portal has and however it tells of them, every chat is left, once, and no request is cut. A limit
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
		{"a limit that nobody tells of", 2000, inTheCloud(constantly(time.Second), imbottest.WithOperatingLimit(100*time.Second), imbottest.SelfHosted()), nil},
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

// A limiter may let through more than anybody will ever send.
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

// A client that waits less long than the portal works gets batches that it can wait for.
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

// Refusals cost the portal little. They say nothing of what a leave costs.
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

// What the portal surely did not do inside of a batch is done again, and so is what only reads.
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

// A portal that did not come to a command is asked again, whatever the command was.
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

// A token source that fails for a moment is asked again; one that goes on failing ends the work.
func TestLeaveAll_tokenSourceFails(t *testing.T) {
	t.Parallel()
	noToken := errors.New("the store does not answer")
	for name, tt := range map[string]struct {
		fails func(n int64) bool
		ok    bool
	}{
		"once":   {func(n int64) bool { return n == 3 }, true},
		"always": {func(n int64) bool { return n >= 3 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.On("imbot.chat.leave", imbottest.Result(true))
				var asked atomic.Int64
				client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) {
					if tt.fails(asked.Add(1)) {
						return "", noToken
					}
					return imbottest.TokenOK, nil
				}))

				for i, result := range leaveAllOf(t, client, crowd(500)) {
					if tt.ok || i < 2 {
						require.NoError(t, result.Err)
						continue
					}
					require.ErrorIs(t, result.Err, noToken)
					require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
				}
				if !tt.ok {
					assert.Less(t, asked.Load(), int64(20), "it is not asked for every chat")
				}
			})
		})
	}
}

// What the error of somebody else matches says nothing of what the portal did, nor of the deadline of ctx.
func TestLeaveAll_tokenSourceFailsWithAnything(t *testing.T) {
	t.Parallel()
	for _, problem := range []error{
		imbot.ErrUnexpectedResult, imbot.ErrNotExecuted, imbot.ErrOutcomeUnknown, imbot.ErrNotInChat, imbot.ErrStillInChat,
		imbot.ErrOperationTimeLimit, imbot.ErrQueryLimitExceeded, context.DeadlineExceeded, context.Canceled,
	} {
		t.Run(problem.Error(), func(t *testing.T) {
			t.Parallel()
			for name, fails := range map[string]func(n int64) bool{
				"always": func(int64) bool { return true },
				"once":   func(n int64) bool { return n == 3 },
			} {
				synctest.Test(t, func(t *testing.T) {
					portal := imbottest.NewPortal(t)
					portal.On("imbot.chat.leave", imbottest.Result(true))
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					var asked atomic.Int64
					client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) {
						if fails(asked.Add(1)) {
							return "", problem
						}
						return imbottest.TokenOK, nil
					}))

					got := leaveAll(ctx, client, crowd(100))

					require.Len(t, got, 100, name)
					for _, result := range got {
						if name == "once" {
							require.NoError(t, result.Err)
							continue
						}
						require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
						require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
						assert.Zero(t, result.Outcome.Attempts)
					}
				})
			}
		})
	}
}

// Nor does an error that the transport has instead of an answer: before a bot leaves again, it is looked for.
func TestLeaveAll_answersLostWithAnything(t *testing.T) {
	t.Parallel()
	for _, problem := range []error{
		imbot.ErrUnexpectedResult, imbot.ErrNotExecuted, imbot.ErrNotInChat, context.DeadlineExceeded, context.Canceled,
	} {
		t.Run(problem.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := crowded(t, 100)
				var requests atomic.Int64
				client := clienttest.New(t, imbot.Webhook(portal.WebhookURL()), imbot.WithClientID(imbottest.ClientID),
					imbot.WithHTTPClient(&http.Client{Transport: clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						resp, err := portal.RoundTripper().RoundTrip(req)
						if requests.Add(1)%3 > 0 {
							return resp, err
						}
						require.NoError(t, err)
						_ = resp.Body.Close()
						return nil, problem
					})}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()

				got := leaveAll(ctx, client, crowd(100))

				require.Len(t, got, 100)
				for _, result := range got {
					require.NoError(t, result.Err)
					require.NotEqual(t, imbot.AlreadyOut, result.Outcome.State)
				}
				assert.Len(t, portal.Calls("imbot.chat.leave"), 100, "none twice")
			})
		})
	}
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

// An error of somebody else, or an answer that contradicts itself, is not the portal's word.
func TestLeaveAll_takesNobodyElsesWord(t *testing.T) {
	t.Parallel()
	noBot := []imbot.ChatLeaveRequest{{ChatID: 13}}
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) { return "", imbot.ErrNotInChat }))
		got := leaveAllOf(t, client, noBot)
		require.ErrorIs(t, got[0].Err, imbot.ErrNotInChat, "the chain is as it is")
		assert.Empty(t, got[0].Outcome.State)

		portal.On("batch", imbottest.Result(map[string]any{
			"result":       map[string]any{"c0": true},
			"result_error": map[string]any{"c0": map[string]any{"error": "WRONG_REQUEST", "error_description": ""}},
		}))
		got = leaveAllOf(t, clienttest.ForBot(portal), noBot)
		require.ErrorIs(t, got[0].Err, imbot.ErrOutcomeUnknown)
		assert.Empty(t, got[0].Outcome.State)
	})
}
