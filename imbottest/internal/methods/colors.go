package methods

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// colors are those that a chat may have, by name. Names are only known in upper case.
var colors = map[string]string{
	"RED": "#df532d", "GREEN": "#64a513", "MINT": "#4ba984", "LIGHT_BLUE": "#4ba5c3",
	"DARK_BLUE": "#3e99ce", "PURPLE": "#8474c8", "AQUA": "#1eb4aa", "PINK": "#f76187",
	"LIME": "#58cc47", "BROWN": "#ab7761", "AZURE": "#29619b", "KHAKI": "#728f7a",
	"SAND": "#ba9c7b", "MARENGO": "#556574", "GRAY": "#909090", "GRAPHITE": "#5e5f5e",
}

// defaultColors are for chats without a color of their own, by the last digit of the id.
var defaultColors = [...]string{"BROWN", "RED", "GREEN", "MINT", "LIGHT_BLUE", "DARK_BLUE", "PURPLE", "AQUA", "PINK", "LIME"}

// color is a kind of parameter: the name of a color that a chat may have.
func color(value any) bool { return colors[php.StringOf(value)] != "" }

// colorName returns the name of the color that a chat is shown in.
func colorName(name string, id imbot.ChatID) string {
	if name == "" {
		return defaultColors[int(id)%len(defaultColors)]
	}
	return name
}

// shade returns the color that a chat is shown in.
func shade(name string, id imbot.ChatID) string { return colors[colorName(name, id)] }
