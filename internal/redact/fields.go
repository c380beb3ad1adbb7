package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
)

// IsSecretParam reports whether a parameter of REST methods is a secret, letter case aside. A CLIENT_ID is one: whoever
// knows it, and has any webhook of the portal, can act as the bots that were registered with it.
func IsSecretParam[T string | []byte](name T) bool {
	var lower [len("application_token")]byte
	if len(name) > len(lower) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(name)]) {
	case "client_id", "clientid", "bottoken", "bot_token", "auth",
		"access_token", "refresh_token", "client_secret", "application_token":
		return true
	default:
		return false
	}
}

// InJSON returns the secrets among the parameters of a request as it is sent, a JSON object, at any depth.
func InJSON(body []byte) Set {
	if set, ok := inPlainJSON(body); ok {
		return set
	}
	var request any
	if json.Unmarshal(body, &request) != nil {
		return nil
	}
	return Set(nil).below("", request)
}

// inPlainJSON is the short way for JSON without escapes, where strings are what stands between two quotes. It reports
// false where it takes the long one to be certain.
func inPlainJSON(body []byte) (set Set, ok bool) {
	const spaces = " \t\r\n"
	if bytes.IndexByte(body, '\\') >= 0 {
		return nil, false
	}
	for {
		_, from, found := bytes.Cut(body, []byte{'"'})
		if !found {
			return set, true
		}
		var name []byte
		if name, body, found = bytes.Cut(from, []byte{'"'}); !found {
			return nil, false
		}
		value, isName := bytes.CutPrefix(bytes.TrimLeft(body, spaces), []byte{':'})
		if !isName || !IsSecretParam(name) {
			continue
		}
		value = bytes.TrimLeft(value, spaces)
		switch {
		case len(value) == 0 || value[0] == '[':
			return nil, false
		case value[0] != '"':
			continue
		}
		var secret []byte
		if secret, body, found = bytes.Cut(value[1:], []byte{'"'}); !found {
			return nil, false
		}
		if len(secret) > 0 {
			set = append(set, NewSecret(string(secret)))
		}
	}
}

// below adds the secrets in a JSON value that has a name.
func (set Set) below(name string, value any) Set {
	switch value := value.(type) {
	case string:
		if value != "" && IsSecretParam(name) {
			set = append(set, NewSecret(value))
		}
	case []any:
		for _, element := range value {
			set = set.below(name, element)
		}
	case map[string]any:
		for name, member := range value {
			set = set.below(name, member)
		}
	}
	return set
}

// Format prints a request struct for a fmt.Formatter as %+v would, with its secrets masked, whatever the verb.
func Format(f fmt.State, request any) { _, _ = f.Write([]byte(ofFields(request))) }

// Text returns what a request is printed as: by itself if it has a Format, and otherwise as Format prints it.
func Text(request any) string {
	if own, ok := request.(fmt.Formatter); ok {
		return fmt.Sprint(own)
	}
	if reflect.Indirect(reflect.ValueOf(request)).Kind() != reflect.Struct {
		return fmt.Sprintf("a %T", request)
	}
	return ofFields(request)
}

func ofFields(request any) string {
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(reflect.TypeOf(request).String(), "*"))
	b.WriteByte('{')
	first := true
	for field, value := range fields(request) {
		if !first {
			b.WriteByte(' ')
		}
		first = false
		b.WriteString(field.Name)
		b.WriteByte(':')
		b.WriteString(display(field, value))
	}
	b.WriteByte('}')
	return b.String()
}

// LogValue returns a request struct as a group for slog, with its secrets masked and unset fields left out.
func LogValue(request any) slog.Value {
	var attrs []slog.Attr
	for field, value := range fields(request) {
		switch {
		case value.IsZero():
		case isSecret(field):
			attrs = append(attrs, slog.String(field.Name, Mask))
		default:
			attrs = append(attrs, slog.Any(field.Name, value.Interface()))
		}
	}
	return slog.GroupValue(attrs...)
}

func display(field reflect.StructField, value reflect.Value) string {
	switch {
	case isSecret(field) && !value.IsZero():
		return Mask
	case value.Kind() == reflect.String:
		return strconv.Quote(value.String())
	case value.Kind() == reflect.Struct && !printsItself(value.Interface()):
		return ofFields(value.Interface())
	default:
		return fmt.Sprintf("%+v", value.Interface())
	}
}

// printsItself reports whether a value says how it is printed.
func printsItself(value any) bool {
	switch value.(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return true
	default:
		return false
	}
}

func isSecret(field reflect.StructField) bool {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		name = field.Name
	}
	return IsSecretParam(name)
}

// fields yields the exported fields of a struct, or of what a pointer to one points to.
func fields(request any) func(yield func(reflect.StructField, reflect.Value) bool) {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		v := reflect.Indirect(reflect.ValueOf(request))
		if v.Kind() != reflect.Struct {
			return
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !yield(field, v.Field(i)) {
				return
			}
		}
	}
}
