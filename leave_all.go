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
	// Request is the request, as it was given.
	Request ChatLeaveRequest
	// Outcome is as [ChatService.EnsureLeft] has it; its State is empty beside an error.
	Outcome LeaveOutcome
	// Err is nil where the bot is out of the chat, and otherwise as EnsureLeft has it. Where nothing was sent it is the
	// [*ParamError] of a mistake in the request, or matches [ErrNotExecuted].
	Err error
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
	// Taken is how many requests were taken from the sequence.
	Taken int
	// Left, AlreadyOut and Out count the outcomes, Failed the errors. What is missing to Taken is on its way.
	Left, AlreadyOut, Out, Failed int
	// InFlight is how many batches are at the portal.
	InFlight int
	// BatchSize is how many chats the next batch is to have.
	BatchSize int
	// WaitUntil is when the portal takes more, where LeaveAll waits for that; else zero.
	WaitUntil time.Time
}

// Done is how many requests have an outcome or an error.
func (p LeaveProgress) Done() int { return p.Left + p.AlreadyOut + p.Out + p.Failed }

// LeaveAllOption changes how [ChatService.LeaveAll] goes about its work. A value out of range is a [*ParamError] in the
// result of every request, of which none is sent.
type LeaveAllOption func(*leaveAllConfig) error

type leaveAllConfig struct {
	batchSize   int
	concurrency int
	progress    func(LeaveProgress)
	unreported  func(LeaveResult)
	stop        <-chan struct{}
}

// WithBatchSize bounds how many chats a batch has: 1 to 50, which is the default. Batches are smaller where leaving
// takes so long that they would last for more than 20 s.
func WithBatchSize(most int) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		if most < 1 || most > maxCommands {
			return &ParamError{Param: "WithBatchSize", Err: errors.New("has to be from 1 to 50")}
		}
		c.batchSize = most
		return nil
	}
}

// WithConcurrency bounds how many batches are at the portal at the same time: 1 to 250, which is the default. There are
// fewer where the limiter of the client, or what the portal tells of its limits, lets through fewer.
func WithConcurrency(most int) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		if most < 1 || most > mostBatches {
			return &ParamError{Param: "WithConcurrency", Err: errors.New("has to be from 1 to 250")}
		}
		c.concurrency = most
		return nil
	}
}

// WithProgress has report called whenever there is something new to tell, between the results and on the goroutine of
// the loop. A nil report is none.
func WithProgress(report func(LeaveProgress)) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.progress = report
		return nil
	}
}

// WithUnreported has report called for the requests whose results a loop did not wait for: when it is left early, for
// each request that was taken, in their order, before the statement after the loop runs. Those that were at the portal
// have their outcomes, or an error that matches [ErrOutcomeUnknown]; the others match [ErrNotExecuted]. A nil report is
// none.
func WithUnreported(report func(LeaveResult)) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.unreported = report
		return nil
	}
}

// WithStop ends the work early when stop is closed: nothing more is taken or sent, the batches that are at the portal
// are waited for, and the loop ends when each request that was taken has its result. It is for a program that is asked
// to end while LeaveAll waits: the loop has no say then, and the end of ctx would lose answers.
func WithStop(stop <-chan struct{}) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.stop = stop
		return nil
	}
}

// mostBatches is how many batches there may be at the portal: as many as the largest plan takes at once.
const mostBatches = 250

// LeaveAll sees to it that a bot, or several, is in none of many chats, as [ChatService.EnsureLeft] does for one. It
// yields one result for each request, in their order.
//
//	for result := range client.Chat.LeaveAll(ctx, requests) {
//		if result.Err != nil {
//			log.Printf("chat %d: %v", result.Request.ChatID, result.Err)
//		}
//	}
//
// The requests travel in batches, several of them at the same time, as fast as the limits of the portal allow: the
// rate, by the limiter of the client; 60 s for a request, by batches that last for 20, or for a third of the client's
// timeout where that is less; and 480 s of work on a method in ten minutes, by what the answers tell of that. The first
// request has one chat, and so have the three after it, to learn how long leaving takes. Where the portal has enough
// all the same ([ErrOperationTimeLimit], [ErrQueryLimitExceeded]), LeaveAll waits, as long as ctx allows and the portal
// goes on taking some. When it takes none for long, or at once under RetryPolicy{}, the rest is refused as below.
//
// Where an answer was lost, the bots are looked for among the members of the chats, and only those that are still there
// leave again, within the bounds of the client's [RetryPolicy]. Without a BotID that cannot be seen, and all of them
// leave again; see EnsureLeft for what that means.
//
// The memory does not depend on the number of requests. They are taken from reqs a few batches ahead, on the goroutine
// of the loop: a sequence that makes LeaveAll wait holds back the results that are there. A result waits for those
// before it, for some seconds more than its own request takes where one of them has to be looked at again.
//
// Further requests go to the portal when the loop has seen the results that are there, so that it can stop in time.
// What the client was made with (an observer, a limiter, a token source) is called on other goroutines; a panic there
// goes on in the loop, when each request that was taken has its result.
//
// When the loop is left, LeaveAll waits for the batches that are at the portal and sends no more; [WithUnreported]
// tells of them; [WithStop] does the same from outside. When ctx ends, or its deadline leaves no time for another
// request, each request that was taken has its result, and the rest of reqs is not taken: compare, or ask ctx. When the
// portal refuses the caller as such, with [ErrInvalidCredentials] or [ErrOverloadLimit] for example, or there is no
// token to be had, nothing more is sent, and every further request has an error that matches this and [ErrNotExecuted].
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
			if !run.take(newLeaveJob(s.client, MethodChatLeave, req, req)) {
				break
			}
		}
		run.finish()
	}
}
