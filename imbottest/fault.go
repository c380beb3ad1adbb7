package imbottest

import (
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
)

// Fault is something that goes wrong with one call, on the way to the portal, in it, or on the way back. The zero Fault
// is none.
type Fault struct{ fault server.Fault }

// instead is a fault after which the portal has done nothing.
func instead(rep func() server.Reply) Fault { return Fault{server.Fault{Instead: rep}} }

// after is a fault that spoils the answer, when the portal has done what it was asked for.
func after(spoil func(server.Reply) server.Reply) Fault { return Fault{server.Fault{Spoil: spoil}} }

// checked is a fault with a status of its own, which cannot be if that is no status of an answer.
func checked(name string, status int, fault Fault) Fault {
	if err := server.CheckStatus(name, status); err != nil {
		return Fault{server.Fault{Err: err}}
	}
	return fault
}

// NoFault is a call that goes well, for use between others.
func NoFault() Fault { return Fault{} }

// Optional returns the fault as one that may stay unmet. Any other fault that was given to [Portal.Fault] or
// [Portal.FaultTokens] and that no call has met fails the test when it ends: nothing was shown by it.
func (f Fault) Optional() Fault {
	f.fault.Optional = true
	return f
}

// RefuseDial is a portal that cannot be connected to. A server that is listening cannot refuse connections: over
// loopback it cuts them, as [LoseBefore] does. Either way the call counts as one that did not reach the portal: it is
// not among [Portal.Calls], nor is a request for tokens among [Portal.TokenCalls]. In a batch, which has reached the
// portal, it is the same as [LoseBefore].
func RefuseDial() Fault { return Fault{server.Fault{Dial: server.ErrRefused()}} }

// LoseBefore resets the connection before the portal has acted.
func LoseBefore() Fault {
	return instead(func() server.Reply { return server.Reply{Cut: server.ErrReset()} })
}

// LoseAfter resets the connection when the portal has acted.
func LoseAfter() Fault {
	return after(func(server.Reply) server.Reply { return server.Reply{Cut: server.ErrReset()} })
}

// SlowBefore waits before the portal acts. It does not act for a caller who has gone by then.
func SlowBefore(d time.Duration) Fault { return Fault{server.Fault{Before: d}} }

// SlowAfter waits when the portal has acted, before it answers.
func SlowAfter(d time.Duration) Fault { return Fault{server.Fault{After: d}} }

// HTML is a page for people from something before the portal, which has not acted. With the status 200 it may be the
// login page of a site.
func HTML(status int) Fault {
	return checked("HTML", status, instead(func() server.Reply { return server.HTML(status) }))
}

// HTMLAfter is a page for people in place of the answer, when the portal has acted: what a proxy says that could not
// wait.
func HTMLAfter(status int) Fault {
	return checked("HTMLAfter", status, after(func(server.Reply) server.Reply { return server.HTML(status) }))
}

// Truncate cuts the connection after n bytes of the answer's body, at the latest before its last byte. The portal has
// acted.
func Truncate(n int) Fault {
	return after(func(rep server.Reply) server.Reply {
		rep.Length = len(rep.Body)
		rep.Body = rep.Body[:clamp(n, len(rep.Body))]
		return rep
	})
}

// WrongLength announces a body that is longer than the one that comes: all of the answer is there, and then the
// connection ends too early. The portal has acted.
func WrongLength() Fault {
	return after(func(rep server.Reply) server.Reply {
		rep.Length = len(rep.Body) + 1
		return rep
	})
}

// CutJSON leaves only the first n bytes of the answer, at the most all but the last, in a body that ends as it should.
// The portal has acted.
func CutJSON(n int) Fault {
	return after(func(rep server.Reply) server.Reply {
		rep.Body = rep.Body[:clamp(n, len(rep.Body))]
		return rep
	})
}

// clamp keeps a cut inside a body.
func clamp(n, length int) int { return max(0, min(n, length-1)) }

// RedirectTo answers with a redirect (302) to a location, which is sent as it is. The portal has not acted.
func RedirectTo(location string) Fault {
	return instead(func() server.Reply { return server.Redirect(location) })
}

// Inside200 is an error of the portal with the status of a success. The portal has not acted. In a batch it is the error
// of the command alone.
func Inside200(code, description string) Fault {
	failure := &methods.Failure{Code: code, Description: description}
	return Fault{server.Fault{Failure: failure, Instead: func() server.Reply {
		return server.REST(http.StatusOK, php.Encode(failure.Body(false)))
	}}}
}

// Fault adds faults to the queue of a method, in any letter case: one for each of the next calls, then all is well.
// Faults that no call has met by the end of the test fail it, by the method's name, unless they are [Fault.Optional].
//
// A command of a batch is a call of its method, too, when its turn has come. [Inside200] is its own error then, and
// [SlowBefore] and [SlowAfter] let the batch wait. What takes the place of an answer, such as [HTML] and [LoseBefore], is
// the answer of the whole batch, which ends there: the commands before were run, this one and those after it were not.
// What spoils an answer, such as [Truncate] and [LoseAfter], does so to that of the batch when all its commands were
// run. For a fault of the batch itself, name the method batch.
func (p *Portal) Fault(method string, queue ...Fault) { p.server.AddFaults(method, p.faults(queue)) }

// faults are the faults of a queue, and none if one of them cannot be.
func (p *Portal) faults(queue []Fault) []server.Fault {
	var faults []server.Fault
	for _, fault := range queue {
		if fault.fault.Err != nil {
			p.reporter.Fatalf("%v", fault.fault.Err)
			return nil
		}
		faults = append(faults, fault.fault)
	}
	return faults
}

// FaultFunc lets a function choose the fault of every call for which [Portal.Fault] has none. It may be called by
// several goroutines at once. Nil takes it back. It is asked for requests only: of a batch it sees the method batch, and
// the commands meet the faults of [Portal.Fault]. A function that no request has called by the end of the test fails it.
// Whether it has chosen any fault does not matter: it may be there to watch.
func (p *Portal) FaultFunc(choose func(Call) Fault) {
	if choose == nil {
		p.server.ChooseFaults(nil)
		return
	}
	p.server.ChooseFaults(func(call server.Call) server.Fault { return choose(callOf(call)).fault })
}

// Unmet returns what was prepared and no call has met so far, one sentence each with the name of the method, and
// nothing where all was met: the faults of [Portal.Fault] and [Portal.FaultTokens], the function of [Portal.FaultFunc],
// and the answers of [Portal.On] to methods that begin with "imbot." and that the portal has no model of, which is what
// a slip in a name makes. What is [Fault.Optional] or [Answer.Optional], and what was taken back or replaced, is left
// out.
//
// A portal of [NewPortal] fails its test by these sentences when the test ends, unless that was skipped or has failed
// already. A program asks.
func (p *Portal) Unmet() []string { return p.server.Unmet() }
