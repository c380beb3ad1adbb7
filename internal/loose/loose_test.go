package loose_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

func TestInt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{`13`: 13, `"13"`: 13, `-1`: -1, `0`: 0} {
		got, ok := loose.Int[int64](json.RawMessage(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`1.5`, `"x"`, `""`, `null`, `true`, `[]`, `9223372036854775808`, `"13`} {
		_, ok := loose.Int[int64](json.RawMessage(text))
		assert.False(t, ok, text)
	}
}

// One pair of quotes is taken away, and nothing where there is none.
func TestBare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`"13"`: `13`, `13`: `13`, `""`: ``, `"`: `"`, `"13`: `"13`, `"x\""`: `x\"`, ``: ``} {
		assert.Equal(t, want, string(loose.Bare(json.RawMessage(text))), text)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`"a\u0042"`: "aB", `13`: "13", `1.50`: "1.50", `""`: "", `false`: ""} {
		got, ok := loose.Text[string](json.RawMessage(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`true`, `[]`, `{}`} {
		_, ok := loose.Text[string](json.RawMessage(text))
		assert.False(t, ok, text)
		require.Error(t, json.Unmarshal([]byte(text), new(loose.String)), text)
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`"Y"`: true, `"y"`: true, `true`: true, `1`: true, `"1"`: true,
		`"N"`: false, `"n"`: false, `false`: false, `0`: false, `"0"`: false, `""`: false,
	} {
		got, ok := loose.Bool[bool](json.RawMessage(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`"yes"`, `2`, `[]`, `null`} {
		_, ok := loose.Bool[bool](json.RawMessage(text))
		assert.False(t, ok, text)
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	got, ok := loose.Date(json.RawMessage(`"2026-02-24T16:18:53+03:00"`))
	assert.True(t, ok)
	assert.True(t, got.Equal(time.Date(2026, 2, 24, 13, 18, 53, 0, time.UTC)))
	for text, understood := range map[string]bool{`""`: true, `false`: true, `"yesterday"`: false, `5`: false, `[]`: false} {
		got, ok := loose.Date(json.RawMessage(text))
		assert.Equal(t, understood, ok, text)
		assert.True(t, got.IsZero(), text)
	}
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text     string
		known    bool
		time     time.Time
		duration time.Duration
	}{
		{`1771946334.073154`, true, time.Date(2026, 2, 24, 15, 18, 54, 73154000, time.UTC), 1771946334073154000},
		{`"0.25"`, true, time.Unix(0, 250_000_000).UTC(), 250 * time.Millisecond},
		{`0`, true, time.Time{}, 0},
		{`253402300799`, true, time.Unix(253402300799, 0).UTC(), 0}, // too long for a span
		{`253402300800`, false, time.Time{}, 0},
		{`1e400`, false, time.Time{}, 0},
		{`"NaN"`, false, time.Time{}, 0},
		{`"x"`, false, time.Time{}, 0},
		{`null`, false, time.Time{}, 0},
		{`[]`, false, time.Time{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			var got loose.Seconds
			require.NoError(t, json.Unmarshal([]byte(tt.text), &got), "it never fails")
			assert.Equal(t, tt.known, got.IsKnown())
			assert.Equal(t, tt.time, got.Time())
			if tt.text != `1771946334.073154` {
				assert.Equal(t, tt.duration, got.Duration())
			}
		})
	}
}

// What a reader did not understand stays in the object.
func TestTake(t *testing.T) {
	t.Parallel()
	var id int64
	name := "as it was"
	taken := loose.Fill(json.RawMessage(`{"id":"7","name":null,"other":{"a":1}}`), func(o loose.Object) {
		loose.Take(o, "id", &id, loose.Int)
		loose.Take(o, "name", &name, loose.Text)
		loose.Take(o, "missing", &name, loose.Text)
		assert.Equal(t, loose.Object{"other": json.RawMessage(`{"a":1}`)}, o)
	})
	assert.False(t, taken, "something is left")
	assert.EqualValues(t, 7, id)
	assert.Equal(t, "as it was", name)

	assert.False(t, loose.Fill(json.RawMessage(`{"id":[]}`), func(o loose.Object) { loose.Take(o, "id", &id, loose.Int) }))
	assert.True(t, loose.Fill(json.RawMessage(`{"id":1}`), func(o loose.Object) { loose.Take(o, "id", &id, loose.Int) }))
	for text, empty := range map[string]bool{`[]`: true, `{}`: true, `false`: false, `""`: false, `"x"`: false, `5`: false, `[1]`: false} {
		assert.Equal(t, empty, loose.Fill(json.RawMessage(text), func(loose.Object) { assert.Fail(t, "there is nothing", text) }), text)
	}
}
