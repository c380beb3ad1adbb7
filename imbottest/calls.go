package imbottest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Call is a request that reached the portal, or a command of a batch that it ran. It is shared: read it, do not change
// what it refers to.
type Call struct {
	// Method is the name of the REST method as sent, without the suffix .json.
	Method string
	// Params are the parameters of query and body together. Their keys are as sent, and what the server keeps for itself,
	// such as auth, is left out.
	Params map[string]any
	// Body is the body of the request as sent.
	Body []byte
	// Query has the parameters of the URL alone, with all that Params leaves out.
	Query url.Values
	// Header has the header fields of the request.
	Header http.Header
	// HTTPMethod is the method of the request, such as POST.
	HTTPMethod string
	// Host is the host that the request was sent to, in lower case and without the default port of its scheme in memory.
	Host string
	// Path is the path of the URL, decoded. For a webhook the secret stands in it.
	Path string
	// Auth is what the call brought along, right or wrong.
	Auth AuthKind
	// Status is that of the answer, 0 if there was none (yet).
	Status int
	// Code is the error of the answer, "" for a result and for what is not JSON.
	Code string
	// At is when the request arrived, or when the turn came to the command.
	At time.Time
	// Label is that of a command in its batch, and "" for a request. A command has from its batch what is not its own:
	// Body, Query, Header, HTTPMethod, Host, Path and Auth.
	Label string
}

// journal is the list of calls, or of the last of them.
type journal struct {
	mu    sync.Mutex
	calls latest[*Call]
	count map[string]int // of all there were, by the names of methods in lower case
}

// record writes a call down.
func (j *journal) record(call Call) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls.add(&call)
	if j.count == nil {
		j.count = make(map[string]int)
	}
	j.count[strings.ToLower(call.Method)]++
	return &call
}

// finish adds to a call how it was answered.
func (j *journal) finish(call *Call, rep reply) {
	if rep.cut != nil {
		return
	}
	j.note(call, rep.status, errorCode(rep.body))
}

// note adds to a call what the portal has answered, or to a command what will stand in the answer.
func (j *journal) note(call *Call, status int, code string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	call.Status, call.Code = status, code
}

// Calls returns the calls that reached the portal, in order of arrival: all, or those of the given methods, in any
// letter case. Calls that are not answered yet are among them, and the commands of batches after their batch.
func (p *Portal) Calls(methods ...string) []Call {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	var found []Call
	for _, call := range p.journal.calls.last() {
		named := func(method string) bool { return strings.EqualFold(method, call.Method) }
		if len(methods) == 0 || slices.ContainsFunc(methods, named) {
			found = append(found, *call)
		}
	}
	return found
}

// CallCount returns how many calls there were, those that [KeepCalls] has made [Portal.Calls] forget included: all, or
// those of the given methods, in any letter case. A command of a batch counts for its method, besides the batch.
func (p *Portal) CallCount(methods ...string) int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	sum := 0
	for method, count := range p.journal.count {
		named := func(name string) bool { return strings.EqualFold(name, method) }
		if len(methods) == 0 || slices.ContainsFunc(methods, named) {
			sum += count
		}
	}
	return sum
}
