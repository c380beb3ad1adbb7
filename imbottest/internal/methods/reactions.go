package methods

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// reactions are those that a message can have. They are the same if they begin with an upper case letter.
var reactions = []string{
	"like", "dislike", "faceWithTearsOfJoy", "redHeart", "neutralFace", "fire", "cry", "slightlySmilingFace",
	"winkingFace", "laugh", "kiss", "wonder", "slightlyFrowningFace", "loudlyCryingFace",
	"faceWithStuckOutTongue", "faceWithStuckOutTongueAndWinkingEye", "smilingFaceWithSunglasses", "confusedFace",
	"flushedFace", "thinkingFace", "angry", "smilingFaceWithHorns", "faceWithThermometer", "facepalm", "poo",
	"flexedBiceps", "clappingHands", "raisedHand", "smilingFaceWithHeartEyes", "smilingFaceWithHearts",
	"pleadingFace", "relievedFace", "foldedHands", "okHand", "signHorns", "loveYouGesture", "clownFace",
	"partyingFace", "questionMark", "exclamationMark", "lightBulb", "bomb", "sleepingSymbol", "crossMark",
	"whiteHeavyCheckMark", "eyes", "handshake", "hundredPoints",
}

// reaction returns the reaction that the call names.
func (c *call) reaction() string {
	name := c.text("reaction")
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

// hasReacted reports whether the bot has added this reaction to the message.
func (c *call) hasReacted() bool { return slices.Contains(c.message.Reactions[c.bot], c.reaction()) }
