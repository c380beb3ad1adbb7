package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// Option changes what [NewHandler] makes. The order of options does not matter; of two equal ones the later counts. A
// mistake in one, such as a callback that is nil or a number that is out of range, is a [*imbot.ParamError] of
// NewHandler.
type Option func(*config) error

// config is what options write into.
type config struct {
	callbacks     map[string]Callback // by the name of the event; "" for all others
	acceptInstall Callback
	workers       int
	queue         int
	timeout       time.Duration // of a callback; zero for none
	mux           *imbotv2.Mux  // for the events of bots; nil for none
	maxAge        time.Duration // of an event; zero for any
	synchronous   bool          // the portal is answered when the work is done
	repeats       *repeats      // nil where events may come twice
	enqueue       Callback      // keeps an event before it is answered; nil where it is worked on at once
	onError       func(context.Context, error)
	traces        []func(context.Context, StepInfo) (context.Context, func(StepResult))
	logger        *slog.Logger
}

// A portal has at most half of these. A bot that leaves chats makes one call an event, so a few at a time keep within
// the two a second of a portal.
const (
	defaultWorkers = 16
	defaultQueue   = 512
)

var errNil = errors.New("is nil")

// notPositive is the mistake in a duration that has to be positive.
func notPositive(d time.Duration) error { return fmt.Errorf("has to be positive, not %v", d) }

// other stands for all events that have no callback of their own.
const other = ""

// callback returns what is called for an event; nil for the mux, or for nothing.
func (c *config) callback(event string) Callback {
	callback := c.callbacks[event]
	if callback == nil && !c.isForMux(event) {
		callback = c.callbacks[other]
	}
	return callback
}

// isForMux reports whether an event is one of a bot or of its users, and there is a mux for those.
func (c *config) isForMux(event string) bool { return c.mux != nil && strings.HasPrefix(event, "ONIM") }

func on(event, option string, callback Callback) Option {
	return func(c *config) error {
		if callback == nil {
			return &imbot.ParamError{Param: option, Err: errNil}
		}
		if c.callbacks == nil {
			c.callbacks = make(map[string]Callback)
		}
		c.callbacks[event] = callback
		return nil
	}
}

// OnJoinChat is called when a bot was added to a chat.
func OnJoinChat(callback Callback) Option { return on(JoinChat, "OnJoinChat", callback) }

// OnMessageAdd is called when somebody wrote to a bot.
func OnMessageAdd(callback Callback) Option { return on(MessageAdd, "OnMessageAdd", callback) }

// OnBotDelete is called when a bot was deleted.
func OnBotDelete(callback Callback) Option { return on(BotDelete, "OnBotDelete", callback) }

// OnAppInstall is called when the application was installed, after [WithInstallCheck] has accepted that or, without it,
// where the application token was known before.
func OnAppInstall(callback Callback) Option { return on(AppInstall, "OnAppInstall", callback) }

// OnAppUninstall is called when the application was removed. By then it may have been installed again, as the event may
// have waited: forget the portal only if Event.Time is later than that of the installation.
func OnAppUninstall(callback Callback) Option { return on(AppUninstall, "OnAppUninstall", callback) }

// OnOther is called for every event that no other callback is for, those of the second generation among them, unless
// [WithMux] has a Mux for it.
func OnOther(callback Callback) Option { return on(other, "OnOther", callback) }

// WithInstallCheck decides about installations. [AppInstall] brings the application token that all later events of the
// portal are verified by, so there is nothing yet to verify the event itself by, and anybody can post one. accept
// returns nil to accept it, after it has stored the application token, the tokens and the client_endpoint by MemberID;
// any error refuses it by 403.
//
// What accept should look at is whether the installation was expected (a portal that a customer has named, an address
// of the handler that nobody can guess), and whether the tokens are real: the OAuth server, asked by app.info at an
// address that does not come from the event, names the portal they belong to. An installation that claims the MemberID
// of a portal known already would take it over. accept should store Event.Time as well, by which a removal that comes
// late is distinguished from that of this installation.
//
// It is called while the portal waits, with the context of the request. Without it an installation is verified like any
// other event, so that it is refused where the portal is not known.
func WithInstallCheck(accept func(ctx context.Context, event *Event) error) Option {
	return func(c *config) error {
		if accept == nil {
			return &imbot.ParamError{Param: "WithInstallCheck", Err: errNil}
		}
		c.acceptInstall = accept
		return nil
	}
}

// WithWorkers sets how many callbacks run at the same time, at least one; 16 without it. Those of one portal have at
// most half of the workers, rounded up: with two or more, a portal whose callbacks never return leaves some to the
// others.
func WithWorkers(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithWorkers", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.workers = n
		return nil
	}
}

// WithQueue sets how many events may wait for a worker; 512 without it. Those of one portal have at most half of the
// places, rounded up. With 0 an event is refused unless its portal may have a worker at once; less is a mistake.
func WithQueue(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return &imbot.ParamError{Param: "WithQueue", Err: fmt.Errorf("has to be at least 0, not %d", n)}
		}
		c.queue = n
		return nil
	}
}

// WithCallbackTimeout ends the context of a callback when it has run for d, which has to be positive. The time in the
// queue does not count. Without it a callback may run for as long as it likes.
//
// A callback that waits for a portal which does not answer keeps a worker all the while, and its portal has a share of
// them. Give it the time that its calls may need, repeats included.
func WithCallbackTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return &imbot.ParamError{Param: "WithCallbackTimeout", Err: notPositive(d)}
		}
		c.timeout = d
		return nil
	}
}

// WithMux has the functions of mux called for all events of bots and their users, of both generations, in the terms of
// the second: see [Event.Fetched]. So a bot does the same whether its events are posted or fetched. An event of the
// first generation for several bots, or with several commands, is handled once for each, one after the other, and each
// that fails is a [*CallbackError] of its own.
//
// A callback for an event of one name, such as that of [OnMessageAdd], goes before the mux. The mux does not get
// installations, removals and events that are not of a bot; [OnOther] is called for the last of these alone. Register
// all functions of mux before the first event.
func WithMux(mux *imbotv2.Mux) Option {
	return func(c *config) error {
		if mux == nil {
			return &imbot.ParamError{Param: "WithMux", Err: errNil}
		}
		c.mux = mux
		return nil
	}
}

// WithSynchronous answers a portal when the callback for the event has returned: 200, or 500 if it failed. It is for
// cloud functions, which are stopped when they have answered. A portal that has to wait calls less often, and it does
// not send again what was answered 500. Callbacks still wait for a worker, and their contexts do not end when the
// portal hangs up.
func WithSynchronous() Option {
	return func(c *config) error {
		c.synchronous = true
		return nil
	}
}

// WithoutRepeats answers 200 to an event that came before within window, and drops it. Portals post events twice where
// several addresses or bots of an application are registered, and in both generations where it has handlers of both.
// [Event.ID] says what makes an event the same; for [WithMux], a message that came in both generations is one event.
//
// An event that was refused has not come; one whose callback failed has. The last 10,000 events are remembered, by this
// handler alone. The window is to be some minutes at most, and more than zero: a bot can be added again to the chat
// that it has left.
func WithoutRepeats(window time.Duration) Option {
	return func(c *config) error {
		if window <= 0 {
			return &imbot.ParamError{Param: "WithoutRepeats", Err: notPositive(window)}
		}
		c.repeats = &repeats{window: window}
		return nil
	}
}

// WithMaxAge answers 200 to an event that is older than d when its turn comes, and does nothing about it but report a
// [*CallbackError] that matches [ErrTooOld]. It is for bots that must not obey a command of yesterday after a pause. An
// event without a time has no age, and no age is too old for installations and removals. d has to be positive.
func WithMaxAge(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return &imbot.ParamError{Param: "WithMaxAge", Err: notPositive(d)}
		}
		c.maxAge = d
		return nil
	}
}

// WithErrorHandler calls onError with a [*RequestError] for each post that was refused, and with a [*CallbackError] for
// each callback that failed. It must be safe for concurrent use.
func WithErrorHandler(onError func(ctx context.Context, err error)) Option {
	return func(c *config) error {
		if onError == nil {
			return &imbot.ParamError{Param: "WithErrorHandler", Err: errNil}
		}
		c.onError = onError
		return nil
	}
}

// WithLogger logs a warning, "event refused", for each post that was refused: its HTTP status and the error; and an
// error, "event failed", for each callback that failed: event, member_id, error and, after a panic, the stack. What
// goes well is not logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return &imbot.ParamError{Param: "WithLogger", Err: errors.New("the logger is nil; leave the option out for silence")}
		}
		c.logger = logger
		return nil
	}
}

// log writes a record for what went wrong.
func (c *config) log(ctx context.Context, err error) {
	if refused, ok := errors.AsType[*RequestError](err); ok {
		c.logger.WarnContext(ctx, "event refused", slog.Int("status", refused.StatusCode), slog.Any("error", err))
		return
	}
	if failed, ok := errors.AsType[*CallbackError](err); ok {
		attrs := []slog.Attr{
			slog.String("event", short(failed.Name)), slog.String("member_id", short(failed.MemberID)), slog.Any("error", failed.Err),
		}
		if failed.Stack != nil {
			attrs = append(attrs, slog.String("stack", string(failed.Stack)))
		}
		c.logger.LogAttrs(ctx, slog.LevelError, "event failed", attrs...)
	}
}
