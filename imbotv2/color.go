package imbotv2

import (
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
)

// Color is the color of a chat, or behind the initials of a bot. Answers have it as "#4ba984".
type Color string

// The colors that Bitrix24 has. Portals ignore any other without a word.
const (
	ColorRed       Color = "red"
	ColorGreen     Color = "green"
	ColorMint      Color = "mint"
	ColorLightBlue Color = "lightBlue"
	ColorDarkBlue  Color = "darkBlue"
	ColorPurple    Color = "purple"
	ColorAqua      Color = "aqua"
	ColorPink      Color = "pink"
	ColorLime      Color = "lime"
	ColorBrown     Color = "brown"
	ColorAzure     Color = "azure"
	ColorKhaki     Color = "khaki"
	ColorSand      Color = "sand"
	ColorMarengo   Color = "marengo"
	ColorGray      Color = "gray"
	ColorGraphite  Color = "graphite"
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

// allowColor returns what is wrong with a color that may be left out.
func allowColor(param string, color Color) *imbot.ParamError {
	if color == "" || color.known() {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("is not one of the colors of Bitrix24: %s: %w", quoteShort(string(color)), imbot.ErrWrongColor)}
}
