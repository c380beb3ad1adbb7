package portals

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// saving has the portals whose tokens may have to be saved before the program ends.
type saving struct {
	mu       sync.Mutex
	underWay map[string]int
	failed   map[string]bool // the last try failed
}

func newSaving() saving {
	return saving{underWay: make(map[string]int), failed: make(map[string]bool)}
}

// begin notes that an update of the token of a portal begins. end is called when it has ended.
func (s *saving) begin(memberID string) (end func(saved bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underWay[memberID]++
	return func(saved bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.underWay[memberID]--; s.underWay[memberID] == 0 {
			delete(s.underWay, memberID)
		}
		if saved {
			delete(s.failed, memberID)
		} else {
			s.failed[memberID] = true
		}
	}
}

// done notes that nothing is left to be saved for a portal.
func (s *saving) done(memberID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failed, memberID)
}

// portals returns them all.
func (s *saving) portals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := maps.Clone(s.failed)
	for memberID := range s.underWay {
		all[memberID] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// Wait returns when no renewal of a token is under way in this process, and no new pair is left to be saved. Call it at
// the end of a program, after the last call: see [oauth.App.Wait], which it calls for each portal that may need it.
//
// Give ctx time, about a minute; without a renewal Wait returns at once. The error is that of all portals for which it
// failed, joined; each names its portal, and matches [oauth.ErrNotSaved] where there is a pair that the store does not
// have. Calls that begin meanwhile are not waited for.
func (r *Registry) Wait(ctx context.Context) error {
	r.mu.Lock()
	portals := slices.Collect(maps.Keys(r.known))
	r.mu.Unlock()
	portals = append(portals, r.saving.portals()...)
	slices.Sort(portals)
	var problems []error
	for _, memberID := range slices.Compact(portals) {
		if err := r.app().Wait(ctx, tokenStore{r, memberID}); err != nil {
			problems = append(problems, fmt.Errorf("portals: %s: %w", memberID, err))
			continue
		}
		r.saving.done(memberID)
	}
	return errors.Join(problems...)
}
