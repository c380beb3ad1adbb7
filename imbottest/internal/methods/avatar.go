package methods

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	_ "image/gif"  // recognized as an avatar
	_ "image/jpeg" // recognized as an avatar
	_ "image/png"  // recognized as an avatar
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

var (
	errAvatarType     = BadRequest("AVATAR_ERROR", "Avatar incorrect type")
	errAvatarSize     = BadRequest("AVATAR_ERROR", "Avatar incorrect size (max 5000x5000)")
	errAvatarEncoding = errors.New("imbottest: an avatar that is no base64")
)

// maxAvatar is how wide and how high an avatar may be.
const maxAvatar = 5000

// checkAvatar decides by the beginning of a file whether it is a picture, and by its size whether it is one too many.
func checkAvatar(value any) error {
	content, err := decodeAvatar(value)
	if err != nil {
		return errAvatarType
	}
	picture, _, err := image.DecodeConfig(bytes.NewReader(content))
	switch {
	case errors.Is(err, image.ErrFormat):
		return errAvatarType
	case err != nil, picture.Width == 0, picture.Height == 0, picture.Width > maxAvatar, picture.Height > maxAvatar:
		return errAvatarSize
	}
	return nil
}

// decodeAvatar decodes a file in base64, alone or after its name. Like PHP, it overlooks what does not belong there.
func decodeAvatar(value any) ([]byte, error) {
	if file, isArray := value.(*php.Array); isArray {
		value = file.Get("1")
	}
	encoded, isText := value.(string)
	if !isText {
		return nil, errAvatarEncoding
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	encoded = strings.Map(func(r rune) rune {
		if strings.ContainsRune(alphabet, r) {
			return r
		}
		return -1
	}, encoded)
	return base64.RawStdEncoding.DecodeString(encoded)
}
