package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// IMFileUploadRequest is a file that a user sends, and where.
type IMFileUploadRequest struct {
	DialogID imbot.DialogID     `json:"dialogId"` // "chat13", or "27" for the private chat with a user; required, or [imbot.ErrDialogIDEmpty]
	Fields   IMFileUploadFields `json:"fields"`   // the file; required, or [ErrFileEmpty]
}

// IMFileUploadFields is the file of an [IMFileUploadRequest].
type IMFileUploadFields struct {
	Name    string            `json:"name"`              // with the extension; required
	Content imbot.FileContent `json:"content"`           // at most 100 MiB; required
	Message string            `json:"message,omitempty"` // the text that goes with it, at most 20,000 characters; empty: none
}

// IMFileUploadResult is a file that a user sent.
type IMFileUploadResult struct {
	File      File            `json:"file"`      // the file, with its addresses; its name differs where there was one of that name
	MessageID imbot.MessageID `json:"messageId"` // the message that it is in
	ChatID    imbot.ChatID    `json:"chatId"`    // the chat of that
	DialogID  imbot.DialogID  `json:"dialogId"`  // the same as a dialog id
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *IMFileUploadResult) UnmarshalJSON(data []byte) error {
	type plain IMFileUploadResult
	return loose.Unmarshal(data, (*plain)(r))
}

// IMFileUploadResponse is the answer to [IMFileService.Upload].
type IMFileUploadResponse = imbot.Response[IMFileUploadResult]

// MethodIMFileUpload is the method of [IMFileService.Upload].
var MethodIMFileUpload = imbot.Method[IMFileUploadRequest, IMFileUploadResult]{
	Name: "im.v2.File.upload",
	Validate: func(r IMFileUploadRequest) error {
		return firstProblem(requireDialog(r.DialogID), checkFile(FileUploadFields(r.Fields)))
	},
	Check: func(r IMFileUploadResult) error { return requireResult("file", r.File.ID > 0) },
}

// Upload sends a file as the user of the webhook or token. As with [FileService.Upload], it is read while it is sent,
// may be there after a lost answer, and is not sent again.
//
// It is refused where the user is not in the chat ([imbot.ErrAccessDenied]), or there is no such chat
// ([ErrChatNotFound]); where the portal does not take the file ([ErrFolder], [ErrUploadFailed]); and where it has
// stored the file and does not send it ([ErrSendFailed]). A file cannot stand in a batch.
//
// Scope: im.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/im.v2/files/file-upload.html
func (s *IMFileService) Upload(ctx context.Context, req IMFileUploadRequest) (*IMFileUploadResponse, error) {
	return imbot.Call(ctx, s.client, MethodIMFileUpload, req)
}
