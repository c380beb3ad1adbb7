package imbot

import "fmt"

// Color is the color of a chat in the mobile application.
type Color string

// The colors that Bitrix24 has for chats.
const (
	// ColorRed is red.
	ColorRed Color = "RED"
	// ColorGreen is green.
	ColorGreen Color = "GREEN"
	// ColorMint is mint.
	ColorMint Color = "MINT"
	// ColorLightBlue is light blue.
	ColorLightBlue Color = "LIGHT_BLUE"
	// ColorDarkBlue is dark blue.
	ColorDarkBlue Color = "DARK_BLUE"
	// ColorPurple is purple.
	ColorPurple Color = "PURPLE"
	// ColorAqua is aqua.
	ColorAqua Color = "AQUA"
	// ColorPink is pink.
	ColorPink Color = "PINK"
	// ColorLime is lime.
	ColorLime Color = "LIME"
	// ColorBrown is brown.
	ColorBrown Color = "BROWN"
	// ColorAzure is azure.
	ColorAzure Color = "AZURE"
	// ColorKhaki is khaki.
	ColorKhaki Color = "KHAKI"
	// ColorSand is sand.
	ColorSand Color = "SAND"
	// ColorMarengo is marengo.
	ColorMarengo Color = "MARENGO"
	// ColorGray is gray.
	ColorGray Color = "GRAY"
	// ColorGraphite is graphite.
	ColorGraphite Color = "GRAPHITE"
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
	return &ParamError{Param: param, Err: fmt.Errorf("is none of the colors of chats: %s: %w", quoteShort(string(color)), ErrWrongColor)}
}

// allowColor returns what is wrong with a color that may be left out.
func allowColor(param string, color Color) *ParamError {
	if color == "" {
		return nil
	}
	return requireColor(param, color)
}
