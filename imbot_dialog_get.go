package imbot

import "context"

// DialogService has the methods imbot.dialog.*, as [Client.Dialog].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot#example-DialogService.Get
type DialogService struct{ client *Client }

// DialogGetRequest names the dialog.
type DialogGetRequest struct {
	DialogID DialogID `json:"DIALOG_ID"` // the chat ("chat13"), or the user ("27") of a private one; required, or [ErrDialogIDEmpty]
}

// DialogGetResponse is the answer to [DialogService.Get]; its Result is the dialog.
type DialogGetResponse = Response[Dialog]

// MethodDialogGet is the method of [DialogService.Get].
var MethodDialogGet = Method[DialogGetRequest, Dialog]{Name: "imbot.dialog.get", Idempotent: true, Validate: validateDialogGet}

// Get returns what the portal knows of a dialog: who owns it, what it allows, who has read it, as the user of the
// webhook or token sees it. It is refused where the user has no access to the dialog ([ErrAccess]), where the DialogID
// does not name a dialog ([ErrDialogIDEmpty]), and for the session of a guest ([ErrAuthorize]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.get, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-dialog-get.html
func (s *DialogService) Get(ctx context.Context, req DialogGetRequest) (*DialogGetResponse, error) {
	return Call(ctx, s.client, MethodDialogGet, req)
}

func validateDialogGet(r DialogGetRequest) error {
	return firstProblem(requireDialogID("DIALOG_ID", r.DialogID))
}
