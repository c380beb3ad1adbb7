package eventqueue

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// DeadLetter is an event that could not be worked on, or chats that could not be left.
type DeadLetter struct {
	// ID is its number among the dead letters, for [Queue.PutBack] and [Queue.Discard].
	ID uint64
	// Event is the event; nil for leaves, and where what was kept cannot be read by this version.
	Event *events.Event
	// Leaves are the chats that were not left, if it is about such.
	Leaves *Leaves
	// Attempts is how often it was begun.
	Attempts int
	// Reason is the text of the last error, of at most 500 bytes; empty where the event takes all the room that a message
	// has on the server.
	Reason string
	// Time is when it became a dead letter.
	Time time.Time
}

// longestReason bounds what is kept of an error.
const longestReason = 500

// bury makes an event a dead letter, and takes it out of the stream.
func (s *shard) bury(msg *jetstream.RawStreamMsg, failed *WorkError) bool {
	letter := nats.NewMsg(s.name + ".dead")
	letter.Data = msg.Data
	letter.Header.Set(headerPortal, msg.Header.Get(headerPortal))
	letter.Header.Set(headerID, msg.Header.Get(headerID))
	letter.Header.Set(headerAttempts, strconv.Itoa(failed.Attempt))
	if kind := msg.Header.Get(headerKind); kind != "" {
		letter.Header.Set(headerKind, kind)
	}
	letter.Header.Set(headerError, strconv.QuoteToASCII(reasonOf(failed.Err)))
	kept := DeadLetter{Attempts: failed.Attempt, Reason: reasonOf(failed.Err), Time: time.Now()}
	if todo, err := readJob(msg); err == nil { // a callback may have changed its own
		kept.Event, kept.Leaves = todo.event, todo.leaves
	}
	ok := s.insist(s.ctx, "a dead letter was not kept", func(ctx context.Context) error {
		ack, err := s.js.PublishMsg(ctx, letter, jetstream.WithMsgID("dead-"+strconv.FormatUint(msg.Sequence, 10)))
		if errors.Is(err, nats.ErrMaxPayload) { // the event is as large as the server takes, so that there is no room for more
			letter.Header.Del(headerError)
			ack, err = s.js.PublishMsg(ctx, letter, jetstream.WithMsgID("dead-"+strconv.FormatUint(msg.Sequence, 10)))
		}
		if err == nil {
			kept.ID = ack.Sequence
		}
		return err
	})
	if !ok || !s.remove(msg.Sequence) {
		return false
	}
	s.report(s.ctx, failed)
	if s.onDead != nil {
		s.tell(kept)
	}
	return true
}

// tell calls the function of WithDead, whose panic changes nothing.
func (s *shard) tell(letter DeadLetter) {
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer func() { _ = recover() }()
		s.onDead(s.ctx, letter)
	}()
	<-finished
}

// reasonOf returns the text of an error, whose own method may panic.
func reasonOf(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = ErrPanic.Error()
		}
	}()
	text = err.Error()
	return text[:min(len(text), longestReason)]
}

// DeadLetters yields the dead letters, oldest first, and an error where it cannot go on. Those that come meanwhile may be
// among them.
func (q *Queue) DeadLetters(ctx context.Context) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		for next := uint64(1); ; {
			if q.isClosed() {
				yield(DeadLetter{}, ErrClosed)
				return
			}
			msg, err := q.dead.GetMsg(ctx, next, jetstream.WithGetMsgSubject(q.name+".dead"))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				return
			}
			if err != nil {
				yield(DeadLetter{}, fmt.Errorf("eventqueue: the dead letters cannot be read: %w", err))
				return
			}
			if !yield(letterOf(msg), nil) {
				return
			}
			next = msg.Sequence + 1
		}
	}
}

func letterOf(msg *jetstream.RawStreamMsg) DeadLetter {
	letter := DeadLetter{ID: msg.Sequence, Time: msg.Time}
	letter.Attempts, _ = strconv.Atoi(msg.Header.Get(headerAttempts))
	letter.Reason, _ = strconv.Unquote(msg.Header.Get(headerError))
	if todo, err := readJob(msg); err == nil {
		letter.Event, letter.Leaves = todo.event, todo.leaves
	}
	return letter
}

// PutBack makes a dead letter an event again, behind all that wait, and its failures do not count any more. The error
// matches [ErrNoDeadLetter] where there is none of that id. After another error it may be there as both, and within the
// window of [WithDuplicateWindow] PutBack can be called again.
func (q *Queue) PutBack(ctx context.Context, id uint64) error {
	if q.isClosed() {
		return ErrClosed
	}
	msg, err := q.dead.GetMsg(ctx, id)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return ErrNoDeadLetter
	}
	if err != nil {
		return fmt.Errorf("eventqueue: the dead letter cannot be read: %w", err)
	}
	back, err := q.back(msg)
	if err != nil {
		return err
	}
	if err := q.publish(ctx, back, "back-"+strconv.FormatUint(id, 10)); err != nil {
		return err
	}
	if err := q.Discard(ctx, id); err != nil && !errors.Is(err, ErrNoDeadLetter) {
		return err
	}
	return nil
}

// back makes the message of an event from that of its dead letter.
func (q *Queue) back(msg *jetstream.RawStreamMsg) (*nats.Msg, error) {
	portal := msg.Header.Get(headerPortal)
	first, err := strconv.ParseUint(portal[:min(2, len(portal))], 16, 8)
	if err != nil {
		return nil, fmt.Errorf("eventqueue: the dead letter is not one of this package: %w", err)
	}
	back := nats.NewMsg(q.subject(int(first) % shards))
	back.Header.Set(headerPortal, portal)
	back.Header.Set(headerID, msg.Header.Get(headerID))
	if kind := msg.Header.Get(headerKind); kind != "" {
		back.Header.Set(headerKind, kind)
	}
	back.Data = msg.Data
	return back, nil
}

// Discard deletes a dead letter. The error matches [ErrNoDeadLetter] where there is none of that id.
func (q *Queue) Discard(ctx context.Context, id uint64) error {
	if q.isClosed() {
		return ErrClosed
	}
	gone, err := remove(ctx, q.dead, id)
	if gone {
		return ErrNoDeadLetter
	}
	if err != nil {
		return fmt.Errorf("eventqueue: the dead letter was not deleted: %w", err)
	}
	return nil
}

// remove deletes a message, and reports whether it was gone before.
func remove(ctx context.Context, stream jetstream.Stream, sequence uint64) (gone bool, err error) {
	err = stream.DeleteMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) { // the server has no code of its own for that
		_, missing := stream.GetMsg(ctx, sequence)
		gone = errors.Is(missing, jetstream.ErrMsgNotFound)
	}
	return gone, err
}
