package imbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"
)

// LeaveResult is what came of one request of [ChatService.LeaveAll].
type LeaveResult struct {
	Request ChatLeaveRequest // as it was given
	Outcome LeaveOutcome     // as [ChatService.EnsureLeft] has it; its State is empty beside an error
	Err     error            // as EnsureLeft has it; where nothing was sent, a [*ParamError] or [ErrNotExecuted]
}

// Format prints the chat and what came of it, whatever the verb.
func (r LeaveResult) Format(f fmt.State, _ rune) {
	came := any(r.Outcome.State)
	if r.Err != nil {
		came = r.Err
	}
	_, _ = fmt.Fprintf(f, "imbot.LeaveResult(%s: %v)", r.Request.ChatID.DialogID(), came)
}

// LogValue makes a log record of the result a group of what is known: the chat, the bot, and what came of it.
func (r LeaveResult) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int64("chat_id", int64(r.Request.ChatID))}
	if r.Request.BotID != 0 {
		attrs = append(attrs, slog.Int64("bot_id", int64(r.Request.BotID)))
	}
	if r.Err != nil {
		return slog.GroupValue(append(attrs, slog.Any("error", r.Err))...)
	}
	return slog.GroupValue(append(attrs,
		slog.String("state", string(r.Outcome.State)),
		slog.Int("attempts", r.Outcome.Attempts),
		slog.Bool("verified", r.Outcome.Verified))...)
}

// MarshalJSON writes the same as LogValue, for files of outcomes.
func (r LeaveResult) MarshalJSON() ([]byte, error) {
	line := struct {
		ChatID   ChatID     `json:"chat_id"`
		BotID    BotID      `json:"bot_id,omitempty"`
		State    LeaveState `json:"state,omitempty"`
		Attempts int        `json:"attempts"`
		Verified bool       `json:"verified"`
		Error    string     `json:"error,omitempty"`
	}{r.Request.ChatID, r.Request.BotID, r.Outcome.State, r.Outcome.Attempts, r.Outcome.Verified, ""}
	if r.Err != nil {
		line.Error = r.Err.Error()
	}
	return json.Marshal(line)
}

// LeaveProgress is how far a [ChatService.LeaveAll] has come, for [WithProgress].
type LeaveProgress struct {
	Taken int // how many requests were taken from the sequence
	// Left, AlreadyOut and Out count the outcomes, Failed the errors. What is missing to Taken is on its way.
	Left, AlreadyOut, Out, Failed int
	InFlight                      int       // how many batches are at the portal
	BatchSize                     int       // how many chats the next batch is to have
	WaitUntil                     time.Time // when the portal takes more, where LeaveAll waits for that; else zero
}

// Done is how many requests have an outcome or an error.
func (p LeaveProgress) Done() int { return p.Left + p.AlreadyOut + p.Out + p.Failed }

// LeaveAllOption changes how [ChatService.LeaveAll] works. A value out of range is a [*ParamError] in the result of
// every request, of which none is sent.
type LeaveAllOption func(*leaveAllConfig) error

type leaveAllConfig struct {
	batchSize   int
	concurrency int
	progress    func(LeaveProgress)
	unreported  func(LeaveResult)
	stop        <-chan struct{}
}

// WithBatchSize bounds how many chats a batch has: 1 to 50, which is the default.
func WithBatchSize(most int) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		if most < 1 || most > maxCommands {
			return &ParamError{Param: "WithBatchSize", Err: errors.New("has to be from 1 to 50")}
		}
		c.batchSize = most
		return nil
	}
}

// WithConcurrency bounds how many batches are at the portal at the same time: 1 to 250, which is the default.
func WithConcurrency(most int) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		if most < 1 || most > mostBatches {
			return &ParamError{Param: "WithConcurrency", Err: errors.New("has to be from 1 to 250")}
		}
		c.concurrency = most
		return nil
	}
}

// WithProgress has report called whenever the progress has changed, between the results and on the goroutine of the
// loop.
func WithProgress(report func(LeaveProgress)) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.progress = report
		return nil
	}
}

// WithUnreported has report called for each request whose result the loop did not wait for, in their order and before
// the statement after the loop runs. Those that were at the portal have their outcomes, or an error that matches
// [ErrOutcomeUnknown]; the others match [ErrNotExecuted].
func WithUnreported(report func(LeaveResult)) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.unreported = report
		return nil
	}
}

// WithStop ends the work early when stop is closed, also while LeaveAll waits: nothing more is taken or sent, the
// batches at the portal are waited for, and the loop ends when each request that was taken has its result.
func WithStop(stop <-chan struct{}) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.stop = stop
		return nil
	}
}

// mostBatches is how many batches there may be at the portal: as many as the largest plan takes at once.
const mostBatches = 250

// LeaveAll takes bots out of any number of chats, as [ChatService.EnsureLeft] does of one, in constant memory. Each
// request that it took from reqs has one result, in their order: of the loop, or of [WithUnreported] if the loop is
// left.
//
// The requests travel in batches, as fast as the portal allows by the limiter of the client and by what the answers
// report. Where the portal has enough all the same, LeaveAll waits as long as ctx allows. After a lost answer only the
// bots that are still there leave again; without a BotID that cannot be seen, and all of them do.
//
// When the loop is left, or [WithStop] is used, the batches at the portal are waited for. When ctx ends, or its
// deadline leaves no time for another request, no more are taken. When the portal refuses the caller as such
// ([ErrInvalidCredentials], [ErrOverloadLimit]), takes nothing for long, or at once under RetryPolicy{}, or when there
// is no token, the error of every further request matches that and [ErrNotExecuted].
//
// The sequence runs on the goroutine of the loop; an observer, a limiter and a token source are called on others. A
// panic in one of these goes on in the loop.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-leave.html
func (s *ChatService) LeaveAll(ctx context.Context, reqs iter.Seq[ChatLeaveRequest], opts ...LeaveAllOption) iter.Seq[LeaveResult] {
	cfg := leaveAllConfig{batchSize: maxCommands, concurrency: mostBatches}
	var problems []error
	for _, opt := range opts {
		if opt != nil {
			problems = append(problems, opt(&cfg))
		}
	}
	return func(yield func(LeaveResult) bool) {
		run := newLeaveAll(ctx, s.client, MethodChatLeave.Name, cfg)
		if err := errors.Join(problems...); err != nil {
			run.refuse(err)
		}
		result := func(j *leaveJob) LeaveResult {
			return LeaveResult{Request: j.member, Outcome: j.outcome, Err: j.err}
		}
		run.report = func(j *leaveJob) bool { return yield(result(j)) }
		if cfg.unreported != nil {
			run.unreported = func(j *leaveJob) { cfg.unreported(result(j)) }
		}
		defer run.close()
		for req := range reqs {
			if !run.take(newLeaveJob(s.client, leaveByV1, req)) {
				break
			}
		}
		run.finish()
	}
}
