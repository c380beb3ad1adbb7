package catalog_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// fieldOf is a field of a struct, by the name that it has in JSON.
type fieldOf struct {
	typ   reflect.Type
	index []int
}

// fieldsOf returns the fields that a type has in JSON, by their names; nil where it is no struct. Pointers and lists are
// what they lead to.
func fieldsOf(typ reflect.Type) map[string]fieldOf {
	typ = elementOf(typ)
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() {
		return nil
	}
	found := make(map[string]fieldOf)
	for _, f := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && name != "" && name != "-" {
			found[name] = fieldOf{f.Type, f.Index}
		}
	}
	return found
}

// elementOf returns what a type leads to, by pointers and lists.
func elementOf(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8 {
		typ = typ.Elem()
	}
	return typ
}

// isJSON reports whether a type is any JSON.
func isJSON(typ reflect.Type) bool {
	return typ.Kind() == reflect.Slice && typ.ConvertibleTo(reflect.TypeFor[json.RawMessage]())
}
