package imbottest

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
)

// Answer is what [Portal.On] makes the portal say. Make one with [Result], [Refuse], [Raw] or [Broken].
type Answer struct {
	answer server.Answer
	err    error // why it cannot be given
}

// Result is a success: HTTP 200 with the value, as encoding/json writes it, and the time. Where a real portal has a PHP
// array, mind that an empty map of PHP is a list.
func Result(value any) Answer {
	encoded, err := php.Marshal(value)
	if err != nil {
		return Answer{err: fmt.Errorf("imbottest: Result: the value has no JSON: %w", err)}
	}
	return Answer{answer: server.Answer{Value: json.RawMessage(encoded)}}
}

// Refuse is an error of the REST server. The status may be 200, too: the server does send such errors.
func Refuse(status int, code, description string) Answer {
	failure := &methods.Failure{Status: status, Code: code, Description: description}
	return Answer{server.Answer{Failure: failure}, server.CheckStatus("Refuse", status)}
}

// Raw is exactly this answer, with no other header than the content type, and none at all if that is "".
func Raw(status int, contentType, body string) Answer {
	whole := func() server.Reply { return server.NewReply(status, contentType, []byte(body)) }
	return Answer{server.Answer{Whole: whole}, server.CheckStatus("Raw", status)}
}

// Broken is no answer: the connection is closed.
func Broken() Answer {
	return Answer{answer: server.Answer{Whole: func() server.Reply { return server.Reply{Cut: io.EOF} }}}
}

// Optional returns the answer as one that need not be given: prepared by [Portal.On], alone or among others, it lets
// the method stay uncalled. Without it, answers to a method for bots ("imbot.…") that the portal has no model of, and
// that is never called, fail the test when it ends: there may be a slip in the name.
func (a Answer) Optional() Answer {
	a.answer.Optional = true
	return a
}

// On prepares the answers to calls of a method, in any letter case: they are given in order, and the last one to every
// further call. They take the place of what the portal itself would say, its authorization included, and nothing in the
// portal changes by such a call. They are given to commands of a batch as well, but for [Raw] and [Broken], which
// become the answer of the whole batch when its turn comes to the command. Limits of the rate and faults come first. A
// second On replaces the first; without answers it takes the method back. Answers to a method for bots ("imbot.…") that
// the portal has no model of, and that was not called by the end of the test, fail it by the method's name, unless one
// of them is [Answer.Optional].
func (p *Portal) On(method string, answers ...Answer) {
	var given []server.Answer
	for _, answer := range answers {
		if answer.err != nil {
			p.reporter.Fatalf("%v", answer.err)
			return
		}
		if answer.answer.IsZero() {
			p.reporter.Fatalf("imbottest: On: the zero Answer says nothing, use Result, Refuse, Raw or Broken")
			return
		}
		given = append(given, answer.answer)
	}
	p.server.On(method, given)
}
