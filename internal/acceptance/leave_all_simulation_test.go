package acceptance_test

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
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// A simulation is a bot that gets out of many chats of a portal in memory, on a fake clock. The rules are those of the
// cloud: the plan's bucket, 50 commands a batch, 60 s a request, and 480 s of work on a method in ten minutes, of which
// commands up to 0.1 s are not counted.
type simulation struct {
	chats    int
	perLeave time.Duration
	plan     imbot.Plan
	lossy    bool // every tenth answer is lost
}

func (s simulation) String() string {
	return fmt.Sprintf("%s/%s", strings.ToLower(s.plan.String()), s.perLeave)
}

// bucket has the rule of the plan: how many requests at once, and one each how long after that.
func (s simulation) bucket() (burst int, interval time.Duration) {
	if s.plan == imbot.PlanEnterprise {
		return 250, time.Second / 5
	}
	return 50, time.Second / 2
}

// lowerBound is the shortest time that the rules leave to any client, one that knows everything beforehand included:
// what a leave takes, how many chats there are, and which answers will be lost.
//
// Where leaves are counted, a window of ten minutes takes 480 s of them, and the next one begins ten minutes later:
// what does not fit into earlier windows is left for the last. There the bound is the shortest time in which the
// requests that the bucket allows until then, the first ones at once and each other one when its turn has come, have
// room for so many leaves one after the other, 50 in a request at the most.
//
// Where every tenth answer is lost, a tenth of the chats has to be looked for, 50 in a request. These requests, and a
// tenth of them once more, are not there for leaving.
func (s simulation) lowerBound() time.Duration {
	rest, windows := s.chats, 0
	if s.perLeave > 100*time.Millisecond {
		perWindow := int(simBudget / s.perLeave)
		windows = (s.chats - 1) / perWindow
		rest -= windows * perWindow
	}
	looks := 0
	if s.lossy {
		lost := (rest + 9) / 10
		looks = (lost+49)/50 + (lost/10+49)/50
	}
	burst, interval := s.bucket()
	last := time.Duration(0)
	for ; ; last += 10 * time.Millisecond {
		requests := burst + int(last/interval) - looks
		fit := 0
		for i := range requests {
			start := time.Duration(max(0, i-burst+1)) * interval
			fit += max(0, min(50, int((last-start)/s.perLeave)))
		}
		if fit >= rest {
			return time.Duration(windows)*simWindow + last
		}
	}
}

// portal makes the portal of a simulation, with a bot that is in all of its chats.
func (s simulation) portal(t *testing.T) *imbottest.Portal {
	t.Helper()
	portal := imbottest.NewPortal(t, imbottest.Empty(), imbottest.WithPlan(s.plan), imbottest.CostTakesTime(),
		imbottest.WithOperatingLimit(simBudget), imbottest.WithRequestLimit(time.Minute), imbottest.KeepCalls(1),
		imbottest.WithCost(func(method string) time.Duration {
			switch method {
			case "imbot.chat.leave":
				return s.perLeave
			case "imbot.chat.user.list":
				return simLook
			default:
				return 0
			}
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
			clienttest.Over(wire), imbot.WithLimiter(imbot.NewLimiter(s.plan)))
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

// byLeaveAll is the client under test. It has one result for each chat, in their order, and reports which answers were
// lost.
func (s simulation) byLeaveAll(t *testing.T) func(ctx context.Context, client *imbot.Client, chats int) map[imbot.ChatID]error {
	return func(ctx context.Context, client *imbot.Client, chats int) map[imbot.ChatID]error {
		outcomes := make(map[imbot.ChatID]error, chats)
		next := imbot.ChatID(1)
		lost := 0
		for result := range client.Chat.LeaveAll(ctx, simRequests(chats)) {
			require.Equal(t, next, result.Request.ChatID)
			next++
			if result.Err == nil && result.Outcome.State != imbot.Left {
				require.Equal(t, imbot.Out, result.Outcome.State, "chat %d", result.Request.ChatID)
				require.True(t, result.Outcome.Verified, "chat %d", result.Request.ChatID)
				lost++
			}
			outcomes[result.Request.ChatID] = result.Err
		}
		require.Equal(t, s.lossy, lost > 0)
		return outcomes
	}
}

// compare runs LeaveAll, with and without losses, and the clients that users write, and adds a row for each to a table.
func (s simulation) compare(t *testing.T, table io.Writer) {
	t.Helper()
	bound := s.lowerBound()
	row := func(who string, r simResult, bound time.Duration) {
		_, _ = fmt.Fprintf(table, "%-16s %-13s %12s %12s %7.3f %8d %10d %10d %4d %6.1f\n", s, who, r.took.Round(time.Millisecond), bound,
			float64(r.took)/float64(bound), r.requests, r.rateErrors, r.workErrors, r.cuts, float64(r.memory)/(1<<20))
	}
	lossy := s
	lossy.lossy = true
	ours, unlucky := s.run(t, s.byLeaveAll(t)), lossy.run(t, lossy.byLeaveAll(t))
	row("LeaveAll", ours, bound)
	row("1 in 10 lost", unlucky, lossy.lowerBound())
	start := time.Duration(0)
	if s.chats < 10_000 {
		start = 3 * time.Second // fewer chats do not make up for what it takes to learn how long a leave lasts
	}
	atMost := 110 * bound
	if s.plan == imbot.PlanEnterprise {
		atMost = 135 * bound
	}
	assert.LessOrEqual(t, 100*ours.took, atMost+100*start)
	assert.LessOrEqual(t, 100*unlucky.took, 135*lossy.lowerBound()+100*start)
	for _, r := range []simResult{ours, unlucky} {
		assert.Zero(t, r.rateErrors)
		assert.Zero(t, r.workErrors, "the answers tell when it is enough")
		assert.Zero(t, r.cuts)
	}
	single, batches := s.run(t, oneByOne), s.run(t, inBatches)
	row("one by one", single, bound)
	row("batches of 50", batches, bound)
	assert.LessOrEqual(t, ours.took, min(single.took, batches.took))
}

const (
	simBot    = imbottest.BotMain
	simBudget = 480 * time.Second
	simWindow = 10 * time.Minute
	simLook   = time.Millisecond // what it takes the portal to list the members of a chat
)

// simResult is what was counted of a client.
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
	for _, plan := range []imbot.Plan{imbot.PlanStandard, imbot.PlanEnterprise} { //nolint:paralleltest // as above
		for _, perLeave := range []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, time.Second} {
			s := simulation{chats: *simChats, perLeave: perLeave, plan: plan}
			t.Run(s.String(), func(t *testing.T) { s.compare(t, &table) })
		}
	}
	t.Logf("%d chats\n%s", *simChats, table.String())
}
