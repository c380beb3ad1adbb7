package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// IMFileUploadRequest is a file that a user sends, and where.
type IMFileUploadRequest struct {
	DialogID imbot.DialogID     `json:"dialogId"` // "chat13", or "27" for the private chat with a user; required, or [imbot.ErrDialogIDEmpty]
	Fields   IMFileUploadFields `json:"fields"`   // the file; required, or FILE_EMPTY
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

// Upload sends a file as the user of the webhook or token. It is read while it is sent, as that of [FileService.Upload],
// may be there after a lost answer, and is not sent again.
//
// The user is not in the chat, or there is none ([imbot.ErrAccessDenied], CHAT_NOT_FOUND); the portal did not take the
// file (FOLDER_ERROR, UPLOAD_FAILED), or has it and did not send it (SEND_FAILED). A file cannot stand in a batch.
//
// Scope: im.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/im.v2/files/file-upload.html
func (s *IMFileService) Upload(ctx context.Context, req IMFileUploadRequest) (*IMFileUploadResponse, error) {
	return imbot.Call(ctx, s.client, MethodIMFileUpload, req)
}
