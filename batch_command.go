package imbot

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-querystring/query"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// command is a call as it stands in a batch.
type command struct {
	*call
	line   redact.Secret // METHOD?PARAMETERS, where a CLIENT_ID may be
	settle func(answer, error)
}

// command checks and encodes a request for a batch.
func (m Method[Req, Res]) command(clientID redact.Secret, req Req) (*command, error) {
	if err := m.checkRequest(req); err != nil {
		return nil, err
	}
	values, err := commandValues(m.Name, req)
	if err != nil {
		return nil, err
	}
	c := &command{call: &call{method: m.Name, idempotent: m.Idempotent, refusals: m.refusals, secrets: redact.Fields(req)}}
	if !clientID.IsZero() {
		addClientID(values, m.Name, clientID.Reveal())
		c.secrets = append(c.secrets, clientID)
	}
	if param, found := reference(values); found {
		return nil, &ParamError{Method: m.Name, Param: param, Err: errReference}
	}
	line := m.Name
	if len(values) > 0 {
		line += "?" + values.Encode()
	}
	c.line = redact.NewSecret(line)
	return c, nil
}

// commandValues returns the parameters of a request as a query, which is what commands are.
func commandValues(method string, req any) (url.Values, error) {
	refused := func(problem string) error {
		return &ParamError{Method: method, Param: "request", Err: fmt.Errorf("a %T cannot stand in a batch: %s", req, problem)}
	}
	if notInBatch(method) {
		return nil, &ParamError{Method: method, Param: "Method.Name", Err: ErrBatchMethodNotAllowed}
	}
	t := reflect.TypeOf(req)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil, refused("it is not a struct")
	}
	if problem := queryProblem(t); problem != "" {
		return nil, refused(problem)
	}
	values, err := query.Values(req)
	if err != nil {
		return nil, refused("its fields do not encode as a query")
	}
	return values, nil
}

func notInBatch(method string) bool {
	return slices.ContainsFunc([]string{"batch", "download", "upload"}, func(name string) bool { return strings.EqualFold(name, method) })
}

// addClientID adds the CLIENT_ID that the request does not name.
func addClientID(values url.Values, method, clientID string) {
	param := clientIDParamOf(method)
	for name := range values {
		if !strings.EqualFold(name, param) {
			continue
		}
		if values.Get(name) != "" {
			return
		}
		delete(values, name)
	}
	values.Set(param, clientID)
}

// references is what the portal takes for the beginning of a reference to the result of another command, wherever it
// stands, in any case of letters.
var references = []string{"$result[", "$error[", "$total[", "$next[", "$time["}

var errReference = errors.New("has text like $result[…], in whose place the portal would put the result of another command; there is no way to escape it, so call the method outside a batch")

// reference returns a parameter that holds what looks like a reference.
func reference(values url.Values) (param string, found bool) {
	for name, texts := range values {
		if hasReference(name) || slices.ContainsFunc(texts, hasReference) {
			return name, true
		}
	}
	return "", false
}

func hasReference(text string) bool {
	for {
		at := strings.IndexByte(text, '$')
		if at < 0 {
			return false
		}
		text = text[at:]
		if slices.ContainsFunc(references, func(start string) bool { return hasPrefixFold(text, start) }) {
			return true
		}
		text = text[1:]
	}
}

// queryProblems remembers what queryProblem found, by type.
var queryProblems sync.Map

// queryProblem says why a struct would not mean the same as a query as it does as JSON, or nothing. go-querystring
// encodes some kinds of fields wrongly without an error, and some in a form that PHP reads as something else.
func queryProblem(t reflect.Type) string {
	known, _ := queryProblems.Load(t)
	if problem, ok := known.(string); ok {
		return problem
	}
	problem := structProblem(t, nil)
	queryProblems.Store(t, problem)
	return problem
}

// structProblem looks at the fields of a struct that stands within others.
func structProblem(t reflect.Type, within []reflect.Type) string {
	if slices.Contains(within, t) {
		return fmt.Sprintf("a %s has one of its kind inside", t)
	}
	for i := range t.NumField() {
		field := t.Field(i)
		if !field.IsExported() {
			continue
		}
		if problem := fieldProblem(field, append(within, t)); problem != "" {
			return problem
		}
	}
	return ""
}

var (
	encoderType       = reflect.TypeFor[query.Encoder]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	timeType          = reflect.TypeFor[time.Time]()
)

// implements reports whether a field of a type encodes itself.
func implements(t, encoder reflect.Type) bool {
	return t.Implements(encoder) || reflect.PointerTo(t).Implements(encoder)
}

func fieldProblem(field reflect.StructField, within []reflect.Type) string {
	jsonName, jsonOptions, _ := strings.Cut(field.Tag.Get("json"), ",")
	name, options, _ := strings.Cut(field.Tag.Get("url"), ",")
	t := field.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	has := func(option string) bool { return slices.Contains(strings.Split(options, ","), option) }
	switch kind := t.Kind(); {
	case name == "-" && jsonName == "-":
		return ""
	case field.Anonymous && name == "" && jsonName == "" && kind == reflect.Struct:
		return structProblem(t, within)
	case orName(name, field) != orName(jsonName, field):
		return fmt.Sprintf("the field %s has not the same name in its url tag as in its json tag", field.Name)
	case has("omitempty") != strings.Contains(jsonOptions, "omit"):
		return fmt.Sprintf("the field %s may be left out by its url tag or by its json tag, but not by both", field.Name)
	case implements(t, encoderType) || t == timeType:
		return ""
	case implements(t, jsonMarshalerType) || implements(t, textMarshalerType):
		return fmt.Sprintf("the field %s encodes itself as JSON, but not as a query; give its type the method EncodeValues", field.Name)
	case kind == reflect.Struct:
		return structProblem(t, within)
	case kind == reflect.Bool && !has("int"):
		return fmt.Sprintf("the field %s would be the text true or false, both of which PHP takes for true; give it the option int", field.Name)
	case (kind == reflect.Slice || kind == reflect.Array) && (!has("brackets") || !isScalar(t.Elem()) || t.Elem().Kind() == reflect.Uint8):
		return fmt.Sprintf("the field %s has to be a list of texts or numbers with the option brackets", field.Name)
	case kind != reflect.Slice && kind != reflect.Array && kind != reflect.Bool && !isScalar(t):
		return fmt.Sprintf("the field %s is a %s, which has no form in a query", field.Name, kind)
	default:
		return ""
	}
}

func orName(tag string, field reflect.StructField) string {
	if tag == "" {
		return field.Name
	}
	return tag
}

func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	default:
		return false
	}
}

// commandLines are the commands of a batch on the wire: an object whose labels are no numbers, since PHP would make a
// list of those, in the order in which the portal is to run them.
type commandLines []*command

// MarshalJSON implements json.Marshaler.
func (lines commandLines) MarshalJSON() ([]byte, error) {
	body := []byte{'{'}
	for i, c := range lines {
		line, err := json.Marshal(c.line.Reveal())
		if err != nil {
			return nil, err
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '"')
		body = append(body, labels[i]...)
		body = append(body, '"', ':')
		body = append(body, line...)
	}
	return append(body, '}'), nil
}
