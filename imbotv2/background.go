package imbotv2

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
)

// Background is what stands behind the private chats of a bot.
type Background string

// The backgrounds that Bitrix24 has. Portals take any other for none.
const (
	BackgroundAzure      Background = "azure"
	BackgroundMint       Background = "mint"
	BackgroundSteel      Background = "steel"
	BackgroundSlate      Background = "slate"
	BackgroundTeal       Background = "teal"
	BackgroundCornflower Background = "cornflower"
	BackgroundSky        Background = "sky"
	BackgroundPeach      Background = "peach"
	BackgroundFrost      Background = "frost"

	NoBackground Background = "none" // removes the background: people see the one that they have chosen themselves
)

// MarshalJSON writes [NoBackground] as an empty text. Portals ignore the null that the documentation has for it.
func (b Background) MarshalJSON() ([]byte, error) {
	if b == NoBackground {
		return []byte(`""`), nil
	}
	return json.Marshal(string(b))
}

func (b Background) known() bool {
	switch b {
	case BackgroundAzure, BackgroundMint, BackgroundSteel, BackgroundSlate, BackgroundTeal, BackgroundCornflower, BackgroundSky,
		BackgroundPeach, BackgroundFrost, NoBackground:
		return true
	default:
		return false
	}
}

// orNone returns [NoBackground] in the place of an empty text, by which answers say the same.
func (b Background) orNone() Background { return cmp.Or(b, NoBackground) }

// allowBackground returns what is wrong with a background that may be left out.
func allowBackground(param string, background Background) *imbot.ParamError {
	if background == "" || background.known() {
		return nil
	}
	return &imbot.ParamError{Param: param, Err: fmt.Errorf("is not one of the backgrounds of Bitrix24: %s", quoteShort(string(background)))}
}
