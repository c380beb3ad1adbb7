package eventqueue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// pullExpiry is how soon it is found out that the server has forgotten who reads.
const pullExpiry = 4 * time.Second

// shard is a part of the portals while this replica has the lease for it.
type shard struct {
	*worker

	number int
	ctx    context.Context // of callbacks: ends when the lease may be lost
	cancel context.CancelCauseFunc
	taking context.Context // ends when no more events are to be begun, too
	drain  context.CancelFunc
	done   chan struct{} // closed when nothing is worked on any more

	revision uint64      // of the lease; used by run alone, as the next
	lost     bool        // somebody else may have the lease
	expiry   *time.Timer // ends ctx in time before the lease ends

	mu      sync.Mutex
	notes   map[string]noted // by startKey, of each portal
	portals map[string]*line // those with events
	last    uint64           // the newest event that is in one of them
	closed  bool             // no line begins any more
	lines   sync.WaitGroup
}

// line has the events of a portal that are to be worked on, oldest first, by their place in the stream.
type line struct{ waiting []uint64 }

// start begins with a shard whose lease was taken at a moment.
func (w *worker) start(number int, revision uint64, at time.Time) *shard {
	s := &shard{worker: w, number: number, revision: revision, done: make(chan struct{}), portals: make(map[string]*line)}
	s.ctx, s.cancel = context.WithCancelCause(w.base)
	s.taking, s.drain = context.WithCancel(s.ctx)
	forget := context.AfterFunc(w.life, s.drain)
	context.AfterFunc(s.taking, func() { forget() })
	s.expiry = time.AfterFunc(time.Until(at.Add(w.lease/2)), func() { s.cancel(ErrLeaseLost) })
	go s.run()
	return s
}

// renewed notes when the lease was renewed.
func (s *shard) renewed(at time.Time) { s.expiry.Reset(time.Until(at.Add(s.lease / 2))) }

func (s *shard) isDraining() bool { return s.taking.Err() != nil }

// run reads the shard's part of the stream, from its oldest event on, until it is to end.
func (s *shard) run() {
	defer func() {
		s.close()
		s.lines.Wait()
		s.expiry.Stop()
		s.cancel(nil)
		close(s.done)
		s.ended <- struct{}{}
	}()
	if !s.recall() {
		return
	}
	for {
		reading, err := s.read()
		if err == nil {
			<-s.taking.Done()
			reading.Stop()
			return
		}
		if s.isDraining() {
			return
		}
		s.report(s.ctx, fmt.Errorf("eventqueue: the events could not be read: %w", err))
		if !wait(s.taking, time.Second) {
			return
		}
	}
}

// close lets no more lines begin.
func (s *shard) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// read lets the headers of all events that there are, and of all that come, go to add.
func (s *shard) read() (jetstream.ConsumeContext, error) {
	consumer, err := s.js.OrderedConsumer(s.taking, s.name, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{s.subject(s.number)}, HeadersOnly: true, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return consumer.Consume(s.add, jetstream.PullExpiry(pullExpiry), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		s.report(s.ctx, fmt.Errorf("eventqueue: reading the events was interrupted: %w", err))
	}))
}

// add puts an event behind those of its portal.
func (s *shard) add(msg jetstream.Msg) {
	meta, err := msg.Metadata()
	if err != nil {
		s.report(s.ctx, fmt.Errorf("eventqueue: a message without a place: %w", err))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.isDraining() || meta.Sequence.Stream <= s.last {
		return
	}
	s.last = meta.Sequence.Stream
	portal := msg.Headers().Get(headerPortal)
	l := s.portals[portal]
	if l == nil {
		l = new(line)
		s.portals[portal] = l
		s.lines.Add(1)
		go s.workOff(portal, l)
	}
	l.waiting = append(l.waiting, s.last)
}

// workOff works on the events of a portal one after the other, until there is none.
func (s *shard) workOff(portal string, l *line) {
	defer s.lines.Done()
	for {
		s.mu.Lock()
		if len(l.waiting) == 0 || s.isDraining() {
			delete(s.portals, portal)
			s.mu.Unlock()
			return
		}
		sequence := l.waiting[0]
		l.waiting = l.waiting[1:]
		s.mu.Unlock()
		if !s.finish(portal, sequence) {
			s.mu.Lock()
			l.waiting = nil // they are still in the stream
			s.mu.Unlock()
			s.drain() // the portal's later events must not be begun
			return
		}
	}
}

// finish works on an event until it is done or a dead letter. It returns false where it has to be left to the next worker.
func (s *shard) finish(portal string, sequence uint64) bool {
	msg, found := s.get(sequence)
	if !found {
		return msg != nil
	}
	before := s.begunBefore(portal, sequence)
	for attempt := before + 1; ; attempt++ {
		todo, err := readJob(msg)
		if err != nil {
			return s.bury(msg, &WorkError{Attempt: attempt, Dead: true, Err: err})
		}
		if attempt > s.maxDeliver {
			return s.bury(msg, todo.failed(attempt-1, true, ErrDied))
		}
		leave, ok := s.enter(before > 0 && before >= min(2, s.maxDeliver-1))
		if !ok {
			return false
		}
		if !s.note(portal, sequence, attempt) {
			leave()
			return false
		}
		failed := s.call(s.ctx, todo)
		if failed == nil {
			ok := s.remove(sequence)
			leave() // not before: what is done must not seem to have died with the next one
			return ok
		}
		leave()
		if s.ctx.Err() != nil {
			s.unnote(portal)
			return false // it was told to end, which is no failure
		}
		failed.Attempt = attempt
		failed.Dead = attempt >= s.maxDeliver || !todo.mayTryAgain(failed.Err)
		msg.Data = todo.rest(failed.Err, msg.Data)
		if failed.Dead {
			return s.bury(msg, failed)
		}
		s.report(s.ctx, failed)
		if !wait(s.taking, pause(attempt)) {
			return false
		}
	}
}

// get reads an event. It returns false and an empty message where it is not there any more, and false alone where the
// shard has to end.
func (s *shard) get(sequence uint64) (msg *jetstream.RawStreamMsg, found bool) {
	ok := s.insist(s.taking, "an event was not read", func(ctx context.Context) error {
		var err error
		msg, err = s.stream.GetMsg(ctx, sequence)
		found = err == nil
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			msg = new(jetstream.RawStreamMsg)
			return nil
		}
		return err
	})
	if !ok {
		return nil, false
	}
	return msg, found
}

// remove takes an event that is done out of the stream. It tries that once also where the shard was told to end meanwhile:
// what is done is not to come again without need.
func (s *shard) remove(sequence uint64) bool {
	const failure = "an event that is done was not removed"
	take := func(ctx context.Context) error {
		gone, err := remove(ctx, s.stream, sequence)
		if gone {
			return nil
		}
		return err
	}
	if s.ctx.Err() == nil {
		return s.insist(s.ctx, failure, take)
	}
	ctx, cancel := context.WithTimeout(s.base, once)
	defer cancel()
	err := take(ctx)
	if err != nil {
		s.report(s.base, fmt.Errorf("eventqueue: %s, and comes again: %w", failure, err))
	}
	return err == nil
}

// once is how long the server may take to do something once.
const once = 5 * time.Second

// insist repeats what the server has to do until it has done it, or until ctx ends.
func (s *shard) insist(ctx context.Context, failure string, do func(context.Context) error) bool {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		uncut, cancel := context.WithTimeout(context.WithoutCancel(ctx), once) // what was begun is not cut
		err := do(uncut)
		cancel()
		if err == nil {
			return true
		}
		s.report(ctx, fmt.Errorf("eventqueue: %s: %w", failure, err))
		wait(ctx, pause(attempt))
	}
	return false
}
