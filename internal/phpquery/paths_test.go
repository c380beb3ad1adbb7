package phpquery_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/phpquery"
)

// pathsOf returns the fields of an object as one text, and how many were left out.
func pathsOf(t *testing.T, object string) (text string, leftOut int) {
	t.Helper()
	paths, ok := phpquery.Paths([]byte(object), phpquery.Bounds{MaxName: 100, MaxList: 20}, &leftOut)
	require.True(t, ok, object)
	var fields []string
	for path, value := range paths {
		fields = append(fields, strings.Join(path, ".")+"="+value)
	}
	return strings.Join(fields, "&"), leftOut
}

func TestPaths(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		object, want string
		leftOut      int
	}{
		"nothing":          {`{}`, "", 0},
		"scalars":          {` {"a" : 1.50 , "b":"x\n\"y","c":true,"d":false,"e":null} `, "a=1.50&b=x\n\"y&c=1&d=0&e=", 0},
		"nested":           {`{"data":{"bot":{"id":456},"list":[7,[8],{"x":9}]},"ts":1}`, "data.bot.id=456&data.list.0=7&data.list.1.0=8&data.list.2.x=9&ts=1", 0},
		"empty structures": {`{"a":[],"b":{"c":{}},"d":""}`, "d=", 0},
		"the same twice":   {`{"a":1,"a":2}`, "a=1&a=2", 0},
		"escaped name":     {`{"\u0061":1}`, "a=1", 0},
		"no name":          {`{"":1,"a":{"":2}}`, "=1&a.=2", 0},
		"long name":        {`{"` + strings.Repeat("x", 99) + `":{"a":1},"b":2}`, "b=2", 1},
		"long list":        {`{"a":[` + strings.Repeat("{},", 20) + `[1],{"b":[2]}],"b":2}`, "b=2", 2},
		"long names below": {`{"` + strings.Repeat("x", 96) + `":{"a":1,"b":2},"b":2}`, "b=2", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, leftOut := pathsOf(t, tt.object)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.leftOut, leftOut)
		})
	}
}

func TestPaths_depth(t *testing.T) {
	t.Parallel()
	deep := func(brackets int) string {
		return `{"a":` + strings.Repeat("[", brackets) + `"x"` + strings.Repeat("]", brackets) + `,"b":2}`
	}
	for brackets, want := range map[int]int{64: 1, 65: 0, 5000: 0} {
		leftOut := 0
		paths, ok := phpquery.Paths([]byte(deep(brackets)), phpquery.Bounds{MaxName: 1000, MaxList: 20}, &leftOut)
		require.True(t, ok)
		yielded := 0
		for range paths {
			yielded++
		}
		assert.Equal(t, 1+want, yielded, "%d", brackets)
		assert.Equal(t, 1-want, leftOut, "%d", brackets)
	}
}

// A loop that is left ends it.
func TestPaths_break(t *testing.T) {
	t.Parallel()
	paths, ok := phpquery.Paths([]byte(`{"a":{"b":1,"c":2},"d":3}`), phpquery.Bounds{MaxName: 100, MaxList: 20}, new(int))
	require.True(t, ok)
	for path, value := range paths {
		assert.Equal(t, "a.b=1", strings.Join(path, ".")+"="+value)
		break
	}
}

func TestPaths_noObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "1", `"x"`, `{"a":1`, `{"a":1}x`, `{a:1}`, "null"} {
		_, ok := phpquery.Paths([]byte(text), phpquery.Bounds{MaxName: 100, MaxList: 20}, new(int))
		assert.False(t, ok, text)
	}
}
