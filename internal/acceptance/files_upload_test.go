package acceptance_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// uploading is imbot.v2.File.upload as a program would declare it.
var uploading = imbot.Method[uploadRequest, bool]{Name: "imbot.v2.File.upload"}

type uploadRequest struct {
	BotID    imbot.BotID    `json:"botId"`
	DialogID imbot.DialogID `json:"dialogId"`
	Fields   uploadFields   `json:"fields"`
}

type uploadFields struct {
	Name    string            `json:"name"`
	Content imbot.FileContent `json:"content"`
	Message string            `json:"message,omitempty"`
}

// repeated is a file without an end that nothing holds: it repeats a text.
type repeated []byte

func (text repeated) ReadAt(p []byte, off int64) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], text[(off+int64(n))%int64(len(text)):])
	}
	return len(p), nil
}

// takenFile is a server that reads a request with a file, and hashes the base64 of that.
type takenFile struct {
	text int64 // how long the base64 is
	hash [sha256.Size]byte
	rest string // what stood around it
}

const beforeFile = `{"botId":456,"dialogId":"chat5","fields":{"name":"report.pdf","content":"`

func (f *takenFile) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	head := make([]byte, len(beforeFile))
	_, _ = io.ReadFull(req.Body, head)
	hash := sha256.New()
	_, _ = io.CopyN(hash, req.Body, f.text)
	tail, _ := io.ReadAll(req.Body)
	f.hash, f.rest = [sha256.Size]byte(hash.Sum(nil)), string(head)+string(tail)
	if len(req.TransferEncoding) > 0 || req.ContentLength != int64(len(f.rest))+f.text {
		f.rest = "the Content-Length is wrong"
	}
	_, _ = io.WriteString(w, documentedAnswer)
}

// RoundTrip makes a transport of it that has no network.
func (f *takenFile) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, req)
	return w.Result(), nil
}

// A file of 100 MB is sent with a small part of its size in memory, and comes as it is.
func TestFileContent_isNotHeldInMemory(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	const most = 300 << 10
	text := make(repeated, 65_520) // so that its base64 is repeated, too
	for i := range text {
		text[i] = byte(i ^ i>>8)
	}
	taken := new(takenFile)
	server := httptest.NewServer(taken)
	defer server.Close()
	handing := imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return next })
	tests := map[string]struct {
		client *imbot.Client
		times  int // that the text is repeated
	}{
		"in memory":       {clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(taken)), 1527},
		"with middleware": {clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(taken), handing), 152},
		"over loopback":   {clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/")), 152},
	}
	for name, tt := range tests { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			size := int64(tt.times*len(text) + 1)
			hash, encoded := sha256.New(), base64.StdEncoding.EncodeToString(text)
			for range tt.times {
				_, _ = io.WriteString(hash, encoded)
			}
			_, _ = io.WriteString(hash, base64.StdEncoding.EncodeToString(text[:1]))
			want := takenFile{text: (size + 2) / 3 * 4, hash: [sha256.Size]byte(hash.Sum(nil)), rest: beforeFile + `","message":"Hello"}}`}
			*taken = takenFile{text: want.text}
			req := uploadRequest{456, "chat5", uploadFields{"report.pdf", imbot.NewFileContent(text, size), "Hello"}}

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := imbot.Call(t.Context(), tt.client, uploading, req)
			runtime.ReadMemStats(&after)

			require.NoError(t, err)
			assert.Equal(t, want, *taken)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(most))
		})
	}
}
