package imbottest

import "slices"

// latest is a list that only grows, or the last of it.
type latest[T any] struct {
	keep int // 0: all
	list []T
}

// add puts an item at the end. It forgets when there is twice as much as is kept, and then half of it at once.
func (l *latest[T]) add(item T) {
	if l.keep > 0 && len(l.list) >= 2*l.keep {
		l.list = slices.Clone(l.last())
	}
	l.list = append(l.list, item)
}

// last returns the items that are kept.
func (l *latest[T]) last() []T {
	if l.keep > 0 && len(l.list) > l.keep {
		return l.list[len(l.list)-l.keep:]
	}
	return l.list
}
