package envelope_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

type deal struct {
	ID       int64           `json:"ID"`
	Contacts []contact       `json:"CONTACTS"`
	Fields   map[string]bool `json:"UF"`
	Parent   *deal           `json:"PARENT,omitempty"`
	Plain    bool
}

type contact struct {
	Age int `json:"AGE"`
}

func TestMisfit(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{"ID":"SECRET"}`:               "an object, in which ID does not fit int64",
		`{"id":1.25}`:                   "an object, in which ID does not fit int64",
		`{"CONTACTS":[{"AGE":"12"}]}`:   "an object, in which AGE does not fit int",
		`{"CONTACTS":{"1":2}}`:          "an object, in which CONTACTS does not fit slice",
		`{"PARENT":{"Plain":"SECRET"}}`: "an object, in which Plain does not fit bool",
		`"SECRET"`:                      "a string",
	}
	for raw, want := range tests {
		var into deal
		err := json.Unmarshal([]byte(raw), &into)
		assert.Equal(t, want, envelope.Misfit(json.RawMessage(raw), reflect.TypeFor[deal](), err), raw)
	}
	list := json.RawMessage(`[{"ID":"1"}]`)
	var deals []*deal
	assert.Equal(t, "an array, in which ID does not fit int64", envelope.Misfit(list, reflect.TypeFor[[]*deal](), json.Unmarshal(list, &deals)))
}

// A name in a map may be what somebody wrote. encoding/json names it in one of its versions.
func TestMisfit_namesFieldsAlone(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"UF":{"SECRET":"x"}}`)
	for _, err := range []error{
		json.Unmarshal(raw, &deal{}),
		&json.UnmarshalTypeError{Field: "UF.SECRET", Type: reflect.TypeFor[bool]()},
		&json.UnmarshalTypeError{Field: "ID"},
		(*json.UnmarshalTypeError)(nil),
		errors.New("SECRET"),
		nil,
	} {
		text := envelope.Misfit(raw, reflect.TypeFor[deal](), err)
		assert.Contains(t, text, "an object")
		assert.NotContains(t, text, "SECRET")
	}
}
