package imbotv2

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// lined is an event in the line of those that are not confirmed.
type lined struct {
	id   EventID
	date time.Time
	done bool
}

// add puts an event that the portal has into the line, and hands it out if it is new.
func (f *feed) add(event *Event) {
	isDone := f.isDone(event)
	f.mu.Lock()
	defer f.mu.Unlock()
	if event.EventID < f.offset || !f.insert(lined{event.EventID, event.Date, isDone}) {
		return
	}
	if isDone {
		f.settle()
		return
	}
	event.portal = f.key.Portal
	event.done = sync.OnceFunc(func() { f.finish(event.EventID) })
	f.waiting = append(f.waiting, event)
}

// isDone reports whether the store knows that an event is done. A number alone does not tell: when a portal counts
// anew, lower numbers come with later dates.
func (f *feed) isDone(event *Event) bool {
	const skew = time.Minute // numbers and dates may differ by some seconds in their order
	if f.stored.Date.IsZero() || event.EventID > f.stored.EventID {
		return false
	}
	if event.Date.After(f.stored.Date.Add(skew)) {
		f.stored = Offset{}
		f.errs = append(f.errs, ErrOffsetDropped)
		return false
	}
	return !event.Date.IsZero() && !event.Date.After(f.stored.Date)
}

// insert puts an event into the line, and reports whether it was not in it. It is called under the lock.
func (f *feed) insert(l lined) bool {
	at, found := slices.BinarySearchFunc(f.line, l.id, func(l lined, id EventID) int { return cmp.Compare(l.id, id) })
	if !found {
		f.line = slices.Insert(f.line, at, l)
	}
	return !found
}

// finish marks an event as done.
func (f *feed) finish(id EventID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.line {
		if f.line[i].id == id {
			f.line[i].done = true
		}
	}
	f.settle()
	close(f.changed)
	f.changed = make(chan struct{})
}

// settle takes those events out of the line that are done with all before them. It is called under the lock.
func (f *feed) settle() {
	for len(f.line) > 0 && f.line[0].done {
		last := f.line[0]
		f.line = f.line[1:]
		f.offset = last.id + 1
		f.done.EventID = last.id
		if !last.date.IsZero() {
			f.done.Date = last.date
		}
	}
}
