package imbotv2

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// feed fetches the events of a bot, and confirms those that are done. What decides is what the portal does with an
// offset: it deletes all events below it, for good. So the first request has none; what the store knows is skipped by
// its number; and no offset is higher than one past an event that this run has done with all before it.
type feed struct {
	bot *Bot
	cfg eventsConfig
	key OffsetKey

	stored  Offset // what the store had; zero when the portal was found to number its events anew
	loaded  bool
	limit   int           // of the next request, but for what is open; halved where an answer is too large
	pause   time.Duration // the last one, where nothing waited
	nextAt  time.Time     // when the next request may be made
	asked   bool          // whether the events are posted was asked for
	errs    []error       // to be handed out before anything else
	waiting []*Event      // to be handed out
	unsaved bool          // the store failed the last time

	mu      sync.Mutex
	line    []lined       // events that were handed out, or skipped, and not confirmed; by number
	offset  EventID       // one past the last event that is done with all before it; 0: none
	done    Offset        // that event, and when the portal was asked
	saved   Offset        // what the store was given last
	changed chan struct{} // closed, and made anew, when an event is done
}

// running counts the feeds of this program.
var running = struct {
	mu    sync.Mutex
	feeds map[feedKey]int
}{feeds: make(map[feedKey]int)}

// feedKey is a bot of a client.
type feedKey struct {
	client *imbot.Client
	bot    imbot.BotID
}

func newFeed(bot *Bot, opts []EventsOption) (*feed, error) {
	if bot == nil || bot.client == nil {
		return nil, &imbot.ParamError{Param: "bot", Err: errors.New("was not made by Client.As")}
	}
	cfg, err := newEventsConfig(opts)
	if problem := requireBot(bot.id); problem != nil {
		err = errors.Join(err, problem)
	}
	if err != nil {
		return nil, err
	}
	f := &feed{bot: bot, cfg: cfg, key: OffsetKey{bot.client.Portal(), bot.id}, limit: cfg.pageSize, changed: make(chan struct{})}
	running.mu.Lock()
	defer running.mu.Unlock()
	running.feeds[f.runningAs()]++
	if running.feeds[f.runningAs()] > 1 {
		f.errs = append(f.errs, ErrFetchedTwice)
	}
	return f, nil
}

func (f *feed) runningAs() feedKey { return feedKey{f.bot.base, f.bot.id} }

// close saves what is done.
func (f *feed) close(ctx context.Context) {
	running.mu.Lock()
	if running.feeds[f.runningAs()]--; running.feeds[f.runningAs()] == 0 {
		delete(running.feeds, f.runningAs())
	}
	running.mu.Unlock()
	if f.unsaved {
		f.saved = Offset{}
	}
	_ = f.save(ctx) // there is nobody to tell; what is not saved comes again
}

// next returns the next event, or an error after which it goes on unless that is final; nothing when ctx has ended.
func (f *feed) next(ctx context.Context) (*Event, error) {
	for ctx.Err() == nil {
		if err := f.save(ctx); err != nil {
			f.errs = append(f.errs, err)
		}
		switch {
		case len(f.errs) > 0:
			err := f.errs[0]
			f.errs = f.errs[1:]
			return nil, err
		case len(f.waiting) > 0:
			event := f.waiting[0]
			f.waiting = f.waiting[1:]
			return event, nil
		case f.wait(ctx):
			if err := f.fetch(ctx); err != nil && ctx.Err() == nil {
				return nil, err
			}
		}
	}
	return nil, nil //nolint:nilnil // ctx has ended, and the caller has that
}

// wait waits until another request may be made, and reports whether one is to be.
func (f *feed) wait(ctx context.Context) bool {
	changed, isFull := f.state()
	until := time.Until(f.nextAt)
	if until <= 0 && !isFull {
		return true
	}
	var timer <-chan time.Time
	if until > 0 {
		t := time.NewTimer(until)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-timer:
	case <-changed:
	case <-ctx.Done():
	}
	return false
}

// state returns what is closed by the next change, and whether so many events are open that an answer has no room
// for another one.
func (f *feed) state() (changed <-chan struct{}, isFull bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed, len(f.line) >= mostEvents
}

// load reads what the store knows, once.
func (f *feed) load(ctx context.Context) error {
	if f.loaded {
		return nil
	}
	stored, err := f.cfg.store.Load(ctx, f.key)
	if err != nil {
		return err
	}
	f.stored, f.loaded = stored, true
	f.noteAsked(stored.FetchedAt)
	return nil
}

// fetch makes a request, and takes what it brings.
func (f *feed) fetch(ctx context.Context) error {
	if err := f.load(ctx); err != nil {
		return f.failed(err)
	}
	req := EventGetRequest{}
	offset, open := f.ask()
	req.Offset, req.Limit = offset, min(open+f.limit, mostEvents)
	if f.cfg.userEvents {
		req.WithUserEvents = new(true)
	}
	got, err := f.bot.Event.Get(ctx, req)
	switch {
	case err == nil:
	case errors.Is(err, imbot.ErrAnswerTooLarge) && f.limit > 1:
		f.limit /= 2
		return nil
	case errors.Is(err, imbot.ErrAnswerTooLarge) && open == 0:
		return f.tooLarge(err)
	default: // also where those that are open may be what is too large, which are not asked for when they are done
		return f.failed(err)
	}
	f.take(ctx, got.Result)
	return nil
}

// ask returns the offset of the next request, and how many events are open. These come again, and are asked for beside a
// page.
func (f *feed) ask() (offset EventID, open int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.offset, len(f.line)
}

// take takes the events of a page.
func (f *feed) take(ctx context.Context, page EventGetResult) {
	now := time.Now().Round(0) // by the clock on the wall: the other one may stop while the machine sleeps
	f.mu.Lock()
	before := f.done.FetchedAt
	f.done.FetchedAt = now
	f.mu.Unlock()
	f.noteGap(before, now)
	f.noteTaken(page)
	for _, event := range page.Events {
		f.add(&event)  // a copy, which does not keep the rest of the page in memory
		f.asked = true // those of a bot that are posted do not come
	}
	f.limit = min(2*f.limit, f.cfg.pageSize)
	switch {
	case page.HasMore:
		f.pause, f.nextAt = 0, now.Add(min(pauseWithMore, f.cfg.shortest))
		return
	case len(f.waiting) > 0:
		f.pause = 0
	default:
		f.noteMode(ctx)
	}
	f.rest(now)
}

// rest lets the next request wait, twice as long each time.
func (f *feed) rest(now time.Time) {
	f.pause = min(max(2*f.pause, f.cfg.shortest), f.cfg.longest)
	f.nextAt = now.Add(f.pause)
}

// failed lets the next request wait after an error, as long as the portal says, but for an hour at most: events that
// wait for a day are deleted.
func (f *feed) failed(err error) error {
	const longest = time.Hour
	now := time.Now()
	f.rest(now)
	if refused, ok := errors.AsType[*imbot.APIError](err); ok {
		f.nextAt = now.Add(max(f.pause, min(refused.RetryAt.Sub(now), longest)))
	}
	return err
}

// tooLarge reports the first event that waits as one that cannot be fetched, and goes past it where it may.
func (f *feed) tooLarge(err error) error {
	id := idOf(err)
	if f.cfg.skipTooLarge && id > 0 {
		f.mu.Lock()
		f.insert(lined{id: id, done: true})
		f.settle()
		f.mu.Unlock()
		f.nextAt = time.Now().Add(min(pauseWithMore, f.cfg.shortest))
		return &EventTooLargeError{EventID: id, Err: err}
	}
	return f.failed(&EventTooLargeError{EventID: id, Err: err})
}

// firstEvent is how an answer begins. Further on, what looks like that may be what somebody wrote.
var firstEvent = regexp.MustCompile(`^\s*\{\s*"result"\s*:\s*\{\s*"events"\s*:\s*\[\s*\{\s*"eventId"\s*:\s*"?([0-9]{1,18})`)

// idOf returns the number of the first event of an answer that is too large.
func idOf(err error) EventID {
	head, ok := errors.AsType[envelope.Head](err)
	if !ok {
		return 0
	}
	found := firstEvent.FindSubmatch(head.Text())
	if found == nil {
		return 0
	}
	id, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return EventID(id)
}

// save gives the store what is done, when there is something new, and now and then that the portal was asked. It does so
// also when ctx has ended.
func (f *feed) save(ctx context.Context) error {
	const now, timeout = time.Hour, 10 * time.Second
	f.mu.Lock()
	done, saved := f.done, f.saved
	f.mu.Unlock()
	if done.EventID < f.stored.EventID { // as long as what the store knew is skipped
		done.EventID, done.Date = f.stored.EventID, f.stored.Date
	}
	if !f.loaded || done.EventID == saved.EventID && done.FetchedAt.Sub(saved.FetchedAt) < now {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	f.mu.Lock()
	f.saved = done // an error is reported once; the next event is another chance, and the end
	f.mu.Unlock()
	err := f.cfg.store.Save(ctx, f.key, done)
	f.unsaved = err != nil
	return err
}

// noteAsked remembers when the portal was last asked, as the store has it.
func (f *feed) noteAsked(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done.FetchedAt, f.saved = at, f.stored
}

// noteGap reports that the portal was not asked for so long that it has deleted events.
func (f *feed) noteGap(before, now time.Time) {
	const kept = 24 * time.Hour
	if !before.IsZero() && now.Sub(before) > kept {
		f.errs = append(f.errs, ErrEventGap)
	}
}

// noteTaken reports that events are gone that are not done. They are not waited for any longer.
func (f *feed) noteTaken(page EventGetResult) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := EventID(0)
	if n := len(page.Events); n > 0 {
		last = page.Events[n-1].EventID
	}
	taken := false
	f.line = slices.DeleteFunc(f.line, func(l lined) bool {
		_, isThere := slices.BinarySearchFunc(page.Events, l.id, func(e Event, id EventID) int { return cmp.Compare(e.EventID, id) })
		isGone := !isThere && (l.id < last || !page.HasMore)
		taken = taken || isGone && !l.done
		return isGone
	})
	f.settle()
	if taken {
		f.errs = append(f.errs, ErrEventsTaken)
	}
}

// noteMode asks, when the first answers have no events, whether those of the bot are posted: the portal does not say.
func (f *feed) noteMode(ctx context.Context) {
	if f.asked {
		return
	}
	got, err := f.bot.Get(ctx, BotGetRequest{})
	f.asked = err == nil
	if f.asked && got.Result.Bot.EventMode == EventModeWebhook {
		f.errs = append(f.errs, ErrEventsPosted)
	}
}
