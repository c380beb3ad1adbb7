package imbotv2

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// FileDownloadRequest names the file that is asked for.
type FileDownloadRequest struct {
	BotID  imbot.BotID `json:"botId"`  // the bot that asks; zero: that of [Client.As]
	FileID FileID      `json:"fileId"` // the file, as a message or [FileService.Upload] has it; required, or [ErrFileNotFound]
}

// FileDownloadResult is where a file can be downloaded.
type FileDownloadResult struct {
	DownloadURL DownloadURL `json:"downloadUrl"` // good for one download; it carries the webhook's secret or the access token
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *FileDownloadResult) UnmarshalJSON(data []byte) error {
	type plain FileDownloadResult
	return loose.Unmarshal(data, (*plain)(r))
}

// Format prints no address, whatever the verb.
func (r FileDownloadResult) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "imbotv2.FileDownloadResult{%v}", r.DownloadURL)
}

// FileDownloadResponse is the answer to [FileService.Download].
type FileDownloadResponse = imbot.Response[FileDownloadResult]

// MethodFileDownload is the method of [FileService.Download].
var MethodFileDownload = imbot.Method[FileDownloadRequest, FileDownloadResult]{
	Name: "imbot.v2.File.download", Idempotent: true, Refusals: refusedBot(), Check: checkDownload,
	Validate: func(r FileDownloadRequest) error { return firstProblem(requireBot(r.BotID), requireFile(r.FileID)) },
}

// Download returns the address of a file, and does not ask for it. Whoever has the address has the credentials of the
// call: it is for one request by GET, and neither for a log nor for somebody else. Under OAuth it is good as long as
// the access token. It is refused where there is no such file ([ErrFileNotFound]), and where the bot may not read it
// ([ErrFileAccess]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/files/file-download.html
func (s *FileService) Download(ctx context.Context, req FileDownloadRequest) (*FileDownloadResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodFileDownload, req)
}

// requireFile returns what is wrong with the id of a file that has to be there.
func requireFile(id FileID) *imbot.ParamError {
	return requireID("fileId", id, ErrFileNotFound)
}

func checkDownload(r FileDownloadResult) error {
	return requireResult("downloadUrl", r.DownloadURL != "")
}
