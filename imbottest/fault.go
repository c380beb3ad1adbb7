package imbottest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Fault is something that goes wrong with one call, on the way to the portal, in it, or on the way back. The zero Fault
// is none.
type Fault struct {
	err      error // why it cannot be
	dial     error // why nothing reached the portal
	optional bool  // no call needs to meet it
	// do wraps the portal's act, which it may leave out, delay, or follow by a broken answer.
	do func(ctx context.Context, act func() (reply, error)) (reply, error)
}

func (f Fault) around(ctx context.Context, act func() (reply, error)) (reply, error) {
	if f.do == nil {
		return act()
	}
	return f.do(ctx, act)
}

// instead is a fault after which the portal has done nothing.
func instead(rep func() reply) Fault {
	return Fault{do: func(context.Context, func() (reply, error)) (reply, error) { return rep(), nil }}
}

// after is a fault that spoils the answer, when the portal has done what it was asked for.
func after(spoil func(reply) reply) Fault {
	return Fault{do: func(_ context.Context, act func() (reply, error)) (reply, error) {
		rep, err := act()
		if err != nil || rep.cut != nil {
			return rep, err
		}
		return spoil(rep), nil
	}}
}

// NoFault is a call that goes well, for use between others.
func NoFault() Fault { return Fault{} }

// Optional returns the fault as one that may stay unmet. Any other fault that was given to [Portal.Fault] or
// [Portal.FaultTokens] and that no call has met fails the test when it ends: nothing was shown by it.
func (f Fault) Optional() Fault {
	f.optional = true
	return f
}

// isDue tells whether a call has to meet the fault.
func (f Fault) isDue() bool { return !f.optional && (f.do != nil || f.dial != nil) }

// RefuseDial is a portal that cannot be connected to. A server that is listening cannot refuse connections: over
// loopback it cuts them, as [LoseBefore] does. Either way the call counts as one that did not reach the portal: it is
// not among [Portal.Calls], nor is a request for tokens among [Portal.TokenCalls].
func RefuseDial() Fault { return Fault{dial: errRefused()} }

// LoseBefore resets the connection before the portal has acted.
func LoseBefore() Fault {
	return instead(func() reply { return reply{cut: errReset()} })
}

// LoseAfter resets the connection when the portal has acted.
func LoseAfter() Fault {
	return after(func(reply) reply { return reply{cut: errReset()} })
}

// SlowBefore waits before the portal acts. It does not act for a caller who has gone by then.
func SlowBefore(d time.Duration) Fault {
	return Fault{do: func(ctx context.Context, act func() (reply, error)) (reply, error) {
		if err := wait(ctx, d); err != nil {
			return reply{}, err
		}
		return act()
	}}
}

// SlowAfter waits when the portal has acted, before it answers.
func SlowAfter(d time.Duration) Fault {
	return Fault{do: func(ctx context.Context, act func() (reply, error)) (reply, error) {
		rep, err := act()
		if err == nil {
			err = wait(ctx, d)
		}
		return rep, err
	}}
}

// HTML is a page for people from something before the portal, which has not acted. With the status 200 it may be the
// login page of a site.
func HTML(status int) Fault {
	if err := checkStatus("HTML", status); err != nil {
		return Fault{err: err}
	}
	return instead(func() reply { return htmlReply(status) })
}

// HTMLAfter is a page for people in place of the answer, when the portal has acted: what a proxy says that could not
// wait.
func HTMLAfter(status int) Fault {
	if err := checkStatus("HTMLAfter", status); err != nil {
		return Fault{err: err}
	}
	return after(func(reply) reply { return htmlReply(status) })
}

// Truncate cuts the connection after n bytes of the answer's body, at the latest before its last byte. The portal has
// acted.
func Truncate(n int) Fault {
	return after(func(rep reply) reply {
		rep.length = len(rep.body)
		rep.body = rep.body[:clamp(n, len(rep.body))]
		return rep
	})
}

// WrongLength announces a body that is longer than the one that comes: all of the answer is there, and then the
// connection ends too early. The portal has acted.
func WrongLength() Fault {
	return after(func(rep reply) reply {
		rep.length = len(rep.body) + 1
		return rep
	})
}

// CutJSON leaves only the first n bytes of the answer, at the most all but the last, in a body that ends as it should.
// The portal has acted.
func CutJSON(n int) Fault {
	return after(func(rep reply) reply {
		rep.body = rep.body[:clamp(n, len(rep.body))]
		return rep
	})
}

// clamp keeps a cut inside a body.
func clamp(n, length int) int { return max(0, min(n, length-1)) }

// RedirectTo answers with a redirect (302) to a location, which is sent as it is. The portal has not acted.
func RedirectTo(location string) Fault {
	return instead(func() reply { return redirectReply(location) })
}

// Inside200 is an error of the portal with the status of a success. The portal has not acted.
func Inside200(code, description string) Fault {
	return instead(func() reply {
		return restReply(http.StatusOK, php.Encode((&failure{Code: code, Description: description}).Body(false)))
	})
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

// Fault adds faults to the queue of a method, in any letter case: one for each of the next calls, then all is well.
// Requests only: for a batch name `batch`; the failure of a command is made by [Portal.On]. Faults that no call has met
// by the end of the test fail it, by the method's name, unless they are [Fault.Optional].
func (p *Portal) Fault(method string, queue ...Fault) {
	p.reporter.helper()
	p.addFaults(&p.faults, method, queue)
}

func (p *Portal) addFaults(to *faults, method string, queue []Fault) {
	p.reporter.helper()
	for _, fault := range queue {
		if fault.err != nil {
			p.reporter.fatalf("%v", fault.err)
			return
		}
	}
	to.add(method, queue)
}

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

// FaultFunc lets a function choose the fault of every call for which [Portal.Fault] has none. It may be called by
// several goroutines at once. Nil takes it back. Requests only: for a batch look for the method `batch`; the failure of
// a command is made by [Portal.On]. A function that no request has asked by the end of the test fails it. Whether it
// has chosen what it was written for the function has to tell: it may as well only watch.
func (p *Portal) FaultFunc(choose func(Call) Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.choose, p.faults.asked = choose, false
}
