package content

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// MarshalJSON writes "Y" or "N".
func (f Flag) MarshalJSON() ([]byte, error) {
	if f {
		return []byte(`"Y"`), nil
	}
	return []byte(`"N"`), nil
}

// MarshalJSON writes a single link or user as an object, which older portals ask for too.
func (b Block) MarshalJSON() ([]byte, error) {
	type fields Block
	return encode(struct {
		fields
		Links     any `json:"LINK,omitempty"`
		Users     any `json:"USER,omitempty"`
		RichLinks any `json:"RICH_LINK,omitempty"`
	}{fields(b), oneOrAll(b.Links), oneOrAll(b.Users), oneOrAll(b.RichLinks)})
}

// MarshalJSON writes an object with BUTTONS, or "N" for a keyboard without buttons: a method that changes a message takes
// away the buttons then.
func (k *Keyboard) MarshalJSON() ([]byte, error) {
	type fields Keyboard
	return encodeOrNone((*fields)(k), len(k.Buttons))
}

// MarshalJSON writes an object with ITEMS, or "N" for a menu without items: a method that changes a message takes away
// the items then.
func (m *Menu) MarshalJSON() ([]byte, error) {
	type fields Menu
	return encodeOrNone((*fields)(m), len(m.Items))
}

// MarshalJSON writes an object with BLOCKS, or "N" for an attachment without blocks: a method that changes a message
// takes away the attachment then.
func (a *Attach) MarshalJSON() ([]byte, error) {
	type fields Attach
	return encodeOrNone((*fields)(a), len(a.Blocks))
}

// UnmarshalJSON reads a keyboard as portals have it: an object with BUTTONS, or a list of buttons that each have the
// BOT_ID. What stands for none, such as "N", leaves it as it is.
func (k *Keyboard) UnmarshalJSON(data []byte) error {
	type fields Keyboard
	data = inObject("BUTTONS", data)
	if err := read(data, reflect.ValueOf((*fields)(k)).Elem()); err != nil || k.BotID != 0 {
		return err
	}
	var owners struct {
		Buttons []struct {
			BotID int64 `json:"BOT_ID"`
		} `json:"BUTTONS"`
	}
	err := read(data, reflect.ValueOf(&owners).Elem())
	for _, b := range owners.Buttons {
		if k.BotID == 0 {
			k.BotID = b.BotID
		}
	}
	return err
}

// UnmarshalJSON reads a menu as portals have it: an object with ITEMS, or a list of items. What stands for none, such
// as "N", leaves it as it is.
func (m *Menu) UnmarshalJSON(data []byte) error {
	type fields Menu
	return read(inObject("ITEMS", data), reflect.ValueOf((*fields)(m)).Elem())
}

// UnmarshalJSON reads an attachment: an object with BLOCKS, or a list of blocks. What stands for none, such as "N",
// leaves it as it is.
func (a *Attach) UnmarshalJSON(data []byte) error {
	type fields Attach
	return read(inObject("BLOCKS", data), reflect.ValueOf((*fields)(a)).Elem())
}

// UnmarshalJSON reads a button as portals have it, with flags and numbers of any form.
func (b *Button) UnmarshalJSON(data []byte) error {
	type fields Button
	err := read(data, reflect.ValueOf((*fields)(b)).Elem())
	if b.Type == "BUTTON" { // which portals call all that is no NEWLINE
		b.Type = ""
	}
	return err
}

// UnmarshalJSON reads an item as portals have it, with flags and numbers of any form.
func (m *MenuItem) UnmarshalJSON(data []byte) error {
	type fields MenuItem
	return read(data, reflect.ValueOf((*fields)(m)).Elem())
}

// UnmarshalJSON reads a block as portals have it: its parts single or in a list, a message as an object with TEXT too.
func (b *Block) UnmarshalJSON(data []byte) error {
	type fields Block
	return read(data, reflect.ValueOf((*fields)(b)).Elem())
}

// encodeOrNone returns the JSON of something that has so many parts, and "N" if it has none.
func encodeOrNone(v any, parts int) ([]byte, error) {
	if parts == 0 {
		return []byte(`"N"`), nil
	}
	return encode(v)
}

// encode returns JSON without the escapes that are meant for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func oneOrAll[T any](list []T) any {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}

// inObject returns an object with a list in it, or what is no list as it is.
func inObject(key string, data []byte) []byte {
	if opening(data) != '[' {
		return data
	}
	return fmt.Appendf(nil, `{%q:%s}`, key, data)
}

// read reads JSON as PHP writes it into a value. What it cannot be is an error, what is not known is left out.
func read(data []byte, v reflect.Value) error {
	text, isScalar := scalar(data)
	switch {
	case isScalar && (text == "" || text == "N" && v.Kind() != reflect.String): // null, false, "" and "N"
		return nil
	case v.Kind() == reflect.Bool:
		v.SetBool(strings.EqualFold(text, "Y") || text == "1" || text == "true")
		return nil
	case v.Kind() == reflect.String && isScalar:
		v.SetString(text)
		return nil
	case v.Kind() == reflect.String:
		var object struct {
			Text string `json:"TEXT"`
		}
		err := read(data, reflect.ValueOf(&object).Elem())
		v.SetString(object.Text)
		return err
	case v.Kind() == reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errors.New("not a whole number")
		}
		v.SetInt(n)
		return nil
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return read(data, v.Elem())
	case v.Kind() == reflect.Slice:
		return readList(data, v)
	}
	if own, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return own.UnmarshalJSON(data)
	}
	return readObject(data, v)
}

// readList reads a list, or a single element.
func readList(data []byte, v reflect.Value) error {
	elements := []json.RawMessage{data}
	if opening(data) == '[' {
		if err := json.Unmarshal(data, &elements); err != nil {
			return err
		}
	}
	list := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := read(element, list.Index(i)); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	v.Set(list)
	return nil
}

// readObject reads an object into a struct. true is an object too, and an empty list.
func readObject(data []byte, v reflect.Value) error {
	var members map[string]json.RawMessage
	if text, isScalar := scalar(data); isScalar && text == "true" || bytes.Equal(data, []byte("[]")) {
		return nil
	}
	if json.Unmarshal(data, &members) != nil {
		return errors.New("not an object")
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if member, ok := members[name]; ok {
			if err := read(member, v.Field(i)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// scalar returns a text, a number or true as text, and null and false as none.
func scalar(data []byte) (text string, ok bool) {
	switch opening(data) {
	case '[', '{':
		return "", false
	case 'n', 'f':
		return "", true
	case '"':
		return text, json.Unmarshal(data, &text) == nil
	}
	return string(bytes.TrimSpace(data)), true
}

// opening returns the character that JSON starts with.
func opening(data []byte) byte {
	if data = bytes.TrimSpace(data); len(data) > 0 {
		return data[0]
	}
	return 0
}
