package imbotv2

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// FileUploadRequest is a file to send, and where.
type FileUploadRequest struct {
	BotID    imbot.BotID      `json:"botId"`    // the bot that sends it; zero: that of [Client.As]
	DialogID imbot.DialogID   `json:"dialogId"` // "chat13", or "27" for the private chat with a user; required, or [imbot.ErrDialogIDEmpty]
	Fields   FileUploadFields `json:"fields"`   // the file; required, or [ErrFileEmpty]
}

// FileUploadFields is the file of a [FileUploadRequest].
type FileUploadFields struct {
	Name    string            `json:"name"`              // with the extension; required
	Content imbot.FileContent `json:"content"`           // at most 100 MiB; required
	Message string            `json:"message,omitempty"` // the text that goes with it, at most 20,000 characters; empty: none
}

// FileUploadResult is a file that was sent.
type FileUploadResult struct {
	File      File            `json:"file"`      // the file; its name differs where there was one of that name
	MessageID imbot.MessageID `json:"messageId"` // the message that it is in
	ChatID    imbot.ChatID    `json:"chatId"`    // the chat of that
	DialogID  imbot.DialogID  `json:"dialogId"`  // the same as a dialog id
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *FileUploadResult) UnmarshalJSON(data []byte) error {
	type plain FileUploadResult
	return loose.Unmarshal(data, (*plain)(r))
}

// FileUploadResponse is the answer to [FileService.Upload].
type FileUploadResponse = imbot.Response[FileUploadResult]

// MethodFileUpload is the method of [FileService.Upload].
var MethodFileUpload = imbot.Method[FileUploadRequest, FileUploadResult]{
	Name: "imbot.v2.File.upload", Validate: validateFileUpload, Refusals: refusedChat(),
	Check: func(r FileUploadResult) error { return requireResult("file", r.File.ID > 0) },
}

// Upload sends a file, which is read while it is sent: it is not held in memory. The time limit of a request begins
// when the file has been sent. The file may be there after a lost answer, and is not sent again.
//
// It is refused where the bot is not in the chat, or there is no such chat ([imbot.ErrNotInChat]); where the portal
// does not take the file ([ErrFileFolder], [ErrFileUploadFailed]); and where it has stored the file and does not send
// it ([ErrFileSendFailed], or a code of its older layers). A file cannot stand in a batch.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/files/file-upload.html
func (s *FileService) Upload(ctx context.Context, req FileUploadRequest) (*FileUploadResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodFileUpload, req)
}

// largestFile is how many bytes a file may have.
const largestFile = 100 << 20

func validateFileUpload(r FileUploadRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID), checkFile(r.Fields))
}

// checkFile returns what is wrong with a file that has to be there.
func checkFile(f FileUploadFields) *imbot.ParamError {
	problems := []*imbot.ParamError{requireText("fields.name", f.Name, ErrFileEmpty), allowText("fields.message", f.Message)}
	switch size := f.Content.Size(); {
	case size <= 0:
		problems = append(problems, &imbot.ParamError{Param: "fields.content", Err: fmt.Errorf("is empty: %w", ErrFileEmpty)})
	case size > largestFile:
		problems = append(problems, &imbot.ParamError{
			Param: "fields.content", Err: fmt.Errorf("has %d bytes, and %d is the most: %w", size, largestFile, ErrFileTooLarge),
		})
	}
	return cmp.Or(problems...)
}
