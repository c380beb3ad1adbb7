package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// Fault is something that goes wrong with one call. The zero Fault is none.
type Fault struct {
	Err      error // why it cannot be
	Dial     error // why nothing reached the portal
	Optional bool  // no call needs to meet it
	// Do wraps the portal's act, which it may leave out, delay, or follow by a broken answer.
	Do func(ctx context.Context, act func() (Reply, error)) (Reply, error)
}

func (f Fault) around(ctx context.Context, act func() (Reply, error)) (Reply, error) {
	if f.Do == nil {
		return act()
	}
	return f.Do(ctx, act)
}

// isDue reports whether a call has to meet the fault.
func (f Fault) isDue() bool { return !f.Optional && (f.Do != nil || f.Dial != nil) }

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

// next returns the fault of a call. The function of the user is called without the lock: it may look at the portal.
func (f *faults) next(call Call) Fault {
	name := strings.ToLower(call.Method)
	f.mu.Lock()
	if queue := f.queues[name]; queue != nil && len(queue.coming) > 0 {
		defer f.mu.Unlock()
		return queue.next()
	}
	choose := f.choose
	f.asked = choose != nil
	f.mu.Unlock()
	if choose == nil {
		return Fault{}
	}
	return choose(call)
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
	switch {
	case !hasModel(name) && !s.scripts.has(name):
		return ": the portal has no model of it, is there a slip in the name?"
	case s.CallCount(name) > 0:
		return ": commands of a batch meet none, prepare the batch's, or the answer by Portal.On"
	default:
		return ""
	}
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
