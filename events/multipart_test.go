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

	for name, content := range map[string][]byte{"cut in a part": body.Bytes()[:body.Len()/2], "no end": bytes.TrimSuffix(body.Bytes(), []byte("--\r\n")), "nothing": nil} {
		_, err := events.Parse(request(content))
		require.ErrorIs(t, err, events.ErrMalformed, name)
	}
	for name, disposition := range map[string]string{
		"fields": "form-data; name=a", "files": "form-data; name=a; filename=b", "files without a name": "form-data; filename=b",
	} {
		part := "--" + w.Boundary() + "\r\nContent-Disposition: " + disposition + "\r\n\r\n\r\n"
		first := "--" + w.Boundary() + "\r\nContent-Disposition: form-data; name=event\r\n\r\nONX\r\n"
		last := "--" + w.Boundary() + "--\r\n"
		_, err = events.Parse(request([]byte(first + strings.Repeat(part, 1000) + last)))
		require.ErrorIs(t, err, events.ErrTooLarge, name)
		event, err := events.Parse(request([]byte(first + strings.Repeat(part, 999) + last)))
		require.NoError(t, err, name)
		assert.Equal(t, "ONX", event.Name)
		assert.Equal(t, name == "fields", event.Values.Has("a"), name)
	}
}
