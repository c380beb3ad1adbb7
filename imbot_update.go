package imbot

import "context"

// BotUpdateRequest has what to change of a bot.
type BotUpdateRequest struct {
	BotID    BotID           `json:"BOT_ID"`              // the bot; required, or [ErrBotID]
	Fields   BotUpdateFields `json:"FIELDS"`              // what to change; required, or [ErrWrongRequest]
	ClientID string          `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// BotUpdateFields is what a [BotUpdateRequest] changes. What is empty stays as it is. Printed or logged, it masks the
// queries of the addresses.
type BotUpdateFields struct {
	Code                string         `json:"CODE,omitempty"`                  // what the application calls the bot
	EventHandler        string         `json:"EVENT_HANDLER,omitempty"`         // for all events, in place of those that follow
	EventMessageAdd     string         `json:"EVENT_MESSAGE_ADD,omitempty"`     // for messages
	EventMessageUpdate  string         `json:"EVENT_MESSAGE_UPDATE,omitempty"`  // for changed messages
	EventMessageDelete  string         `json:"EVENT_MESSAGE_DELETE,omitempty"`  // for deleted messages
	EventWelcomeMessage string         `json:"EVENT_WELCOME_MESSAGE,omitempty"` // for joining a chat
	EventBotDelete      string         `json:"EVENT_BOT_DELETE,omitempty"`      // for its deletion
	Properties          *BotProperties `json:"PROPERTIES,omitempty"`            // what people see of it; what is empty in it stays, too
}

// BotUpdateResponse is the answer to [BotService.Update]; its Result is always true.
type BotUpdateResponse = Response[bool]

// MethodBotUpdate is the method of [BotService.Update].
var MethodBotUpdate = Method[BotUpdateRequest, bool]{
	Name: "imbot.update", Validate: validateBotUpdate, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Update changes a bot. Its type, and whether it works in open lines, cannot be changed. Newer portals confirm a new
// picture and keep the old one. Addresses are changed for all bots of the application, or of the CLIENT_ID, as in
// [BotService.Register].
//
// It is refused where an address is not one that events can be posted to ([ErrEventMessageAdd] and its neighbors),
// where the name is empty ([ErrBotNameEmpty]), where the portal fails to change the bot ([ErrWrongRequest]), and for
// credentials of a session ([ErrWrongAuthType]).
//
// Scope: imbot. Superseded by imbot.v2.Bot.update, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/bots/imbot-update.html
func (s *BotService) Update(ctx context.Context, req BotUpdateRequest) (*BotUpdateResponse, error) {
	return Call(ctx, s.client, MethodBotUpdate, req)
}

func validateBotUpdate(r BotUpdateRequest) error {
	f := r.Fields
	problems := []*ParamError{
		requireID("BOT_ID", r.BotID, ErrBotID),
		requireFields("FIELDS", f),
		checkHandlers("FIELDS", f.EventHandler,
			handler{"EVENT_MESSAGE_ADD", f.EventMessageAdd, false},
			handler{"EVENT_MESSAGE_UPDATE", f.EventMessageUpdate, false},
			handler{"EVENT_MESSAGE_DELETE", f.EventMessageDelete, false},
			handler{"EVENT_WELCOME_MESSAGE", f.EventWelcomeMessage, false},
			handler{"EVENT_BOT_DELETE", f.EventBotDelete, false},
		),
	}
	if f.Properties != nil {
		problems = append(problems, requireFields("FIELDS[PROPERTIES]", *f.Properties), allowProperties("FIELDS[PROPERTIES]", *f.Properties))
	}
	return firstProblem(problems...)
}
