package imbotv2

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// BotType is what a bot is for, and so which messages it hears.
type BotType string

// The types of bots.
const (
	BotTypeBot        BotType = "bot"        // hears what is said to it
	BotTypeSupervisor BotType = "supervisor" // hears all that is said in its chats
	BotTypePersonal   BotType = "personal"   // the same, as the assistant of a user
	BotTypeOpenLine   BotType = "openline"   // answers customers in open lines
	BotTypeNetwork    BotType = "network"    // portals accept it; what it hears is not documented
)

// EventMode is how the events of a bot reach its program.
type EventMode string

// How events reach a program.
const (
	EventModeFetch   EventMode = "fetch"   // the program fetches them
	EventModeWebhook EventMode = "webhook" // the portal posts them
)

// BotInfo is a bot. What the portal left out is zero: all from ModuleID on where the caller is not its owner, and in
// posted events all but ID and Code.
type BotInfo struct {
	ID                 imbot.BotID `json:"id"`                 // the bot
	Code               string      `json:"code"`               // what its owner calls it
	Type               BotType     `json:"type"`               // what it is for
	IsHidden           bool        `json:"isHidden"`           // it is not in the list of contacts
	IsSupportOpenLine  bool        `json:"isSupportOpenline"`  // it can be in open lines
	IsReactionsEnabled bool        `json:"isReactionsEnabled"` // one may react to its messages
	BackgroundID       Background  `json:"backgroundId"`       // behind its private chats; empty without one
	Language           string      `json:"language"`           // as "en"

	ModuleID     string    `json:"moduleId"`     // of the portal, "rest" for bots of applications and webhooks
	EventMode    EventMode `json:"eventMode"`    // how its events reach its program
	CountMessage int64     `json:"countMessage"` // messages that it has received
	CountCommand int64     `json:"countCommand"` // commands that it has registered
	CountChat    int64     `json:"countChat"`    // chats that it is in
	CountUser    int64     `json:"countUser"`    // users that have written to it
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (b *BotInfo) UnmarshalJSON(data []byte) error {
	type plain BotInfo
	return loose.Unmarshal(data, (*plain)(b))
}
