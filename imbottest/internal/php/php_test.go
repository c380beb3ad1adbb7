package php_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

func TestIntval(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value any
		want  int64
	}{
		{nil, 0},
		{true, 1},
		{false, 0},
		{int64(13), 13},
		{int64(-5), -5},
		{13.9, 13},
		{-13.9, -13},
		{math.NaN(), 0},
		{math.Inf(1), 0},
		{1e19, -8446744073709551616},
		{-1e19, 8446744073709551616},
		{math.MaxInt64 + 1.0, math.MinInt64},
		{"13", 13},
		{"+13", 13},
		{"-5", -5},
		{" \t\n\r\v\f13", 13},
		{"13 ", 13},
		{"13abc", 13},
		{"013", 13},
		{"0x1A", 0},
		{"chat13", 0},
		{"", 0},
		{"-", 0},
		{"--1", 0},
		{"- 1", 0},
		{".", 0},
		{"e5", 0},
		{"13.9", 13},
		{"13.", 13},
		{".9e1", 9},
		{"1.5.5", 1},
		{"1e3", 1000},
		{"1E+3", 1000},
		{"1500e-2", 15},
		{"1e", 1},
		{"1e+", 1},
		{"99999999999999999999", math.MaxInt64},
		{"-99999999999999999999", math.MinInt64},
		{"1e999", math.MaxInt64},
		{"-1e999", math.MinInt64},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, php.Intval(tt.value), "%T %[1]v", tt.value)
	}
}

func TestConversions(t *testing.T) {
	t.Parallel()
	emptyArray, _ := php.DecodeJSON([]byte(`[]`))
	array, _ := php.DecodeJSON([]byte(`[0]`))
	tests := []struct {
		value   any
		isEmpty bool
		text    string
	}{
		{nil, true, ""},
		{false, true, ""},
		{true, false, "1"},
		{int64(0), true, "0"},
		{int64(-5), false, "-5"},
		{0.0, true, "0"},
		{13.5, false, "13.5"},
		{"", true, ""},
		{"0", true, "0"},
		{"0.0", false, "0.0"},
		{" ", false, " "},
		{emptyArray, true, "Array"},
		{array, false, "Array"},
		{struct{}{}, false, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.isEmpty, php.IsEmpty(tt.value), "%T %[1]v", tt.value)
		assert.Equal(t, tt.text, php.StringOf(tt.value), "%T %[1]v", tt.value)
	}
}

func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want any
	}{
		"values":           {`{"n":null,"t":true,"i":13,"f":1.5,"e":1e3,"s":"x"}`, map[string]any{"n": nil, "t": true, "i": int64(13), "f": 1.5, "e": 1000.0, "s": "x"}},
		"nested":           {`{"a":[1,{"b":[]}],"c":{}}`, map[string]any{"a": []any{int64(1), map[string]any{"b": []any{}}}, "c": []any{}}},
		"list":             {`[1,"2"]`, []any{int64(1), "2"}},
		"map that is one":  {`{"0":1,"1":2}`, []any{int64(1), int64(2)}},
		"twice":            {`{"a":1,"b":2,"a":3}`, map[string]any{"a": int64(3), "b": int64(2)}},
		"too large":        {`{"a":9223372036854775808}`, map[string]any{"a": 9223372036854775808.0}},
		"as deep as it be": {strings.Repeat("[", 512) + strings.Repeat("]", 512), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := php.DecodeJSON([]byte(tt.text))
			require.True(t, ok)
			if tt.want != nil {
				assert.Equal(t, tt.want, php.Plain(got))
			}
		})
	}
	for name, text := range map[string]string{
		"nothing": ``, "number": `13`, "text": `"x"`, "null": `null`, "true": `true`, "open": `{"a":1`, "two": `{}{}`, "comma": `{"a":1,}`,
		"wrong encoding": "{\"a\":\"\xff\"}", "too deep": strings.Repeat("[", 513) + strings.Repeat("]", 513),
	} {
		t.Run("broken: "+name, func(t *testing.T) {
			t.Parallel()
			_, ok := php.DecodeJSON([]byte(text))
			assert.False(t, ok)
		})
	}
}

func TestEscapePHP(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{"a":1,"b":[true,null]}`: `{"a":1,"b":[true,null]}`,
		`{"a/b":"c/d"}`:           `{"a\/b":"c\/d"}`,
		`"can't"`:                 `"can\u0027t"`,
		`"<a href=\"x\">&"`:       `"\u003Ca href=\u0022x\u0022\u003E\u0026"`,
		`"back\\slash"`:           `"back\\slash"`,
		`"ends in one\\"`:         `"ends in one\\"`,
		`"\\\"\n\u0001"`:          `"\\\u0022\n\u0001"`,
		`"Владелец 👋"`:            `"Владелец 👋"`,
	}
	for in, want := range tests {
		got := php.Escape([]byte(in))
		assert.Equal(t, want, string(got))
		assert.JSONEq(t, in, string(got), "the text stays the same")
	}
}

func FuzzEscapePHP(f *testing.F) {
	f.Add(`a"b\c/d'e<f>&`)
	f.Fuzz(func(t *testing.T, text string) {
		document, err := json.Marshal(map[string]string{text: text})
		require.NoError(t, err)
		var want, got map[string]string
		require.NoError(t, json.Unmarshal(document, &want))
		require.NoError(t, json.Unmarshal(php.Escape(document), &got))
		assert.Equal(t, want, got)
	})
}
