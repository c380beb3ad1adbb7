package imbot

import "context"

// DialogService has the methods imbot.dialog.*, as [Client.Dialog].
type DialogService struct{ client *Client }

// DialogGetRequest names the dialog.
type DialogGetRequest struct {
	// DialogID is the chat ("chat13"), or the user ("27") of a private chat. Required.
	DialogID DialogID `json:"DIALOG_ID"`
}

// DialogGetResponse is the answer to [DialogService.Get]; its Result is the dialog.
type DialogGetResponse = Response[Dialog]

// MethodDialogGet is imbot.dialog.get, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-dialog-get.html
var MethodDialogGet = Method[DialogGetRequest, Dialog]{
	Name:       "imbot.dialog.get",
	Idempotent: true,
	Validate:   validateDialogGet,
}

// Get returns what the portal knows of a dialog: who owns it, what it allows and forbids, who has read it. It tells
// that for the user of the webhook or token, not for a bot.
//
// A nil error means that the portal answered. Otherwise the user has no access to the dialog ([ErrAccess]); the id is
// none ([ErrDialogIDEmpty]); the session is that of a guest ([ErrAuthorize]); or any code of the REST interface.
//
// An empty DialogID ([ErrDialogIDEmpty]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.get as its successor; no date is set
// for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-dialog-get.html
func (s *DialogService) Get(ctx context.Context, req DialogGetRequest) (*DialogGetResponse, error) {
	return Call(ctx, s.client, MethodDialogGet, req)
}

func validateDialogGet(r DialogGetRequest) error {
	return firstProblem(requireDialogID("DIALOG_ID", r.DialogID))
}
