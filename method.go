package imbot

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Method is a REST method as a value: its name, the type of its parameters and the type of its result. The typed
// methods of the services are [Call] with one of the Method… variables of this package; for a method that has no
// wrapper here, declare one:
//
//	type MessageAddRequest struct {
//		DialogID imbot.DialogID `json:"DIALOG_ID"`
//		BotID    imbot.BotID    `json:"BOT_ID,omitempty"`
//		Message  string         `json:"MESSAGE"`
//	}
//
//	var messageAdd = imbot.Method[MessageAddRequest, int64]{Name: "imbot.message.add"}
//
// Req has to encode as a JSON object; nil stands for a request without parameters. A result that Res cannot take is an
// [ErrUnexpectedResult]; null is one too, unless Res is a pointer, a map, a slice, an interface, or decodes itself, and
// so is an object that has a name twice, and not the same value. Where Res is a map, [] is an empty one: PHP has one
// kind of array, and writes an empty one as a list.
type Method[Req, Res any] struct {
	// Name is the method as Bitrix24 documents it, such as "imbot.chat.leave".
	Name string
	// Idempotent tells that a repeat after a lost answer cannot act twice, as with everything that only reads.
	Idempotent bool
	// Validate tells what can never be right about a request, before it is sent; nil accepts all. The call then fails
	// with a [*ParamError]: the one that Validate returned, with the name of this method, or one with the Param
	// "request" around any other error. Instead of a nil pointer, Validate gets a pointer to the zero value.
	Validate func(Req) error

	// Refusals are the situations behind the codes that this method is refused with.
	Refusals []Refusal
	// Check returns what is wrong with a result that Res can take, but the method does not document; nil accepts all.
	// The call then fails with an error that matches that of Check and [ErrUnexpectedResult], and [ErrOutcomeUnknown]
	// as well unless the method is Idempotent or the error of Check matches [ErrDeclined].
	Check func(Res) error
}

// Refusal is a situation behind a code that a method is refused with. An [*APIError] with this Code matches Means as
// well; of several rows the first that fits counts.
type Refusal struct {
	// Code is the code, letter case aside.
	Code Code
	// Description, where it is set, is the whole description, letter case and blanks around it aside.
	Description string
	// Status, where it is set, is the HTTP status. A command of a batch has none of its own, and fits any.
	Status int
	// Means is what the error matches; nil for a row that only keeps later ones from fitting.
	Means error
}

// call is a Method with its request, ready to be sent.
type call struct {
	method     string
	idempotent bool
	refusals   []Refusal
	body       []byte
	secrets    redact.Set // of the commands, where this is a batch or one of them
}

// hidden returns the secrets among the parameters.
func (c *call) hidden() redact.Set { return c.secrets.And(redact.InJSON(c.body)) }

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
func (m Method[Req, Res]) prepare(clientID redact.Secret, req Req) (*call, error) {
	if err := m.checkRequest(req); err != nil {
		return nil, err
	}
	body, err := json.Marshal(req)
	if err == nil && bytes.Equal(body, []byte("null")) {
		body = []byte("{}")
	}
	if err != nil || body[0] != '{' {
		return nil, &ParamError{Method: m.Name, Param: "request", Err: fmt.Errorf("a %T does not encode as a JSON object", req)}
	}
	if !clientID.IsZero() {
		body = withClientID(body, m.Name, clientID.Reveal())
	}
	return &call{method: m.Name, idempotent: m.Idempotent, refusals: m.Refusals, body: body}, nil
}

// decode reads the result of a successful answer.
func (m Method[Req, Res]) decode(got answer) (*Response[Res], error) {
	response := &Response[Res]{Time: got.time}
	if got.result == nil || isNull(got.result) && !takesNull(reflect.TypeFor[Res]()) || envelope.SaysTwice(got.result) ||
		unmarshal(got.result, &response.Result) != nil {
		return nil, &resultError{method: m.Name, problem: errors.New(envelope.Kind(got.result)), known: m.Idempotent}
	}
	if m.Check != nil {
		if err := m.Check(response.Result); err != nil {
			return nil, &resultError{method: m.Name, problem: err, known: m.Idempotent}
		}
	}
	return response, nil
}

// MustBeTrue is the Check of a method that documents nothing but true: false matches [ErrDeclined].
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

// unmarshal is json.Unmarshal with a short way to what most methods return, and an empty map for the list that PHP
// makes of one.
func unmarshal[Res any](raw json.RawMessage, result *Res) error {
	if b, ok := any(result).(*bool); ok && string(raw) == "true" {
		*b = true
		return nil
	}
	err := json.Unmarshal(raw, result)
	if err != nil && string(raw) == "[]" && reflect.TypeFor[Res]().Kind() == reflect.Map {
		return json.Unmarshal([]byte("{}"), result)
	}
	return err
}

func isNull(raw json.RawMessage) bool { return loose.IsNull(raw) }

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
	return t == reflect.TypeFor[ChatID]() || t == reflect.TypeFor[BotID]() || t == reflect.TypeFor[UserID]()
}
