package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// largest is how large a file is sent back.
const largest = 1 << 20

// file sends back what somebody sent, and says what it was. An event has the ids of files alone, and the name comes
// with the download.
func (b *echobot) file(ctx context.Context, event *imbotv2.Event, id imbotv2.FileID) error {
	found, err := b.as.File.Download(ctx, imbotv2.FileDownloadRequest{FileID: id})
	if err != nil {
		return err
	}
	resp, err := b.download(ctx, found.Result.DownloadURL)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	if err != nil {
		return err
	}
	_, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	name, size := cmp.Or(params["filename"], "file"), int64(len(data))
	if size == 0 || size > largest {
		return b.reply(ctx, event, content.Join("I do not send back ", content.Bold(name), ": it is empty, or too large."))
	}
	_, err = b.as.File.Upload(ctx, imbotv2.FileUploadRequest{DialogID: event.DialogID, Fields: imbotv2.FileUploadFields{
		Name: name, Content: imbot.NewFileContent(bytes.NewReader(data), size),
		Message: content.Join("You sent ", content.Bold(name), ", ", size, " bytes.").String(),
	}})
	return err
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
