package envelope_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// An answer that says a thing twice, and differently, is never a plain one, however the names are spelled.
func TestParse_contradictions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body        string
		result      string
		refused     bool
		code        string
		contradicts bool
	}{
		{body: `{"result":true}`, result: "true"},
		{body: `{"result":true,"result":true}`, result: "true"},
		{body: `{"result":"\u0061","result":"a"}`, result: `"\u0061"`},
		{body: `{"result":true,"result":false}`, contradicts: true},
		{body: `{"result":true,"RESULT":false}`, contradicts: true},
		{body: `{"result":true,"result":false,"result":true}`, contradicts: true},
		{body: `{"result":[],"result":null}`, contradicts: true},
		{body: `{"error":"X","error":null,"result":true}`, result: "true", refused: true, contradicts: true},
		{body: `{"error":null,"error":"X","result":true}`, result: "true", refused: true, contradicts: true},
		{body: `{"error":"X","error":"X"}`, refused: true, code: "X"},
		{body: `{"error":"X","error":"Y"}`, refused: true, contradicts: true},
		{body: `{"error":"X","Error":"Y"}`, refused: true, contradicts: true},
		{body: `{"Error":"X","result":true}`, result: "true", refused: true, code: "X", contradicts: true},
		{body: `{"\u0065rror":"X","result":true}`, result: "true", refused: true, code: "X", contradicts: true},
		{body: `{"error":{"code":"X","code":"Y"}}`, refused: true, contradicts: true},
		{body: `{"error":{"code":"X","Code":"X"}}`, refused: true, code: "X"},
		{body: `{"error":"X","result":[]}`, result: "[]", refused: true, code: "X"},
		{body: `{"error":"X","result":[ ]}`, result: "[ ]", refused: true, code: "X"},
		{body: `{"error":"X","result":{}}`, result: "{}", refused: true, code: "X"},
		{body: `{"error":"X","result":null}`, result: "null", refused: true, code: "X"},
		{body: `{"error":"X","result":""}`, result: `""`, refused: true, code: "X"},
		{body: `{"error":"X","result":"","result":[]}`, refused: true, code: "X"},
		{body: `{"error":"X","result":false}`, result: "false", refused: true, code: "X", contradicts: true},
		{body: `{"error":"X","result":0}`, result: "0", refused: true, code: "X", contradicts: true},
		{body: `{"error":"X","result":[0]}`, result: "[0]", refused: true, code: "X", contradicts: true},
		{body: `{"error":"X","result":true,"result":null}`, refused: true, code: "X", contradicts: true},
	}
	for _, tt := range tests {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			got, err := envelope.Parse([]byte(tt.body))
			require.NoError(t, err)
			assert.Equal(t, tt.result, string(got.Result))
			assert.Equal(t, tt.contradicts, got.Contradicts)
			require.Equal(t, tt.refused, got.Refusal != nil)
			if tt.refused {
				assert.Equal(t, tt.code, got.Refusal.Code)
			}
		})
	}
}

// What is read of the remarks of a refusal is bounded, as are the values that the result is made of told.
func TestParse_counts(t *testing.T) {
	t.Parallel()
	remarks := strings.Repeat(`{"field":"a","field":"b","message":"m"},"x",`, 50)
	got, err := envelope.Parse([]byte(`{"error":{"code":"V","validation":[` + remarks + `1]},"argument":"a"}`))
	require.NoError(t, err)
	require.Len(t, got.Refusal.Details, envelope.MaxDetails)
	assert.Equal(t, []envelope.Detail{{Message: "m"}, {Message: "x"}}, got.Refusal.Details[:2])

	got, err = envelope.Parse([]byte(`{"time":[1,2,3],"result":{"a":[1,{}],"b":2},"x":[1,2]}`))
	require.NoError(t, err)
	assert.Equal(t, 5, got.Values)
}

func TestSaysTwice(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		`true`: false, ``: false, `[1,1]`: false, `{}`: false,
		`{"a":1,"b":1}`:                      false,
		`{"a":1,"A":2}`:                      false,
		`{"a":1,"a":1}`:                      false,
		`{"a":"x","a":"\u0078"}`:             false,
		`{"a":1,"a":2}`:                      true,
		`{"a":1,"\u0061":2}`:                 true,
		`{"a":2,"b":3,"a":1,"a":2}`:          true,
		`{"a":{"b":1},"c":{"b":2}}`:          false,
		`[{"a":1},{"a":2}]`:                  false,
		`[[],{"x":{"a":1,"b":[{}],"a":[]}}]`: true,
		`{"x":{"a":1},"y":[],"x":{"a":1}}`:   false,
		`{"x":{"a":1,"a":2},"x":{"a":1,"y":`: false, // no JSON, for others to refuse
	}
	for value, want := range tests {
		assert.Equal(t, want, envelope.SaysTwice([]byte(value)), value)
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want []string
		ok   bool
	}{
		`[]`:                      {nil, true},
		"\n[ 1 , \"a\" ]\t":       {[]string{"", "1", "", `"a"`}, true},
		`{"1":2,"\u0061":[3,{}]}`: {[]string{"1", "2", "a", "[3,{}]"}, true},
		`[1,]`:                    {[]string{"", "1"}, false},
		`[1]2`:                    {[]string{"", "1"}, false},
		`true`:                    {nil, false},
		``:                        {nil, false},
		`["stop",1]`:              {[]string{"", `"stop"`}, false},
	}
	for array, tt := range tests {
		var got []string
		ok := envelope.Elements([]byte(array), func(place int, name string, value []byte) bool {
			assert.Equal(t, len(got)/2, place)
			got = append(got, name, string(value))
			return string(value) != `"stop"`
		})
		assert.Equal(t, tt.ok, ok, array)
		assert.Equal(t, tt.want, got, array)
	}
}

// What shows that a command ran, beside its result and its error.
func TestParseBatch_tried(t *testing.T) {
	t.Parallel()
	tests := map[string][3]bool{
		`{"result":[],"result_error":[]}`:                                     {},
		`{"result":[],"result_error":[],"result_time":{"c0":{}}}`:             {true},
		`{"result":[],"result_error":[],"result_total":{"c1":1}}`:             {true, true},
		`{"result":[],"result_error":[],"result_next":{"c0":null}}`:           {true},
		`{"result":[],"result_error":[],"result_time":[[]]}`:                  {true},
		`{"result":[],"result_error":[],"result_time":{"1":[]}}`:              {true, true},
		`{"result":[],"result_error":{"c1":null}}`:                            {true, true},
		`{"result":{"c2":true},"result_error":[]}`:                            {true, true, true},
		`{"result":{"other":true},"result_error":[]}`:                         {true, true, true},
		`{"result":[],"result_error":{"C0":"X"}}`:                             {true, true, true},
		`{"result":[],"result_error":{"01":"X"}}`:                             {true, true, true},
		`{"result":[],"result_error":[],"result_time":{"c0":1,"c0":2}}`:       {true},
		`{"result":[],"result_error":[],"result_time":"c2","other":{"c2":1}}`: {},
	}
	for result, want := range tests {
		got, err := envelope.ParseBatch([]byte(result), []string{"c0", "c1", "c2"})
		require.NoError(t, err, result)
		for i, item := range got.Items {
			assert.Equal(t, want[i], item.Tried, "%s, command %d", result, i)
		}
	}
}

// A command that has a thing twice, and differently, is never a plain success or refusal, nor is what is about none of
// its kind touched by that.
func TestParseBatch_contradictions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		result      string
		contradicts bool
		got         string
		refused     bool
	}{
		{result: `{"result":{"c0":true,"c0":true},"result_error":[]}`, got: "true"},
		{result: `{"result":{"c0":true,"c0":false},"result_error":[]}`, contradicts: true},
		{result: `{"result":{"c0":true,"0":true},"result_error":[]}`, got: "true"},
		{result: `{"result":{"c0":true,"0":false},"result_error":[]}`, contradicts: true},
		{result: `{"result":{"c0":true,"\u00630":false},"result_error":[]}`, contradicts: true},
		{result: `{"result":[true],"result_error":{"c0":"X"}}`, got: "true", refused: true, contradicts: true},
		{result: `{"result":[[]],"result_error":{"c0":"X"}}`, got: "[]", refused: true},
		{result: `{"result":{"c0":true},"result_error":{"c0":"X","c0":null}}`, got: "true", refused: true, contradicts: true},
		{result: `{"result":[],"result_error":{"c0":"X","0":"Y"}}`, refused: true, contradicts: true},
		{result: `{"result":[],"result_error":{"c0":{"error":"X","error":null}}}`, refused: true, contradicts: true},
		{result: `{"result":[],"result_error":{"c0":{"error":"X","Error":"X"}}}`, refused: true},
	}
	for _, tt := range tests {
		batch, err := envelope.ParseBatch([]byte(tt.result), []string{"c0"})
		require.NoError(t, err, tt.result)
		item := batch.Items[0]
		assert.Equal(t, tt.contradicts, item.Contradicts, tt.result)
		assert.Equal(t, tt.got, string(item.Result), tt.result)
		assert.Equal(t, tt.refused, item.Refusal != nil, tt.result)
	}
	for _, result := range []string{
		`{"result":{"c0":true},"result":[],"result_error":[]}`,
		`{"result":{"c0":true},"result_error":{"c0":"X"},"result_error":[]}`,
		`{"result":{"c0":true},"result_error":{"c0":"X"},"RESULT_ERROR":[]}`,
	} {
		_, err := envelope.ParseBatch([]byte(result), []string{"c0"})
		require.ErrorIs(t, err, envelope.ErrNotBatch, result)
	}
}
