package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// readerAt is a file of a func.
type readerAt func(p []byte, off int64) (int, error)

func (f readerAt) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

// files is a request with files wherever they may be.
type files struct {
	Name     string            `json:"name"`
	File     imbot.FileContent `json:"file"`
	Optional imbot.FileContent `json:"optional,omitzero"`
	Inner    inner             `json:"inner"`
	Pointer  *inner            `json:"pointer,omitempty"`
	List     []inner           `json:"list"`
	Pair     [2]imbot.FileContent
	Any      any `json:"any,omitempty"`
	inner
	unexported imbot.FileContent
	Last       string
}

type inner struct {
	Text    string             `json:"text"`
	Content *imbot.FileContent `json:"content"`
	Next    *inner             `json:"next,omitempty"`
}

var sendingFiles = imbot.Method[files, bool]{Name: "x.files"}

// drawFile draws a file.
func drawFile(t *rapid.T) imbot.FileContent {
	length := rapid.OneOf(rapid.IntRange(0, 10), rapid.IntRange(0, 100), rapid.IntRange(0, 10_000))
	text := make([]byte, length.Draw(t, "length"))
	seed := rapid.Byte().Draw(t, "seed")
	for i := range text {
		text[i] = byte(i*7+i>>8) ^ seed
	}
	return imbot.NewFileContent(bytes.NewReader(text), int64(len(text)))
}

func drawInner(t *rapid.T, depth int) inner {
	drawn := inner{Text: rapid.String().Draw(t, "text")}
	if rapid.Bool().Draw(t, "content") {
		drawn.Content = new(drawFile(t))
	}
	if depth < 2 && rapid.Bool().Draw(t, "next") {
		drawn.Next = new(drawInner(t, depth+1))
	}
	return drawn
}

func drawFiles(t *rapid.T) files {
	file := drawFile(t)
	drawn := files{Name: rapid.String().Draw(t, "name"), File: file, Inner: drawInner(t, 0), inner: drawInner(t, 2), unexported: file, Last: `"}`}
	if rapid.Bool().Draw(t, "more") {
		drawn.Pointer = new(drawInner(t, 0))
		drawn.List = []inner{drawInner(t, 0), drawInner(t, 0)}
		drawn.Optional, drawn.Pair[1], drawn.Any = file, file, file
	}
	return drawn
}

// sentBodies is a transport that keeps what it is sent, as PHP would read it.
type sentBodies struct {
	mu     sync.Mutex
	bodies []string
	next   http.RoundTripper
}

func (s *sentBodies) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if req.ContentLength != int64(len(body)) {
		return nil, fmt.Errorf("%d bytes came, and %d were to come", len(body), req.ContentLength)
	}
	s.mu.Lock()
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return s.next.RoundTrip(req)
}

// wrapping is middleware that looks at bodies while they are sent, as those that count them do.
func wrapping(next http.RoundTripper) http.RoundTripper {
	return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(req.Body, io.Discard), req.Body}
		return next.RoundTrip(req)
	})
}

// What is sent is what json.Marshal makes of the request, with what the client adds to it.
func TestFileContent_isSentAsItIsPrinted(t *testing.T) {
	t.Parallel()
	webhook, oauth := imbot.Webhook(clienttest.WebhookURL), imbot.OAuth("https://portal.example/rest/", imbot.StaticToken("EXAMPLE_TOKEN"))
	for name, tt := range map[string]struct {
		auth  imbot.Auth
		added string
		opts  []imbot.Option
	}{
		"webhook":                  {webhook, "", nil},
		"token":                    {oauth, `,"auth":"EXAMPLE_TOKEN"`, nil},
		"webhook, with middleware": {webhook, "", []imbot.Option{imbot.WithMiddleware(wrapping)}},
		"token, with middleware":   {oauth, `,"auth":"EXAMPLE_TOKEN"`, []imbot.Option{imbot.WithMiddleware(wrapping)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				req := drawFiles(r)
				printed, err := json.Marshal(req)
				require.NoError(r, err)
				want := strings.TrimSuffix(string(printed), "}") + tt.added + "}"
				sent := &sentBodies{next: clienttest.Done}
				client := clienttest.New(t, tt.auth, append(tt.opts, clienttest.Over(sent), imbot.WithLimiter(nil))...)

				_, err = imbot.Call(t.Context(), client, sendingFiles, req)

				require.NoError(r, err)
				require.Equal(r, []string{want}, sent.bodies)
				again, err := json.Marshal(req)
				require.NoError(r, err)
				require.Equal(r, string(printed), string(again), "the request is as it was")
			})
		})
	}
}

// The CLIENT_ID of the client is put in as always, and one of the request is seen beside a file.
func TestFileContent_clientID(t *testing.T) {
	t.Parallel()
	type request struct {
		File  imbot.FileContent `json:"file"`
		Token string            `json:"botToken,omitempty"`
	}
	method := imbot.Method[*request, bool]{Name: "imbot.v2.File.upload"}
	for own, want := range map[string]string{"": `{"file":"YWI=","botToken":"my"}`, "own": `{"file":"YWI=","botToken":"own"}`} {
		sent := &sentBodies{next: clienttest.Done}
		client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), imbot.WithClientID("my"), clienttest.Over(sent))
		_, err := imbot.Call(t.Context(), client, method, &request{imbot.NewFileContent(strings.NewReader("abc"), 2), own})
		require.NoError(t, err)
		assert.Equal(t, []string{want}, sent.bodies)
	}
}

// Each request of a call has the whole file: after a limit, with another token, and where a portal is renamed.
func TestFileContent_isSentAgain(t *testing.T) {
	t.Parallel()
	refusing := clienttest.Answering(http.StatusServiceUnavailable, `{"error":"QUERY_LIMIT_EXCEEDED"}`)
	expired := clienttest.Answering(http.StatusUnauthorized, `{"error":"expired_token"}`)
	renamed := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		return clienttest.Redirecting(http.StatusFound, "https://"+clienttest.NewHost+req.URL.Path, "").RoundTrip(req)
	})
	for _, opts := range [][]imbot.Option{nil, {imbot.WithMiddleware(wrapping)}} {
		synctest.Test(t, func(t *testing.T) {
			answers := []http.RoundTripper{refusing, expired, renamed, clienttest.Done}
			sent := &sentBodies{next: clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				next := answers[0]
				answers = answers[1:]
				return next.RoundTrip(req)
			})}
			source := clienttest.Refresher(
				func(context.Context) (string, error) { return "EXAMPLE_OLD", nil },
				func(context.Context, string) (string, error) { return "EXAMPLE_NEW", nil })
			client := clienttest.New(t, imbot.OAuth("https://"+clienttest.OldHost+"/rest/", source), append(opts, clienttest.Over(sent))...)
			req := files{File: imbot.NewFileContent(strings.NewReader("a file"), 6)}
			printed, err := json.Marshal(req)
			require.NoError(t, err)
			with := func(token string) string {
				return strings.TrimSuffix(string(printed), "}") + `,"auth":"` + token + `"}`
			}

			_, err = imbot.Call(t.Context(), client, sendingFiles, req)

			require.NoError(t, err)
			assert.Equal(t, []string{with("EXAMPLE_OLD"), with("EXAMPLE_OLD"), with("EXAMPLE_NEW"), with("EXAMPLE_NEW")}, sent.bodies)
		})
	}
}

// Where a file is not in a field, its text is made in memory; the error is the same.
func TestFileContent_inAMap(t *testing.T) {
	t.Parallel()
	sent := &sentBodies{next: clienttest.Done}
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(sent))
	method := imbot.Method[map[string]any, bool]{Name: "x"}
	_, err := imbot.Call(t.Context(), client, method, map[string]any{"file": imbot.NewFileContent(strings.NewReader("abc"), 3)})
	require.NoError(t, err)
	assert.Equal(t, []string{`{"file":"YWJj"}`}, sent.bodies)

	_, err = imbot.Call(t.Context(), client, method, map[string]any{"file": imbot.NewFileContent(strings.NewReader("abc"), 4)})
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// A request that contains itself has no JSON.
func TestFileContent_cycle(t *testing.T) {
	t.Parallel()
	req := &inner{Content: new(imbot.FileContent)}
	req.Next = req
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(clienttest.Done))
	_, err := imbot.Call(t.Context(), client, imbot.Method[*inner, bool]{Name: "x"}, req)
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
}

func TestFileContent_inABatch(t *testing.T) {
	t.Parallel()
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return nil, io.EOF
	})))
	batch := client.NewBatch()
	queued := imbot.Queue(batch, imbot.Method[inner, bool]{Name: "x"}, inner{Content: new(imbot.NewFileContent(strings.NewReader("abc"), 3))})
	err := batch.Do(t.Context())
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
	assert.Equal(t, "request", mistake.Param)
	_, err = queued.Result()
	require.ErrorAs(t, err, &mistake)
}

func TestFileContent_printsItsSize(t *testing.T) {
	t.Parallel()
	req := files{File: imbot.NewFileContent(strings.NewReader("SECRET CONTENT"), 14), unexported: imbot.NewFileContent(strings.NewReader("SECRET CONTENT"), 14)}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("sent", "file", req.File, "request", req)
	printed := []string{logged.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed = append(printed, fmt.Sprintf(verb+verb, req.File, req))
		assert.Equal(t, "14 bytes", fmt.Sprintf(verb, req.File))
	}
	assert.NotContains(t, strings.Join(printed, "\n"), "SECRET")
	assert.NotContains(t, strings.Join(printed, "\n"), "534543524554")
	assert.Contains(t, printed[0], `file="14 bytes"`)
	assert.True(t, imbot.FileContent{}.IsZero())
	assert.False(t, imbot.NewFileContent(strings.NewReader(""), 0).IsZero())
	assert.EqualValues(t, 14, req.File.Size())
}
