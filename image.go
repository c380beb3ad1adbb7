package imbot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/gif"  // a format that an Image may have
	_ "image/jpeg" // another
	_ "image/png"  // and the third
	"io"
	"log/slog"
	"strconv"
)

// Image is a picture as a file has it: PNG, JPEG or GIF, at most 5000 pixels wide and high. It travels as base64.
// Printed or logged, it shows how large it is.
type Image []byte

const (
	maxImageSide = 5000     // pixels
	maxImageSize = 16 << 20 // bytes
)

// ReadImage reads a picture to the end of r. More than 16 MiB, and what is no picture or one that is too large, is a
// [*ParamError] that matches [ErrAvatar]; an error of r is returned as it is.
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
		return &ParamError{Param: param, Err: fmt.Errorf("is no PNG, JPEG or GIF: %w", ErrAvatar)}
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
