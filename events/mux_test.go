package events_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// notes collects what was called, by any number of goroutines.
type notes struct {
	mu   sync.Mutex
	list []string
}

func (n *notes) add(note string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, note)
}

func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.list...)
}

func (n *notes) fetched(label string) imbotv2.EventFunc {
	return func(_ context.Context, event *imbotv2.Event) error {
		n.add(fmt.Sprint(label, " ", event.Name, " ", event.Bot.ID))
		return nil
	}
}

func (n *notes) posted(label string) events.Callback {
	return func(_ context.Context, event *events.Event) error {
		n.add(label + " " + event.Name)
		return nil
	}
}

func TestWithMux(t *testing.T) {
	t.Parallel()
	var called notes
	mux := imbotv2.NewMux()
	mux.Message(called.fetched("message"))
	mux.MessageUpdate(called.fetched("update"))
	mux.MessageDelete(called.fetched("delete"))
	mux.JoinChat(called.fetched("join"))
	mux.BotDelete(called.fetched("bot"))
	mux.Context(called.fetched("context"))
	mux.Reaction(called.fetched("reaction"))
	mux.Command("echo", called.fetched("echo"))
	mux.Command("help", called.fetched("help"))
	mux.Other(called.fetched("other"))
	h := newHandler(t, events.WithMux(mux), events.WithSynchronous(), events.OnOther(called.posted("posted")), events.OnAppInstall(called.posted("install")))
	want := map[string]string{
		"ONIMBOTMESSAGEADD": "message ONIMBOTV2MESSAGEADD 567", "ONIMBOTMESSAGEUPDATE": "update ONIMBOTV2MESSAGEUPDATE 571",
		"ONIMBOTMESSAGEDELETE": "delete ONIMBOTV2MESSAGEDELETE 571", "ONIMBOTJOINCHAT": "join ONIMBOTV2JOINCHAT 571",
		"ONIMBOTDELETE": "bot ONIMBOTV2DELETE 567", "ONIMBOTCONTEXTGET": "context ONIMBOTV2CONTEXTGET 571",
		"ONIMCOMMANDADD": "echo ONIMBOTV2COMMANDADD 1291", "ONIMBOTV2MESSAGEADD": "message ONIMBOTV2MESSAGEADD 456",
		"ONIMBOTV2MESSAGEUPDATE": "update ONIMBOTV2MESSAGEUPDATE 456", "ONIMBOTV2MESSAGEDELETE": "delete ONIMBOTV2MESSAGEDELETE 456",
		"ONIMBOTV2JOINCHAT": "join ONIMBOTV2JOINCHAT 456", "ONIMBOTV2DELETE": "bot ONIMBOTV2DELETE 456",
		"ONIMBOTV2CONTEXTGET": "context ONIMBOTV2CONTEXTGET 456", "ONIMBOTV2COMMANDADD": "help ONIMBOTV2COMMANDADD 456",
		"ONIMBOTV2REACTIONCHANGE": "reaction ONIMBOTV2REACTIONCHANGE 456",
	}
	for _, name := range allPosts(t) {
		before := len(called.all())
		_, form := postedJSON(t, name)
		require.Equal(t, http.StatusOK, serve(h, post(t, "/", form)), name)
		event, _, _ := strings.Cut(name, "_")
		if want[event] == "" {
			want[event] = "other " + event + " 0"
		}
		assert.Equal(t, []string{want[event]}, called.all()[before:], name)
	}
	before := len(called.all())
	for _, name := range []string{"ONAPPINSTALL", "ONAPPUNINSTALL", "ONCRMDEALADD"} {
		require.Equal(t, http.StatusOK, serve(h, post(t, "/", named(name))), name)
	}
	assert.Equal(t, []string{"install ONAPPINSTALL", "posted ONAPPUNINSTALL", "posted ONCRMDEALADD"}, called.all()[before:])
}

// Installations are no business of a mux, and a callback for an event of its own goes before it.
func TestWithMux_callbacks(t *testing.T) {
	t.Parallel()
	var called notes
	mux := imbotv2.NewMux()
	mux.Message(called.fetched("mux"))
	mux.Other(called.fetched("mux"))
	h := newHandler(t, events.WithMux(mux), events.WithSynchronous(), events.OnMessageAdd(called.posted("own")))
	for _, name := range []string{"ONIMBOTMESSAGEADD", "ONIMBOTV2MESSAGEADD", "ONIMBOTDELETE", "ONAPPINSTALL", "ONAPPUNINSTALL", "ONCRMDEALADD"} {
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", named(name))), name)
	}
	assert.Equal(t, []string{"own ONIMBOTMESSAGEADD", "mux ONIMBOTV2MESSAGEADD 0", "mux ONIMBOTV2DELETE 571"}, called.all())
}

// Each bot of a post is served, whatever becomes of the others.
func TestWithMux_eachBot(t *testing.T) {
	t.Parallel()
	failure := errors.New("no luck")
	var called notes
	var reported errorsOf
	mux := imbotv2.NewMux()
	mux.JoinChat(func(_ context.Context, event *imbotv2.Event) error {
		called.add(strconv.FormatInt(int64(event.Bot.ID), 10))
		switch event.Bot.ID {
		case 571:
			panic("ouch")
		case 572:
			return failure
		case 573:
			runtime.Goexit()
		}
		return nil
	})
	h := newHandler(t, events.WithMux(mux), events.WithErrorHandler(reported.add))
	body := join("data[BOT][572][BOT_ID]=572", "data[BOT][573][BOT_ID]=573", "data[BOT][574][BOT_ID]=574")
	require.Equal(t, http.StatusOK, serve(h, post(t, "/", body)))
	require.NoError(t, h.Shutdown(t.Context()))
	assert.Equal(t, []string{"571", "572", "573", "574"}, called.all())
	require.Len(t, reported.all(), 3)
	require.ErrorIs(t, reported.all()[0], events.ErrPanic)
	require.ErrorIs(t, reported.all()[1], failure)
	require.ErrorIs(t, reported.all()[2], events.ErrPanic)
}

// The portal of tests posts the first generation, and the mux has the second.
func TestWithMux_portal(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	var called notes
	mux := imbotv2.NewMux()
	mux.Message(func(_ context.Context, event *imbotv2.Event) error {
		called.add(fmt.Sprint("message ", event.Message.Text, " in ", event.DialogID, " of ", event.User.ID))
		return nil
	})
	mux.JoinChat(func(_ context.Context, event *imbotv2.Event) error {
		called.add(fmt.Sprint("join ", event.DialogID, " chat ", event.Chat.ID, " by ", event.User.ID))
		return nil
	})
	mux.BotDelete(called.fetched("deleted"))
	h, err := events.NewHandler(knownPortals, events.WithMux(mux), events.WithSynchronous())
	require.NoError(t, err)
	portal.SendEventsTo(h)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "hello", imbottest.BotOfApp)
	portal.DeleteBot(imbottest.BotOfApp)
	dialog := func(chat imbot.ChatID) string { return fmt.Sprint(chat.DialogID()) }
	got := called.all()
	require.Len(t, got, 3)
	assert.Equal(t, fmt.Sprintf("join %s chat %d by %d", dialog(imbottest.ChatElsewhere), imbottest.ChatElsewhere, imbottest.Employee), got[0])
	assert.Contains(t, got[1], "hello in "+dialog(imbottest.ChatGroup)+" of "+fmt.Sprint(imbottest.Employee))
	assert.Equal(t, fmt.Sprint("deleted ONIMBOTV2DELETE ", imbottest.BotOfApp), got[2])
}

func TestWithSynchronous(t *testing.T) {
	t.Parallel()
	outcomes := map[string]struct {
		callback events.Callback
		status   int
		reports  int
	}{
		"done":     {func(context.Context, *events.Event) error { return nil }, 200, 0},
		"failed":   {func(context.Context, *events.Event) error { return errors.New("no luck") }, 500, 1},
		"panicked": {func(context.Context, *events.Event) error { panic("ouch") }, 500, 1},
		"ended":    {func(context.Context, *events.Event) error { runtime.Goexit(); return nil }, 500, 1},
		"none":     {nil, 200, 0},
	}
	for name, tt := range outcomes {
		var reported errorsOf
		returned := false
		opts := []events.Option{events.WithSynchronous(), events.WithErrorHandler(reported.add)}
		if tt.callback != nil {
			opts = append(opts, events.OnJoinChat(func(ctx context.Context, event *events.Event) error {
				defer func() { returned = true }()
				return tt.callback(ctx, event)
			}))
		}
		h := newHandler(t, opts...)
		assert.Equal(t, tt.status, serve(h, post(t, "/", join())), name)
		assert.Equal(t, tt.callback != nil, returned, name)
		assert.Len(t, reported.all(), tt.reports, name)
		assert.Equal(t, 403, serve(h, post(t, "/", join("auth[application_token]=EXAMPLE_OTHER"))), name)
	}
}

// What waits when the time for a shutdown is over was not worked on, and is not said to be.
func TestWithSynchronous_shutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		h := newHandler(t, events.WithSynchronous(), events.WithWorkers(1),
			events.OnJoinChat(func(context.Context, *events.Event) error { <-release; return nil }))
		statuses := make(chan int, 2)
		go func() { statuses <- serve(h, post(t, "/", join())) }()
		synctest.Wait()
		go func() { statuses <- serve(h, post(t, "/", join("data[PARAMS][X]=2"))) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, h.Shutdown(ctx))
		assert.Equal(t, http.StatusServiceUnavailable, <-statuses)
		close(release)
		assert.Equal(t, http.StatusOK, <-statuses)
	})
}

func TestWithoutRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var called notes
		mux := imbotv2.NewMux()
		mux.Other(func(_ context.Context, event *imbotv2.Event) error {
			called.add(event.Name)
			if event.Name == imbotv2.EventBotDelete {
				return errors.New("no luck")
			}
			return nil
		})
		h := newHandler(t, events.WithMux(mux), events.WithSynchronous(), events.WithoutRepeats(time.Minute))
		for _, name := range allPosts(t) {
			_, form := postedJSON(t, name)
			serve(h, post(t, "/", form))
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", form+"&x=1")), name)
		}
		assert.Len(t, called.all(), len(allPosts(t)))

		_, form := postedJSON(t, "ONIMBOTV2MESSAGEADD")
		time.Sleep(time.Minute - time.Second) // fake clock
		serve(h, post(t, "/", form))
		assert.Len(t, called.all(), len(allPosts(t)))
		time.Sleep(time.Second) // fake clock
		serve(h, post(t, "/", form))
		assert.Len(t, called.all(), len(allPosts(t))+1, "the window is over")
	})
}

// What a portal posts in both generations is one event for a mux, and two for callbacks by name.
func TestWithoutRepeats_bothGenerations(t *testing.T) {
	t.Parallel()
	first := fields("event=ONIMBOTMESSAGEADD", "data[BOT][9][BOT_ID]=9", "data[BOT][8][BOT_ID]=8", "data[PARAMS][MESSAGE_ID]=5",
		"auth[member_id]="+member, "auth[application_token]="+proof)
	second := fields("event=ONIMBOTV2MESSAGEADD", "data[bot][id]=9", "data[message][id]=5", "auth[member_id]="+member, "auth[application_token]="+proof)
	var called notes
	mux := imbotv2.NewMux()
	mux.Message(called.fetched("mux"))
	h := newHandler(t, events.WithMux(mux), events.WithSynchronous(), events.WithoutRepeats(time.Minute))
	callbacks := newHandler(t, events.OnOther(called.posted("callback")), events.WithSynchronous(), events.WithoutRepeats(time.Minute))
	for _, body := range []string{second, first, second} {
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", body)))
		assert.Equal(t, http.StatusOK, serve(callbacks, post(t, "/", body)))
	}
	assert.Equal(t, []string{
		"mux ONIMBOTV2MESSAGEADD 9", "callback ONIMBOTV2MESSAGEADD", "mux ONIMBOTV2MESSAGEADD 8", "callback ONIMBOTMESSAGEADD",
	}, called.all())
}

// Portals that are known by their domains alone are not taken for each other.
func TestWithoutRepeats_domains(t *testing.T) {
	t.Parallel()
	var called notes
	mux := imbotv2.NewMux()
	mux.Message(called.fetched("mux"))
	h, err := events.NewHandler(stored(proof), events.WithMux(mux), events.WithSynchronous(), events.WithoutRepeats(time.Minute))
	require.NoError(t, err)
	for _, domain := range []string{"a.example", "b.example", "a.example"} {
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", fields("event=ONIMBOTV2MESSAGEADD", "data[bot][id]=9", "data[message][id]=5",
			"auth[domain]="+domain, "auth[application_token]="+proof))))
	}
	assert.Len(t, called.all(), 2)
}

// The same goes for the ids of their events.
func TestEvent_ID(t *testing.T) {
	t.Parallel()
	sent := []string{"event=ONIMBOTV2MESSAGEADD", "data[bot][id]=9", "data[message][id]=5"}
	id := func(more ...string) string { return parse(t, "/", fields(append(sent, more...)...)).ID() }
	assert.Equal(t, id("auth[domain]=a.example"), id("auth[domain]=a.example", "ts=5", "data[message][text]=x"))
	for _, other := range [][]string{{"auth[domain]=b.example"}, {"auth[domain]=a.example", "auth[member_id]=m1"}, {"auth[domain]=a.example", "data[message][id]=6"}} {
		assert.NotEqual(t, id("auth[domain]=a.example"), id(other...), other)
	}
}

// An event that was refused has not come.
func TestWithoutRepeats_busy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		var called notes
		h := newHandler(t, events.WithoutRepeats(time.Hour), events.WithWorkers(1), events.WithQueue(0),
			events.OnJoinChat(func(_ context.Context, event *events.Event) error {
				<-release
				called.add(string(event.DialogID))
				return nil
			}))
		one, two := join("data[PARAMS][DIALOG_ID]=chat1"), join("data[PARAMS][DIALOG_ID]=chat2")
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", one)))
		synctest.Wait()
		assert.Equal(t, http.StatusServiceUnavailable, serve(h, post(t, "/", two)))
		release <- true
		synctest.Wait()
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", two)))
		release <- true
		synctest.Wait()
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", one)))
		require.NoError(t, h.Shutdown(t.Context()))
		assert.Equal(t, []string{"chat1", "chat2"}, called.all())
	})
}

// No more than 10,000 events are remembered, and the last ones are; any number may come at the same time.
func TestWithoutRepeats_bounded(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	called := map[imbot.DialogID]int{}
	h := newHandler(t, events.WithoutRepeats(time.Hour), events.WithSynchronous(), events.WithWorkers(8),
		events.OnJoinChat(func(_ context.Context, event *events.Event) error {
			mu.Lock()
			defer mu.Unlock()
			called[event.DialogID]++
			return nil
		}))
	send := func(n int) {
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", join("data[PARAMS][DIALOG_ID]=chat"+strconv.Itoa(n)))))
	}
	for n := range 10_000 {
		send(n)
	}
	send(0)
	assert.Equal(t, 1, called["chat0"])
	send(10_000)
	send(1)
	send(10_000)
	assert.Equal(t, 1, called["chat1"])
	assert.Equal(t, 1, called["chat10000"])
	send(0)
	assert.Equal(t, 2, called["chat0"], "it was forgotten")

	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { send(77_777) })
	}
	all.Wait()
	assert.Equal(t, 1, called["chat77777"])
}

func TestWithMaxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var called notes
		var reported errorsOf
		h := newHandler(t, events.WithMaxAge(time.Minute), events.OnOther(called.posted("other")), events.WithErrorHandler(reported.add),
			events.WithSynchronous())
		now := time.Now().Unix()
		sent := func(name string, ts int64) int {
			return serve(h, post(t, "/", named(name)+"&ts="+strconv.FormatInt(ts, 10)))
		}
		assert.Equal(t, http.StatusOK, sent(events.JoinChat, now-60))
		assert.Empty(t, reported.all())
		assert.Equal(t, http.StatusOK, sent(events.JoinChat, now-61))
		require.Len(t, reported.all(), 1)
		require.ErrorIs(t, reported.all()[0], events.ErrTooOld)
		var failed *events.CallbackError
		require.ErrorAs(t, reported.all()[0], &failed)
		assert.Equal(t, events.JoinChat, failed.Name)
		for _, name := range []string{events.AppInstall, events.AppUninstall} {
			assert.Equal(t, http.StatusOK, sent(name, now-100_000))
		}
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", named(events.BotDelete))), "without a time")
		assert.Equal(t, []string{"other ONIMBOTJOINCHAT", "other ONAPPINSTALL", "other ONAPPUNINSTALL", "other ONIMBOTDELETE"}, called.all())
	})
}
