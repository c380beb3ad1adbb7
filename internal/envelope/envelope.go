// Package envelope reads what Bitrix24 wraps around every answer: {"result":…,"time":…} or
// {"error":…,"error_description":…}.
package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// Envelope is an answer taken apart, its parts still JSON.
type Envelope struct {
	// Result is nil where the answer has none.
	Result json.RawMessage
	// Values is how many values the result is made of, itself among them.
	Values int
	// Time is nil where the answer has none.
	Time json.RawMessage
	// Refusal is set where the answer has an "error" that is not null, whatever else it has.
	Refusal *Refusal
	// Contradicts is set where the answer has both an error and a result with something in it, or one of them twice and
	// not the same: it proves nothing then. Results that differ, but are all empty, are none beside an error.
	Contradicts bool

	hasData bool
}

// Refusal is an error as the portal reports it.
type Refusal struct {
	// Code may be empty.
	Code string
	// Description may be empty.
	Description string
	// Details has what the portal said about single parameters, the first [MaxDetails] remarks of it.
	Details []Detail

	differs bool // the code was there twice, and not the same
}

// Detail is one remark of a refusal about one parameter; either half may be empty.
type Detail struct{ Field, Message string }

// MaxDetails is how many remarks of a refusal are read.
const MaxDetails = 20

// ErrNotJSON is returned for what is not one JSON object. It quotes nothing of the answer.
var ErrNotJSON = errors.New("not a JSON object")

// byteOrderMark stands before the answers of portals whose PHP files were saved with one.
var byteOrderMark = []byte("\xef\xbb\xbf")

// Parse takes an answer apart, in one pass and without a copy: the parts are parts of body. The presence of "error"
// decides what the answer is: the portal sends it with any status, with an empty code, as a number and, in newer
// interfaces, as an object.
func Parse(body []byte) (Envelope, error) {
	s := scanner{data: bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))}
	var p parts
	before := 0
	if !s.object(func(name, value []byte) bool {
		p.take(name, value, s.values-before)
		before = s.values
		return true
	}, 0) || !s.end() {
		return Envelope{}, ErrNotJSON
	}
	e := Envelope{Result: p.result.value, Values: p.values, Time: p.time.value, Contradicts: p.result.differs, hasData: p.hasData}
	if p.err.differs || p.err.value != nil && !isNull(p.err.value) {
		e.Refusal = refusal(&p.err, p.description.value)
		if argument := text(p.argument.value); argument != "" && len(e.Refusal.Details) < MaxDetails {
			e.Refusal.Details = append(e.Refusal.Details, Detail{Field: argument})
		}
		e.Contradicts = e.hasData || e.Refusal.differs
	}
	return e, nil
}

// parts are what is known of an answer.
type parts struct {
	result, time, err, description, argument once
	values                                   int  // of the result
	hasData                                  bool // a result has something in it
}

func (p *parts) take(name, value []byte, values int) {
	switch known(name, "result", "time", "error", "error_description", "argument") {
	case "result":
		p.result.set(value)
		p.values += values
		p.hasData = p.hasData || HasData(value)
	case "time":
		p.time.set(value)
	case "error":
		p.err.set(value)
	case "error_description":
		p.description.set(value)
	case "argument":
		p.argument.set(value)
	}
}

// known returns which of the names, all in lower case, a member has, or nothing. PHP writes them in lower case; as a
// success is only what has no error under any spelling, other letter case and escapes change nothing.
func known(name []byte, names ...string) string {
	for _, candidate := range names {
		if string(name) == candidate {
			return candidate
		}
	}
	if IsPlain(name) {
		return ""
	}
	meant := spelled(name)
	for _, candidate := range names {
		if strings.EqualFold(meant, candidate) {
			return candidate
		}
	}
	return ""
}

// once is a member that is believed if it is there once, or always the same: of two that differ neither counts.
type once struct {
	value   json.RawMessage // nil where there is none
	differs bool
}

func (o *once) set(value []byte) {
	switch {
	case o.differs:
	case o.value == nil:
		o.value = value
	case !same(o.value, value):
		*o = once{differs: true}
	}
}

// same reports whether two JSON values are the same: spelled alike, or texts that mean the same.
func same(a, b []byte) bool {
	return bytes.Equal(a, b) || a[0] == '"' && b[0] == '"' && unquote(a) == unquote(b)
}

// HasResult reports whether there is a result, and not null.
func (e *Envelope) HasResult() bool {
	return e.hasData || e.Result != nil && !isNull(e.Result)
}

// HasData reports whether there is a result with something in it.
func (e *Envelope) HasData() bool { return e.hasData }

// HasData reports whether a JSON value has something in it. PHP writes null, an empty list, an empty object or an empty
// text where there is nothing; false and 0 are something.
func HasData(value json.RawMessage) bool {
	switch {
	case len(value) == 0 || isNull(value):
		return false
	case value[0] == '[' || value[0] == '{':
		return len(bytes.TrimSpace(value[1:len(value)-1])) > 0
	default:
		return string(value) != `""`
	}
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// refusal reads the variants of an error: {"error":"CODE"}, {"error":100}, {"error":{"code":…,"message":…}}.
func refusal(code *once, description json.RawMessage) *Refusal {
	r := &Refusal{Code: text(code.value), Description: text(description), differs: code.differs}
	if len(code.value) > 0 && code.value[0] == '{' {
		r.readNested(code.value)
	}
	return r
}

func (r *Refusal) readNested(raw json.RawMessage) {
	var code, message, validation once
	Members(raw, func(name, value []byte) bool {
		switch known(name, "code", "message", "validation") {
		case "code":
			code.set(value)
		case "message":
			message.set(value)
		case "validation":
			validation.set(value)
		}
		return true
	})
	r.Code, r.differs = text(code.value), code.differs
	if message := text(message.value); message != "" {
		r.Description = message
	}
	if len(validation.value) == 0 || validation.value[0] != '[' {
		return // there is none, or something else stands in its place, which does not make the rest worth less
	}
	Elements(validation.value, func(place int, _ string, remark []byte) bool {
		r.Details = append(r.Details, detail(remark))
		return place+1 < MaxDetails
	})
}

// detail reads a remark on one parameter: an object, or a text alone.
func detail(raw json.RawMessage) Detail {
	if raw[0] != '{' {
		return Detail{Message: text(raw)}
	}
	var field, message once
	Members(raw, func(name, value []byte) bool {
		switch known(name, "field", "message") {
		case "field":
			field.set(value)
		case "message":
			message.set(value)
		}
		return true
	})
	return Detail{Field: text(field.value), Message: text(message.value)}
}

// text returns a JSON string without its quotes, a number or a boolean as it is written, and nothing for the rest.
func text(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		if inside := raw[1 : len(raw)-1]; isPrintable(inside) {
			return string(inside)
		}
		return unquote(raw)
	case 'n', '{', '[':
		return ""
	default:
		return string(raw)
	}
}

func unquote(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// isPrintable reports whether a JSON string stands for itself.
func isPrintable(inside []byte) bool {
	for _, c := range inside {
		if c == '\\' || c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// Kind names the kind of a JSON value for a message, without repeating the value: "null", "false", "a string".
func Kind(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "no result"
	}
	switch raw[0] {
	case 'n', 't', 'f':
		return string(raw)
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	default:
		return "a number"
	}
}
