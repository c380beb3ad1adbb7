package imbot

import "context"

// CommandUpdateRequest has what to change of a command.
type CommandUpdateRequest struct {
	CommandID CommandID           `json:"COMMAND_ID"`          // the command; required, or [ErrCommandID]
	Fields    CommandUpdateFields `json:"FIELDS"`              // what to change; required, or [ErrWrongRequest]
	ClientID  string              `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// CommandUpdateFields is what a [CommandUpdateRequest] changes. What is nil or empty stays as it is. Printed or
// logged, it masks the query of the address.
type CommandUpdateFields struct {
	Command         string        `json:"COMMAND,omitempty"`           // another word, which portals ignore: see [CommandService.Update]
	EventCommandAdd string        `json:"EVENT_COMMAND_ADD,omitempty"` // where the portal posts that it was given
	Hidden          *YesNo        `json:"HIDDEN,omitempty"`            // it is in no list
	ExtranetSupport *YesNo        `json:"EXTRANET_SUPPORT,omitempty"`  // users from outside the company may give it
	Lang            []CommandLang `json:"LANG,omitempty"`              // what people read; the texts of languages that are not in it are removed
}

// CommandUpdateResponse is the answer to [CommandService.Update]; its Result is always true.
type CommandUpdateResponse = Response[bool]

// MethodCommandUpdate is the method of [CommandService.Update].
var MethodCommandUpdate = Method[CommandUpdateRequest, bool]{
	Name: "imbot.command.update", Validate: validateCommandUpdate, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Update changes a command. A nil error does not mean that the command has another word: the documentation says so, but
// the source code of portals does not change it. Newer portals refuse a request that has nothing but another word
// ([ErrWrongRequest]). To have another word, register another command. The address is changed for the commands of all
// bots of the application, or of the CLIENT_ID.
//
// It is refused where there is no such command ([ErrCommandID]), where it is another application's ([ErrAppID]), where
// the address is not one that events can be posted to ([ErrEventCommandAdd]), and where the bot fetches its events
// (Code("FETCH_NOT_SUPPORTED")).
//
// Scope: imbot. Superseded by imbot.v2.Command.update, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/commands/imbot-command-update.html
func (s *CommandService) Update(ctx context.Context, req CommandUpdateRequest) (*CommandUpdateResponse, error) {
	return Call(ctx, s.client, MethodCommandUpdate, req)
}

func validateCommandUpdate(r CommandUpdateRequest) error {
	f := r.Fields
	problems := []*ParamError{
		requireID("COMMAND_ID", r.CommandID, ErrCommandID),
		requireFields("FIELDS", f),
		checkHandlers("FIELDS", "", handler{"EVENT_COMMAND_ADD", f.EventCommandAdd, false}),
		allowWord("FIELDS[COMMAND]", f.Command),
	}
	if f.Lang != nil {
		problems = append(problems, requireLang("FIELDS[LANG]", f.Lang))
	}
	return firstProblem(problems...)
}
