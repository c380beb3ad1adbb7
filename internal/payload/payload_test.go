package payload_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// Files of every length stand where they belong, also around the bounds of what is read at once.
func TestBody(t *testing.T) {
	t.Parallel()
	const piece = 24 << 10
	for _, size := range []int{0, 1, 2, 3, 4, 5, 6, piece - 1, piece, piece + 1, 2*piece - 2, 2 * piece, 2*piece + 2} {
		content := bytes.Repeat([]byte("some bytes\x00\xff"), size/10+1)[:size]
		encoded := base64.StdEncoding.EncodeToString(content)
		file := func(at int) payload.Part { return payload.File(at, bytes.NewReader(content), int64(size)) }
		for _, body := range []struct {
			payload.Body
			want string
		}{
			{payload.Body{Text: []byte("text")}, "text"},
			{payload.Body{Text: []byte("text"), Parts: []payload.Part{file(2)}}, "te" + encoded + "xt"},
			{payload.Body{Text: []byte("text"), Parts: []payload.Part{file(0), file(4)}}, encoded + "text" + encoded},
			{payload.Body{Text: []byte("text"), Parts: []payload.Part{file(1), file(1), file(3)}}, "t" + encoded + encoded + "ex" + encoded + "t"},
		} {
			assert.EqualValues(t, len(body.want), body.Length())
			for range 2 { // each time from the beginning
				opened, err := body.Open()
				require.NoError(t, err)
				require.NoError(t, iotest.TestReader(opened, []byte(body.want)))
			}
		}
	}
}

type readerAt func(p []byte, off int64) (int, error)

func (f readerAt) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

func TestFile_thatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		content io.ReaderAt
		want    error
	}{
		"shorter":      {strings.NewReader("x"), io.ErrUnexpectedEOF},
		"nothing said": {readerAt(func([]byte, int64) (int, error) { return 0, nil }), io.ErrUnexpectedEOF},
		"broken":       {readerAt(func([]byte, int64) (int, error) { return 0, broken }), broken},
	} {
		body := payload.Body{Parts: []payload.Part{payload.File(0, tt.content, 2)}}
		_, err := body.Open()
		require.ErrorIs(t, err, tt.want, name)
		later := readerAt(func(p []byte, off int64) (int, error) {
			if off == 1 && len(p) == 1 {
				return 1, nil
			}
			return tt.content.ReadAt(p, off)
		})
		body.Parts[0] = payload.File(0, later, 2)
		opened, err := body.Open()
		require.NoError(t, err, name)
		_, err = io.ReadAll(opened)
		require.ErrorIs(t, err, tt.want, name)
	}
}

// What comes with the last bytes is no error, as io.ReaderAt says.
func TestFile_endWithItsLastBytes(t *testing.T) {
	t.Parallel()
	content := readerAt(func(p []byte, _ int64) (int, error) { return copy(p, "abc"), io.EOF })
	body := payload.Body{Parts: []payload.Part{payload.File(0, content, 3)}}
	opened, err := body.Open()
	require.NoError(t, err)
	text, err := io.ReadAll(opened)
	require.NoError(t, err)
	assert.Equal(t, "YWJj", string(text))
}
