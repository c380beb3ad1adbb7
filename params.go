package imbot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // a format that an Image may have
	_ "image/jpeg" // another
	_ "image/png"  // and the third
	"io"
	"log/slog"
	"strconv"

	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// YesNo is a boolean that requests have as "Y" or "N". Optional ones are pointers, by new(imbot.Yes) and new(imbot.No).
type YesNo bool

// The values of a YesNo.
const (
	Yes YesNo = true  // written as "Y"
	No  YesNo = false // written as "N"
)

// String returns "Y" or "N".
func (b YesNo) String() string {
	if b {
		return "Y"
	}
	return "N"
}

// MarshalJSON writes "Y" or "N".
func (b YesNo) MarshalJSON() ([]byte, error) { return []byte(`"` + b.String() + `"`), nil }

var errNoYesNo = errors.New(`neither "Y" nor "N"`)

// UnmarshalJSON reads "Y", "N", and what PHP makes of booleans: true, 1, "1", false, 0, "0", "".
func (b *YesNo) UnmarshalJSON(data []byte) error {
	if loose.IsNull(data) {
		return nil
	}
	value, ok := loose.Bool[YesNo](data)
	if !ok {
		return errNoYesNo
	}
	*b = value
	return nil
}

// Color is the color of a chat in the mobile application.
type Color string

// The colors that Bitrix24 has for chats.
const (
	ColorRed       Color = "RED"
	ColorGreen     Color = "GREEN"
	ColorMint      Color = "MINT"
	ColorLightBlue Color = "LIGHT_BLUE"
	ColorDarkBlue  Color = "DARK_BLUE"
	ColorPurple    Color = "PURPLE"
	ColorAqua      Color = "AQUA"
	ColorPink      Color = "PINK"
	ColorLime      Color = "LIME"
	ColorBrown     Color = "BROWN"
	ColorAzure     Color = "AZURE"
	ColorKhaki     Color = "KHAKI"
	ColorSand      Color = "SAND"
	ColorMarengo   Color = "MARENGO"
	ColorGray      Color = "GRAY"
	ColorGraphite  Color = "GRAPHITE"
)

func (c Color) known() bool {
	switch c {
	case ColorRed, ColorGreen, ColorMint, ColorLightBlue, ColorDarkBlue, ColorPurple, ColorAqua, ColorPink, ColorLime,
		ColorBrown, ColorAzure, ColorKhaki, ColorSand, ColorMarengo, ColorGray, ColorGraphite:
		return true
	default:
		return false
	}
}

// requireColor returns what is wrong with a color that has to be there.
func requireColor(param string, color Color) *ParamError {
	if color.known() {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is not one of the colors of chats: %s: %w", quoteShort(string(color)), ErrWrongColor)}
}

// allowColor returns what is wrong with a color that may be left out.
func allowColor(param string, color Color) *ParamError {
	if color == "" {
		return nil
	}
	return requireColor(param, color)
}

// Image is a PNG, JPEG or GIF as a file has it, at most 5000 pixels wide and high. Printed, it shows its size.
type Image []byte

const (
	maxImageSide = 5000     // pixels
	maxImageSize = 16 << 20 // bytes
)

// ReadImage reads a picture of at most 16 MiB. What is none, or too large, is a [*ParamError] that matches [ErrAvatar].
func ReadImage(r io.Reader) (Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImageSize+1))
	if err != nil {
		return nil, err
	}
	if err := requireImage("AVATAR", data); err != nil {
		return nil, err
	}
	return data, nil
}

// requireImage returns what is wrong with a picture that has to be there.
func requireImage(param string, img Image) *ParamError {
	if len(img) > maxImageSize {
		return &ParamError{Param: param, Err: fmt.Errorf("is larger than %d MiB: %w", maxImageSize>>20, ErrAvatar)}
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(img))
	if err != nil || format != "png" && format != "jpeg" && format != "gif" {
		return &ParamError{Param: param, Err: fmt.Errorf("is not a PNG, JPEG or GIF: %w", ErrAvatar)}
	}
	if config.Width > maxImageSide || config.Height > maxImageSide {
		return &ParamError{Param: param, Err: fmt.Errorf("has %d by %d pixels, and %d by %[3]d is the most: %w",
			config.Width, config.Height, maxImageSide, ErrAvatar)}
	}
	return nil
}

// allowImage returns what is wrong with a picture that may be left out.
func allowImage(param string, img Image) *ParamError {
	if len(img) == 0 {
		return nil
	}
	return requireImage(param, img)
}

// MarshalJSON writes the picture as base64.
func (img Image) MarshalJSON() ([]byte, error) { return json.Marshal([]byte(img)) }

// String tells how large the picture is.
func (img Image) String() string { return strconv.Itoa(len(img)) + " bytes" }

// Format prints how large the picture is, whatever the verb.
func (img Image) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, img.String()) }

// LogValue makes a log record of how large the picture is.
func (img Image) LogValue() slog.Value { return slog.StringValue(img.String()) }

// The requests that have a secret among their parameters mask it where they are printed or logged. As JSON they are
// what is sent.

// Format masks the ClientID, whatever the verb.
func (r ChatAddRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatAddRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatLeaveRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatLeaveRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatSendTypingRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatSendTypingRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatSetManagerRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatSetManagerRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatSetOwnerRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatSetOwnerRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatUpdateAvatarRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatUpdateAvatarRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatUpdateColorRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatUpdateColorRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatUpdateTitleRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatUpdateTitleRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatUserAddRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatUserAddRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatUserDeleteRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatUserDeleteRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r ChatUserListRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r ChatUserListRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r BotRegisterRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r BotRegisterRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r BotUpdateRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r BotUpdateRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the queries of the addresses, whatever the verb: the ClientID may stand there.
func (f BotUpdateFields) Format(s fmt.State, _ rune) { redact.Format(s, f) }

// LogValue masks the queries of the addresses.
func (f BotUpdateFields) LogValue() slog.Value { return redact.LogValue(f) }

// Format masks the ClientID, whatever the verb.
func (r BotUnregisterRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r BotUnregisterRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r MessageAddRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r MessageAddRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r MessageUpdateRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r MessageUpdateRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r MessageDeleteRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r MessageDeleteRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r MessageLikeRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r MessageLikeRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r CommandRegisterRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r CommandRegisterRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r CommandUpdateRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r CommandUpdateRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the query of the address, whatever the verb: the ClientID may stand there.
func (f CommandUpdateFields) Format(s fmt.State, _ rune) { redact.Format(s, f) }

// LogValue masks the query of the address.
func (f CommandUpdateFields) LogValue() slog.Value { return redact.LogValue(f) }

// Format masks the ClientID, whatever the verb.
func (r CommandUnregisterRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r CommandUnregisterRequest) LogValue() slog.Value { return redact.LogValue(r) }

// Format masks the ClientID, whatever the verb.
func (r CommandAnswerRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue masks the ClientID.
func (r CommandAnswerRequest) LogValue() slog.Value { return redact.LogValue(r) }
