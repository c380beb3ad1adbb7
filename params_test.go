package imbot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestYesNo_reads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]imbot.YesNo{
		`"Y"`: true, `"y"`: true, `true`: true, `1`: true, `"1"`: true,
		`"N"`: false, `"n"`: false, `false`: false, `0`: false, `"0"`: false, `""`: false,
	} {
		got := !want
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, want, got, text)
	}
	kept := imbot.Yes
	require.NoError(t, json.Unmarshal([]byte(`null`), &kept))
	assert.True(t, bool(kept))
	for _, text := range []string{`"yes"`, `2`, `[]`, `{}`} {
		var got imbot.YesNo
		assert.Error(t, json.Unmarshal([]byte(text), &got), text)
	}
	assert.Equal(t, "Y N", imbot.Yes.String()+" "+imbot.No.String())
}

func encodePNG(t testing.TB, width, height int) imbot.Image {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))))
	return out.Bytes()
}

func TestReadImage(t *testing.T) {
	t.Parallel()
	var asJPEG, asGIF bytes.Buffer
	require.NoError(t, jpeg.Encode(&asJPEG, image.NewGray(image.Rect(0, 0, 5, 5)), nil))
	require.NoError(t, gif.Encode(&asGIF, image.NewGray(image.Rect(0, 0, 5, 5)), nil))
	dot, largest := encodePNG(t, 1, 1), encodePNG(t, 5000, 5000)
	image.RegisterFormat("tiff", "a tiff", nil, func(io.Reader) (image.Config, error) { return image.Config{Width: 1, Height: 1}, nil })
	for name, data := range map[string][]byte{"png": dot, "jpeg": asJPEG.Bytes(), "gif": asGIF.Bytes(), "largest": largest} {
		img, err := imbot.ReadImage(iotest.OneByteReader(bytes.NewReader(data)))
		require.NoError(t, err, name)
		assert.True(t, bytes.Equal(data, img), name)
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "half a header": dot[:20], "svg": []byte("<svg/>"), "a format of the program": []byte("a tiff"),
		"too wide": encodePNG(t, 5001, 1), "too high": encodePNG(t, 1, 5001), "too many bytes": append(slices.Clone(dot), make([]byte, 16<<20)...),
	} {
		img, err := imbot.ReadImage(bytes.NewReader(data))
		assert.Nil(t, img, name)
		clienttest.MatchesOnly(t, err, imbot.ErrAvatar)
		var paramErr *imbot.ParamError
		require.ErrorAs(t, err, &paramErr, name)
		assert.Equal(t, "AVATAR", paramErr.Param, name)
	}
	broken := errors.New("broken")
	_, err := imbot.ReadImage(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	assert.Equal(t, broken, err)
}

// A picture is printed as its size.
func TestImage_printsItsSize(t *testing.T) {
	t.Parallel()
	req := imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: make(imbot.Image, 70), ClientID: "my-secret"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		assert.Contains(t, strings.ReplaceAll(fmt.Sprintf(verb, req), " ", ""), "Avatar:70bytes", verb)
		assert.Equal(t, "70 bytes", fmt.Sprintf(verb, req.Avatar), verb)
	}
}
