package loose

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// deepest is how many structures may be inside of each other.
const deepest = 64

var (
	errNoPointer   = errors.New("loose: not a pointer to something")
	errNoStructure = errors.New("not an object")
	errNoList      = errors.New("not a list")
	errElement     = errors.New("an element of a list that cannot be read")
	errTooDeep     = fmt.Errorf("nested deeper than %d levels", deepest)

	// errUnfit is for a value that another field may do without.
	errUnfit = errors.New("not what is read here")
)

// Unmarshal reads an object into a struct, or a PHP array into a slice or a map. An error leaves them as they were.
//
// Members of a struct go by the names of its json tags, in exactly that spelling. They are whole numbers, texts,
// booleans, [time.Time], [json.RawMessage], pointers, and structs, slices and maps of these, each read in every form
// that PHP has for it: a structure also from a text that has it as JSON, a slice also from an object with numbers for
// names, and an empty one from null, false, 0 and an empty text. A type with an UnmarshalJSON reads itself. Embedded
// structs are not looked into.
//
// A scalar that does not fit its member of a struct leaves that zero. In a slice or map, or in place of a slice, it is
// an error of the whole value, and so is a structure that cannot be read: a list that lacks one would prove that it is
// not there. Of two members of one name the later counts; [envelope.SaysTwice] finds them.
func Unmarshal(data []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errNoPointer
	}
	data = bytes.Trim(data, " \t\r\n")
	if !isStructure(data) {
		return errNoStructure
	}
	fresh := reflect.New(target.Type().Elem())
	err := read(data, fresh.Elem(), 0)
	switch {
	case errors.Is(err, errUnfit):
		return errNoStructure
	case err == nil:
		target.Elem().Set(fresh.Elem())
	}
	return err
}

// read reads a value into v, which is zero. The error is errUnfit where something else stands there.
func read(raw json.RawMessage, v reflect.Value, depth int) error {
	switch into := v.Addr().Interface().(type) {
	case *json.RawMessage:
		*into = bytes.Clone(raw)
		return nil
	case *time.Time:
		return scalar(raw, Date, func(t time.Time) { *into = t })
	case json.Unmarshaler:
		return readItself(raw, into, v.Kind())
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := Int[int64](raw)
		if !ok || v.OverflowInt(n) {
			return errUnfit
		}
		v.SetInt(n)
		return nil
	case reflect.String:
		return scalar(raw, Text, v.SetString)
	case reflect.Bool:
		return scalar(raw, Bool, v.SetBool)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return read(raw, v.Elem(), depth)
	case reflect.Struct:
		return readStruct(inText(raw), v, depth)
	case reflect.Map:
		return readMap(inText(raw), v, depth)
	case reflect.Slice:
		return readSlice(inText(raw), v, depth)
	default:
		return fmt.Errorf("loose: %s cannot be read", v.Type())
	}
}

// scalar sets what was read, if it was.
func scalar[T any](raw json.RawMessage, read func(json.RawMessage) (T, bool), set func(T)) error {
	value, ok := read(raw)
	if !ok {
		return errUnfit
	}
	set(value)
	return nil
}

// readItself has a type read itself. A structure that it cannot read is an error; a scalar just does not fit.
func readItself(raw json.RawMessage, into json.Unmarshaler, kind reflect.Kind) error {
	if IsNull(raw) {
		return errUnfit // UnmarshalJSON would change nothing, and report no error
	}
	if kind == reflect.Struct || kind == reflect.Map || kind == reflect.Slice {
		raw = inText(raw)
	}
	err := into.UnmarshalJSON(raw)
	if err != nil && !isStructure(raw) {
		return errUnfit
	}
	return err
}

func readStruct(raw json.RawMessage, v reflect.Value, depth int) error {
	fields := fieldsOf(v.Type())
	return each(raw, depth, func(_ int, name string, value []byte) error {
		if raw[0] == '[' {
			return errNoStructure // an object without members is an empty list, and this list is not
		}
		if index, ok := fields[name]; ok {
			return readMember(value, v.Field(index), depth)
		}
		return nil
	})
}

// readMember reads a member of a struct, which stays zero where there is nothing, or nothing that fits.
func readMember(raw json.RawMessage, v reflect.Value, depth int) error {
	switch v.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Pointer:
		if v.Type() != reflect.TypeFor[json.RawMessage]() && isNothing(raw) {
			return nil
		}
	}
	err := read(raw, v, depth+1)
	if errors.Is(err, errUnfit) {
		v.SetZero()
		return nil
	}
	return err
}

func readMap(raw json.RawMessage, v reflect.Value, depth int) error {
	t := v.Type()
	if t.Key().Kind() != reflect.String {
		return fmt.Errorf("loose: %s cannot be read", t)
	}
	return each(raw, depth, func(place int, name string, value []byte) error {
		if raw[0] == '[' { // names that count from 0
			name = strconv.Itoa(place)
		}
		element := reflect.New(t.Elem()).Elem()
		if err := readElement(value, element, depth); err != nil {
			return err
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(t))
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), element)
		return nil
	})
}

func readSlice(raw json.RawMessage, v reflect.Value, depth int) error {
	if !isStructure(raw) {
		return errNoList
	}
	type element struct {
		at  int64
		raw json.RawMessage
	}
	var elements []element
	err := each(raw, depth, func(place int, name string, value []byte) error {
		at := int64(place)
		if raw[0] == '{' {
			var err error
			if at, err = strconv.ParseInt(name, 10, 64); err != nil {
				return errNoList
			}
		}
		elements = append(elements, element{at, value})
		return nil
	})
	if err != nil || elements == nil {
		return err
	}
	slices.SortStableFunc(elements, func(a, b element) int { return cmp.Compare(a.at, b.at) })
	list := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := readElement(element.raw, list.Index(i), depth); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func readElement(raw json.RawMessage, v reflect.Value, depth int) error {
	err := read(raw, v, depth+1)
	if errors.Is(err, errUnfit) {
		return errElement
	}
	return err
}

// each calls element for what a structure is made of, until that returns an error.
func each(raw json.RawMessage, depth int, element func(place int, name string, value []byte) error) error {
	if !isStructure(raw) {
		return errUnfit
	}
	if depth >= deepest {
		return errTooDeep
	}
	var err error
	if !envelope.Elements(raw, func(place int, name string, value []byte) bool {
		err = element(place, name, value)
		return err == nil
	}) && err == nil {
		return envelope.ErrNotJSON
	}
	return err
}

// isStructure reports whether a value is an object or a list.
func isStructure(raw json.RawMessage) bool { return len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') }

// isNothing reports whether PHP may have meant that there is nothing.
func isNothing(raw json.RawMessage) bool {
	switch string(raw) {
	case "false", "0", `"0"`:
		return true
	default:
		return !envelope.HasData(raw)
	}
}

// inText returns the structure that a text has in it, and anything else as it is.
func inText(raw json.RawMessage) json.RawMessage {
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return raw
	}
	if inside := json.RawMessage(strings.Trim(text, " \t\r\n")); isStructure(inside) && json.Valid(inside) {
		return inside
	}
	return raw
}

// known has the fields of the structs that were read, by their type.
var known sync.Map

// fieldsOf returns where the fields of a struct are, by the names of its members.
func fieldsOf(t reflect.Type) map[string]int {
	cached, _ := known.Load(t)
	if fields, ok := cached.(map[string]int); ok {
		return fields
	}
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case !field.IsExported() || name == "-":
		case name == "":
			fields[field.Name] = i
		default:
			fields[name] = i
		}
	}
	known.Store(t, fields)
	return fields
}
