package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// Fault is something that goes wrong with one call. The zero Fault is none. Its parts come in the order of the fields.
type Fault struct {
	Err      error // why it cannot be
	Dial     error // why nothing reached the portal
	Optional bool  // no call needs to meet it

	Before  time.Duration     // how long the call waits for the portal
	Failure *methods.Failure  // what a command of a batch comes to instead of the act; a request is answered by Instead
	Instead func() Reply      // the answer instead of the act
	After   time.Duration     // how long the answer waits
	Spoil   func(Reply) Reply // what becomes of the answer
}

// around lets a request meet the fault.
func (f Fault) around(ctx context.Context, act func() (Reply, error)) (Reply, error) {
	if err := pause(ctx, f.Before); err != nil {
		return Reply{}, err
	}
	if f.Instead != nil {
		return f.Instead(), nil
	}
	rep, err := act()
	if err == nil {
		err = pause(ctx, f.After)
	}
	return f.spoiled(rep, err)
}

// spoiled returns what becomes of an answer, if there is one.
func (f Fault) spoiled(rep Reply, err error) (Reply, error) {
	if f.Spoil == nil || err != nil || rep.Cut != nil {
		return rep, err
	}
	return f.Spoil(rep), nil
}

// aroundCommand lets a command of a batch meet the fault. What takes the place of its answer, other than a failure, is
// the answer of the whole batch, which ends there. What spoils an answer does so to that of the batch, when it is done.
func (f Fault) aroundCommand(ctx context.Context, w *work, act func() (any, error)) (any, error) {
	if err := pause(ctx, f.Before); err != nil {
		return nil, err
	}
	switch {
	case f.Dial != nil: // it is too late for that
		return nil, &wholeAnswer{Reply{Cut: ErrReset()}}
	case f.Failure != nil:
		return nil, f.Failure
	case f.Instead != nil:
		return nil, &wholeAnswer{f.Instead()}
	}
	result, err := act()
	if waited := pause(ctx, f.After); waited != nil {
		return nil, waited
	}
	w.spoils = append(w.spoils, f.spoiled)
	return result, err
}

// pause waits, if that takes any time.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	return Wait(ctx, d)
}

// isDue reports whether a call has to meet the fault.
func (f Fault) isDue() bool {
	return !f.Optional && (f.Dial != nil || f.Before > 0 || f.Instead != nil || f.After > 0 || f.Spoil != nil)
}

// faults are those to come.
type faults struct {
	mu     sync.Mutex
	queues map[string]*faultQueue // by the names of methods in lower case
	choose func(Call) Fault
	asked  bool // choose was called
}

// faultQueue has the faults of a method.
type faultQueue struct {
	method   string // as it was spelled first
	coming   []Fault
	due, met int // how many a call has to meet, and how many of those were met
}

// next returns the fault of a request. The function of the user is called without the lock: it may look at the portal.
func (f *faults) next(call Call) Fault {
	if fault, found := f.queued(call.Method); found {
		return fault
	}
	f.mu.Lock()
	choose := f.choose
	f.asked = choose != nil
	f.mu.Unlock()
	if choose == nil {
		return Fault{}
	}
	return choose(call)
}

// queued takes the fault that is due for a method, and returns false if there is none.
func (f *faults) queued(method string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := f.queues[strings.ToLower(method)]
	if queue == nil || len(queue.coming) == 0 {
		return Fault{}, false
	}
	return queue.next(), true
}

// next takes the fault that is due. There has to be one.
func (q *faultQueue) next() Fault {
	fault := q.coming[0]
	q.coming = q.coming[1:]
	if fault.isDue() {
		q.met++
	}
	return fault
}

// AddFaults adds faults to the queue of a method: one for each of the next calls, then all is well.
func (s *Server) AddFaults(method string, queue []Fault) { s.faults.add(method, queue) }

// AddTokenFaults adds faults to the queue of the OAuth server.
func (s *Server) AddTokenFaults(queue []Fault) { s.tokenFaults.add(tokenMethod, queue) }

func (f *faults) add(method string, queue []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queues == nil {
		f.queues = make(map[string]*faultQueue)
	}
	name := strings.ToLower(method)
	if f.queues[name] == nil {
		f.queues[name] = &faultQueue{method: method}
	}
	to := f.queues[name]
	to.coming = append(to.coming, queue...)
	for _, fault := range queue {
		if fault.isDue() {
			to.due++
		}
	}
}

// ChooseFaults lets a function choose the fault of every request for which none was added. Nil takes it back.
func (s *Server) ChooseFaults(choose func(Call) Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.choose, s.faults.asked = choose, false
}

// Unmet returns what was prepared and no call has met so far, one sentence each with the name of the method.
func (s *Server) Unmet() []string {
	return slices.Concat(s.faults.unmet("Fault", s.whyUnmet), s.tokenFaults.unmet("FaultTokens", nil), s.scripts.unmet())
}

// whyUnmet guesses why none of the faults of a method was met. The name is in lower case.
func (s *Server) whyUnmet(name string) string {
	if !hasModel(name) && !s.scripts.has(name) {
		return ": the portal has no model of it, is there a slip in the name?"
	}
	return ""
}

// hasModel reports whether the portal can answer a method by itself. The name is in lower case.
func hasModel(name string) bool {
	_, known := methods.Find(name)
	return known || name == batchName
}

// unmet returns what no call has met, by the name of the function that prepared it.
func (f *faults) unmet(prepared string, why func(name string) string) (list []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(f.queues)) {
		queue := f.queues[name]
		if queue.met == queue.due {
			continue
		}
		sentence := fmt.Sprintf("%s: %d of %d faults for %s were met", prepared, queue.met, queue.due, queue.method)
		if queue.met == 0 && why != nil {
			sentence += why(name)
		}
		list = append(list, sentence)
	}
	if f.choose != nil && !f.asked {
		list = append(list, "FaultFunc: there was no request to choose a fault for")
	}
	return list
}
