package imbot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// concludeLeave goes on with a request to leave that has an answer, or has lost it.
func (w *leaveAll) concludeLeave(d *departure, err error) {
	blocked, isBlocked := operationBlock(err)
	_, unexpected := err.(*resultError) //nolint:errorlint // of this command, not of somebody else inside it
	switch {
	case err == nil:
		w.succeed(d, Left, false)
	case isBlocked:
		w.waitForBlock(d, &w.pace.leaving, &w.toLeave, blocked)
	case isRateLimit(err) && w.mayRepeat(d):
		w.again(d)
	case errors.Is(err, ErrOutcomeUnknown) || unexpected:
		if d.lost == nil {
			d.lost = err
		}
		w.doubt(d, err)
	case saidNotInChat(err):
		w.doubt(d, err)
	case errors.Is(err, ErrNotExecuted) && (w.mayRepeat(d) || d.lost != nil):
		w.skipped(d, err)
	case d.lost != nil:
		w.doubt(d, err)
	default:
		w.settle(d, err)
	}
}

// skipped goes on with a request whose command the portal did not run, though nothing told it to stop.
func (w *leaveAll) skipped(d *departure, err error) {
	switch {
	case w.mayRepeat(d):
		w.again(d)
	default: // the last was not executed, but one before it may have been
		w.doubt(d, notSent(MethodChatLeave.Name, errors.New(err.Error())))
	}
}

// doubt goes on with a request whose answer does not prove where the bot is.
func (w *leaveAll) doubt(d *departure, err error) {
	d.doubt = err
	switch {
	case saidNotInChat(err) && d.Request.BotID == 0:
		w.succeed(d, d.gone(), false)
	case d.Request.BotID != 0 && !w.left:
		d.toCheckSince = time.Now()
		w.toCheck = append(w.toCheck, d)
	case w.mayRepeat(d):
		w.again(d)
	default:
		w.settle(d, &leaveError{ErrOutcomeUnknown, []error{err}})
	}
}

// gone is the state of a bot that is not in the chat.
func (d *departure) gone() LeaveState {
	if d.lost != nil {
		return Out
	}
	return AlreadyOut
}

// concludeCheck goes on with a request whose chat was asked for its members. As this does nothing to the chat, it is
// asked for again where another answer may be better: the first time at once, as there is no sign of trouble in a
// single loss.
func (w *leaveAll) concludeCheck(d *departure, members *Response[UserIDs], err error) {
	blocked, isBlocked := operationBlock(err)
	switch {
	case isBlocked:
		w.waitForBlock(d, &w.pace.checking, &w.toCheck, blocked)
	case err != nil && (isRateLimit(err) || errors.Is(err, ErrOutcomeUnknown)) && w.mayLook(d):
		if d.looks++; d.looks > 1 {
			d.notBefore = w.pause(d.looks - 1)
		}
		w.toCheck = append(w.toCheck, d)
	case err != nil:
		w.settle(d, &leaveError{ErrOutcomeUnknown, d.grounds(err)})
	case !slices.Contains(members.Result, UserID(d.Request.BotID)):
		w.succeed(d, d.gone(), true)
	case lastRefusal(d.doubt) == nil && w.mayRepeat(d):
		w.again(d)
	default:
		w.settle(d, &leaveError{ErrStillInChat, d.grounds()})
	}
}

// mayRepeat reports whether a request may be made again.
func (w *leaveAll) mayRepeat(d *departure) bool {
	return !w.left && !w.ends() && d.repeats+1 < w.client.core.retry.MaxAttempts
}

// mayLook reports whether the members of its chat may be asked for again.
func (w *leaveAll) mayLook(d *departure) bool {
	return !w.left && !w.ends() && d.looks+1 < w.client.core.retry.MaxAttempts
}

// again lets a bot leave once more, after a pause.
func (w *leaveAll) again(d *departure) {
	d.repeats++
	d.toCheckSince = time.Time{}
	d.notBefore = w.pause(d.repeats)
	w.toLeave = append(w.toLeave, d)
}

// pause is when to go on after so many failures: at the same time for all that came back together, so that they go
// together.
func (w *leaveAll) pause(failures int) time.Time {
	if w.goOnAt.IsZero() {
		w.goOnAt = time.Now().Add(w.client.core.retry.bounds().Pause(failures))
	}
	return w.goOnAt
}

// waitForBlock puts a request back until the portal takes its method again, as far as there is time.
func (w *leaveAll) waitForBlock(d *departure, l *lane, list *[]*departure, blocked *APIError) {
	until := endOfBlock(blocked)
	deadline, hasDeadline := w.ctx.Deadline()
	switch {
	case w.left || l.blocks > maxBlocks || !w.client.core.retry.repeats():
		w.failBlocked(d, blocked)
	case hasDeadline && !until.Before(deadline):
		w.failBlocked(d, &retry.WaitError{Last: blocked, Cause: context.DeadlineExceeded, Wait: time.Until(until)})
	default:
		d.notBefore = until
		*list = append(*list, d)
	}
}

func (w *leaveAll) failBlocked(d *departure, err error) {
	if d.doubt != nil {
		err = &leaveError{ErrOutcomeUnknown, d.grounds(err)}
	}
	w.fail(d, err)
}
