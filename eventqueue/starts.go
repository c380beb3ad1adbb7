package eventqueue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// keepStarts is for how long it is known how often the work for an event was begun, when no replica works.
	keepStarts = 7 * 24 * time.Hour
	// longestAlone is for how long an event waits for others at which a process may have died.
	longestAlone = time.Minute
)

// start is how often the work for an event was begun. There is one for each portal, of the event that was begun last: it
// is written before the callback is called, so that it is still there when the process has died meanwhile.
type start struct {
	sequence uint64 // of the event
	count    int
	by       string // the replica
}

func (n start) String() string { return fmt.Sprint(n.sequence, " ", n.count, " ", n.by) }

// noted is a start that was written or read, with its revision. Whoever writes the next one names that, so a replica that
// has lost its lease without knowing it begins nothing of a portal that another one works on.
type noted struct {
	start

	revision uint64
}

// startKey is where the start of a portal is kept. Only a portal that another program has named may have an odd name.
func startKey(shard int, portal string) string {
	if portal == "" || len(portal) > 64 || strings.Trim(portal, "0123456789abcdef") != "" {
		portal = "other"
	}
	return strconv.Itoa(shard) + "." + portal
}

// recall reads the starts of the shard's portals. Where the shard is to end it may have read less, and nothing is begun.
func (s *shard) recall() bool {
	return s.insist(s.taking, "what was begun could not be read", func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.taking, cancel)() //nolint:contextcheck // the two are joined here: to read is not worth waiting for
		notes := make(map[string]noted)
		err := eachEntry(ctx, s.starts, strconv.Itoa(s.number)+".*", func(entry jetstream.KeyValueEntry) {
			last := noted{revision: entry.Revision()}
			_, _ = fmt.Sscan(string(entry.Value()), &last.sequence, &last.count, &last.by) // what is odd is of no event
			notes[entry.Key()] = last
		})
		if err != nil && !s.isDraining() {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.notes = notes
		return nil
	})
}

// begunBefore returns how often the work for an event was begun before this replica had the shard.
func (s *shard) begunBefore(portal string, sequence uint64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.notes[startKey(s.number, portal)]
	if last.sequence != sequence {
		return 0
	}
	return last.count
}

// note writes down that the work for an event begins for the count-th time. It returns false where the shard has to end:
// also where somebody else has begun with the portal.
func (s *shard) note(portal string, sequence uint64, count int) bool {
	key := startKey(s.number, portal)
	s.mu.Lock()
	last := s.notes[key].revision
	s.mu.Unlock()
	now := noted{start: start{sequence, count, s.id}}
	ok := s.insist(s.taking, "it could not be noted that an event is begun, which waits", func(ctx context.Context) error {
		var err error
		now.revision, err = s.starts.Update(ctx, key, []byte(now.String()), last)
		if isFull(err) { // what is worked off makes room, so it goes on uncounted
			s.report(ctx, fmt.Errorf("eventqueue: an event is begun, and this start is not counted: %w", err))
			now.revision = last
			return nil
		}
		if !isTaken(err) {
			return err
		}
		entry, err := s.starts.Get(ctx, key) // it may have been written although the answer was lost
		if err == nil && string(entry.Value()) == now.String() {
			now.revision = entry.Revision()
			return nil
		}
		if errors.Is(err, jetstream.ErrKeyNotFound) && last != 0 { // it is no longer kept, so nobody has begun since
			now.revision, err = s.starts.Update(ctx, key, []byte(now.String()), 0)
			if !isTaken(err) {
				return err
			}
		}
		if err != nil && !isTaken(err) && !errors.Is(err, jetstream.ErrKeyNotFound) {
			return err
		}
		s.cancel(ErrLeaseLost)
		return errors.New("another replica has begun with the portal")
	})
	if !ok {
		return false
	}
	s.mu.Lock()
	s.notes[key] = now
	s.mu.Unlock()
	if s.isDraining() { // meanwhile: it takes as long as there is no server
		s.unnote(portal)
		return false
	}
	return true
}

// isFull reports whether the server takes nothing more, because of a limit of its own.
func isFull(err error) bool {
	const account, resources, memory, storage = 10002, 10023, 10028, 10047 // as the server numbers its errors
	var refused *jetstream.APIError
	return errors.As(err, &refused) && slices.Contains([]jetstream.ErrorCode{account, resources, memory, storage}, refused.ErrorCode)
}

// unnote takes the last note of a portal back, for work that was told to end. It does nothing if somebody else has begun
// since. If it fails, the event has a start less.
func (s *shard) unnote(portal string) {
	ctx, cancel := context.WithTimeout(s.base, s.lease/4)
	defer cancel()
	key := startKey(s.number, portal)
	s.mu.Lock()
	last := s.notes[key]
	s.mu.Unlock()
	last.count--
	if _, err := s.starts.Update(ctx, key, []byte(last.String()), last.revision); err != nil && !isTaken(err) {
		s.report(s.base, fmt.Errorf("eventqueue: a callback that was told to end counts as one that has failed: %w", err))
	}
}

// enter waits until an event may be begun. One whose work was begun more than once and did not end may be what the
// process dies of: of such events one is worked on at a time, so that others do not die with it again and again.
func (s *shard) enter(isRisky bool) (leave func(), ok bool) {
	isAlone := isRisky && s.waitAlone()
	done := func() {
		if isAlone {
			<-s.alone
		}
	}
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots; done() }, true
	case <-s.taking.Done():
		done()
		return nil, false
	}
}

// waitAlone waits until no other risky event is worked on. It returns false where that takes too long, since portals are
// not to wait for each other, and where the shard has to end.
func (s *shard) waitAlone() bool {
	timer := time.NewTimer(longestAlone)
	defer timer.Stop()
	select {
	case s.alone <- struct{}{}:
		return true
	case <-timer.C:
	case <-s.taking.Done():
	}
	return false
}
