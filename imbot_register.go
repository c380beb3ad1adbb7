package imbot

import (
	"context"
	"fmt"
	"time"
)

// BotType is which messages a bot hears.
type BotType string

// The types of [BotRegisterRequest].
const (
	BotTypeBot        BotType = "B" // hears what is said to it: in groups, what mentions it
	BotTypeOpenLine   BotType = "O" // a bot for open lines
	BotTypeHuman      BotType = "H" // shows that it writes before it answers; newer portals make a [BotTypeBot] of it
	BotTypeSupervisor BotType = "S" // hears everything in its chats
)

// Gender is the gender of a bot, for texts about it.
type Gender string

// The genders of [BotProperties].
const (
	GenderMale   Gender = "M" // male
	GenderFemale Gender = "F" // female
)

// BotRegisterRequest is a bot to register, and the addresses that its events are posted to.
type BotRegisterRequest struct {
	Code                string        `json:"CODE"`                            // what the application calls the bot; required, or [ErrBotCodeEmpty]
	Type                BotType       `json:"TYPE,omitempty"`                  // empty: [BotTypeBot]
	OpenLine            *YesNo        `json:"OPENLINE,omitempty"`              // lets it work in open lines; nil: a [BotTypeOpenLine] alone does
	EventHandler        string        `json:"EVENT_HANDLER,omitempty"`         // for all events, in place of those that follow
	EventMessageAdd     string        `json:"EVENT_MESSAGE_ADD,omitempty"`     // for messages; without EventHandler required, or [ErrEventMessageAdd]
	EventMessageUpdate  string        `json:"EVENT_MESSAGE_UPDATE,omitempty"`  // for changed messages; the page says that it may be ignored
	EventMessageDelete  string        `json:"EVENT_MESSAGE_DELETE,omitempty"`  // for deleted messages, likewise
	EventWelcomeMessage string        `json:"EVENT_WELCOME_MESSAGE,omitempty"` // for joining a chat; without EventHandler required, or [ErrEventWelcomeMessage]
	EventBotDelete      string        `json:"EVENT_BOT_DELETE,omitempty"`      // for its deletion; without EventHandler required, or [ErrEventBotDelete]
	Properties          BotProperties `json:"PROPERTIES"`                      // what people see of it; required, or [ErrBotNameEmpty]
	ClientID            string        `json:"CLIENT_ID,omitempty"`             // see [WithClientID]
}

// BotProperties is what people see of a bot.
type BotProperties struct {
	Name         string `json:"NAME,omitempty"`              // the first name; this or LastName is required to register
	LastName     string `json:"LAST_NAME,omitempty"`         // the last name
	Color        Color  `json:"COLOR,omitempty"`             // a constant, or [ErrWrongColor]; empty: the portal chooses
	Email        string `json:"EMAIL,omitempty"`             // must not be that of a user
	Birthday     string `json:"PERSONAL_BIRTHDAY,omitempty"` // as "2006-01-02"
	WorkPosition string `json:"WORK_POSITION,omitempty"`     // what stands below the name
	Website      string `json:"PERSONAL_WWW,omitempty"`      // an address
	Gender       Gender `json:"PERSONAL_GENDER,omitempty"`   // a constant
	Photo        Image  `json:"PERSONAL_PHOTO,omitempty"`    // the picture, as [ReadImage] reads it, or [ErrAvatar]
}

// BotRegisterResponse is the answer to [BotService.Register]; its Result is the bot that has the code now.
type BotRegisterResponse = Response[BotID]

// MethodBotRegister is the method of [BotService.Register].
var MethodBotRegister = Method[BotRegisterRequest, BotID]{
	Name: "imbot.register", Idempotent: true, Validate: validateBotRegister, Refusals: refusedByBot, Check: mustBeID[BotID],
}

// Register registers a bot. If a bot of the portal has the code, its id is returned and it keeps what it is, whatever
// the request says; it may be another application's, which shows at the next call for it ([ErrAppID]). That makes
// Register safe to repeat, and it is repeated after a lost answer. Under OAuth the bot is the application's, and a
// CLIENT_ID is not read.
//
// The new addresses count in either case, and they are not of one bot: all bots of the application, or of the
// CLIENT_ID, have those of the last call. By webhook the portal adds the CLIENT_ID to them, so that it stands in the
// access log of whoever answers there.
//
// It is refused where an address is not one that events can be posted to ([ErrEventMessageAdd] and its neighbors),
// where the application has as many bots as it may have ([ErrMaxCount]), where the portal fails to make the bot
// ([ErrWrongRequest]), and for credentials of a session ([ErrWrongAuthType]).
//
// Scope: imbot. Superseded by imbot.v2.Bot.register, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/bots/imbot-register.html
func (s *BotService) Register(ctx context.Context, req BotRegisterRequest) (*BotRegisterResponse, error) {
	return Call(ctx, s.client, MethodBotRegister, req)
}

func validateBotRegister(r BotRegisterRequest) error {
	return firstProblem(
		allowBotType(r.Type),
		checkHandlers("", r.EventHandler,
			handler{"EVENT_MESSAGE_ADD", r.EventMessageAdd, true},
			handler{"EVENT_MESSAGE_UPDATE", r.EventMessageUpdate, false},
			handler{"EVENT_MESSAGE_DELETE", r.EventMessageDelete, false},
			handler{"EVENT_WELCOME_MESSAGE", r.EventWelcomeMessage, true},
			handler{"EVENT_BOT_DELETE", r.EventBotDelete, true},
		),
		requireText("CODE", r.Code, "CODE_ERROR"),
		requireText("PROPERTIES[NAME]", r.Properties.Name+r.Properties.LastName, "NAME_ERROR"),
		allowProperties("PROPERTIES", r.Properties),
	)
}

// allowBotType returns what is wrong with a type. The portal would make a bot of any other.
func allowBotType(typ BotType) *ParamError {
	switch typ {
	case "", BotTypeBot, BotTypeOpenLine, BotTypeHuman, BotTypeSupervisor:
		return nil
	default:
		return &ParamError{Param: "TYPE", Err: fmt.Errorf("has to be B, O, H or S, not %s", quoteShort(string(typ)))}
	}
}

// allowProperties returns what is wrong with what people see of a bot.
func allowProperties(param string, p BotProperties) *ParamError {
	switch p.Gender {
	case "", GenderMale, GenderFemale:
	default:
		return &ParamError{Param: param + "[PERSONAL_GENDER]", Err: fmt.Errorf("is neither M nor F: %s", quoteShort(string(p.Gender)))}
	}
	if _, err := time.Parse(time.DateOnly, p.Birthday); err != nil && p.Birthday != "" {
		return &ParamError{Param: param + "[PERSONAL_BIRTHDAY]", Err: fmt.Errorf("has to be a date such as 2006-01-02, not %s", quoteShort(p.Birthday))}
	}
	if problem := allowColor(param+"[COLOR]", p.Color); problem != nil {
		return problem
	}
	return allowImage(param+"[PERSONAL_PHOTO]", p.Photo)
}
