package imbottest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const file = `"fields":{"name":"a.txt","content":"aGVsbG8="}`

var (
	fileEmpty   = failed{400, "FILE_EMPTY", "File name or content is empty"}
	fileContent = failed{400, "FILE_INVALID_CONTENT", "Invalid base64 content"}
)

var uploadRows = append(v2ChatRows(file+`,`), []methodRow{
	{
		name: "text", body: as + `"dialogId":"chat13","fields":{"name":"a.TXT","content":"aGVs\nbG8","message":" Look "}}`,
		part: `{"file":{"id":138,"chatId":13,"type":"file","name":"a.TXT","extension":"txt","size":5,"image":false,"authorId":39,
			"authorName":"Main bot"},"messageId":4711,"chatId":13,"dialogId":"chat13"}`,
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			written := portal.Messages(13)
			require.Len(t, written, 1)
			assert.Equal(t, "Look", written[0].Text)
			assert.Equal(t, []imbottest.File{{ID: 138, Name: "a.TXT", Size: 5, SHA256: sha256.Sum256([]byte("hello")), Content: []byte("hello")}}, written[0].Files)
		},
	},
	{
		name: "picture in a private chat", body: as + `"dialogId":"27","fields":{"name":"a.gif","content":"` + wide + `"}}`,
		part: `{"file":{"type":"image","image":{"width":5001,"height":1}},"dialogId":"27"}`,
	},
	{
		name: "same name", body: as + `"dialogId":"chat13",` + file + `}`, part: `{"file":{"name":"a (1).txt"}}`,
		prepare: func(portal *imbottest.Portal) { upload(portal, file) },
	},
	{name: "no fields", body: as + `"dialogId":"chat99"}`, failure: noValue("fields")},
	{name: "no name", body: as + `"dialogId":"chat13","fields":{"content":"AAAA"}}`, failure: fileEmpty},
	{name: "no content", body: as + `"dialogId":"chat13","fields":{"name":"a","content":""}}`, failure: fileEmpty},
	{name: "data URL", body: as + `"dialogId":"chat13","fields":{"name":"a","content":"data:text/plain;base64,AAAA"}}`, failure: fileContent},
	{name: "wrong padding", body: as + `"dialogId":"chat13","fields":{"name":"a","content":"AAA=="}}`, failure: fileContent},
	{name: "open chat without the bot", body: as + `"dialogId":"chat19",` + file + `}`, failure: v2Access, prepare: openChat},
}...)

// upload puts a file into [imbottest.ChatGroup], for a test that begins with one.
func upload(portal *imbottest.Portal, fields string) {
	call(portal, "imbot.v2.File.upload", as+`"dialogId":"chat13",`+fields+`}`)
}

var downloadRows = []methodRow{
	{
		name: "own file", body: as + `"fileId":"138","dialogId":"chat99"}`, part: `{}`,
		prepare: func(portal *imbottest.Portal) { upload(portal, file) },
	},
	{name: "no file", body: `{"botId":39,"botToken":"my"}`, failure: noValue("fileId")},
	{name: "unknown file", body: as + `"fileId":138}`, failure: failed{400, "FILE_NOT_FOUND", "File not found"}},
	{
		name: "file of another chat", body: `{"botId":41,"botToken":"my","fileId":138}`, failure: failed{400, "FILE_ACCESS_ERROR", "File access error"},
		prepare: func(portal *imbottest.Portal) { upload(portal, file) },
	},
}

// TestV2File_download holds that the address of a file works, and has the credentials of the call.
func TestV2File_download(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	upload(portal, file)
	byHook := post("imbot.v2.File.download", as+`"fileId":138}`)
	byToken := request{path: "/rest/imbot.v2.File.download?auth=tok-ok", body: `{"botId":50,"fileId":138}`}
	for prefix, request := range map[string]request{
		"https://portal.example/rest/1/s3cr3t00/download/?token=":           byHook,
		"https://portal.example/rest/download.json?auth=tok-ok&token=imbot": byToken,
	} {
		address := addressIn(t, send(t, portal, request))
		assert.True(t, strings.HasPrefix(address.String(), prefix), address)
		assert.NotEqual(t, address, addressIn(t, send(t, portal, request)), "each address is another one")
		got := send(t, portal, getOf(address))
		assert.Equal(t, "hello", got.body)
		assert.Equal(t, "attachment; filename=a.txt", got.header.Get("Content-Disposition"))

		query := address.Query()
		query.Set("token", query.Get("token")+"0")
		address.RawQuery = query.Encode()
		assertError(t, 403, "ACCESS_DENIED", "Access denied! Link check failed", send(t, portal, getOf(address)))
	}
	wrong := addressIn(t, send(t, portal, byHook))
	wrong.Path = "/rest/1/wrong/download/"
	assertError(t, badHook.status, badHook.code, badHook.description, send(t, portal, getOf(wrong)))
}

func addressIn(t *testing.T, got answer) *url.URL {
	t.Helper()
	var shown struct{ Result struct{ DownloadURL string } }
	require.NoError(t, json.Unmarshal([]byte(got.body), &shown), got.body)
	return newURL(t, shown.Result.DownloadURL)
}

func getOf(address *url.URL) request { return request{method: "GET", path: address.RequestURI()} }

// TestV2File_large holds what is left of a large file, and how large one may be.
func TestV2File_large(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.WithFileLimit(2<<20))
	content := make([]byte, 2<<20-2)
	fields := func(content []byte) string {
		return `"fields":{"name":"a.bin","content":"` + base64.RawStdEncoding.EncodeToString(content) + `"}`
	}
	upload(portal, fields(content))
	require.Len(t, portal.Messages(13), 1)
	kept := portal.Messages(13)[0].Files[0]
	assert.Equal(t, imbottest.File{ID: 138, Name: "a.bin", Size: 2<<20 - 2, SHA256: sha256.Sum256(content)}, kept)
	address := addressIn(t, send(t, portal, post("imbot.v2.File.download", as+`"fileId":138}`)))
	assert.Equal(t, 404, send(t, portal, getOf(address)).status)

	got := send(t, portal, post("imbot.v2.File.upload", as+`"dialogId":"chat13",`+fields(make([]byte, 2<<20+1))+`}`))
	assertError(t, 400, "FILE_TOO_LARGE", "File is too large", got)
	assert.Len(t, portal.Messages(13), 1)
}
