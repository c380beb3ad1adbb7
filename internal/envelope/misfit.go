package envelope

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
)

// Misfit tells for a message why a result does not fit its type: the kind of the value and, where encoding/json knows
// it, the field that has something else than its Go type takes. No value is repeated, and no name that is not a field's:
// the names in a map are values of the portal.
func Misfit(raw json.RawMessage, result reflect.Type, err error) string {
	kind := Kind(raw)
	misfit, ok := err.(*json.UnmarshalTypeError) //nolint:errorlint // as encoding/json returns it
	if !ok || misfit == nil || misfit.Type == nil {
		return kind
	}
	name := fieldNamed(result, misfit.Field[strings.LastIndexByte(misfit.Field, '.')+1:], map[reflect.Type]bool{})
	if name == "" {
		return kind
	}
	wanted := misfit.Type.String()
	if misfit.Type.Name() == "" {
		wanted = misfit.Type.Kind().String()
	}
	return kind + ", in which " + name + " does not fit " + wanted
}

// fieldNamed returns the name in JSON of a field of t, or of a type inside it, letter case aside; "" where none has it.
func fieldNamed(t reflect.Type, name string, seen map[reflect.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return fieldNamed(t.Elem(), name, seen)
	case reflect.Struct:
	default:
		return ""
	}
	for field := range t.Fields() {
		own, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if own = cmp.Or(own, field.Name); strings.EqualFold(own, name) {
			return own
		}
		if inside := fieldNamed(field.Type, name, seen); inside != "" {
			return inside
		}
	}
	return ""
}
