package imbottest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Answer is what [Portal.On] makes the portal say. Make one with [Result], [Refuse], [Raw] or [Broken].
type Answer struct {
	reply func(p *Portal, x *exchange) reply
	err   error // why it cannot be given

	optional bool // it need not be asked for

	// For a command of a batch, where an answer is but a part of one:
	value   any
	failure *failure
	whole   bool // it is no command's
}

// Result is a success: HTTP 200 with the value, as encoding/json writes it, and the time. Where a real portal has a PHP
// array, mind that an empty map of PHP is a list.
func Result(value any) Answer {
	encoded, err := php.Marshal(value)
	if err != nil {
		return Answer{err: fmt.Errorf("imbottest: Result: the value has no JSON: %w", err)}
	}
	return Answer{
		reply: func(p *Portal, x *exchange) reply { return p.resultReply(x, json.RawMessage(encoded)) },
		value: json.RawMessage(encoded),
	}
}

// checkStatus says what is wrong with the status of an answer. Over a connection net/http has no others.
func checkStatus(name string, status int) error {
	if status < 200 || status > 599 {
		return fmt.Errorf("imbottest: %s: want a status from 200 to 599, got %d", name, status)
	}
	return nil
}

// Refuse is an error of the REST server. The status may be 200, too: the server does send such errors.
func Refuse(status int, code, description string) Answer {
	if err := checkStatus("Refuse", status); err != nil {
		return Answer{err: err}
	}
	f := &failure{Status: status, Code: code, Description: description}
	return Answer{reply: func(p *Portal, _ *exchange) reply { return p.failureReply(f) }, failure: f}
}

// Raw is exactly this answer, with no other header than the content type, and none at all if that is "".
func Raw(status int, contentType, body string) Answer {
	if err := checkStatus("Raw", status); err != nil {
		return Answer{err: err}
	}
	return Answer{reply: func(*Portal, *exchange) reply { return newReply(status, contentType, []byte(body)) }, whole: true}
}

// Broken is no answer: the connection is closed.
func Broken() Answer {
	return Answer{reply: func(*Portal, *exchange) reply { return reply{cut: io.EOF} }, whole: true}
}

// Optional returns the answer as one that need not be given: prepared by [Portal.On], alone or among others, it lets
// the method stay uncalled. Without it, answers to a method for bots ("imbot.…") that the portal has no model of, and
// that nobody calls, fail the test when it ends: there may be a slip in the name.
func (a Answer) Optional() Answer {
	a.optional = true
	return a
}

// scripts are the answers that were prepared, by the names of methods in lower case.
type scripts struct {
	mu      sync.Mutex
	answers map[string]*script
}

// script has the answers to a method.
type script struct {
	method string // as it was spelled
	coming []Answer
	asked  bool
}

// next returns the answer that is due for a method. The last one stays.
func (s *scripts) next(name string) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	prepared := s.answers[name]
	if prepared == nil {
		return Answer{}, false
	}
	prepared.asked = true
	answer := prepared.coming[0]
	if len(prepared.coming) > 1 {
		prepared.coming = prepared.coming[1:]
	}
	return answer, true
}

// has tells whether there are answers to a method.
func (s *scripts) has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[name] != nil
}

// On prepares the answers to calls of a method, in any letter case: they are given in order, and the last one to every
// further call. They take the place of what the portal itself would say, its authorization included, and nothing in the
// portal changes by such a call. They are given to commands of a batch as well, but for [Raw] and [Broken], which
// become the answer of the whole batch when its turn comes to the command. Limits of the rate and faults come first. A
// second On replaces the first; without answers it takes the method back. Answers to a method for bots ("imbot.…") that
// the portal has no model of, and that nobody has called by the end of the test, fail it by the method's name, unless
// one of them is [Answer.Optional].
func (p *Portal) On(method string, answers ...Answer) {
	p.reporter.helper()
	for _, answer := range answers {
		if answer.err != nil {
			p.reporter.fatalf("%v", answer.err)
			return
		}
		if answer.reply == nil {
			p.reporter.fatalf("imbottest: On: the zero Answer says nothing, use Result, Refuse, Raw or Broken")
			return
		}
	}
	p.scripts.mu.Lock()
	defer p.scripts.mu.Unlock()
	if p.scripts.answers == nil {
		p.scripts.answers = make(map[string]*script)
	}
	name := strings.ToLower(method)
	delete(p.scripts.answers, name)
	if len(answers) > 0 {
		p.scripts.answers[name] = &script{method: method, coming: slices.Clone(answers)}
	}
}
