package imbot_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A simulation is a bot that gets out of many chats of a portal in memory, by a clock that does not have to be waited for.
// The rules are those of the cloud: the plan's bucket, 50 commands a batch, 60 s a request, and 480 s of work on a method
// in ten minutes, of which commands up to 0.1 s are not counted.
type simulation struct {
	chats    int
	perLeave time.Duration
	plan     imbottest.Plan
	lossy    bool // every tenth answer is lost
}

const (
	simBot    = imbottest.BotMain
	simBudget = 480 * time.Second
	simWindow = 10 * time.Minute
	simTarget = 20 * time.Second
)

func (s simulation) String() string {
	return fmt.Sprintf("%s/%s", strings.ToLower(s.plan.String()), s.perLeave)
}

// bucket has the rule of the plan: how many requests at once, and one each how long after that.
func (s simulation) bucket() (burst int, interval time.Duration) {
	if s.plan == imbottest.Enterprise {
		return 250, time.Second / 5
	}
	return 50, time.Second / 2
}

func (s simulation) clientPlan() imbot.Plan {
	if s.plan == imbottest.Enterprise {
		return imbot.PlanEnterprise
	}
	return imbot.PlanStandard
}

// lowerBound is how long a client takes that knows everything beforehand: what a leave takes, how many chats there are,
// and that nothing goes wrong. It makes the fewest requests that the rules allow, each of 50 commands, or of as many as
// fit into the 20 s that are taken for safe; starts each at the first moment at which the bucket has room for it; and
// starts each leave at the first moment at which the 480 s are not used up. A window of ten minutes begins with it, so
// that the whole budget is there again when the next one does. The bound is when the last request ends.
func (s simulation) lowerBound() time.Duration {
	size := min(50, int(simTarget/s.perLeave))
	burst, interval := s.bucket()
	perWindow := s.chats
	if s.perLeave > 100*time.Millisecond {
		perWindow = int(simBudget / s.perLeave)
	}
	var end time.Duration
	for first, request := 0, 0; first < s.chats; request++ {
		window := first / perWindow
		n := min(size, s.chats-first, (window+1)*perWindow-first)
		start := max(time.Duration(window)*simWindow, time.Duration(max(0, request-burst+1))*interval)
		end = max(end, start+time.Duration(n)*s.perLeave)
		first += n
	}
	return end
}

// portal makes the portal of a simulation, with a bot that is in all of its chats.
func (s simulation) portal(t *testing.T) *imbottest.Portal {
	t.Helper()
	portal := imbottest.NewPortal(t, imbottest.Empty(), imbottest.WithPlan(s.plan), imbottest.CostTakesTime(),
		imbottest.WithOperatingLimit(simBudget), imbottest.WithRequestLimit(time.Minute), imbottest.KeepCalls(1),
		imbottest.WithCost(func(method string) time.Duration {
			if method == "imbot.chat.leave" {
				return s.perLeave
			}
			return 0
		}))
	portal.AddBot(imbottest.Bot{ID: simBot, Code: "sim", ClientID: imbottest.ClientID})
	for id := 1; id <= s.chats; id++ {
		portal.AddChat(imbottest.Chat{
			ID: imbot.ChatID(id), Kind: imbottest.Group, Owner: imbottest.Employee,
			Members: []imbot.UserID{imbottest.Employee, imbot.UserID(simBot)},
		})
	}
	return portal
}

// simResult is what a client made of it.
type simResult struct {
	took       time.Duration
	requests   int
	rateErrors int // QUERY_LIMIT_EXCEEDED
	workErrors int // OPERATION_TIME_LIMIT
	cuts       int // requests cut at 60 s
	memory     uint64
}

// watch counts what goes over the wire.
type watch struct {
	next       http.RoundTripper
	requests   atomic.Int64
	rateErrors atomic.Int64
	workErrors atomic.Int64
	cuts       atomic.Int64
	memory     atomic.Uint64
	before     uint64
}

// RoundTrip implements http.RoundTripper.
func (w *watch) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.requests.Add(1)%50 == 40 {
		w.memory.Store(max(w.memory.Load(), heap()))
	}
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	w.rateErrors.Add(int64(bytes.Count(body, []byte("QUERY_LIMIT_EXCEEDED"))))
	w.workErrors.Add(int64(bytes.Count(body, []byte("OPERATION_TIME_LIMIT"))))
	if resp.StatusCode == http.StatusGatewayTimeout {
		w.cuts.Add(1)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// run lets a client get the bot out of all chats, and checks that it did, once for each, and that what it said is true.
func (s simulation) run(t *testing.T, leave func(ctx context.Context, client *imbot.Client, chats int) map[imbot.ChatID]error) (result simResult) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		portal := s.portal(t)
		wire := &watch{next: portal.RoundTripper(), before: heap()}
		if s.lossy {
			var count atomic.Int64
			portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
				if count.Add(1)%10 == 0 {
					return imbottest.LoseAfter()
				}
				return imbottest.NoFault()
			})
		}
		client, err := imbot.NewClient(imbot.Webhook(portal.WebhookURL()), imbot.WithClientID(imbottest.ClientID),
			imbot.WithHTTPClient(&http.Client{Transport: wire}), imbot.WithLimiter(imbot.NewLimiter(s.clientPlan())))
		require.NoError(t, err)
		start := time.Now()

		outcomes := leave(t.Context(), client, s.chats)

		result.took = time.Since(start)
		result.requests = int(wire.requests.Load())
		if peak := wire.memory.Load(); peak > wire.before {
			result.memory = peak - wire.before
		}
		require.Len(t, outcomes, s.chats, "no chat is lost")
		for id, err := range outcomes {
			require.Equal(t, err != nil, portal.Has(id, simBot), "chat %d: %v", id, err)
			require.NoError(t, err)
			require.Equal(t, 1, portal.Removals(id), "chat %d", id)
		}
		result.rateErrors, result.workErrors = int(wire.rateErrors.Load()), int(wire.workErrors.Load())
		result.cuts = int(wire.cuts.Load())
	})
	return result
}

// byLeaveAll is the client under test.
func byLeaveAll(ctx context.Context, client *imbot.Client, chats int) map[imbot.ChatID]error {
	outcomes := make(map[imbot.ChatID]error, chats)
	for result := range client.Chat.LeaveAll(ctx, simRequests(chats)) {
		outcomes[result.Request.ChatID] = result.Err
	}
	return outcomes
}

func simRequests(chats int) func(yield func(imbot.ChatLeaveRequest) bool) {
	return func(yield func(imbot.ChatLeaveRequest) bool) {
		for id := 1; id <= chats; id++ {
			if !yield(imbot.ChatLeaveRequest{ChatID: imbot.ChatID(id), BotID: simBot}) {
				return
			}
		}
	}
}

// oneByOne is what a user writes first: a loop. It waits where the portal asks for it.
func oneByOne(ctx context.Context, client *imbot.Client, chats int) map[imbot.ChatID]error {
	outcomes := make(map[imbot.ChatID]error, chats)
	for req := range simRequests(chats) {
		outcomes[req.ChatID] = waitingForWork(func() error {
			_, err := client.Chat.Leave(ctx, req)
			return err
		})
	}
	return outcomes
}

// inBatches is what a user writes next: 50 at a time. It makes another batch of those that the portal did not take.
func inBatches(ctx context.Context, client *imbot.Client, chats int) map[imbot.ChatID]error {
	outcomes := make(map[imbot.ChatID]error, chats)
	var open []imbot.ChatLeaveRequest
	for req := range simRequests(chats) {
		for open = append(open, req); len(open) == 50; {
			open = oneBatch(ctx, client, open, outcomes)
		}
	}
	for len(open) > 0 {
		open = oneBatch(ctx, client, open, outcomes)
	}
	return outcomes
}

func oneBatch(ctx context.Context, client *imbot.Client, reqs []imbot.ChatLeaveRequest, outcomes map[imbot.ChatID]error) (again []imbot.ChatLeaveRequest) {
	var blocked error
	batch := client.NewBatch()
	var queued []*imbot.Queued[bool]
	for _, req := range reqs {
		queued = append(queued, imbot.Queue(batch, imbot.MethodChatLeave, req))
	}
	_ = batch.Do(ctx) // it is the error of each
	for i, req := range reqs {
		_, err := queued[i].Result()
		if errors.Is(err, imbot.ErrOperationTimeLimit) {
			blocked, again = err, append(again, req)
			continue
		}
		outcomes[req.ChatID] = err
	}
	if blocked != nil {
		waitFor(blocked)
	}
	return again
}

// waitingForWork repeats a call until the portal has time for it.
func waitingForWork(call func() error) error {
	for {
		err := call()
		if !errors.Is(err, imbot.ErrOperationTimeLimit) {
			return err
		}
		waitFor(err)
	}
}

func waitFor(blocked error) {
	var refused *imbot.APIError
	if errors.As(blocked, &refused) && refused.RetryAt.After(time.Now()) {
		time.Sleep(time.Until(refused.RetryAt)) // fake clock
		return
	}
	time.Sleep(time.Minute) // fake clock
}

// simChats is 10,000 in make sim, and in CI.
var simChats = flag.Int("sim.chats", 1000, "how many chats the simulations of LeaveAll have")

func TestLeaveAll_simulation(t *testing.T) { //nolint:paralleltest // it measures memory
	var table strings.Builder
	fmt.Fprintf(&table, "%-16s %-13s %12s %12s %7s %8s %10s %10s %4s %6s\n",
		"plan/leave", "client", "time", "bound", "ratio", "requests", "rate limit", "work limit", "cuts", "MiB")
	for _, plan := range []imbottest.Plan{imbottest.Standard, imbottest.Enterprise} { //nolint:paralleltest // as above
		for _, perLeave := range []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, time.Second} {
			s := simulation{chats: *simChats, perLeave: perLeave, plan: plan}
			t.Run(s.String(), func(t *testing.T) { s.compare(t, &table) })
		}
	}
	t.Logf("%d chats\n%s", *simChats, table.String())
}

// compare runs LeaveAll, with and without losses, and the clients that users write, and adds a row for each to a table.
func (s simulation) compare(t *testing.T, table io.Writer) {
	t.Helper()
	bound := s.lowerBound()
	row := func(who string, r simResult) {
		_, _ = fmt.Fprintf(table, "%-16s %-13s %12s %12s %7.3f %8d %10d %10d %4d %6.1f\n", s, who, r.took.Round(time.Millisecond), bound,
			float64(r.took)/float64(bound), r.requests, r.rateErrors, r.workErrors, r.cuts, float64(r.memory)/(1<<20))
	}
	lossy := s
	lossy.lossy = true
	ours, unlucky := s.run(t, byLeaveAll), lossy.run(t, byLeaveAll)
	row("LeaveAll", ours)
	row("1 in 10 lost", unlucky)
	assert.LessOrEqual(t, ours.took.Seconds(), 1.10*bound.Seconds())
	assert.LessOrEqual(t, unlucky.took.Seconds(), 1.35*bound.Seconds())
	assert.Zero(t, ours.workErrors, "the answers tell when it is enough")
	for _, r := range []simResult{ours, unlucky} {
		assert.Zero(t, r.rateErrors)
		assert.Zero(t, r.cuts)
	}
	single, batches := s.run(t, oneByOne), s.run(t, inBatches)
	row("one by one", single)
	row("batches of 50", batches)
	assert.LessOrEqual(t, ours.took, min(single.took, batches.took))
}
