package eventqueue

import (
	"context"
	"errors"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// job is what a callback is called for: one of the two is not nil.
type job struct {
	event  *events.Event
	leaves *Leaves
}

// readJob reads what is in a message. It is read again for each attempt, as a callback may change what it has got.
func readJob(msg *jetstream.RawStreamMsg) (job, error) {
	if msg.Header.Get(headerKind) == kindLeaves {
		leaves, err := readLeaves(msg.Data)
		return job{leaves: leaves}, err
	}
	event := new(events.Event)
	if err := event.UnmarshalBinary(msg.Data); err != nil {
		return job{}, err
	}
	return job{event: event}, nil
}

// failed returns an error about the job.
func (j job) failed(attempt int, isDead bool, err error) *WorkError {
	failed := &WorkError{Attempt: attempt, Dead: isDead, Err: err}
	if j.leaves != nil {
		failed.Name, failed.MemberID = imbot.MethodChatLeave.Name, j.leaves.MemberID
	} else {
		failed.Name, failed.MemberID = j.event.Name, j.event.MemberID
	}
	return failed
}

func (j job) run(ctx context.Context, w *worker) error {
	switch {
	case j.leaves == nil:
		return w.callback(ctx, j.event)
	case w.onLeaves == nil:
		return &imbot.ParamError{Param: "WithLeaves", Err: errors.New("is not given to this worker")}
	default:
		return w.onLeaves(ctx, *j.leaves)
	}
}

// mayTryAgain reports whether the job may be repeated after an error. Leaving may be, unless all of it is a mistake.
func (j job) mayTryAgain(err error) bool {
	if j.leaves == nil || imbotv2.MayTryAgain(err) {
		return imbotv2.MayTryAgain(err)
	}
	var some *LeavesError
	if errors.As(err, &some) {
		return slices.ContainsFunc(some.Failed, func(r imbot.LeaveResult) bool { return !isMistake(r.Err) })
	}
	return !isMistake(err)
}

func isMistake(err error) bool {
	var mistake *imbot.ParamError
	return errors.As(err, &mistake)
}

// rest returns what is still to be done after an error, as it is kept: of leaves, those that have failed.
func (j job) rest(err error, data []byte) []byte {
	var some *LeavesError
	if j.leaves == nil || !errors.As(err, &some) {
		return data
	}
	kept, readErr := readLeaves(data) // the callback may have changed its own
	if readErr != nil {
		return data
	}
	reqs := slices.DeleteFunc(kept.Requests, func(req imbot.ChatLeaveRequest) bool {
		return !slices.ContainsFunc(some.Failed, func(r imbot.LeaveResult) bool {
			return r.Request.ChatID == req.ChatID && r.Request.BotID == req.BotID
		})
	})
	if len(reqs) == 0 { // it names others
		return data
	}
	rest, writeErr := keepLeaves(kept.MemberID, reqs)
	if writeErr != nil {
		return data
	}
	return rest
}
