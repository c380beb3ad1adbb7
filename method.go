package imbot

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Method is a REST method as a value. The typed methods of the services are [Call] with one of the Method… variables,
// which are not to be changed; a method without a wrapper is declared in a line:
//
//	var chatMute = imbot.Method[map[string]any, bool]{Name: "im.chat.mute", Check: imbot.MustBeTrue[bool]}
//
// Req has to encode as a JSON object; nil is a request without parameters. A result that Res cannot take is an
// [ErrUnexpectedResult]: null, unless Res is a pointer, a map, a slice, an interface or decodes itself, and an object
// with a name twice and different values. Into a map, [] is read as an empty one. The error names a field of Res whose
// type encoding/json could not read; Res may be [json.RawMessage] to see all that came.
type Method[Req, Res any] struct {
	Name       string    // as Bitrix24 documents it: "imbot.chat.leave"
	Idempotent bool      // a repeat after a lost answer cannot act twice, as of reads
	Refusals   []Refusal // the situations behind its codes

	// Validate returns what can never be right about a request. The call fails with it as a [*ParamError], and nothing
	// is sent. Instead of a nil pointer, it gets one to the zero value.
	Validate func(Req) error
	// Check returns what is wrong with a result that Res takes, but the method does not document. The call's error
	// matches it and [ErrUnexpectedResult], and [ErrOutcomeUnknown] unless the method is Idempotent or Check's error
	// matches [ErrDeclined].
	Check func(Res) error
}

// Refusal is a situation behind a code. An [*APIError] matches what the first row that fits it means.
type Refusal struct {
	Code        Code   // letter case aside
	Description string // the whole description, letter case and blanks around it aside; empty: any
	Status      int    // the HTTP status; 0: any. An error inside of a 200, as in a batch, fits any
	Means       error  // nil: nothing, and later rows do not count
}

// call is a Method with its request, ready to be sent.
type call struct {
	method     string
	idempotent bool
	refusals   []Refusal
	body       payload.Body
	commands   []*command // where this is a batch
}

// hidden returns the secrets among the parameters, and those of the commands of a batch, after others. A file is none,
// and is not read.
func (c *call) hidden(others redact.Set) redact.Set {
	for _, part := range c.commands {
		_, params := part.wire()
		others = redact.InJSON(params, others...)
	}
	return redact.InJSON(c.body.Text, others...)
}

// recognize returns the situation behind a refusal, or nil. Descriptions are compared as a whole: nothing but the
// situation depends on them, and a wording that nobody has seen leaves its code.
func (c *call) recognize(status int, code Code, description string) error {
	description = strings.TrimSpace(description)
	for _, row := range c.refusals {
		if row.Code.Is(code) && row.hasStatus(status) && (row.Description == "" || strings.EqualFold(description, row.Description)) {
			return row.Means
		}
	}
	return nil
}

// hasStatus reports whether a refusal with this status may be the one of the row. An error inside a 200, as those of
// the commands of a batch are, has no status of its own.
func (r *Refusal) hasStatus(status int) bool {
	return r.Status == 0 || r.Status == status || status == http.StatusOK
}

// isMethodName reports whether name is made of parts with dots between them, each of letters, digits and underscores,
// and begins with a letter.
func isMethodName(name string) bool {
	before := byte('.')
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && (c == '_' || '0' <= c && c <= '9'):
		case c == '.' && before != '.':
		default:
			return false
		}
		before = c
	}
	return before != '.'
}

// checkRequest returns what can be known to be wrong before anything is sent.
func (m Method[Req, Res]) checkRequest(req Req) error {
	if !isMethodName(m.Name) {
		return &ParamError{Method: m.Name, Param: "Method.Name", Err: errors.New("is not the name of a REST method")}
	}
	if m.Validate == nil {
		return nil
	}
	switch err := m.Validate(orZero(req)).(type) { //nolint:errorlint // an error around a ParamError says more than that
	case nil:
		return nil
	case *ParamError:
		if err == nil {
			return nil
		}
		return &ParamError{Method: m.Name, Param: err.Param, Err: err.Err}
	default:
		return &ParamError{Method: m.Name, Param: "request", Err: err}
	}
}

// orZero returns a request, and a pointer to the zero value for a nil pointer.
func orZero[Req any](req Req) Req {
	if kind := reflect.TypeFor[Req]().Kind(); kind != reflect.Pointer && kind != reflect.Interface {
		return req
	}
	v := reflect.ValueOf(req)
	if v.Kind() != reflect.Pointer || !v.IsNil() {
		return req
	}
	zero, _ := reflect.New(v.Type().Elem()).Interface().(Req)
	return zero
}

// firstProblem returns the first mistake, or nil.
func firstProblem(problems ...*ParamError) error {
	if problem := cmp.Or(problems...); problem != nil {
		return problem
	}
	return nil
}

// prepare checks and encodes a request, for a call by itself and for one in a batch.
func (m Method[Req, Res]) prepare(c *Client, req Req) (call, error) {
	if !c.isMade() {
		return call{}, &ParamError{Method: m.Name, Param: "client", Err: errNotMade}
	}
	if err := m.checkRequest(req); err != nil {
		return call{}, err
	}
	body, err := encodeRequest(req)
	if err != nil {
		return call{}, &ParamError{Method: m.Name, Param: "request", Err: err}
	}
	if body.Text, err = c.withClientID(m.Name, body.Text, reflect.TypeFor[Req]()); err != nil {
		return call{}, err
	}
	return call{method: m.Name, idempotent: m.Idempotent, refusals: m.Refusals, body: body}, nil
}

// decode reads the result of a successful answer.
func (m Method[Req, Res]) decode(got answer) (*Response[Res], error) {
	response := &Response[Res]{Time: got.time}
	if got.result == nil || loose.IsNull(got.result) && !takesNull(reflect.TypeFor[Res]()) || envelope.SaysTwice(got.result) {
		return nil, &resultError{method: m.Name, problem: errors.New(envelope.Kind(got.result)), known: m.Idempotent}
	}
	if err := unmarshal(got.result, &response.Result); err != nil {
		return nil, &resultError{method: m.Name, problem: errors.New(envelope.Misfit(got.result, reflect.TypeFor[Res](), err)), known: m.Idempotent}
	}
	if m.Check != nil {
		if err := m.Check(response.Result); err != nil {
			if _, isOurs := asType[plainAnswer](err); !isOurs {
				err = &foreignError{err}
			}
			return nil, &resultError{method: m.Name, problem: err, known: m.Idempotent}
		}
	}
	return response, nil
}

// MustBeTrue is the Check of a method that answers nothing but true: false matches [ErrDeclined].
func MustBeTrue[B ~bool](result B) error {
	if result {
		return nil
	}
	return plainAnswer{"false", ErrDeclined}
}

// plainAnswer is a result that says plainly what was not done or not found.
type plainAnswer struct {
	result string
	means  error
}

func (a plainAnswer) Error() string { return a.result }

func (a plainAnswer) Unwrap() error { return a.means }

// unmarshal is json.Unmarshal, but for the list that PHP makes of an empty map. What it is given was read once, and is
// JSON, so that nothing has to be read a second time for types that read themselves, and for the true of most methods.
func unmarshal[Res any](raw json.RawMessage, result *Res) error {
	switch own := any(result).(type) {
	case json.Unmarshaler:
		return own.UnmarshalJSON(raw)
	case *bool:
		if *own = string(raw) == "true"; *own {
			return nil
		}
	}
	err := json.Unmarshal(raw, result)
	if err != nil && string(raw) == "[]" && reflect.TypeFor[Res]().Kind() == reflect.Map {
		return json.Unmarshal([]byte("{}"), result)
	}
	return err
}

// takesNull reports whether null means something to t. Into other types encoding/json reads it as "leave alone",
// which would make a zero of it.
func takesNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return true
	default:
		return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) && !isID(t)
	}
}

// isID reports whether t is one of this package's ids, which read null as encoding/json's own types do.
func isID(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[ChatID](), reflect.TypeFor[BotID](), reflect.TypeFor[UserID](), reflect.TypeFor[MessageID](),
		reflect.TypeFor[CommandID]():
		return true
	default:
		return false
	}
}
