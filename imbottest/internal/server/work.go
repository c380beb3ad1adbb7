package server

import (
	"context"
	"errors"
	"time"
)

// work is how far the portal has got with a request. A batch and its commands share one.
type work struct {
	deadline time.Time     // when the request is cut; zero: never
	gone     error         // why the caller no longer waits for the answer
	ahead    time.Duration // how much longer than the clock shows the portal has worked for a caller who has gone

	spoils []func(Reply, error) (Reply, error) // by the faults that commands have met: what becomes of the answer
}

// errCut is the end of a request that has lasted too long.
var errCut = errors.New("imbottest: the request has lasted too long")

func (s *Server) newWork(start time.Time) *work {
	w := new(work)
	if limit := s.config.RequestLimit; limit > 0 {
		w.deadline = start.Add(limit)
	}
	return w
}

// spend lets the time pass that an act takes, up to the moment at which the request is cut. A caller who goes meanwhile
// changes nothing in what the portal does, but from then on the clock is not waited for: the rest is done at once.
func (w *work) spend(ctx context.Context, d time.Duration) error {
	end := time.Now().Add(w.ahead + max(0, d))
	cut := !w.deadline.IsZero() && end.After(w.deadline)
	if cut {
		end = w.deadline
	}
	if left := time.Until(end); w.gone == nil && left > 0 {
		w.gone = Wait(ctx, left)
	}
	if w.gone != nil {
		w.ahead = max(0, time.Until(end))
	}
	if cut {
		return errCut
	}
	return nil
}

// Wait lets time pass, unless ctx ends before.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
