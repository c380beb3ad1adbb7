package events_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
)

func TestParse_multipart(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(t, w.SetBoundary("x"))
	require.NoError(t, w.WriteField("event", "ONIMBOTJOINCHAT"))
	require.NoError(t, w.WriteField("data[BOT][571][BOT_ID]", "571"))
	require.NoError(t, w.WriteField("data[PARAMS][CHAT_ID]", "1157"))
	file, err := w.CreateFormFile("data[PARAMS][CHAT_ID]", "x")
	require.NoError(t, err)
	_, err = file.Write([]byte("99"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	request := func(content []byte) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(content))
		r.Header.Set("Content-Type", w.FormDataContentType())
		return r
	}

	event, err := events.Parse(request(body.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, imbot.ChatID(1157), event.ChatID, "files are no fields")
	assert.Equal(t, imbot.BotID(571), event.Bots[0].ID)

	_, err = events.Parse(request(bytes.TrimSuffix(body.Bytes(), []byte("\r\n"))))
	require.NoError(t, err, "the last line may end with the body")
	for n := range body.Len() - len("\r\n") {
		_, err := events.Parse(request(body.Bytes()[:n]))
		require.ErrorIs(t, err, events.ErrMalformed, "cut behind %d bytes", n)
	}
	for name, disposition := range map[string]string{
		"fields": "form-data; name=\"data[USERS][]\"", "files": "form-data; name=a; filename=b", "files without a name": "form-data; filename=b",
	} {
		part := "--" + w.Boundary() + "\r\nContent-Disposition: " + disposition + "\r\n\r\n\r\n"
		content := []byte(strings.Repeat(part, 10_000) + body.String())
		require.Less(t, len(content), 1<<20-10_000, name)
		event, err := events.Parse(request(content))
		require.NoError(t, err, name)
		assert.Equal(t, events.JoinChat, event.Name, name)
		assert.Equal(t, imbot.ChatID(1157), event.ChatID, name)
		assert.Equal(t, imbot.BotID(571), event.Bots[0].ID, name)
		if name == "fields" {
			assert.Equal(t, 2, event.LeftOut, "data and USERS are elements as well")
		} else {
			assert.Zero(t, event.LeftOut, name)
		}
	}
}
