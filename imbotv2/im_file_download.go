package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// IMFileDownloadRequest names the file that a user asks for, and where it is.
type IMFileDownloadRequest struct {
	DialogID imbot.DialogID `json:"dialogId"` // the chat of the file, or a user; required, or [imbot.ErrDialogIDEmpty]
	FileID   FileID         `json:"fileId"`   // the file; required, or [ErrFileNotFound]
}

// IMFileDownloadResult is where a file can be downloaded.
type IMFileDownloadResult = FileDownloadResult

// IMFileDownloadResponse is the answer to [IMFileService.Download].
type IMFileDownloadResponse = imbot.Response[IMFileDownloadResult]

// MethodIMFileDownload is the method of [IMFileService.Download].
var MethodIMFileDownload = imbot.Method[IMFileDownloadRequest, IMFileDownloadResult]{
	Name: "im.v2.File.download", Idempotent: true, Check: checkDownload,
	Validate: func(r IMFileDownloadRequest) error {
		return firstProblem(requireDialog(r.DialogID), requireFile(r.FileID))
	},
}

// Download returns the address of a file of a chat that the user of the webhook or token is in, as
// [FileService.Download] does. It is refused where the chat has no such file ([ErrFileNotFound]), where there is no
// such chat ([ErrChatNotFound]), and where the user is not in it ([imbot.ErrAccessDenied]).
//
// Scope: im.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/im.v2/files/file-download.html
func (s *IMFileService) Download(ctx context.Context, req IMFileDownloadRequest) (*IMFileDownloadResponse, error) {
	return imbot.Call(ctx, s.client, MethodIMFileDownload, req)
}
