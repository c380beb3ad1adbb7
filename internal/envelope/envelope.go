// Package envelope reads what Bitrix24 wraps around every answer: {"result":…,"time":…} or
// {"error":…,"error_description":…}.
package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Envelope is an answer taken apart, its parts still JSON.
type Envelope struct {
	// Result is nil where the answer has none.
	Result json.RawMessage
	// Time is nil where the answer has none.
	Time json.RawMessage
	// Refusal is set where the answer has an "error" that is not null, whatever else it has.
	Refusal *Refusal
}

// Refusal is an error as the portal reports it.
type Refusal struct {
	// Code may be empty.
	Code string
	// Description may be empty.
	Description string
	// Details has what the portal said about single parameters.
	Details []Detail
}

// Detail is one remark of a refusal about one parameter; either half may be empty.
type Detail struct{ Field, Message string }

// ErrNotJSON is returned for what is not one JSON object. It quotes nothing of the answer.
var ErrNotJSON = errors.New("not a JSON object")

// byteOrderMark stands before the answers of portals whose PHP files were saved with one.
var byteOrderMark = []byte("\xef\xbb\xbf")

// Parse takes an answer apart. The presence of "error" decides what the answer is: the portal sends it with any
// status, with an empty code, as a number and, in newer interfaces, as an object. The parts are parts of body.
func Parse(body []byte) (Envelope, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	var raw parts
	if !Members(body, raw.take) {
		var err error
		if raw, err = decode(body); err != nil {
			return Envelope{}, ErrNotJSON
		}
	}
	e := Envelope{Result: raw.Result, Time: raw.Time}
	if raw.Error != nil && !isNull(raw.Error) {
		e.Refusal = refusal(raw.Error, raw.Description)
		if argument := text(raw.Argument); argument != "" {
			e.Refusal.Details = append(e.Refusal.Details, Detail{Field: argument})
		}
	}
	return e, nil
}

// parts are what is known of an answer.
type parts struct {
	Result      json.RawMessage `json:"result"`
	Time        json.RawMessage `json:"time"`
	Error       json.RawMessage `json:"error"`
	Description json.RawMessage `json:"error_description"`
	Argument    json.RawMessage `json:"argument"`
}

func (p *parts) take(name, value []byte) bool {
	switch string(name) {
	case "result":
		p.Result = value
	case "time":
		p.Time = value
	case "error":
		p.Error = value
	case "error_description":
		p.Description = value
	case "argument":
		p.Argument = value
	default:
		return IsPlain(name)
	}
	return true
}

// decode is the long way to the members, for whatever JSON there is.
func decode(body []byte) (parts, error) {
	var p parts
	if len(body) == 0 || body[0] != '{' {
		return p, ErrNotJSON
	}
	err := json.Unmarshal(body, &p)
	return p, err
}

// HasResult reports whether there is a result, and not null.
func (e *Envelope) HasResult() bool { return e.Result != nil && !isNull(e.Result) }

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// refusal reads the variants of an error: {"error":"CODE"}, {"error":100}, {"error":{"code":…,"message":…}}.
func refusal(code, description json.RawMessage) *Refusal {
	r := &Refusal{Code: text(code), Description: text(description)}
	if code[0] == '{' {
		r.readNested(code)
	}
	return r
}

func (r *Refusal) readNested(raw json.RawMessage) {
	var nested struct {
		Code       json.RawMessage `json:"code"`
		Message    json.RawMessage `json:"message"`
		Validation json.RawMessage `json:"validation"`
	}
	if json.Unmarshal(raw, &nested) != nil {
		return
	}
	r.Code = text(nested.Code)
	if message := text(nested.Message); message != "" {
		r.Description = message
	}
	var remarks []json.RawMessage
	if json.Unmarshal(nested.Validation, &remarks) != nil {
		return // there is none, or something else stands in its place, which does not make the rest worth less
	}
	for _, remark := range remarks {
		r.Details = append(r.Details, detail(remark))
	}
}

// detail reads a remark on one parameter: an object, or a text alone.
func detail(raw json.RawMessage) Detail {
	var wire struct {
		Field   json.RawMessage `json:"field"`
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(raw, &wire) != nil {
		return Detail{Message: text(raw)}
	}
	return Detail{Field: text(wire.Field), Message: text(wire.Message)}
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
