package imbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// LeaveResult is what came of one request of [ChatService.LeaveAll].
type LeaveResult = LeaveResultOf[ChatLeaveRequest]

// LeaveResultOf is what came of one request of [LeaveAll].
type LeaveResultOf[Req any] struct {
	Request Req          // as it was given
	Outcome LeaveOutcome // as [EnsureLeft] has it; its State is empty beside an error
	Err     error        // as EnsureLeft has it; where nothing was sent, a [*ParamError] or [ErrNotExecuted]

	member ChatLeaveRequest // of another request than that of this package: the bot and its chat
}

// who returns the bot and its chat, and whether the chat has a number.
func (r LeaveResultOf[Req]) who() (who ChatLeaveRequest, numbered bool) {
	if own, ok := any(r.Request).(ChatLeaveRequest); ok {
		return own, true
	}
	return r.member, r.member.ChatID != 0
}

// Format prints the chat and what came of it, whatever the verb.
func (r LeaveResultOf[Req]) Format(f fmt.State, _ rune) {
	who, numbered := r.who()
	chat, came := any(who.ChatID.DialogID()), any(r.Outcome.State)
	if !numbered {
		chat = redact.Text(r.Request)
	}
	if r.Err != nil {
		came = r.Err
	}
	_, _ = fmt.Fprintf(f, "imbot.LeaveResult(%v: %v)", chat, came)
}

// LogValue makes a log record of the result a group of what is known: the chat, the bot, and what came of it.
func (r LeaveResultOf[Req]) LogValue() slog.Value {
	who, numbered := r.who()
	attrs := []slog.Attr{slog.Int64("chat_id", int64(who.ChatID))}
	if !numbered {
		attrs[0] = slog.String("request", redact.Text(r.Request))
	}
	if who.BotID != 0 {
		attrs = append(attrs, slog.Int64("bot_id", int64(who.BotID)))
	}
	if r.Err != nil {
		return slog.GroupValue(append(attrs, slog.Any("error", r.Err))...)
	}
	return slog.GroupValue(append(attrs,
		slog.String("state", string(r.Outcome.State)),
		slog.Int("attempts", r.Outcome.Attempts),
		slog.Bool("verified", r.Outcome.Verified))...)
}

// MarshalJSON writes the same as LogValue, for files of outcomes; a request without a number for its chat as a text.
func (r LeaveResultOf[Req]) MarshalJSON() ([]byte, error) {
	who, numbered := r.who()
	line := struct {
		ChatID   ChatID     `json:"chat_id"`
		Request  string     `json:"request,omitempty"`
		BotID    BotID      `json:"bot_id,omitempty"`
		State    LeaveState `json:"state,omitempty"`
		Attempts int        `json:"attempts"`
		Verified bool       `json:"verified"`
		Error    string     `json:"error,omitempty"`
	}{who.ChatID, "", who.BotID, r.Outcome.State, r.Outcome.Attempts, r.Outcome.Verified, ""}
	if !numbered {
		line.Request = redact.Text(r.Request)
	}
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
	unreported  any // nil, or a func(LeaveResultOf[Req])
	stop        <-chan struct{}
}

// WithBatchSize sets how many chats a batch has at most, from 1 to 50; 50 without it.
func WithBatchSize(most int) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		if most < 1 || most > maxCommands {
			return &ParamError{Param: "WithBatchSize", Err: fmt.Errorf("has to be from 1 to 50, not %d", most)}
		}
		c.batchSize = most
		return nil
	}
}

// WithConcurrency sets how many batches are at the portal at the same time at most, from 1 to 250; 250 without it.
func WithConcurrency(most int) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		if most < 1 || most > mostBatches {
			return &ParamError{Param: "WithConcurrency", Err: fmt.Errorf("has to be from 1 to 250, not %d", most)}
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
// [ErrOutcomeUnknown]; the others match [ErrNotExecuted]. Req is the request of the method that leaves.
func WithUnreported[Req any](report func(LeaveResultOf[Req])) LeaveAllOption {
	return func(c *leaveAllConfig) error {
		c.unreported = nil
		if report != nil {
			c.unreported = report
		}
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
// The requests travel in batches, as fast as the limiter of the client and what the answers report allow. Where the
// portal refuses requests all the same, as too many or for their working time, LeaveAll waits as long as ctx allows.
// After a lost answer only the bots that are still in their chats leave again; without a BotID that cannot be seen, and
// all requests of the batch are sent again.
//
// When the loop is left, or [WithStop] is used, the batches at the portal are waited for. When ctx ends, or its
// deadline leaves no time for another request, no more are taken. When the portal refuses the caller as such
// ([ErrInvalidCredentials], [ErrOverloadLimit]), when it takes nothing for long (under RetryPolicy{} at the first such
// answer), or when there is no token, the error of every further request matches that and [ErrNotExecuted].
//
// The sequence runs on the goroutine of the loop; an observer, a limiter and a token source are called on others. A
// panic in one of these goes on in the loop.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-leave.html
func (s *ChatService) LeaveAll(ctx context.Context, reqs iter.Seq[ChatLeaveRequest], opts ...LeaveAllOption) iter.Seq[LeaveResult] {
	return LeaveAll(ctx, s.client, leaveByV1, reqs, opts...)
}

// LeaveAll takes bots out of any number of chats by any method that leaves, as [ChatService.LeaveAll] does by
// imbot.chat.leave. A request may be sent again after a lost answer, so that leaving twice must do no harm.
func LeaveAll[Req, Res any](ctx context.Context, c *Client, by LeaveBy[Req, Res], reqs iter.Seq[Req], opts ...LeaveAllOption) iter.Seq[LeaveResultOf[Req]] {
	cfg := leaveAllConfig{batchSize: maxCommands, concurrency: mostBatches}
	var problems []error
	for _, opt := range opts {
		if opt != nil {
			problems = append(problems, opt(&cfg))
		}
	}
	unreported, ok := cfg.unreported.(func(LeaveResultOf[Req]))
	if !ok && cfg.unreported != nil {
		problems = append(problems, &ParamError{Param: "WithUnreported", Err: fmt.Errorf("is for other requests, want those of a %T", *new(Req))})
	}
	if by.Member == nil {
		problems = append(problems, &ParamError{Method: by.Method.Name, Param: "LeaveBy.Member", Err: errNil})
		by.Member = func(Req) ChatLeaveRequest { return ChatLeaveRequest{} }
	}
	return func(yield func(LeaveResultOf[Req]) bool) {
		if !c.isMade() {
			for req := range reqs {
				if !yield(resultOf[Req](newLeaveJob(c, by, req))) {
					return
				}
			}
			return
		}
		var run *leaveAll
		t := c.newGoalTrace(GoalLeaveAll, by.Method.Name)
		defer func() { t.end(run.result()) }()
		run = newLeaveAll(t.begin(ctx), c, by.Method.Name, cfg)
		if err := errors.Join(problems...); err != nil {
			run.refuse(err)
		}
		run.report = func(j *leaveJob) bool { return yield(resultOf[Req](j)) }
		if unreported != nil {
			run.unreported = func(j *leaveJob) { unreported(resultOf[Req](j)) }
		}
		defer run.close()
		for req := range reqs {
			if !run.take(newLeaveJob(c, by, req)) {
				break
			}
		}
		run.finish()
	}
}

// resultOf returns what came of a job.
func resultOf[Req any](j *leaveJob) LeaveResultOf[Req] {
	req, _ := j.request.(Req)
	result := LeaveResultOf[Req]{Request: req, Outcome: j.outcome, Err: j.err}
	if _, own := j.request.(ChatLeaveRequest); !own {
		result.member = ChatLeaveRequest{ChatID: j.member.ChatID, BotID: j.member.BotID}
	}
	return result
}
