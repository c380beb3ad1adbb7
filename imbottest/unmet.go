package imbottest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// Unmet returns what was prepared and no call has met so far, one sentence each with the name of the method, and
// nothing where all was met: the faults of [Portal.Fault] and [Portal.FaultTokens], the function of [Portal.FaultFunc],
// and the answers of [Portal.On] to methods that begin with "imbot." and that the portal has no model of, which is what
// a slip in a name makes. What is [Fault.Optional] or [Answer.Optional], and what was taken back or replaced, is left
// out.
//
// A portal of [NewPortal] fails its test by these sentences when the test ends, unless that was skipped or has failed
// already. A program asks.
func (p *Portal) Unmet() []string {
	return slices.Concat(p.faults.unmet("Fault", p.whyUnmet), p.oauth.faults.unmet("FaultTokens", nil), p.scripts.unmet())
}

// end is the end of the test. What it has prepared and not met is a mistake in it, unless it ended early anyway.
func (p *Portal) end() {
	t := p.reporter.t
	t.Helper()
	if !t.Failed() && !t.Skipped() {
		for _, unmet := range p.Unmet() {
			t.Errorf("imbottest: %s", unmet)
		}
	}
	p.Close()
}

// whyUnmet guesses why none of the faults of a method was met. The name is in lower case.
func (p *Portal) whyUnmet(name string) string {
	switch {
	case !hasModel(name) && !p.scripts.has(name):
		return ": the portal has no model of it, is there a slip in the name?"
	case p.CallCount(name) > 0:
		return ": commands of a batch meet none, prepare the batch's, or the answer by Portal.On"
	default:
		return ""
	}
}

// hasModel tells whether the portal can answer a method by itself. The name is in lower case.
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

// unmet returns what no call has asked for, of methods for bots without a model: a name with a slip is one of those.
// Other answers may well be there to show that nobody calls.
func (s *scripts) unmet() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.answers)) {
		prepared := s.answers[name]
		isOptional := slices.ContainsFunc(prepared.coming, func(a Answer) bool { return a.optional })
		if strings.HasPrefix(name, "imbot.") && !hasModel(name) && !prepared.asked && !isOptional {
			list = append(list, "On: there was no call of "+prepared.method+", which the portal has no model of")
		}
	}
	return list
}
