package main

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// fileDownload is a method without a wrapper, called as those with one are.
var fileDownload = imbot.Method[fileDownloadRequest, fileDownloadResult]{Name: "imbot.v2.File.download", Idempotent: true}

type fileDownloadRequest struct {
	BotID  imbot.BotID    `json:"botId"`
	FileID imbotv2.FileID `json:"fileId"`
}

type fileDownloadResult struct {
	DownloadURL imbotv2.DownloadURL `json:"downloadUrl"`
}

// file says what somebody sent: an event has the ids of files alone, and their names come with the download.
func (b *echobot) file(ctx context.Context, event *imbotv2.Event, id imbotv2.FileID) error {
	found, err := imbot.Call(ctx, b.as.Client(), fileDownload, fileDownloadRequest{BotID: b.as.ID(), FileID: id})
	if err != nil {
		return err
	}
	resp, err := b.download(ctx, found.Result.DownloadURL)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	name, size := content.Bold(params["filename"]), resp.ContentLength
	return b.reply(ctx, event, content.Join("You sent ", name, ", ", size, " bytes."))
}

// download begins to download a file. The address has the secret of the webhook in it: it is in no error, and no host
// that the portal may redirect to gets it as the Referer.
func (b *echobot) download(ctx context.Context, address imbotv2.DownloadURL) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.Reveal(), http.NoBody)
	if err != nil {
		return nil, errors.New("the portal gave an address that is none")
	}
	client := http.Client{Transport: b.files, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		next.Header.Del("Referer")
		return nil
	}}
	resp, err := client.Do(req)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("downloading a file: %w", failed.Err)
	}
	if err == nil && resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("downloading a file: %s", resp.Status)
	}
	return resp, err
}
