package php

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// maxJSONDepth is how deep PHP decodes JSON by default.
const maxJSONDepth = 512

// maxFieldSize bounds one field of a multipart form; avatars are the largest thing that travels in one.
const maxFieldSize = 32 << 20

// ReadParams joins the parameters of query and body. A key of the body beats the same key of the query.
func ReadParams(query, contentType string, body []byte) *Array {
	params := ParseForm(query)
	params.Merge(readBody(contentType, body))
	return params
}

// List returns a parameter that should be a list, and an empty list if it is none. A text may hold one as JSON.
func List(value any) (list *Array, isList bool) {
	switch v := value.(type) {
	case string:
		list, isList = DecodeJSON([]byte(v))
	case *Array:
		list, isList = v, true
	}
	if !isList {
		return New(), false
	}
	return list, true
}

// readBody decodes a body by its content type. What cannot be decoded is no error but no parameters: the call goes on
// without them.
func readBody(contentType string, body []byte) *Array {
	mediaType, options, _ := mime.ParseMediaType(contentType)
	switch {
	case mediaType == "application/json", strings.Contains(mediaType, "+json"):
		if params, ok := DecodeJSON(body); ok {
			return params
		}
		return New()
	case mediaType == "multipart/form-data":
		form, _ := phpform.ParsePairs(fields(multipart.NewReader(bytes.NewReader(body), options["boundary"])), phpform.Limits{})
		return form.PHP()
	default:
		return ParseForm(string(body))
	}
}

// ParseForm reads a query or a form. Beyond PHP's limits the rest is dropped, as PHP drops it.
func ParseForm(raw string) *Array {
	form, _ := phpform.Parse(raw, phpform.Limits{})
	return form.PHP()
}

// fields yields the fields of a multipart form, up to the first that is broken. Files are no parameters.
func fields(reader *multipart.Reader) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for {
			part, err := reader.NextPart()
			if err != nil {
				return
			}
			if part.FileName() != "" {
				continue
			}
			value, err := io.ReadAll(io.LimitReader(part, maxFieldSize))
			if err != nil || !yield(part.FormName(), string(value)) {
				return
			}
		}
	}
}

// DecodeJSON reads an object or a list and keeps the order of its keys. It returns false for everything else, which
// includes a scalar and JSON in a wrong encoding.
func DecodeJSON(data []byte) (*Array, bool) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, false
	}
	value, err := decode(data)
	if err != nil {
		return nil, false
	}
	params, ok := value.(*Array)
	return params, ok
}

// decode reads valid JSON.
func decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decodeValue(decoder, 0)
}

var errTooDeep = errors.New("imbottest: JSON is nested too deep")

func decodeValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Number:
		return phpNumber(t), nil
	case json.Delim:
		if depth == maxJSONDepth {
			return nil, errTooDeep
		}
		return decodeArray(decoder, t == '[', depth+1)
	}
	return token, nil
}

// decodeArray reads what follows an opening bracket.
func decodeArray(decoder *json.Decoder, isList bool, depth int) (*Array, error) {
	values := New()
	for decoder.More() {
		key, _ := values.Next()
		if !isList {
			token, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			key, _ = token.(string) // nothing else stands before a colon
		}
		value, err := decodeValue(decoder, depth)
		if err != nil {
			return nil, err
		}
		values.Set(key, value)
	}
	_, err := decoder.Token() // the closing bracket
	return values, err
}

// phpNumber is an integer where it is written as one and fits, and a float otherwise.
func phpNumber(number json.Number) any {
	if n, err := number.Int64(); err == nil {
		return n
	}
	f, _ := number.Float64() // out of range, it is infinite, as in PHP
	return f
}
