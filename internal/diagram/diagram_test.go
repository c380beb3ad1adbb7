package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const docsDir = "../../docs/"

func TestDraw_picturesAreThoseOfTheirTexts(t *testing.T) {
	t.Parallel()
	texts, err := filepath.Glob(docsDir + "*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, texts)
	for _, name := range texts {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		want, err := draw(string(text))
		require.NoError(t, err)
		stands, err := os.ReadFile(strings.TrimSuffix(name, ".txt") + ".svg")
		require.NoError(t, err)
		assert.Equal(t, string(want), string(stands), "make docs draws it anew")
	}
}

func TestDraw_isWellFormed(t *testing.T) {
	t.Parallel()
	picture, err := draw("title 1 < 2\nband a & b\nbox x: X\n\t<script>\n\t`<y>`\nbox y: Y\nbeside x z: Z\nx -> y: a & b\nx <-> z: q\n")
	require.NoError(t, err)
	for decoder := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := decoder.Token(); err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
	}
	assert.NotContains(t, string(picture), "<script>")
	assert.Contains(t, string(picture), "prefers-color-scheme: dark")
}

func TestDraw_mistakes(t *testing.T) {
	t.Parallel()
	const boxes = "band a\nbox x: X\nbox y: Y\nbeside x z: Z\nbox v: V\n"
	long := strings.Repeat("long ", 20)
	tests := map[string]struct{ text, mistake string }{
		"nothing":                  {"", "1: there is no box"},
		"no such thing":            {"band a\ncircle x: X\n", `2: "circle x: X" is neither`},
		"a box without a band":     {"box x: X\n", "1: box x is in no band"},
		"a box without a title":    {"band a\nbox x\n", "2: box has no title"},
		"twice":                    {boxes + "box x: X\n", "6: there is a box x already"},
		"twice, beside":            {boxes + "beside y z: Z\n", "6: there is a box z already"},
		"beside nothing":           {"band a\nbeside x z: Z\n", "2: there is no box x yet"},
		"a duty of nothing":        {"band a\n\tduty\n", `2: "duty" is of no box`},
		"an arrow from nothing":    {boxes + "w -> x: l\n", "6: there is no box w"},
		"an arrow to nothing":      {boxes + "x -> w: l\n", "6: there is no box w"},
		"an arrow across":          {boxes + "x -> v: l\n", "6: x and v are no neighbors"},
		"an arrow to another side": {boxes + "y -> z: l\n", "6: y and z are no neighbors"},
		"an empty band":            {boxes + "band b\n", `6: band "b" is empty`},
		"a long title":             {"band a\nbox x: " + long + "\n", "2: "},
		"a long duty":              {"band a\nbox x: X\n\t" + long + "\n", "2: "},
		"a long place":             {"band a\nbox x: X\n\t`" + long + "`\n", "2: "},
		"a long label down":        {boxes + "x -> y: " + long + "\n", "6: "},
		"a long label up":          {boxes + "y -> x: " + long + "\n", "6: "},
		"a long label sideways":    {boxes + "x -> z: " + long + "\n", "6: "},
		"a long band":              {"band " + long + "\nbox x: X\n", "1: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := draw(test.text)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), test.mistake), err)
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, picture := filepath.Join(dir, "x.txt"), filepath.Join(dir, "x.svg")
	require.NoError(t, os.WriteFile(text, []byte("band a\nbox x: X\n"), 0o600))
	require.NoError(t, run([]string{text, picture}))
	assert.FileExists(t, picture)

	require.NoError(t, os.WriteFile(text, []byte("box x: X\n"), 0o600))
	assert.ErrorContains(t, run([]string{text, picture}), "x.txt:1: ")
	assert.ErrorIs(t, run([]string{filepath.Join(dir, "y.txt"), picture}), os.ErrNotExist)
	assert.Error(t, run(nil))
}
