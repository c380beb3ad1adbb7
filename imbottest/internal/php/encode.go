package php

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Encode writes an answer. What the portal itself puts into one can always be encoded; what comes from outside was
// encoded before it came here.
func Encode(answer *Array) []byte {
	body, err := appendArray(nil, answer)
	if err != nil {
		body = []byte(`{"error":"WRONG_ENCODING","error_description":"Wrong request encoding"}`)
	}
	return Escape(body)
}

// appendArray writes an array in its order, as a list where PHP would write one.
func appendArray(out []byte, array *Array) ([]byte, error) {
	isList := array.IsList()
	open, closing := byte('{'), byte('}')
	if isList {
		open, closing = '[', ']'
	}
	for key, value := range array.All() {
		out = append(out, open)
		open = ','
		var err error
		if !isList {
			if out, err = appendValue(out, key); err != nil {
				return nil, err
			}
			out = append(out, ':')
		}
		if out, err = appendValue(out, value); err != nil {
			return nil, err
		}
	}
	if array.Len() == 0 {
		out = append(out, open)
	}
	return append(out, closing), nil
}

// appendValue writes what most answers consist of itself, and leaves the rest to encoding/json.
func appendValue(out []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case *Array:
		return appendArray(out, v)
	case int64:
		return strconv.AppendInt(out, v, 10), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case string:
		if isPlain(v) {
			out = append(out, '"')
			out = append(out, v...)
			return append(out, '"'), nil
		}
	}
	encoded, err := Marshal(value)
	return append(out, encoded...), err
}

// isPlain reports whether a text stands in JSON as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// Marshal is json.Marshal without the escapes for HTML, which PHP writes differently.
func Marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Escape rewrites the texts in a JSON document as the server does: quotes, apostrophes, angle brackets and
// ampersands are hex escapes, slashes have a backslash, and everything beyond ASCII stays as it is.
func Escape(document []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(document) + len(document)/8)
	inText := false
	for i := 0; i < len(document); i++ {
		b := document[i]
		switch {
		case b == '"':
			inText = !inText
			out.WriteByte(b)
		case !inText:
			out.WriteByte(b)
		case b == '\\' && document[i+1] == '"':
			out.WriteString(`\u0022`)
			i++
		case b == '\\':
			out.WriteByte(b)
			out.WriteByte(document[i+1])
			i++
		default:
			writeEscaped(&out, b)
		}
	}
	return out.Bytes()
}

func writeEscaped(out *bytes.Buffer, b byte) {
	switch b {
	case '/':
		out.WriteString(`\/`)
	case '<':
		out.WriteString(`\u003C`)
	case '>':
		out.WriteString(`\u003E`)
	case '&':
		out.WriteString(`\u0026`)
	case '\'':
		out.WriteString(`\u0027`)
	default:
		out.WriteByte(b)
	}
}

// EncodeForm writes an array as PHP's http_build_query does: nested keys in brackets, nothing for null and for arrays
// without content.
func EncodeForm(form *Array) string {
	var pairs []string
	var add func(prefix string, values *Array)
	add = func(prefix string, values *Array) {
		for key, value := range values.All() {
			name := key
			if prefix != "" {
				name = prefix + "[" + key + "]"
			}
			switch v := value.(type) {
			case nil:
			case *Array:
				add(name, v)
			default:
				pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(StringOf(v)))
			}
		}
	}
	add("", form)
	return strings.Join(pairs, "&")
}
