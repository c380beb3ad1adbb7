package methods

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"image"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// maxContent is how large a file may be whose content is kept.
const maxContent = 1 << 20

var v2Files = []Method{
	{name: "imbot.v2.File.upload", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		bound{"fields", array},
		v2Chat,
		v2MaySee,
		v2MayWrite,
		require{hasFile, errFileEmpty},
		require{fitsFile, errFileTooLarge},
		check(decodeFile),
	}, act: func(c *call) any { return uploadFile(c) }},

	// Users write files as bots do, but for the codes of some errors.
	{name: "im.v2.File.upload", exact: true, steps: []step{
		asUser,
		v2Dialog,
		bound{"fields", array},
		v2Chat,
		v2MaySee,
		v2MayWrite,
		require{hasFile, errFileEmpty},
		require{fitsFile, errFileTooLarge},
		check(decodeFile),
	}, act: uploadUserFile},

	{name: "im.v2.File.download", exact: true, steps: []step{
		asUser,
		v2Dialog,
		bound{"fileId", integer},
		v2Chat,
		v2MaySee,
		require{func(c *call) bool {
			file, known := c.world.files[int64(c.whole("fileId"))]
			return known && file.Chat == c.chat.ID
		}, errFileNotFound},
	}, act: downloadFile},

	// The address that it returns has the credentials of the call in it.
	{name: "imbot.v2.File.download", exact: true, steps: []step{
		v2Bot,
		bound{"fileId", integer},
		check(func(c *call) error {
			file, known := c.world.files[int64(c.whole("fileId"))]
			switch {
			case !known:
				return errFileNotFound
			case !c.sees(c.world.room(file.Chat)):
				return errFileAccess
			}
			return nil
		}),
	}, act: downloadFile},
}

// asUser is that the user of the webhook or token acts, and not a bot.
var asUser = check(func(c *call) error {
	c.bot = c.caller.User
	return nil
})

func hasFile(c *call) bool { return c.fieldText("name") != "" && c.fieldText("content") != "" }

func fitsFile(c *call) bool { return len(c.fieldText("content")) <= c.world.maxFile*4/3 }

func downloadFile(c *call) any {
	c.world.downloads++
	return php.New().Set("downloadUrl", c.caller.Link+downloadToken(int64(c.whole("fileId")), c.world.downloads))
}

func (c *call) fieldText(name string) string { return php.StringOf(c.fields().Get(name)) }

// decodeFile decodes base64 as strictly as PHP can: white space is left out, padding may be missing, and nothing else
// is overlooked.
func decodeFile(c *call) error {
	sent := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, c.fieldText("content"))
	encoding := base64.StdEncoding
	if !strings.HasSuffix(sent, "=") {
		encoding = base64.RawStdEncoding
	}
	content, err := encoding.DecodeString(sent)
	if err != nil {
		return errFileContent
	}
	c.draft.content = content
	return nil
}

// uploadFile puts a file into the chat, in a message of its own.
func uploadFile(c *call) *php.Array {
	file := c.world.keep(c.chat, File{Author: c.bot, Name: c.fieldText("name")}, c.draft.content)
	message := c.world.write(c.chat, Message{
		Author: c.bot, Text: messageText(php.Trim(c.fields().Get("message"))), Files: []int64{file.ID},
	})
	return php.New().Set("file", c.world.fileOf(file, c.draft.content)).Set("messageId", message.ID).
		Set("chatId", int64(c.chat.ID)).Set("dialogId", dialogOf(c.chat, c.bot))
}

// uploadUserFile shows more of the file than [uploadFile].
func uploadUserFile(c *call) any {
	c.world.downloads++
	done := uploadFile(c)
	file, _ := done.Get("file").(*php.Array)
	id := php.Intval(file.Get("id"))
	address := c.caller.Link + downloadToken(id, c.world.downloads)
	file.Set("status", "done").Set("progress", 100).Set("urlPreview", "").Set("urlShow", address).
		Set("urlDownload", address).Set("mediaUrl", php.New().Set("preview", php.New().Set("250", ""))).
		Set("viewerAttrs", php.New().Set("viewer", "").Set("viewerType", "unknown").Set("src", address).
			Set("objectId", strconv.FormatInt(id, 10)).Set("viewerGroupBy", strconv.FormatInt(int64(c.chat.ID), 10)).
			Set("imChatId", int64(c.chat.ID)).Set("title", file.Get("name")).Set("unifiedLink", address).Set("actions", "[]"))
	return done
}

// keep puts a file into the folder of a chat, under a name that is not taken there. The caller holds mu.
func (w *World) keep(in *room, file File, content []byte) *File {
	extension := path.Ext(file.Name)
	base := strings.TrimSuffix(file.Name, extension)
	for copies := 1; in.fileNames[file.Name]; copies++ {
		file.Name = base + " (" + strconv.Itoa(copies) + ")" + extension
	}
	if in.fileNames == nil {
		in.fileNames = make(map[string]bool)
	}
	in.fileNames[file.Name] = true
	w.lastFile++
	file.ID, file.Chat, file.Date = w.lastFile, in.ID, time.Now()
	file.Size, file.SHA256 = int64(len(content)), sha256.Sum256(content)
	if len(content) <= maxContent {
		file.Content = content
	}
	w.files[file.ID] = &file
	return &file
}

// fileKinds are the types of files that are not called file.
var fileKinds = map[string]string{
	"png": "image", "jpg": "image", "jpeg": "image", "gif": "image", "webp": "image",
	"mp4": "video", "webm": "video", "mov": "video", "mp3": "audio", "ogg": "audio", "wav": "audio",
}

// fileOf is what version 2 shows of a file.
func (w *World) fileOf(file *File, content []byte) *php.Array {
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(file.Name), "."))
	kind, known := fileKinds[extension]
	if !known {
		kind = "file"
	}
	preview := any(false)
	if picture, _, err := image.DecodeConfig(bytes.NewReader(content)); err == nil {
		preview = php.New().Set("height", picture.Height).Set("width", picture.Width)
	}
	author := w.userOf(file.Author, false)
	return php.New().Set("id", file.ID).Set("chatId", int64(file.Chat)).Set("date", dateOf(file.Date)).Set("type", kind).
		Set("name", file.Name).Set("extension", extension).Set("size", file.Size).Set("image", preview).
		Set("authorId", int64(file.Author)).Set("authorName", author.Get("name")).
		Set("isTranscribable", false).Set("isVideoNote", false).Set("isVoiceNote", false)
}

// downloadToken is what gives access to a file: a scope, the query in base64, and a signature. Each is another one.
func downloadToken(file int64, count int) string {
	query := "fileId=" + strconv.FormatInt(file, 10) + "&_=" + strconv.Itoa(count)
	encoded := base64.RawURLEncoding.EncodeToString([]byte(query))
	return "imbot." + encoded + "." + signature(encoded)
}

func signature(query string) string {
	mac := hmac.New(sha256.New, []byte("imbottest"))
	mac.Write([]byte(query))
	return hex.EncodeToString(mac.Sum(nil))
}

// Download finds the file that a token gives access to.
func (w *World) Download(token string) (File, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] != "imbot" || parts[2] != signature(parts[1]) {
		return File{}, false
	}
	query, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return File{}, false
	}
	return w.File(php.Intval(php.ParseForm(string(query)).Get("fileId")))
}
