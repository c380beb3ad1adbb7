package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// journal is a list that only grows, or the last of it.
type journal[T any] struct {
	keep int // 0: all
	mu   sync.Mutex
	list []*T
}

// add puts an item at the end. It forgets when there is twice as much as is kept, and then half of it at once.
func (j *journal[T]) add(item T) *T {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.keep > 0 && len(j.list) >= 2*j.keep {
		j.list = slices.Clone(j.last())
	}
	j.list = append(j.list, &item)
	return &item
}

// change changes an item that was added.
func (j *journal[T]) change(item *T, do func(*T)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	do(item)
}

// find returns copies of those items that are kept and match.
func (j *journal[T]) find(matches func(*T) bool) (found []T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, item := range j.last() {
		if matches(item) {
			found = append(found, *item)
		}
	}
	return found
}

// last returns the items that are kept. The caller holds mu.
func (j *journal[T]) last() []*T {
	if j.keep > 0 && len(j.list) > j.keep {
		return j.list[len(j.list)-j.keep:]
	}
	return j.list
}

// Call is a request that reached the portal, or a command of a batch that it ran.
type Call struct {
	Method     string
	Params     map[string]any
	Body       []byte
	Query      url.Values
	Header     http.Header
	HTTPMethod string
	Host       string
	Path       string
	Auth       AuthKind
	Status     int // 0: there was no answer (yet)
	Code       string
	At         time.Time
	Label      string // of a command
}

// calls are the calls, and how many there were of each method.
type calls struct {
	journal[Call]

	counting sync.Mutex
	count    map[string]int // by the names of methods in lower case
}

// record writes a call down.
func (c *calls) record(call Call) *Call {
	c.counting.Lock()
	if c.count == nil {
		c.count = make(map[string]int)
	}
	c.count[strings.ToLower(call.Method)]++
	c.counting.Unlock()
	return c.add(call)
}

// answered adds to a call what the portal has answered, or to a command what will stand in the answer.
func (c *calls) answered(call *Call, status int, code string) {
	c.change(call, func(call *Call) { call.Status, call.Code = status, code })
}

// among reports whether a method is one of several, which may be spelled in any letter case, or there are none.
func among(method string, methods []string) bool {
	return len(methods) == 0 || slices.ContainsFunc(methods, func(name string) bool { return strings.EqualFold(name, method) })
}

// Calls returns the calls that reached the portal, in order of arrival: all, or those of the given methods.
func (s *Server) Calls(methods ...string) []Call {
	return s.calls.find(func(call *Call) bool { return among(call.Method, methods) })
}

// CallCount returns how many calls there were, those that are not kept included: all, or those of the given methods.
func (s *Server) CallCount(methods ...string) int {
	s.calls.counting.Lock()
	defer s.calls.counting.Unlock()
	sum := 0
	for method, count := range s.calls.count {
		if among(method, methods) {
			sum += count
		}
	}
	return sum
}
