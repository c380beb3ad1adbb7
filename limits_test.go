package imbot_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// inMinutes is a Unix time as an answer has it. In a bubble the clock begins with the year 2000.
func inMinutes(n int) string {
	return strconv.FormatInt(time.Date(2000, 1, 1, 0, n, 0, 0, time.UTC).Unix(), 10)
}

// The default limiter keeps a portal that counts as the documentation says from ever refusing.
func TestLimiter_keepsThePortalsBucket(t *testing.T) {
	t.Parallel()
	for plan, want := range map[imbot.Plan]time.Duration{
		imbot.PlanStandard:   5 * time.Second, // 50 at once, 10 more at 2 a second
		imbot.PlanEnterprise: 0,               // 250 at once
	} {
		synctest.Test(t, func(t *testing.T) {
			of := map[imbot.Plan]imbottest.Plan{imbot.PlanStandard: imbottest.Standard, imbot.PlanEnterprise: imbottest.Enterprise}
			portal := imbottest.Start(imbottest.WithPlan(of[plan]))
			defer portal.Close()
			client := portal.Client(imbot.WithClientID(imbottest.ClientID), imbot.WithLimiter(imbot.NewLimiter(plan)))
			start := time.Now()
			var group sync.WaitGroup
			for range 60 {
				group.Go(func() { _, _ = imbot.Call(t.Context(), client, reading, struct{}{}) })
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
				_, err := imbot.Call(t.Context(), []*imbot.Client{first, second}[i%2], reading, struct{}{})
				assert.NoError(t, err)
			})
		}
		group.Wait()

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
				_, err := imbot.Call(t.Context(), client, reading, struct{}{})
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

// x/time's own error for a deadline that is too near is none that errors.Is finds.
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

		_, err := portal.Client(imbot.WithLimiter(limiter)).Chat.Leave(ctx, leave13)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		assert.Zero(t, time.Since(start))
		assert.Empty(t, portal.Calls())
	})
}

type brokenLimiter struct{}

var errBrokenLimiter = errors.New("the limiter's store does not answer")

func (brokenLimiter) Wait(context.Context) error { return errBrokenLimiter }

func TestLimiter_failureEndsTheCallUnsent(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	_, err := portal.Client(imbot.WithLimiter(brokenLimiter{})).Chat.Leave(ctx, leave13)

	require.ErrorIs(t, err, errBrokenLimiter)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
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
				_, err := imbot.Call(t.Context(), client, reading, struct{}{})
				require.NoError(t, err)
			}
			assert.Zero(t, time.Since(start))
		})
	}
}

// The portal's bucket may be fuller than this client knows: other programs fill it too.
func TestLimiter_isEmptiedByARefusal(t *testing.T) {
	t.Parallel()
	limiter := imbot.NewLimiter(imbot.PlanStandard)
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""))
	require.Greater(t, limiter.Tokens(), 49.0)

	_, err := portal.Client(append(withoutRepeats(), imbot.WithLimiter(limiter))...).Chat.Leave(t.Context(), leave13)

	require.ErrorIs(t, err, imbot.ErrQueryLimitExceeded)
	assert.Less(t, limiter.Tokens(), 2.0)
}

// emptyingLimiter is a limiter of the user's own that can be emptied.
type emptyingLimiter struct{ emptied int }

func (*emptyingLimiter) Wait(context.Context) error { return nil }

func (l *emptyingLimiter) Empty(context.Context) error {
	l.emptied++
	return errBrokenLimiter
}

func TestLimiter_ofTheUserIsEmptiedToo(t *testing.T) {
	t.Parallel()
	limiter := &emptyingLimiter{}
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""), imbottest.Refuse(400, "WRONG_REQUEST", ""))
	client := portal.Client(append(withoutRepeats(), imbot.WithLimiter(limiter))...)

	_, err := client.Chat.Leave(t.Context(), leave13)
	assertMatchesOnly(t, err, imbot.ErrQueryLimitExceeded)
	_, err = client.Chat.Leave(t.Context(), leave13)
	require.ErrorIs(t, err, imbot.ErrNotInChat)

	assert.Equal(t, 1, limiter.emptied)
}

func TestOperatingLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(10*time.Second),
			imbottest.WithCost(func(method string) time.Duration {
				if method == "imbot.chat.leave" {
					return 11 * time.Second
				}
				return 0
			}))
		defer portal.Close()
		webhook := imbot.Webhook(portal.WebhookURL())
		client := newClient(t, webhook, imbot.WithHTTPClient(portal.HTTPClient()), imbot.WithClientID(imbottest.ClientID))

		first, err := client.Chat.Leave(t.Context(), leave13) // the call that passes the limit is completed
		require.NoError(t, err)
		require.Equal(t, 11*time.Second, first.Time.Operating)
		resetAt := first.Time.OperatingResetAt
		require.False(t, resetAt.IsZero())

		for requests, chat := range []imbot.ChatID{imbottest.ChatElsewhere, imbottest.ChatOwned} {
			_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: chat, BotID: 39})
			var apiErr *imbot.APIError
			require.ErrorAs(t, err, &apiErr)
			require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Equal(t, 429, apiErr.StatusCode)
			assert.Equal(t, resetAt, apiErr.RetryAt, requests)
			assert.Len(t, portal.Calls("imbot.chat.leave"), 2, "the second refusal is not asked for")
		}

		_, err = imbot.Call(t.Context(), client, reading, struct{}{})
		require.NoError(t, err, "other methods go on")
		other, err := client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
		require.NoError(t, err)
		_, err = other.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotOfApp})
		require.NoError(t, err, "other credentials go on")
		same, err := client.With(webhook)
		require.NoError(t, err)
		_, err = same.Chat.Leave(t.Context(), leave13)
		require.ErrorIs(t, err, imbot.ErrOperationTimeLimit, "the same credentials share their budget")

		time.Sleep(time.Until(resetAt)) // fake clock
		_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatOwned, BotID: 39})
		require.NoError(t, err, "from then on it may be asked for again")
	})
}

// A block that is over is over, also when later answers tell of later resets.
func TestOperatingLimit_endsWhenItWasToldTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ok := func(minute int) imbottest.Answer {
			return imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(minute)+`}}`)
		}
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", ok(5), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""), ok(15), ok(16), ok(17))
		client := portal.Client()
		leave := func() error {
			_, err := client.Chat.Leave(t.Context(), leave13)
			return err
		}

		require.NoError(t, leave())
		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)
		time.Sleep(5 * time.Minute) // fake clock
		require.NoError(t, leave())
		require.NoError(t, leave())
		outcome, err := client.Chat.EnsureLeft(t.Context(), leave13)

		require.NoError(t, err)
		assert.Equal(t, imbot.Left, outcome.State)
		assert.Len(t, portal.Calls(), 5)
	})
}

// Nor does the answer to a call that was on its way when the block began end it.
func TestOperatingLimit_outlivesEarlierCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ok := func(minute int) imbottest.Answer {
			return imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(minute)+`}}`)
		}
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", ok(5), ok(15), imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		portal.Fault("imbot.chat.leave", imbottest.NoFault(), imbottest.SlowAfter(time.Minute))
		client := portal.Client()
		leave := func() error {
			_, err := client.Chat.Leave(t.Context(), leave13)
			return err
		}
		require.NoError(t, leave())
		var group sync.WaitGroup
		group.Go(func() { assert.NoError(t, leave()) })
		synctest.Wait()
		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)
		group.Wait()

		require.ErrorIs(t, leave(), imbot.ErrOperationTimeLimit)

		assert.Len(t, portal.Calls(), 3)
	})
}

// However often the limit is met, a call that waits for it ends.
func TestEnsureLeft_overAndOverAtTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start(imbottest.WithOperatingLimit(time.Second), imbottest.WithCost(func(string) time.Duration { return 2 * time.Second }))
		defer portal.Close()
		client := portal.Client(imbot.WithClientID(imbottest.ClientID))
		for range 5 {
			start := time.Now()
			outcome, err := client.Chat.EnsureLeft(t.Context(), leave13)
			require.NoError(t, err)
			assert.NotEmpty(t, outcome.State)
			assert.Less(t, time.Since(start), 21*time.Minute)
		}
	})
}

// A portal that never told when its counters are reset leaves nothing to go by.
func TestOperatingLimit_withoutAReset(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
	client := portal.Client()
	for requests := range 2 {
		_, err := client.Chat.Leave(t.Context(), leave13)
		var apiErr *imbot.APIError
		require.ErrorAs(t, err, &apiErr)
		assert.Zero(t, apiErr.RetryAt)
		assert.Len(t, portal.Calls(), requests+1)
	}
}

// One client for very many credentials does not remember them all.
func TestOperatingLimit_manyCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		client := portal.Client(imbot.WithLimiter(nil))
		for i := range 3000 {
			other, err := client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
			require.NoError(t, err)
			_, err = imbot.Call(t.Context(), other, reading, struct{}{})
			require.NoError(t, err, "client %d", i)
		}
	})
}
