package events

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
	"github.com/seed-a6e4e5a4/imbot/internal/phpquery"
)

// What an event may measure. Real ones have some dozens of fields, and a few thousand with a large table.
const (
	maxBody     = 1 << 20
	maxNesting  = 64 // as in PHP
	maxElements = 10_000
	maxParts    = 100 // bots, and commands: each is an event of its own, with all that the others have too
	maxName     = 400 // bytes of a field in JSON, with its brackets: there a name stands once for all that is below it
)

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
	jsonType      = "application/json"
)

// Parse reads an event of either generation from the request of a portal. It verifies nothing: see [Event.Verify].
//
// Portals post forms. A JSON object is read as the form that says the same, for relays and cloud functions that have
// made one of it. What the Content-Type does not say, the body has to: whether it begins as an object, or has the field
// event of a form.
//
// The error is a [*RequestError] with the status to answer: it matches [ErrMethod], [ErrMediaType], [ErrTooLarge] or
// [ErrMalformed]. [JoinChat], [MessageAdd], [BotDelete], [AppInstall] and [AppUninstall] are malformed if one of their
// ids is not a positive number; in any other event such an id counts as not sent.
//
// No event is refused for the number of its fields or for how deep they are nested, as a portal does not send it again:
// those that go too far are left out, and [Event.LeftOut] counts them.
func Parse(r *http.Request) (*Event, error) {
	if r.Method != http.MethodPost {
		return nil, &RequestError{StatusCode: http.StatusMethodNotAllowed, Reason: ErrMethod}
	}
	body, err := read(r)
	if err != nil {
		return nil, err
	}
	form, leftOut, err := parseBody(body, r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	query, _ := phpform.Parse(r.URL.RawQuery, limits())
	clientID, _ := query.Text("CLIENT_ID")
	event, err := decode(form, clientID)
	if err != nil {
		return nil, err
	}
	event.LeftOut += leftOut
	return event, nil
}

// limits bounds the memory that a form takes. The size of the body bounds the number of its fields.
func limits() phpform.Limits {
	return phpform.Limits{MaxFields: maxBody, MaxNesting: maxNesting, MaxElements: maxElements, Reserve: reserve}
}

// reserve tells which fields have room in an event that has too many. The first reserve is for what the event is proven
// by, as that is the last thing in it, the second for its bots and for what has a name of its own close to the top,
// such as data[PARAMS][CHAT_ID].
func reserve(path []string) int {
	switch path[0] {
	case "event", "event_handler_id", "ts", "auth", "CLIENT_ID":
		return 1
	case "data":
		last := path[len(path)-1]
		isIndex := strings.Trim(last, "0123456789") == ""
		isBot := len(path) > 1 && (strings.EqualFold(path[1], "bot") || strings.EqualFold(path[1], "command"))
		if isBot || len(path) <= 3 && !isIndex {
			return 2
		}
	}
	return 0
}

func read(r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	if r.Body == nil {
		return nil, nil
	}
	const atOnce = 16 << 10 // what a stranger has reserved by words alone
	var body bytes.Buffer
	body.Grow(int(min(max(0, r.ContentLength), atOnce)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge()
	}
	if err != nil {
		failed := malformed("the body could not be read")
		failed.cause = err
		return nil, failed
	}
	return body.Bytes(), nil
}

// parseBody reads a body as what its Content-Type says that it is. Where that says nothing, the body has to.
func parseBody(body []byte, contentType string) (form *phpform.Array, leftOut int, err error) {
	mediaType, options, err := mime.ParseMediaType(contentType)
	if err == nil {
		switch mediaType {
		case formType:
			form, leftOut = phpform.Parse(string(body), limits())
			return form, leftOut, nil
		case multipartType:
			return parseMultipart(body, options["boundary"])
		case jsonType:
			return parseJSON(body)
		}
	}
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")):
		return parseJSON(body)
	case bytes.HasPrefix(body, []byte("event=")) || bytes.Contains(body, []byte("&event=")):
		form, leftOut = phpform.Parse(string(body), limits())
		return form, leftOut, nil
	default:
		return nil, 0, &RequestError{StatusCode: http.StatusUnsupportedMediaType, Reason: ErrMediaType}
	}
}

func parseJSON(body []byte) (form *phpform.Array, leftOut int, err error) {
	before := 0
	paths, ok := phpquery.Paths(body, phpquery.Bounds{MaxName: maxName, MaxList: 2 * maxElements}, &before)
	if !ok {
		return nil, 0, malformed("the body is not a JSON object")
	}
	form, leftOut = phpform.ParsePaths(paths, limits())
	return form, before + leftOut, nil
}

func parseMultipart(body []byte, boundary string) (form *phpform.Array, leftOut int, err error) {
	broken := io.ErrUnexpectedEOF
	if bytes.Contains(body, []byte("--"+boundary+"--")) { // a form cut in the head of a part ends like a whole one
		broken = nil
	}
	form, leftOut = phpform.ParsePairs(parts(multipart.NewReader(bytes.NewReader(body), boundary), &broken), limits())
	if broken != nil {
		return nil, 0, malformed("the form ends too early, or one of its parts is malformed")
	}
	return form, leftOut, nil
}

// parts yields the fields of a form in parts. Files are not among them.
func parts(reader *multipart.Reader, broken *error) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		var value bytes.Buffer
		for {
			part, err := reader.NextRawPart()
			if err == io.EOF { //nolint:errorlint // wrapped, it is the end of half a form
				return
			}
			if err == nil && part.FileName() != "" {
				continue
			}
			value.Reset()
			if err == nil {
				_, err = value.ReadFrom(part)
			}
			if err != nil {
				*broken = err
				return
			}
			if !yield(part.FormName(), value.String()) {
				return
			}
		}
	}
}
