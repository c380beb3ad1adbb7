package redact

import (
	"cmp"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
)

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
	return inFields(request).Text(b.String())
}

// LogValue returns a request struct as a group for slog, with its secrets masked and unset fields left out.
func LogValue(request any) slog.Value {
	secrets := inFields(request)
	var attrs []slog.Attr
	for field, value := range fields(request) {
		switch {
		case value.IsZero():
		case isSecret(field):
			attrs = append(attrs, slog.String(field.Name, Mask))
		case isAddress(field):
			attrs = append(attrs, slog.String(field.Name, secrets.Text(withoutQuery(value.String()))))
		default:
			attrs = append(attrs, slog.Any(field.Name, secrets.logged(slog.AnyValue(value.Interface()))))
		}
	}
	return slog.GroupValue(attrs...)
}

// logged returns a value for slog with the secrets masked in its texts.
func (set Set) logged(value slog.Value) slog.Value {
	switch value = value.Resolve(); {
	case len(set) == 0:
		return value
	case value.Kind() == slog.KindString:
		return slog.StringValue(set.Text(value.String()))
	case value.Kind() == slog.KindGroup:
		var attrs []slog.Attr
		for _, attr := range value.Group() {
			attrs = append(attrs, slog.Attr{Key: attr.Key, Value: set.logged(attr.Value)})
		}
		return slog.GroupValue(attrs...)
	case value.Kind() == slog.KindAny && reflect.ValueOf(value.Any()).Kind() == reflect.String:
		return slog.StringValue(set.Text(fmt.Sprint(value.Any())))
	default:
		return value
	}
}

// inFields returns the secrets among the fields of a struct, at any depth.
func inFields(request any) (set Set) {
	for field, value := range fields(request) {
		switch value = reflect.Indirect(value); {
		case value.Kind() == reflect.Struct && value.CanInterface():
			set = set.And(inFields(value.Interface()))
		case value.Kind() == reflect.String && isSecret(field) && value.String() != "":
			set = append(set, NewSecret(value.String()))
		}
	}
	return set
}

// isAddress reports whether a field has the address that events are posted to.
func isAddress(field reflect.StructField) bool {
	name := strings.ToLower(nameOf(field))
	return field.Type.Kind() == reflect.String && (name == "webhookurl" || strings.HasPrefix(name, "event_"))
}

// withoutQuery returns an address without what may be a secret in it: the query, which often has the token of the bot,
// and whatever stands before the host.
func withoutQuery(address string) string {
	place, hasMore := address, false
	if end := strings.IndexAny(address, "?#"); end >= 0 {
		place, hasMore = address[:end], true
	}
	if scheme, rest, found := strings.Cut(place, "//"); found {
		host, _, _ := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			place = scheme + "//" + Mask + rest[at:]
		}
	}
	if hasMore {
		place += "?" + Mask
	}
	return place
}

func display(field reflect.StructField, value reflect.Value) string {
	switch {
	case isSecret(field) && !value.IsZero():
		return Mask
	case isAddress(field):
		return strconv.Quote(withoutQuery(value.String()))
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

func isSecret(field reflect.StructField) bool { return IsSecretParam(nameOf(field)) }

// nameOf returns the name that a field has in a request.
func nameOf(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return cmp.Or(name, field.Name)
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
