package eventqueue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// run takes shards and keeps them until ctx ends, and then until their work has ended.
func (w *worker) run(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	tick := time.NewTicker(w.lease / 4)
	defer tick.Stop()
	given := w.watchLeases(ctx)
	end := ctx.Done()
	var over <-chan time.Time // the end of the grace
	for draining := false; ; {
		w.renew(context.WithoutCancel(ctx), draining)
		if draining && len(w.owned) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-w.ended:
		case <-given:
		case <-end:
			draining, end = true, nil
			over = time.After(w.grace)
			for _, s := range w.owned {
				s.drain()
			}
			w.leave(context.WithoutCancel(ctx)) // so that the others take all that is given back from now on
		case <-over:
			over = nil
			for _, s := range w.owned {
				s.cancel(ErrGrace)
			}
		}
	}
}

// watchLeases returns a channel that has something when a replica has given a lease back, so that it is taken at once. One
// that has ended by itself is found by the next renewal.
func (w *worker) watchLeases(ctx context.Context) <-chan struct{} {
	given := make(chan struct{}, 1)
	go func() {
		for ctx.Err() == nil {
			watch, err := w.leases.Watch(ctx, "shard.*", jetstream.UpdatesOnly(), jetstream.MetaOnly())
			if err != nil { // renew reports that the server is away
				wait(ctx, w.lease/4)
				continue
			}
			stop := context.AfterFunc(ctx, func() { _ = watch.Stop() })
			for entry := range watch.Updates() { // until it is stopped, or the connection is closed
				if entry != nil && entry.Operation() == jetstream.KeyValueDelete {
					select {
					case given <- struct{}{}:
					default:
					}
				}
			}
			stop()
			wait(ctx, w.lease/4)
		}
	}()
	return given
}

// replicaKey is present while this replica works.
func (w *worker) replicaKey() string { return "replica." + w.id }

func shardKey(number int) string { return "shard." + strconv.Itoa(number) }

// renew renews the leases of the shards that this replica has, gives up those that have ended, and takes what is its
// share, unless it is about to end.
func (w *worker) renew(ctx context.Context, draining bool) {
	ctx, cancel := context.WithTimeout(ctx, w.lease/4)
	defer cancel()
	for number, s := range w.owned {
		select {
		case <-s.done:
			if err := w.leases.Delete(ctx, shardKey(number), jetstream.LastRevision(s.revision)); err != nil && !s.lost {
				w.report(ctx, fmt.Errorf("eventqueue: a lease was not given back, and ends by itself: %w", err))
			}
			delete(w.owned, number)
			continue
		default:
		}
		if s.lost {
			continue
		}
		began := time.Now()
		revision, err := w.leases.Update(ctx, shardKey(number), []byte(w.id), s.revision)
		switch {
		case err == nil:
			s.revision = revision
			s.renewed(began)
		case isTaken(err):
			s.lost = true
			s.cancel(ErrLeaseLost)
		default:
			w.report(ctx, fmt.Errorf("eventqueue: a lease was not renewed: %w", err))
		}
	}
	if draining {
		return
	}
	if err := w.share(ctx); err != nil {
		w.report(ctx, fmt.Errorf("eventqueue: no lease could be taken: %w", err))
	}
}

// isTaken reports whether a lease has changed since, or has ended.
func isTaken(err error) bool {
	var refused *jetstream.APIError
	return errors.Is(err, jetstream.ErrKeyExists) || errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// share takes shards that nobody has, until this replica has its part of them, and begins to give up one of those beyond.
func (w *worker) share(ctx context.Context) error {
	if _, err := w.leases.Put(ctx, w.replicaKey(), nil); err != nil {
		return err
	}
	if err := w.look(ctx); err != nil {
		return err
	}
	replicas := 0
	for key := range w.seen {
		if strings.HasPrefix(key, "replica.") {
			replicas++
		}
	}
	part := (shards + max(1, replicas) - 1) / max(1, replicas)
	have := 0
	for _, s := range w.owned {
		if !s.isDraining() {
			have++
		}
	}
	for _, s := range w.owned {
		if have > part && !s.isDraining() {
			s.drain()
			have--
		}
	}
	for number := range shards {
		if have >= part {
			break
		}
		if _, isTaken := w.seen[shardKey(number)]; isTaken || w.owned[number] != nil {
			continue
		}
		began := time.Now()
		revision, err := w.leases.Create(ctx, shardKey(number), []byte(w.id))
		if isTaken(err) {
			continue
		}
		if err != nil {
			return err
		}
		w.owned[number] = w.start(number, revision, began)
		have++
	}
	return nil
}

// sighting is when a key was seen with a revision for the first time.
type sighting struct {
	revision uint64
	at       time.Time
}

// look reads which leases are taken and which replicas work, and deletes what was not renewed for twice the time of a
// lease. The server does that as well, but by a clock that may be set back.
func (w *worker) look(ctx context.Context) error {
	seen := make(map[string]sighting)
	err := eachEntry(ctx, w.leases, jetstream.AllKeys, func(entry jetstream.KeyValueEntry) {
		now := sighting{entry.Revision(), time.Now()}
		if before, ok := w.seen[entry.Key()]; ok && before.revision == now.revision {
			now.at = before.at
		}
		seen[entry.Key()] = now
	})
	if err != nil {
		return err
	}
	for key, last := range seen {
		if time.Since(last.at) <= 2*w.lease {
			continue
		}
		if err := w.leases.Delete(ctx, key, jetstream.LastRevision(last.revision)); err != nil && !isTaken(err) {
			return err
		}
		delete(seen, key)
	}
	w.seen = seen
	return nil
}

// eachEntry calls f for each entry of a bucket that a pattern fits.
func eachEntry(ctx context.Context, bucket jetstream.KeyValue, pattern string, f func(jetstream.KeyValueEntry)) error {
	watch, err := bucket.Watch(ctx, pattern, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() {
		_ = watch.Stop()
		go func() { // what nobody reads would keep a goroutine of the watch
			for range watch.Updates() {
			}
		}()
	}()
	for {
		select {
		case entry, ok := <-watch.Updates():
			if !ok {
				return errors.New("it ended")
			}
			if entry == nil { // these were all
				return nil
			}
			f(entry)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave tells the others that this replica does not work any more.
func (w *worker) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.lease/4)
	defer cancel()
	if err := w.leases.Delete(ctx, w.replicaKey()); err != nil {
		w.report(ctx, fmt.Errorf("eventqueue: the others learn only later that this replica has ended: %w", err))
	}
}
