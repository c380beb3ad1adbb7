package catalog_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What these tests compare by does find a difference of each kind.
func TestComparing(t *testing.T) {
	t.Parallel()
	type inner struct {
		Name string `json:"name"`
	}
	type request struct {
		ID     int   `json:"id"`
		Fields inner `json:"fields"`
		New    bool  `json:"new"`
	}
	params := []param{{Name: "id"}, {Name: "old"}, {Name: "fields", Fields: []param{{Name: "name"}, {Name: "title"}}}, {Name: "botToken"}}
	assert.ElementsMatch(t, []string{"m: old is not there", "m: new is not documented", "m.fields: title is not there"},
		compareParams("m", params, reflect.TypeFor[request]()))
	assert.ElementsMatch(t, []string{"m: old is not there", "m: fields is not documented", "m: new is not documented"},
		compareFields("m", []field{{Name: "id"}, {Name: "old"}}, reflect.TypeFor[request]()))

	var answer any
	require.NoError(t, json.Unmarshal([]byte(`{"id": 7, "fields": {"name": "a", "title": "b"}, "new": true, "old": ""}`), &answer))
	read := request{ID: 8, Fields: inner{Name: "a"}}
	assert.ElementsMatch(t, []string{"m.id: read 8 of 7", "m.fields.title was not read", "m.new: read false of true"},
		compareValue("m", reflect.ValueOf(read), answer))

	filled, err := fill(reflect.TypeFor[request](), json.RawMessage(`{"id": 7, "fields": {"name": "a"}}`))
	require.NoError(t, err)
	assert.Equal(t, request{ID: 7, Fields: inner{Name: "a"}}, filled.Interface())
}
