package server

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// Answer is what a call is answered by instead of the portal: a value, a failure, or something that no command of a
// batch can be answered by.
type Answer struct {
	Value    any // for encoding/json
	Failure  *methods.Failure
	Whole    func() Reply
	Optional bool // it need not be asked for
}

// IsZero reports whether the answer is none.
func (a Answer) IsZero() bool { return a.Value == nil && a.Failure == nil && a.Whole == nil }

// CheckStatus says what is wrong with the status of an answer. Over a connection net/http has no others.
func CheckStatus(name string, status int) error {
	if status < 200 || status > 599 {
		return fmt.Errorf("imbottest: %s: want a status from 200 to 599, got %d", name, status)
	}
	return nil
}

// scriptReply is an answer as a reply to a request.
func (s *Server) scriptReply(answer Answer, x *exchange) Reply {
	switch {
	case answer.Whole != nil:
		return answer.Whole()
	case answer.Failure != nil:
		return s.failureReply(answer.Failure)
	}
	return s.resultReply(x, answer.Value)
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

// has reports whether there are answers to a method.
func (s *scripts) has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[name] != nil
}

// On prepares the answers to calls of a method: they are given in order, and the last one to every further call.
// Without any it takes the method back.
func (s *Server) On(method string, answers []Answer) {
	s.scripts.mu.Lock()
	defer s.scripts.mu.Unlock()
	if s.scripts.answers == nil {
		s.scripts.answers = make(map[string]*script)
	}
	name := strings.ToLower(method)
	delete(s.scripts.answers, name)
	if len(answers) > 0 {
		s.scripts.answers[name] = &script{method: method, coming: slices.Clone(answers)}
	}
}

// unmet returns what no call has asked for, of methods for bots without a model: a name with a slip is one of those.
// Other answers may be there to prove that no call is made.
func (s *scripts) unmet() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.answers)) {
		prepared := s.answers[name]
		isOptional := slices.ContainsFunc(prepared.coming, func(a Answer) bool { return a.Optional })
		if strings.HasPrefix(name, "imbot.") && !hasModel(name) && !prepared.asked && !isOptional {
			list = append(list, "On: there was no call of "+prepared.method+", which the portal has no model of")
		}
	}
	return list
}
