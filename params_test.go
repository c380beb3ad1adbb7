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

func TestParseChatID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want imbot.ChatID
	}{
		{"13", 13},
		{"chat13", 13},
		{"CHAT13", 13},
		{"9223372036854775807", 1<<63 - 1},
		{"", 0},
		{"chat", 0},
		{"chat0", 0},
		{"0", 0},
		{"-13", 0},
		{"+13", 0},
		{"chat+13", 0},
		{"chatchat13", 0},
		{" 13", 0},
		{"13 ", 0},
		{"13abc", 0},
		{"1e3", 0},
		{"sg13", 0},
		{"9223372036854775808", 0},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := imbot.ParseChatID(tt.in)

			assert.Equal(t, tt.want, got)
			if tt.want != 0 {
				require.NoError(t, err)
				return
			}
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
		})
	}
}

func TestChatID_DialogID(t *testing.T) {
	t.Parallel()
	assert.Equal(t, imbot.DialogID("chat13"), imbot.ChatID(13).DialogID())
}

func TestIDs_JSON(t *testing.T) {
	t.Parallel()
	type ids struct {
		Chat imbot.ChatID
		Bot  imbot.BotID
		User imbot.UserID
	}
	want := ids{13, 39, 27}
	for _, body := range []string{
		`{"Chat":13,"Bot":39,"User":27}`,
		`{"Chat":"13","Bot":"39","User":"27"}`,
	} {
		var got ids
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		assert.Equal(t, want, got)
	}
	encoded, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Chat":13,"Bot":39,"User":27}`, string(encoded))

	kept := want
	require.NoError(t, json.Unmarshal([]byte(`{"Chat":null,"Bot":null,"User":null}`), &kept))
	assert.Equal(t, want, kept)

	for _, body := range []string{`""`, `"x"`, `1.5`, `true`, `[]`, `{}`, `"13`, `99999999999999999999`} {
		var id imbot.ChatID
		assert.Error(t, json.Unmarshal([]byte(body), &id), body)
	}
}

func FuzzIDs(f *testing.F) {
	f.Add(`13`)
	f.Add(`"13"`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		var id imbot.ChatID
		if json.Unmarshal([]byte(body), &id) != nil {
			return
		}
		encoded, err := json.Marshal(id)
		require.NoError(t, err)
		var again imbot.ChatID
		require.NoError(t, json.Unmarshal(encoded, &again))
		assert.Equal(t, id, again)
	})
}
