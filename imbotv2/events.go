package imbotv2

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// What the errors of [Bot.Events] may match, beside what [EventService.Get] fails with. The sequence goes on after them.
var (
	// ErrEventsPosted: the events of the bot are posted, so that none can be fetched. Register the bot with
	// [EventModeFetch], or change it by imbot.v2.Bot.update.
	ErrEventsPosted = imbot.NewError("imbotv2: the events of the bot are posted, and none can be fetched", imbot.Advice{
		Meaning: "the events of the bot are posted, so that none can be fetched",
		Action:  "register the bot with EventModeFetch, or change it by imbot.v2.Bot.update",
	})
	// ErrEventGap: the portal was not asked for more than a day, after which it deletes events.
	ErrEventGap = imbot.NewError("imbotv2: events may be lost: the portal deletes them after a day", imbot.Advice{
		Meaning: "the portal was not asked for more than a day, after which it deletes events",
		Action:  "nothing; some events may be lost",
	})
	// ErrEventsTaken: events that were not done are gone. Another program fetches those of the bot too, or they were
	// older than a day.
	ErrEventsTaken = imbot.NewError("imbotv2: events that were not done are gone", imbot.Advice{
		Meaning: "events that were not done are gone: another program fetches those of the bot too, or they were too old",
		Action:  "let one program fetch the events of a bot",
	})
	// ErrFetchedTwice: this program fetches the events of the bot by the same client already, so that each of them comes
	// twice or, worse, is deleted before the other one has seen it.
	ErrFetchedTwice = imbot.NewError("imbotv2: the events of the bot are fetched twice at the same time", imbot.Advice{
		Meaning: "this program fetches the events of the bot twice at the same time",
		Action:  "fetch them once, and share what comes",
	})
	// ErrOffsetDropped: the offset of the [OffsetStore] belongs to other numbers of events than those of the portal,
	// which begin anew when its database does. No event is skipped because of it.
	ErrOffsetDropped = imbot.NewError("imbotv2: the portal numbers its events anew, and the stored offset was dropped", imbot.Advice{
		Meaning: "the portal numbers its events anew, as with a new database, so the stored offset was dropped",
		Action:  "nothing; events may come twice",
	})
)

// EventTooLargeError is about an event that alone is more than an answer may have. It holds up all others, until it is a
// day old or [WithSkipTooLarge] lets the sequence go past it.
type EventTooLargeError struct {
	EventID EventID // which one; zero where even that could not be read
	Err     error   // matches [imbot.ErrAnswerTooLarge]
}

// Error names the event.
func (e *EventTooLargeError) Error() string {
	return fmt.Sprintf("imbotv2: event %d cannot be fetched: %v", e.EventID, e.Err)
}

// Unwrap returns Err.
func (e *EventTooLargeError) Unwrap() error { return e.Err }

// Advice is for [imbot.Explain].
func (e *EventTooLargeError) Advice() imbot.Advice {
	return imbot.Advice{
		Meaning: "an event is larger than what this library reads, and holds up those after it",
		Action:  "let it be skipped (WithSkipTooLarge), or wait until it is a day old",
	}
}

// EventsOption changes how [Bot.Events] and [Mux.Run] work. After a mistake in one, a
// [*imbot.ParamError] is all that they yield or return.
type EventsOption func(*eventsConfig) error

type eventsConfig struct {
	store             OffsetStore
	pageSize          int
	shortest, longest time.Duration // of the pauses when nothing waits
	userEvents        bool
	skipTooLarge      bool

	workers int           // of Mux.Run
	tries   int           // likewise
	timeout time.Duration // likewise; zero for none
}

// The pace that Bitrix24 asks for.
const (
	pauseWithMore = 2 * time.Second
	shortestPause = 5 * time.Second
	longestPause  = 30 * time.Second
)

const defaultPage = 100

func newEventsConfig(opts []EventsOption) (eventsConfig, error) {
	cfg := eventsConfig{pageSize: defaultPage, shortest: shortestPause, longest: longestPause, workers: defaultWorkers, tries: defaultTries}
	var problems []error
	for _, opt := range opts {
		if opt != nil {
			problems = append(problems, opt(&cfg))
		}
	}
	if cfg.store == nil {
		cfg.store = NewMemoryOffsets()
	}
	return cfg, errors.Join(problems...)
}

// WithOffsets keeps in store which events are done, so that a program that was restarted does not get the last of them
// again. Without it, it may.
func WithOffsets(store OffsetStore) EventsOption {
	return func(c *eventsConfig) error {
		if store == nil {
			return &imbot.ParamError{Param: "WithOffsets", Err: errors.New("is nil")}
		}
		c.store = store
		return nil
	}
}

// WithPageSize sets how many events are asked for at once, from 1 to 1,000; 100 without it.
func WithPageSize(n int) EventsOption {
	return func(c *eventsConfig) error {
		if n < 1 || n > mostEvents {
			return &imbot.ParamError{Param: "WithPageSize", Err: fmt.Errorf("has to be from 1 to %d, not %d", mostEvents, n)}
		}
		c.pageSize = n
		return nil
	}
}

// WithPauses sets how long to wait when no event waits: shortest at first, and twice as long each time, up to longest.
// Without it that is 5 s and 30 s, as Bitrix24 asks for; where many events wait, the pause is 2 s or shortest.
func WithPauses(shortest, longest time.Duration) EventsOption {
	return func(c *eventsConfig) error {
		if shortest <= 0 || longest < shortest {
			return &imbot.ParamError{Param: "WithPauses", Err: fmt.Errorf("the first pause has to be positive, and the second not shorter, not %v and %v", shortest, longest)}
		}
		c.shortest, c.longest = shortest, longest
		return nil
	}
}

// WithUserEvents asks for the events of the user of the webhook or token as well, who has to be subscribed to them
// (im.v2.Event.subscribe; scope im). They have one queue for whoever reads as that user: what is done here is gone for
// all other bots and programs that fetch with the events of that user, and what they have done is gone here.
func WithUserEvents() EventsOption {
	return func(c *eventsConfig) error {
		c.userEvents = true
		return nil
	}
}

// WithSkipTooLarge goes past an event that cannot be fetched alone, after its [*EventTooLargeError]. The event is lost.
func WithSkipTooLarge() EventsOption {
	return func(c *eventsConfig) error {
		c.skipTooLarge = true
		return nil
	}
}

// Events yields the events of the bot in their order, as they come, until ctx ends or the portal refuses the caller as
// such, whose error is the last then. It needs no address where the portal can reach the program; the bot has to be
// registered with [EventModeFetch].
//
//	for event, err := range bot.Events(ctx, imbotv2.WithOffsets(offsets)) {
//		if err != nil {
//			log.Print(err) // it goes on
//			continue
//		}
//		if event.Message != nil {
//			log.Print(event.Message.Text)
//		}
//	}
//
// An event is done when the loop comes back for the next one, or when [Event.Done] was called. Only what is done is
// confirmed to the portal, by the next request, and deleted there: an event that the loop was left in, or a panic, comes
// again. So does what was done when the program was killed, unless an [OffsetStore] knows. Events that are not confirmed
// within a day are deleted by the portal; then an error tells ([ErrEventGap]).
//
// Two programs must not fetch the events of one bot: what the one confirms, the other never sees. Only some of that is
// noticed ([ErrEventsTaken], [ErrFetchedTwice]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/events/event-get.html
func (b *Bot) Events(ctx context.Context, opts ...EventsOption) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		f, err := newFeed(b, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.close(ctx)
		for {
			event, err := f.next(ctx)
			if event == nil && err == nil || !yield(event, err) || isFinal(err) {
				return
			}
			if event != nil {
				event.Done()
			}
		}
	}
}

// isFinal reports whether an error will be the same for every further request: the bot is gone, or the caller is refused
// as such.
func isFinal(err error) bool {
	if _, ok := errors.AsType[*imbot.ParamError](err); ok {
		return true
	}
	if err == nil || errors.Is(err, imbot.ErrOutcomeUnknown) {
		return false
	}
	// A source that could not replace the token may do so next time: then the refusal is not alone.
	refused, isAlone := err.(*imbot.APIError) //nolint:errorlint // see above
	if isAlone && (refused.Is(imbot.ErrInvalidToken) || refused.Is(imbot.ErrExpiredToken)) {
		return true
	}
	for _, final := range []error{
		imbot.ErrBotID, imbot.ErrAppID, imbot.ErrClientIDMissing, // the bot is gone, or somebody else's
		imbot.ErrInvalidCredentials, imbot.ErrNoAuthFound,
		imbot.ErrInvalidGrant, imbot.ErrInvalidClient, imbot.ErrWrongClient,
		imbot.ErrInsufficientScope, ErrScope, ErrAuth, ErrUserNotSubscribed,
		imbot.ErrApplicationNotFound, imbot.ErrPortalDeleted, imbot.ErrMethodNotFound, imbot.ErrUserAccess,
	} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

// Done says that the event is done, before the loop comes back for the next one: it is done then even if the loop is
// left, and does not come again if an [OffsetStore] knows. It does nothing for an event that was posted. It is safe for
// concurrent use.
func (e *Event) Done() {
	if e.done != nil {
		e.done()
	}
}
