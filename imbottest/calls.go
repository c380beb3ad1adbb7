package imbottest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Call is a request that reached the portal. It is shared: read it, do not change what it refers to.
type Call struct {
	Method     string         // as sent, without the suffix .json
	Params     map[string]any // of query and body together, keys as sent, without what the server keeps for itself, such as auth
	Body       []byte         // as sent
	Query      url.Values
	Header     http.Header
	HTTPMethod string
	Host       string
	Path       string
	Auth       AuthKind // what the call brought along, right or wrong
	Status     int      // of the answer, 0 if there was none (yet)
	Code       string   // the error of the answer, "" for a result and for what is not JSON
	At         time.Time
}

// journal is the list of calls.
type journal struct {
	mu    sync.Mutex
	calls []Call
}

// record writes a call down and returns where.
func (j *journal) record(call Call) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, call)
	return len(j.calls) - 1
}

// finish adds to a call how it was answered.
func (j *journal) finish(index int, rep reply) {
	if rep.cut != nil {
		return
	}
	code := errorCode(rep.body)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls[index].Status, j.calls[index].Code = rep.status, code
}

// Calls returns the calls that reached the portal, in order of arrival: all, or those of the given methods, in any letter
// case. Calls that are not answered yet are among them.
func (p *Portal) Calls(methods ...string) []Call {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	var found []Call
	for _, call := range p.journal.calls {
		named := func(method string) bool { return strings.EqualFold(method, call.Method) }
		if len(methods) == 0 || slices.ContainsFunc(methods, named) {
			found = append(found, call)
		}
	}
	return found
}
