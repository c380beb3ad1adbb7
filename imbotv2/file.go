package imbotv2

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// FileID identifies a file on the portal's drive. Zero is none.
type FileID int64

// FileType is what kind of file something is.
type FileType string

// The kinds of files. A portal may have others.
const (
	FileDocument FileType = "file"  // any other file
	FileImage    FileType = "image" // a picture
	FileVideo    FileType = "video" // a film
	FileAudio    FileType = "audio" // sound
)

// File is a file of a chat. What the portal left out is zero. Printed or logged, it shows none of its addresses.
type File struct {
	ID              FileID       `json:"id"`              // the file
	ChatID          imbot.ChatID `json:"chatId"`          // its chat
	Date            time.Time    `json:"date"`            // when it was uploaded
	Type            FileType     `json:"type"`            // the kind of file
	Name            string       `json:"name"`            // with the extension
	Extension       string       `json:"extension"`       // in lower case
	Size            int64        `json:"size"`            // in bytes
	Image           ImageSize    `json:"image"`           // of the preview; zero without one
	AuthorID        imbot.UserID `json:"authorId"`        // who uploaded it
	AuthorName      string       `json:"authorName"`      // the name of the author
	IsTranscribable bool         `json:"isTranscribable"` // what is said in it can be made a text
	IsVideoNote     bool         `json:"isVideoNote"`     // recorded in the chat, as a video
	IsVoiceNote     bool         `json:"isVoiceNote"`     // recorded in the chat, as sound

	// What only im.v2.File.upload answers.
	Status      string      `json:"status"`      // such as "done"
	Progress    int64       `json:"progress"`    // of the upload, in percent
	URLPreview  DownloadURL `json:"urlPreview"`  // a small picture of it; empty without one
	URLShow     DownloadURL `json:"urlShow"`     // to look at it
	URLDownload DownloadURL `json:"urlDownload"` // to download it
	ViewerAttrs HiddenJSON  `json:"viewerAttrs"` // for the viewer of Bitrix24, with addresses
	MediaURL    HiddenJSON  `json:"mediaUrl"`    // previews by size, with addresses
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (f *File) UnmarshalJSON(data []byte) error {
	type plain File
	return loose.Unmarshal(data, (*plain)(f))
}

// ImageSize is the size of a picture.
type ImageSize struct {
	Width  int64 `json:"width"`  // in pixels
	Height int64 `json:"height"` // in pixels
}

// DownloadURL is the address of a file. It may carry a webhook's secret or an access token, so it prints as "***", also
// as JSON.
type DownloadURL string

// Reveal returns the address. It is for the request, never for a log.
func (u DownloadURL) Reveal() string { return string(u) }

// HiddenJSON is JSON with addresses of files in it. It prints as "***", also as JSON.
type HiddenJSON json.RawMessage

// Reveal returns the JSON. It is for requests, never for a log.
func (j HiddenJSON) Reveal() json.RawMessage { return json.RawMessage(j) }

// UnmarshalJSON keeps the JSON as it came.
func (j *HiddenJSON) UnmarshalJSON(data []byte) error {
	*j = bytes.Clone(data)
	return nil
}
