package events

// AsKept makes an event one that comes from a queue.
func AsKept(e *Event) *Event {
	e.kept = true
	return e
}
