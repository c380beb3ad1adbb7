package imbottest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// maxJSONDepth is how deep PHP decodes JSON unless told otherwise.
const maxJSONDepth = 512

// maxFieldSize bounds one field of a multipart form; avatars are the largest thing that travels in one.
const maxFieldSize = 32 << 20

// readParams joins the parameters of query and body. A key of the body beats the same key of the query.
func readParams(query, contentType string, body []byte) *array {
	params := parseForm(query)
	params.merge(readBody(contentType, body))
	return params
}

// readBody decodes a body by its content type. What cannot be decoded is no error but no parameters: the call goes on
// without them.
func readBody(contentType string, body []byte) *array {
	mediaType, options, _ := mime.ParseMediaType(contentType)
	switch {
	case mediaType == "application/json", strings.Contains(mediaType, "+json"):
		if params, ok := decodeJSON(body); ok {
			return params
		}
		return newArray()
	case mediaType == "multipart/form-data":
		form, _ := phpform.ParsePairs(fields(multipart.NewReader(bytes.NewReader(body), options["boundary"])), phpform.Limits{})
		return fromForm(form)
	default:
		return parseForm(string(body))
	}
}

// parseForm reads a query or a form. Beyond PHP's limits the rest is dropped, as PHP drops it.
func parseForm(raw string) *array {
	form, _ := phpform.Parse(raw, phpform.Limits{})
	return fromForm(form)
}

func fromForm(form *phpform.Array) *array {
	params := newArray()
	for key, value := range form.All() {
		if content, isText := value.Text(); isText {
			params.set(key, content)
		} else {
			params.set(key, fromForm(value.Array()))
		}
	}
	return params
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

// decodeJSON reads an object or a list and keeps the order of its keys. It returns false for everything else, which
// includes a scalar and JSON in a wrong encoding.
func decodeJSON(data []byte) (*array, bool) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value, err := decodeValue(decoder, 0)
	if err != nil {
		return nil, false
	}
	params, ok := value.(*array)
	return params, ok
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
func decodeArray(decoder *json.Decoder, isList bool, depth int) (*array, error) {
	values := newArray()
	for decoder.More() {
		key := strconv.Itoa(len(values.keys))
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
		values.set(key, value)
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
