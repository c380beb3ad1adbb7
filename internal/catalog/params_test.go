package catalog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

func TestMethods(t *testing.T) {
	t.Parallel()
	documented := make(map[string]bool)
	for _, m := range read(t).Methods {
		documented[m.Name] = true
		if _, isHeld := methodNamed(m.Name); !isHeld {
			t.Errorf("%s is not there", m.Name)
		}
	}
	for _, m := range methods {
		if !documented[m.name] {
			t.Errorf("%s is not documented", m.name)
		}
	}
}

// meantParams are parameters that requests have otherwise.
var meantParams = exceptions{
	"imbot.v2.Chat.Message.send.fields: skipConnector is not documented":   "the server reads it; bots of open lines need it",
	"imbot.v2.Chat.Message.send.fields: silentConnector is not documented": "the server reads it; bots of open lines need it",
	"imbot.command.answer: BOT_ID is not documented":                       "the server takes the bot of a menu's commands from it",
}

func TestParams(t *testing.T) {
	t.Parallel()
	var all []string
	for _, m := range read(t).Methods {
		if h, isHeld := methodNamed(m.Name); isHeld {
			all = append(all, compareParams(m.Name, m.Params, h.req)...)
		}
	}
	meantParams.check(t, all)
}

// compareParams names the parameters that a request lacks, and those that it invents.
func compareParams(path string, params []param, typ reflect.Type) (differences []string) {
	fields := fieldsOf(typ)
	for _, p := range params {
		isToken := p.Name == "botToken" && !strings.HasSuffix(path, ".fields") // which the client adds
		field, isThere := fields[p.Name]
		switch {
		case isToken:
		case !isThere:
			differences = append(differences, fmt.Sprintf("%s: %s is not there", path, p.Name))
		case len(p.Fields) > 0 && fieldsOf(field.typ) != nil:
			differences = append(differences, compareParams(path+"."+p.Name, p.Fields, field.typ)...)
		}
	}
	for name := range fields {
		if !slices.ContainsFunc(params, func(p param) bool { return p.Name == name }) {
			differences = append(differences, fmt.Sprintf("%s: %s is not documented", path, name))
		}
	}
	return differences
}

// meantRequired are marks that requests have otherwise.
var meantRequired = exceptions{
	"imbot.v2.Bot.get: code may not be missing":                       "the example names the bot by it alone",
	"imbot.v2.Chat.Message.send: fields may not be missing":           "a message has something in it, or EMPTY_MESSAGE",
	"imbot.v2.Chat.Message.send: fields.message may not be missing":   "a message has something in it, or EMPTY_MESSAGE",
	"imbot.v2.Chat.Message.update: fields.message may not be missing": "a change changes something",
	"imbot.v2.Command.answer: fields may not be missing":              "an answer has something in it, or EMPTY_MESSAGE",
	"imbot.v2.Command.answer: fields.message may not be missing":      "an answer has something in it, or EMPTY_MESSAGE",
	"imbot.v2.Command.register: fields.title may not be missing":      "only a hidden command may lack it, or COMMAND_TITLE_REQUIRED",
	"imbot.v2.Command.update: fields.title may not be missing":        "without it, the portal ignores the params of the example",
	"imbot.register: EVENT_HANDLER may not be missing":                "the example has no other address",
	"imbot.register: the example has no EVENT_MESSAGE_ADD":            "EVENT_HANDLER stands for it",
	"imbot.register: the example has no EVENT_WELCOME_MESSAGE":        "EVENT_HANDLER stands for it",
	"imbot.register: the example has no EVENT_BOT_DELETE":             "EVENT_HANDLER stands for it",
	"imbot.register: the example has no PROPERTIES.LAST_NAME":         "one of the two names is enough, as the text of the page says",
	"imbot.message.add: DIALOG_ID may not be missing":                 "only FROM_USER_ID with TO_USER_ID stands for it",
	"imbot.message.update: MESSAGE may not be missing":                "a change changes something",
	"imbot.command.answer: the example has no COMMAND":                "it has COMMAND_ID, and one of the two is enough",
}

// TestRequired takes each parameter out of the documented example: where it is required, and only there, that is a mistake
// that names it.
func TestRequired(t *testing.T) {
	t.Parallel()
	var all []string
	for _, m := range read(t).Methods {
		h, isHeld := methodNamed(m.Name)
		if !isHeld {
			continue
		}
		req, err := fill(h.req, m.ExampleRequest)
		require.NoError(t, err, m.Name)
		if err := h.validate(req); err != nil {
			all = append(all, fmt.Sprintf("%s: the example is refused: %v", m.Name, err))
			continue
		}
		all = append(all, compareRequired(m.Name, "", m.Params, h, func() reflect.Value {
			req, err := fill(h.req, m.ExampleRequest)
			require.NoError(t, err)
			return req
		}, nil)...)
	}
	meantRequired.check(t, all)
}

// compareRequired names the parameters that are required and may be missing, or the other way round.
func compareRequired(method, prefix string, params []param, h held, example func() reflect.Value, index []int) (differences []string) {
	typ := h.req
	if index != nil {
		typ = elementOf(typ.FieldByIndex(index).Type)
	}
	fields := fieldsOf(typ)
	for _, p := range params {
		field, isThere := fields[p.Name]
		if !isThere {
			continue
		}
		at := append(slices.Clone(index), field.index...)
		req := example()
		if target, err := req.FieldByIndexErr(at); err != nil || target.IsZero() {
			if p.Required {
				differences = append(differences, fmt.Sprintf("%s: the example has no %s%s", method, prefix, p.Name))
			}
			continue
		}
		req.FieldByIndex(at).SetZero()
		err := h.validate(req)
		var mistake *imbot.ParamError
		switch isMistake := errors.As(err, &mistake); {
		case p.Required && !isMistake:
			differences = append(differences, fmt.Sprintf("%s: %s%s may be missing", method, prefix, p.Name))
		case !p.Required && err != nil:
			differences = append(differences, fmt.Sprintf("%s: %s%s may not be missing", method, prefix, p.Name))
		}
		if len(p.Fields) > 0 && fieldsOf(field.typ) != nil && field.typ.Kind() == reflect.Struct {
			differences = append(differences, compareRequired(method, prefix+p.Name+".", p.Fields, h, example, at)...)
		}
	}
	return differences
}

// fill returns a request of a type that has what JSON has. Requests are written, and not read, so that this is done here.
func fill(typ reflect.Type, data json.RawMessage) (reflect.Value, error) {
	req := reflect.New(typ)
	if len(data) == 0 || string(data) == "null" {
		return req.Elem(), nil
	}
	return req.Elem(), fillInto(req.Elem(), data)
}

func fillInto(v reflect.Value, data json.RawMessage) error {
	if string(data) == "null" {
		return nil
	}
	if file, ok := v.Addr().Interface().(*imbot.FileContent); ok {
		return fillFile(file, data)
	}
	if yes, ok := v.Addr().Interface().(*imbot.YesNo); ok {
		*yes = string(data) == `"Y"`
		return nil
	}
	if reader, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return reader.UnmarshalJSON(data)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fillInto(v.Elem(), data)
	case reflect.Struct:
		return fillStruct(v, data)
	case reflect.String:
		var text string
		if json.Unmarshal(data, &text) != nil {
			text = string(data) // a number where the documentation has a number or a text
		}
		v.SetString(text)
		return nil
	case reflect.Slice:
		return fillList(v, data)
	default:
		return json.Unmarshal(data, v.Addr().Interface())
	}
}

func fillStruct(v reflect.Value, data json.RawMessage) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	for name, field := range fieldsOf(v.Type()) {
		value, isThere := object[name]
		if !isThere {
			continue
		}
		if err := fillInto(v.FieldByIndex(field.index), value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func fillList(v reflect.Value, data json.RawMessage) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		if json.Unmarshal(data, v.Addr().Interface()) != nil && v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(picture()) // which some examples only hint at
		}
		return nil
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	for i, element := range list {
		if err := fillInto(v.Index(i), element); err != nil {
			return err
		}
	}
	return nil
}
