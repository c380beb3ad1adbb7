package imbot

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// Goal is what several calls are made for, in a word.
type Goal string

// The goals.
const (
	GoalEnsureLeft Goal = "ensure left" // [EnsureLeft], also of [ChatService.EnsureLeft]
	GoalLeaveAll   Goal = "leave all"   // [LeaveAll], also of [ChatService.LeaveAll]
)

// GoalInfo is a goal that begins, for [WithGoalTrace]. It has no parameters and no secret.
type GoalInfo struct {
	Goal   Goal   // what it is
	Method string // the REST method that leaves
	Portal string // the host of the portal, as [Client.Portal] has it
}

// GoalResult is how a goal ended, for [WithGoalTrace]. It has no parameters and no secret.
type GoalResult struct {
	Left, AlreadyOut, Out int           // chats by their outcome: of [EnsureLeft] one, of [LeaveAll] all that were taken
	Failed                int           // chats that have an error instead
	Unknown               int           // of Failed those where nobody knows: [ErrOutcomeUnknown]
	Duration              time.Duration // from the beginning to the end; of LeaveAll with what the loop does in between
}

// count counts a chat.
func (r *GoalResult) count(state LeaveState, err error) {
	switch state {
	case Left:
		r.Left++
	case AlreadyOut:
		r.AlreadyOut++
	case Out:
		r.Out++
	default:
		r.Failed++
		if errors.Is(err, ErrOutcomeUnknown) {
			r.Unknown++
		}
	}
}

// WithGoalTrace calls begin before each goal, and what that returns when the goal has ended, with its calls in between:
// those are made with the context that begin returns, so that a span in it is the parent of theirs. Goals are
// [EnsureLeft] and [LeaveAll], by whatever method; calls that are made for no goal are not reported here, see [WithTrace].
//
// Several are nested, the first is the outermost. begin and what it returns have to be safe for concurrent use, and are
// called by the goroutine of the caller; a nil context or func stands for none. Where one panics, so does the goal, and
// the others are called at its end. A LeaveAll ends when its loop does, after what was at the portal came back.
func WithGoalTrace(begin func(context.Context, GoalInfo) (context.Context, func(GoalResult))) Option {
	return func(c *config) error {
		if begin == nil {
			return &ParamError{Param: "WithGoalTrace", Err: errNil}
		}
		c.goals = append(c.goals, begin)
		return nil
	}
}

// goalTrace is a goal that is reported to the functions of [WithGoalTrace]. It is nil where there are none.
type goalTrace struct {
	core  *core
	info  GoalInfo
	began time.Time
	ends  []func(GoalResult)
}

// newGoalTrace returns a goal that was not begun yet.
func (c *Client) newGoalTrace(goal Goal, method string) *goalTrace {
	if !c.isMade() || len(c.core.goals) == 0 {
		return nil
	}
	return &goalTrace{core: c.core, info: GoalInfo{Goal: goal, Method: method, Portal: c.Portal()}}
}

// begin reports that a goal begins, and returns the context of its calls. Where a function panics, the ends of those before
// it are still called.
func (t *goalTrace) begin(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	t.began = time.Now()
	return beginAll(ctx, t.core.goals, t.info, &t.ends)
}

// end reports how a goal ended.
func (t *goalTrace) end(result GoalResult) {
	if t == nil {
		return
	}
	result.Duration = time.Since(t.began)
	lastFirst(t.ends, result)
}

// endOne reports how a goal of one chat ended. Where that did not return, nobody knows how.
func (t *goalTrace) endOne(ended LeaveOutcome, err error, returned bool) {
	if t == nil {
		return
	}
	if !returned {
		ended, err = LeaveOutcome{}, &callError{method: t.info.Method, outcome: outcome.Unknown, cause: errNotReturned}
	}
	var result GoalResult
	result.count(ended.State, err)
	t.end(result)
}

// result returns what came of the run; of none, nothing.
func (w *leaveAll) result() GoalResult {
	if w == nil {
		return GoalResult{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.progress
	return GoalResult{Left: p.Left, AlreadyOut: p.AlreadyOut, Out: p.Out, Failed: p.Failed, Unknown: w.unknown}
}

// keptBack measures what a goal waits for before it makes a call, for a client whose calls somebody wants to know of.
type keptBack struct {
	core *core
	CallWait
}

// begin begins a wait that belongs to a part of what is measured, or to none, and returns a function that ends it.
func (k *keptBack) begin(kind *time.Duration) (end func()) {
	if kind == nil {
		return func() {}
	}
	began := k.core.now()
	return func() { *kind += k.core.now().Sub(began) }
}

// take returns what was measured, and begins anew.
func (k *keptBack) take() CallWait {
	waited := k.CallWait
	k.CallWait = CallWait{}
	return waited
}
