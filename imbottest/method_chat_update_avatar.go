package imbottest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	_ "image/gif"  // recognized as an avatar
	_ "image/jpeg" // recognized as an avatar
	_ "image/png"  // recognized as an avatar
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of imbot.chat.updateAvatar.
var (
	errNoAvatar       = accessError("The avatar of this chat cannot be changed")
	errAvatarType     = badRequest("AVATAR_ERROR", "Avatar incorrect type")
	errAvatarSize     = badRequest("AVATAR_ERROR", "Avatar incorrect size (max 5000x5000)")
	errAvatarAccess   = badRequest("ACCESS_DENIED", "Access denied")
	errAvatarNowhere  = badRequest("WRONG_REQUEST", "Chat isn't exists")
	errAvatarEncoding = errors.New("imbottest: an avatar that is no base64")
)

// maxAvatar is how wide and how high an avatar may be.
const maxAvatar = 5000

// chatUpdateAvatar is imbot.chat.updateAvatar. That the chat does not exist is only reported if the picture is good.
func chatUpdateAvatar(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, err := s.chat(params)
	if err != nil {
		return nil, err
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	rule := kinds[chat.Kind]
	_, exists := s.world.chats[chat.ID]
	switch {
	case rule.general:
		return nil, errUnavailable
	case rule.noAvatar:
		return nil, errNoAvatar
	case exists && !chat.hasMember(imbot.UserID(bot)):
		return nil, errAvatarAccess
	}
	if err := checkAvatar(params.Get("AVATAR")); err != nil {
		return nil, err
	}
	if !exists {
		return nil, errAvatarNowhere
	}
	chat.HasAvatar = true
	s.world.say(chat) // "changed the picture"
	return true, nil
}

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
