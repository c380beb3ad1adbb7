package imbot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// element is an element of a PHP array, which arrives as a list or, where it has holes or names, as an object.
type element struct {
	name  string // empty in a list
	value json.RawMessage
}

var errNoList = errors.New("neither a list nor an object")

// elementsOf reads a list or an object, in the order of the answer.
func elementsOf(data []byte) ([]element, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	opening, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if opening != json.Delim('[') && opening != json.Delim('{') {
		return nil, errNoList
	}
	elements := []element{}
	for dec.More() {
		var next element
		if opening == json.Delim('{') {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			next.name, _ = name.(string)
		}
		if err := dec.Decode(&next.value); err != nil {
			return nil, err
		}
		elements = append(elements, next)
	}
	return elements, nil
}

// requireUserIDs returns what is wrong with a list of users that has to be there.
func requireUserIDs(param string, ids []UserID, sentinel Code) *ParamError {
	if len(ids) == 0 {
		return &ParamError{Param: param, Err: fmt.Errorf("is empty: %w", sentinel)}
	}
	return allowUserIDs(param, ids, sentinel)
}

// allowUserIDs returns what is wrong with a list of users that may be left out.
func allowUserIDs(param string, ids []UserID, sentinel Code) *ParamError {
	for _, id := range ids {
		if err := requireID(param, id, sentinel); err != nil {
			return err
		}
	}
	return nil
}
