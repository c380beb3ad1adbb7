package eventqueue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// chats are requests for chats of these numbers.
func chats(from, to int) []imbot.ChatLeaveRequest {
	var reqs []imbot.ChatLeaveRequest
	for number := from; number <= to; number++ {
		reqs = append(reqs, imbot.ChatLeaveRequest{ChatID: imbot.ChatID(number), BotID: 9})
	}
	return reqs
}

// leaver leaves chats, and says which.
func leaver(at string, _ int) error {
	q, err := eventqueue.Open(context.Background(), at)
	if err != nil {
		return err
	}
	leave := eventqueue.ForClients(func(context.Context, string) (*imbot.Client, error) {
		return imbot.NewClient(imbot.Webhook(os.Getenv(childPortal)), imbot.WithClientID(imbottest.ClientID), imbot.WithLimiter(nil))
	})
	return q.Work(context.Background(), func(context.Context, *events.Event) error { return nil }, eventqueue.WithMaxDeliver(1000),
		eventqueue.WithLeaves(func(ctx context.Context, leaves eventqueue.Leaves) error {
			err := leave(ctx, leaves)
			for _, req := range leaves.Requests {
				say("done", leaves.MemberID, int(req.ChatID))
			}
			return err
		}))
}

// Chats that are left by a process that is killed again and again are left once, in their order, and of what is done at
// most the piece that was on its way is begun again.
func TestKill_leaves(t *testing.T) {
	t.Parallel()
	const portals, piece = 3, 50
	each := piece * (2*rounds() + 1)
	portal := imbottest.NewPortal(t)
	number := func(of, n int) int { return 1_000_000*(of+1) + n }
	dir := t.TempDir()
	q, err := eventqueue.Open(t.Context(), dir)
	require.NoError(t, err)
	for of := range portals {
		reqs := make([]imbot.ChatLeaveRequest, 0, each)
		for n := range each {
			req := imbot.ChatLeaveRequest{ChatID: imbot.ChatID(number(of, n)), BotID: imbottest.BotMain}
			portal.AddChat(imbottest.Chat{
				ID: req.ChatID, Kind: imbottest.Group, Owner: imbottest.Employee,
				Members: []imbot.UserID{imbottest.Employee, imbot.UserID(imbottest.BotMain)},
			})
			reqs = append(reqs, req)
		}
		require.NoError(t, q.PutLeave(t.Context(), fmt.Sprint("p", of), reqs...))
	}
	require.NoError(t, q.Close())

	out, said, closeAll := pipe(t)
	env := childPortal + "=" + portal.ServerWebhookURL()
	for range rounds() {
		kill := child(t, out, "leaver", dir, 0, env)
		said.awaits(t, rand.IntN(4*piece))
		kill()
	}
	closeAll()
	q, err = eventqueue.Open(t.Context(), dir)
	require.NoError(t, err)
	defer func() { assert.NoError(t, q.Close()) }()
	leave := eventqueue.ForClients(func(context.Context, string) (*imbot.Client, error) {
		return portal.Client(imbot.WithClientID(imbottest.ClientID)), nil
	})
	work(t, q, func(context.Context, *events.Event) error { return nil }, eventqueue.WithLeaves(func(ctx context.Context, leaves eventqueue.Leaves) error {
		for _, req := range leaves.Requests {
			said.note("done", leaves.MemberID, int(req.ChatID))
		}
		return leave(ctx, leaves)
	}), eventqueue.WithMaxDeliver(1000))
	require.Eventually(t, func() bool { stats, err := q.Stats(t.Context()); return err == nil && stats.Pending == 0 }, 2*soon, tick)
	repeats := 0
	for of := range portals {
		done := said.done[fmt.Sprint("p", of)]
		back, next := 0, 0
		for _, got := range done {
			n := got - number(of, 0)
			if n != next { // the piece of the one before is begun again
				back++
				require.Equal(t, max(0, next-1)/piece*piece, n, "after %d", next-1)
			}
			next = n + 1
		}
		assert.Equal(t, each, next)
		assert.LessOrEqual(t, back, rounds(), "one for each kill")
		repeats += len(done) - each
		for n := range each {
			chat := imbot.ChatID(number(of, n))
			assert.False(t, portal.Has(chat, imbottest.BotMain), chat)
			assert.Equal(t, 1, portal.Removals(chat), chat)
		}
	}
	assert.Empty(t, deadLetters(t, q))
	t.Logf("%d kills of a process that leaves chats: %d chats left once each, %d asked for again", rounds(), portals*each, repeats)
}

// Chats are left in pieces, among the events of their portal and in their order.
func TestQueue_PutLeave(t *testing.T) {
	t.Parallel()
	q := open(t)
	put(t, q, "p", 0)
	require.NoError(t, q.PutLeave(t.Context(), "p", chats(1, 120)...))
	put(t, q, "p", 121)
	require.NoError(t, q.PutLeave(t.Context(), "p"), "nothing to do")
	require.NoError(t, q.PutLeave(t.Context(), "p", chats(122, 122)...))
	require.NoError(t, q.PutLeave(t.Context(), "p", chats(122, 122)...), "whoever says so twice means it")
	var mu sync.Mutex
	var pieces []string
	add := func(what string, first, size int) {
		mu.Lock()
		defer mu.Unlock()
		pieces = append(pieces, fmt.Sprint(what, " ", first, " ", size))
	}
	work(t, q, func(_ context.Context, event *events.Event) error {
		add("event", numberOf(event), 1)
		return nil
	}, eventqueue.WithLeaves(func(_ context.Context, leaves eventqueue.Leaves) error {
		assert.Equal(t, "p", leaves.MemberID)
		assert.Equal(t, imbot.BotID(9), leaves.Requests[0].BotID)
		add("leave", int(leaves.Requests[0].ChatID), len(leaves.Requests))
		return nil
	}))
	want := []string{"event 0 1", "leave 1 50", "leave 51 50", "leave 101 20", "event 121 1", "leave 122 1", "leave 122 1"}
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(pieces) >= len(want) }, soon, tick)
	assert.Equal(t, want, pieces)
}

// What was left is not begun again, neither by the next attempt nor when the dead letter is put back.
func TestWithLeaves_failures(t *testing.T) {
	t.Parallel()
	failure := errors.New("not now")
	failing := func(numbers ...int) error {
		failed := new(eventqueue.LeavesError)
		for _, number := range numbers {
			failed.Failed = append(failed.Failed, imbot.LeaveResult{Request: imbot.ChatLeaveRequest{ChatID: imbot.ChatID(number), BotID: 9, ClientID: secret}, Err: failure})
		}
		return fmt.Errorf("wrapped: %w", failed)
	}
	mistake := &imbot.ParamError{Param: "x", Err: failure}
	tests := map[string]struct {
		errs []error // of the attempts; the last one of those that follow, too
		want [][]int // what each attempt is about
		rest []int
		as   error
	}{
		"less each time":  {[]error{failing(2, 3, 4), failing(3), nil}, [][]int{{1, 2, 3, 4, 5}, {2, 3, 4}, {3}}, nil, nil},
		"some for ever":   {[]error{failing(2, 4)}, [][]int{{1, 2, 3, 4, 5}, {2, 4}, {2, 4}}, []int{2, 4}, failure},
		"all":             {[]error{failure}, [][]int{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}}, []int{1, 2, 3, 4, 5}, failure},
		"others":          {[]error{failing(7), nil}, [][]int{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}}, nil, nil},
		"none of them":    {[]error{failing(), nil}, [][]int{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}}, nil, nil},
		"unknown outcome": {[]error{imbot.ErrOutcomeUnknown, nil}, [][]int{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}}, nil, nil},
		"a mistake":       {[]error{mistake}, [][]int{{1, 2, 3, 4, 5}}, []int{1, 2, 3, 4, 5}, failure},
		"a mistake and an unknown outcome": {
			[]error{&eventqueue.LeavesError{Failed: []imbot.LeaveResult{
				{Request: chats(1, 1)[0], Err: mistake}, {Request: chats(2, 2)[0], Err: imbot.ErrOutcomeUnknown},
			}}, &eventqueue.LeavesError{Failed: []imbot.LeaveResult{{Request: chats(1, 1)[0], Err: mistake}}}},
			[][]int{{1, 2, 3, 4, 5}, {1, 2}},
			[]int{1},
			failure,
		},
		"a mistake that may go away": {[]error{imbotv2.TryAgain(mistake), nil}, [][]int{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}}, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := open(t)
			require.NoError(t, q.PutLeave(t.Context(), "p", chats(1, 5)...))
			put(t, q, "p", 6)
			var begun [][]int
			var failures []error
			var done record
			stop := work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil },
				eventqueue.WithMaxDeliver(3), eventqueue.WithErrorHandler(func(_ context.Context, err error) { failures = append(failures, err) }),
				eventqueue.WithLeaves(func(_ context.Context, leaves eventqueue.Leaves) error {
					begun = append(begun, numbersOf(leaves))
					clear(leaves.Requests) // no business of the next attempt
					return tt.errs[min(len(begun), len(tt.errs))-1]
				}))
			done.awaits(t, "p", 6)
			stop()
			assert.Equal(t, tt.want, begun)
			for _, err := range failures {
				var failed *eventqueue.WorkError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, "imbot.chat.leave", failed.Name)
				assert.Equal(t, "p", failed.MemberID)
				assert.NotContains(t, err.Error(), secret)
			}
			letters := deadLetters(t, q)
			if tt.rest == nil {
				assert.Empty(t, letters)
				return
			}
			require.ErrorIs(t, failures[len(failures)-1], tt.as)
			require.Len(t, letters, 1)
			assert.Nil(t, letters[0].Event)
			assert.Equal(t, tt.rest, numbersOf(*letters[0].Leaves))
			require.NoError(t, q.PutBack(t.Context(), letters[0].ID))
			again := make(chan []int, 1)
			work(t, q, func(context.Context, *events.Event) error { return nil },
				eventqueue.WithLeaves(func(_ context.Context, leaves eventqueue.Leaves) error { again <- numbersOf(leaves); return nil }))
			assert.Equal(t, tt.rest, <-again)
		})
	}
}

func numbersOf(leaves eventqueue.Leaves) (numbers []int) {
	for _, req := range leaves.Requests {
		numbers = append(numbers, int(req.ChatID))
	}
	return numbers
}

func deadLetters(t *testing.T, q *eventqueue.Queue) (letters []eventqueue.DeadLetter) {
	t.Helper()
	for letter, err := range q.DeadLetters(t.Context()) {
		require.NoError(t, err)
		letters = append(letters, letter)
	}
	return letters
}

// A worker that cannot leave chats keeps them as dead letters, and goes on.
func TestWithLeaves_missing(t *testing.T) {
	t.Parallel()
	q := open(t)
	require.NoError(t, q.PutLeave(t.Context(), "p", chats(1, 2)...))
	put(t, q, "p", 3)
	var done record
	work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil })
	done.awaits(t, "p", 3)
	letters := deadLetters(t, q)
	require.Len(t, letters, 1)
	assert.Contains(t, letters[0].Reason, "WithLeaves")
}

// With a client, all that can be left is, and nothing of it twice. What the portal refuses is a dead letter.
func TestForClients(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	const bot = imbottest.BotMain
	reqs := []imbot.ChatLeaveRequest{{ChatID: imbottest.ChatElsewhere, BotID: bot}, {ChatID: imbottest.ChatCRM, BotID: bot}}
	for number := range 80 {
		chat := imbot.ChatID(1000 + number)
		portal.AddChat(imbottest.Chat{ID: chat, Kind: imbottest.Group, Owner: imbottest.Employee, Members: []imbot.UserID{imbottest.Employee, imbot.UserID(bot)}})
		reqs = append(reqs, imbot.ChatLeaveRequest{ChatID: chat, BotID: bot})
	}
	q := open(t)
	require.NoError(t, q.PutLeave(t.Context(), "m1", reqs...))
	put(t, q, "m1", 7)
	var members []string
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	var done record
	stop := work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil }, eventqueue.WithMaxDeliver(2),
		eventqueue.WithLeaves(eventqueue.ForClients(func(_ context.Context, memberID string) (*imbot.Client, error) {
			members = append(members, memberID)
			if len(members) == 1 {
				return nil, errors.New("the tokens could not be read")
			}
			return client, nil
		})))
	done.awaits(t, "m1", 7)
	stop()
	assert.Equal(t, []string{"m1", "m1", "m1"}, members, "two attempts for the first piece")
	for _, req := range reqs[2:] {
		assert.Equal(t, 1, portal.Removals(req.ChatID), req.ChatID)
	}
	assert.True(t, portal.Has(imbottest.ChatCRM, bot))
	letters := deadLetters(t, q)
	require.Len(t, letters, 1)
	assert.Equal(t, reqs[1:2], letters[0].Leaves.Requests)
	assert.Contains(t, letters[0].Reason, "chats that were not left: 1; the first one: ")

	nobody := func(context.Context, string) (*imbot.Client, error) { return nil, nil } //nolint:nilnil // a mistake of the caller
	for _, callback := range []eventqueue.LeavesCallback{eventqueue.ForClients(nil), eventqueue.ForClients(nobody)} {
		var mistake *imbot.ParamError
		require.ErrorAs(t, callback(t.Context(), eventqueue.Leaves{MemberID: "m1", Requests: reqs}), &mistake)
		assert.Equal(t, "client", mistake.Param)
	}
}

// A mistake is found before anything is kept, and no secret is.
func TestQueue_PutLeave_mistakes(t *testing.T) {
	t.Parallel()
	q := open(t)
	for param, err := range map[string]error{
		"memberID":               q.PutLeave(t.Context(), "", chats(1, 1)...),
		"CHAT_ID":                q.PutLeave(t.Context(), "p", append(chats(1, 70), imbot.ChatLeaveRequest{})...),
		"BOT_ID":                 q.PutLeave(t.Context(), "p", imbot.ChatLeaveRequest{ChatID: 1, BotID: -1}),
		"CLIENT_ID of request 2": q.PutLeave(t.Context(), "p", imbot.ChatLeaveRequest{ChatID: 1}, imbot.ChatLeaveRequest{ChatID: 2, ClientID: secret}),
		"WithLeaves":             q.Work(t.Context(), func(context.Context, *events.Event) error { return nil }, eventqueue.WithLeaves(nil)),
	} {
		var mistake *imbot.ParamError
		require.ErrorAs(t, err, &mistake, param)
		assert.Equal(t, param, mistake.Param)
		assert.NotContains(t, err.Error(), secret)
	}
	stats, err := q.Stats(t.Context())
	require.NoError(t, err)
	assert.Zero(t, stats.Pending)
}
