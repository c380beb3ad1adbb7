package envelope_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999)
	tests := map[string]struct {
		object string
		want   []string // names and values in turn
		ok     bool
	}{
		"none":               {`{}`, nil, true},
		"space everywhere":   {" { \"a\" :\t1 ,\r\n\"b\": [ ] } \n", []string{"a", "1", "b", "[ ]"}, true},
		"every kind":         {`{"a":{"B":[1,{}]},"b":"x\"\u00e9","c":-0.5e+10,"d":true,"e":null}`, []string{"a", `{"B":[1,{}]}`, "b", `"x\"\u00e9"`, "c", "-0.5e+10", "d", "true", "e", "null"}, true},
		"twice the same":     {`{"a":1,"a":2}`, []string{"a", "1", "a", "2"}, true},
		"an escaped name":    {`{"\u0061":1}`, []string{`\u0061`, "1"}, false},
		"a name in capitals": {`{"A":1}`, []string{"A", "1"}, false},
		"a foreign name":     {`{"ſ":1}`, []string{"ſ", "1"}, false},
		"deep":               {`{"a":` + deep + `}`, []string{"a", deep}, true},
		"too deep":           {`{"a":[` + deep + `]}`, nil, false},
		"no object":          {`[]`, nil, false},
		"nothing":            {``, nil, false},
		"more than one":      {`{}{}`, nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			ok := envelope.Members([]byte(tt.object), func(name, value []byte) bool {
				got = append(got, string(name), string(value))
				return envelope.IsPlain(name)
			})

			assert.Equal(t, tt.ok, ok)
			assert.Equal(t, tt.want, got)
		})
	}
}

// FuzzMembers compares with encoding/json: what is taken is JSON and has the members that encoding/json finds, and what
// is not is no JSON, or is unusual.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"result":true,"time":{"start":1771946333,"finish":1771946334.073154,"date_start":"2026-02-24T16:18:53+03:00"}}`,
		`{"error":"ACCESS_ERROR","error_description":"\u041d\u0435\u0442 \"x\" \/"}`, `{"a":[{"b":[]},-1,0.5,1E9,1e-9]}`,
		`{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":1e}`, `{"a":tru}`, `{"a":"\x"}`, `{"a":"\u12g4"}`, "{\"a\":\"\n\"}", `{"a":1,}`, `{,}`,
		"{\"a\":\"\xff\"}", `{"a"}`, `{"a":}`, `{"a":[1,]}`, "\xef\xbb\xbf{}", `{"a":+1}`, `{"a":.5}`, `{"a":"`, `{"a":"\`, `{"A":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		got := map[string]string{}
		ok := envelope.Members(object, func(name, value []byte) bool {
			got[string(name)] = string(value)
			return envelope.IsPlain(name)
		})

		var want map[string]json.RawMessage
		isObject := json.Unmarshal(object, &want) == nil && want != nil
		if !ok {
			require.False(t, isObject && isUsual(object), "%q was not taken", object)
			return
		}
		require.True(t, isObject, "%q was taken", object)
		require.Len(t, got, len(want))
		for name, value := range want {
			require.Equal(t, string(value), got[name], "%q in %q", name, object)
		}
	})
}

func isUsual(object []byte) bool {
	return bytes.Count(object, []byte("{"))+bytes.Count(object, []byte("[")) < 50 &&
		!bytes.ContainsFunc(object, func(c rune) bool { return c == '\\' || c >= 0x80 || 'A' <= c && c <= 'Z' })
}

// saysTwice reports whether an object has a name twice, letter case aside.
func saysTwice(object []byte) bool {
	names, twice := map[string]bool{}, false
	envelope.Elements(object, func(_ int, name string, _ []byte) bool {
		folded := strings.ToLower(strings.ToUpper(name)) // which makes one of the three forms of s, and of k
		twice = twice || names[folded]
		names[folded] = true
		return true
	})
	return twice
}

// FuzzParse compares an answer with the same answer taken apart by encoding/json.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"result":true,"time":[]}`, `{"result":null,"RESULT":1,"error":null}`, `{"error":"X","error_description":"\u0041","argument":"a"}`,
		`{"error":{"code":1,"message":"m"}}`, `{"error":"","error":1}`, `{"error":"X","Error":null}`, `{"error":"a","result":{"error":1}}`,
		`{"\u0065rror":"X","error":null,"result":true}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := envelope.Parse(body)

		var want struct {
			Result, Time, Error json.RawMessage
			Description         json.RawMessage `json:"error_description"`
			Argument            json.RawMessage
		}
		object := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
		if !bytes.HasPrefix(object, []byte("{")) || json.Unmarshal(object, &want) != nil {
			require.ErrorIs(t, err, envelope.ErrNotJSON)
			return
		}
		require.NoError(t, err)
		if saysTwice(object) {
			require.True(t, want.Error == nil || string(want.Error) == "null" || got.Refusal != nil, "an error, which is not told")
			return
		}
		require.Equal(t, want.Result, got.Result)
		require.Equal(t, want.Time, got.Time)
		require.Equal(t, want.Error != nil && string(want.Error) != "null", got.Refusal != nil)
		if len(want.Error) > 0 && want.Error[0] == '"' {
			var code, description string
			require.NoError(t, json.Unmarshal(want.Error, &code))
			_ = json.Unmarshal(want.Description, &description) // no text is no description
			require.Equal(t, code, got.Refusal.Code)
			if len(want.Description) > 0 && want.Description[0] == '"' {
				require.Equal(t, description, got.Refusal.Description)
			}
		}
	})
}
