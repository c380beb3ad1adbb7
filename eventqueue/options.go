package eventqueue

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

const (
	defaultName        = "IMBOT"
	defaultDuplicates  = 10 * time.Second
	defaultMaxDeliver  = 5
	defaultConcurrency = 256
	defaultGrace       = 30 * time.Second
)

var errNil = errors.New("is nil")

// Option changes what [Open] and [Connect] make.
type Option func(*config) error

type config struct {
	name       string
	duplicates time.Duration
	replicas   int
	syncAlways bool
	lease      time.Duration
	embedded   bool  // the server is in this process
	maxStore   int64 // what an embedded server takes; 0 for three quarters of what is free when it starts
}

// configOf applies options to the defaults.
func configOf(opts []Option) (config, error) {
	c := config{name: defaultName, duplicates: defaultDuplicates, lease: 6 * time.Second}
	var problems []error
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &imbot.ParamError{Param: fmt.Sprintf("option %d", i+1), Err: errNil})
			continue
		}
		if err := opt(&c); err != nil {
			problems = append(problems, err)
		}
	}
	return c, errors.Join(problems...)
}

var validName = regexp.MustCompile(`^[A-Za-z0-9_]{1,32}$`)

// WithName gives the streams another name than "IMBOT", so that several queues have room on one server: 1 to 32 letters,
// digits and underscores. All replicas that share a queue need the same.
func WithName(name string) Option {
	return func(c *config) error {
		if !validName.MatchString(name) {
			return &imbot.ParamError{Param: "WithName", Err: fmt.Errorf("has to be 1 to 32 letters, digits and underscores, not %.40q", name)}
		}
		c.name = name
		return nil
	}
}

// WithDuplicateWindow sets for how long an event is recognized when it is put again, from 100 ms to 1 hour; 10 s
// without it. Such an event is dropped. A bot that is added to a chat, leaves it and is added again within the window is
// one event by its identity.
func WithDuplicateWindow(d time.Duration) Option {
	return func(c *config) error {
		if d < 100*time.Millisecond || d > time.Hour {
			return &imbot.ParamError{Param: "WithDuplicateWindow", Err: fmt.Errorf("has to be from 100 ms to 1 hour, not %v", d)}
		}
		c.duplicates = d
		return nil
	}
}

// WithSyncAlways has [Open] write each event through to the disk before [Queue.Put] returns, so that it survives a loss
// of power, too. Without it an event survives the death of the process, and reaches the disk within two minutes. It is
// two to three times slower, and more on slow disks. For [Connect] it is a mistake: there the server decides.
func WithSyncAlways() Option {
	return func(c *config) error {
		c.syncAlways = true
		return nil
	}
}

// WithReplicas has [Connect] keep events on n servers of a cluster, 1 to 5; 1 without it. For [Open] it is a mistake.
func WithReplicas(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 5 {
			return &imbot.ParamError{Param: "WithReplicas", Err: fmt.Errorf("has to be from 1 to 5, not %d", n)}
		}
		c.replicas = n
		return nil
	}
}

// WorkOption changes how [Queue.Work] works.
type WorkOption func(*workConfig) error

type workConfig struct {
	maxDeliver  int
	concurrency int
	grace       time.Duration
	onDead      func(context.Context, DeadLetter)
	onError     func(context.Context, error)
	onLeaves    LeavesCallback
}

func workConfigOf(opts []WorkOption) (workConfig, error) {
	c := workConfig{maxDeliver: defaultMaxDeliver, concurrency: defaultConcurrency, grace: defaultGrace}
	var problems []error
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &imbot.ParamError{Param: fmt.Sprintf("option %d", i+1), Err: errNil})
			continue
		}
		if err := opt(&c); err != nil {
			problems = append(problems, err)
		}
	}
	return c, errors.Join(problems...)
}

// WithMaxDeliver sets at how many starts without success an event becomes a dead letter, at least 1; 5 without it. If the
// callback fails each time, that takes about 3 seconds, and about a minute with 12.
//
// A start at which the process has died counts as well, whichever replica begins the event next, for as long as a worker
// comes back within a week; so does one whose callback was told to end while there was no server. Work that ends within
// [WithGrace], or is told to end then, does not count. With 1, each event that is worked on when a process dies becomes a
// dead letter.
func WithMaxDeliver(n int) WorkOption {
	return func(c *workConfig) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithMaxDeliver", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.maxDeliver = n
		return nil
	}
}

// WithDead has f called for each event that has become a dead letter, after it was kept as one. Its portal waits for f.
func WithDead(f func(ctx context.Context, letter DeadLetter)) WorkOption {
	return func(c *workConfig) error {
		if f == nil {
			return &imbot.ParamError{Param: "WithDead", Err: errNil}
		}
		c.onDead = f
		return nil
	}
}

// WithConcurrency sets how many events are worked on at the same time in this process, each of another portal, at least
// 1; 256 without it. An event that waits to be repeated does not count.
func WithConcurrency(n int) WorkOption {
	return func(c *workConfig) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithConcurrency", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.concurrency = n
		return nil
	}
}

// WithGrace sets how long callbacks may go on when the context of [Queue.Work] has ended, before their contexts end too;
// 30 s without it. It has to be positive. An event whose callback returns nil after that is done all the same.
func WithGrace(d time.Duration) WorkOption {
	return func(c *workConfig) error {
		if d <= 0 {
			return &imbot.ParamError{Param: "WithGrace", Err: fmt.Errorf("has to be positive, not %v", d)}
		}
		c.grace = d
		return nil
	}
}

// WithErrorHandler has f called with each failure: a [*WorkError] for one of a callback, and others for what the queue
// itself could not do and does again, such as to reach the server. It must be safe for concurrent use.
func WithErrorHandler(f func(ctx context.Context, err error)) WorkOption {
	return func(c *workConfig) error {
		if f == nil {
			return &imbot.ParamError{Param: "WithErrorHandler", Err: errNil}
		}
		c.onError = f
		return nil
	}
}

// report tells whoever wants to know what went wrong. If that fails in turn, there is nobody left to tell.
func (c *workConfig) report(ctx context.Context, err error) {
	if c.onError == nil {
		return
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer func() { _ = recover() }()
		c.onError(ctx, err)
	}()
	<-finished
}
