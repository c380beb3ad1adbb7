package events

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// What an event may measure. Real ones have a few dozen fields, nested four deep.
const (
	maxBody    = 1 << 20
	maxFields  = 1000
	maxNesting = 8
)

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

// Parse reads an event from the request of a portal. It verifies nothing: see [Event.Verify].
//
// The error is a [*RequestError] with the status to answer: it matches [ErrMethod], [ErrMediaType], [ErrTooLarge] or
// [ErrMalformed]. Ids that are none make one of the events of this package malformed; the fields of other events are
// taken where they have a meaning here, and left alone where they do not.
func Parse(r *http.Request) (*Event, error) {
	if r.Method != http.MethodPost {
		return nil, &RequestError{StatusCode: http.StatusMethodNotAllowed, Reason: ErrMethod}
	}
	mediaType, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != formType && mediaType != multipartType {
		return nil, &RequestError{StatusCode: http.StatusUnsupportedMediaType, Reason: ErrMediaType}
	}
	body, err := read(r)
	if err != nil {
		return nil, err
	}
	limits := phpform.Limits{MaxFields: maxFields, MaxNesting: maxNesting}
	form, err := parseForm(body, mediaType, options["boundary"], limits)
	if err != nil {
		return nil, err
	}
	query, err := phpform.Parse(r.URL.RawQuery, limits)
	if err != nil {
		return nil, limitError(err)
	}
	clientID, _ := query.Text("CLIENT_ID")
	event, err := decode(form, clientID)
	if err != nil {
		return nil, err
	}
	return event, nil
}

func read(r *http.Request) ([]byte, error) {
	const detail = "the body has more than 1 MiB"
	if r.ContentLength > maxBody {
		return nil, tooLarge(detail)
	}
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge(detail)
	}
	if err != nil {
		failed := malformed("the body could not be read")
		failed.cause = err
		return nil, failed
	}
	return body, nil
}

func parseForm(body []byte, mediaType, boundary string, limits phpform.Limits) (*phpform.Array, error) {
	if mediaType == formType {
		form, err := phpform.Parse(string(body), limits)
		return form, limitError(err)
	}
	var broken error
	form, err := phpform.ParsePairs(parts(multipart.NewReader(bytes.NewReader(body), boundary), &broken), limits)
	if err == nil && broken != nil {
		return nil, malformed("the parts of the form cannot be told apart")
	}
	return form, limitError(err)
}

// parts yields the fields of a form in parts. Files are not among them, but count: each is a field without a name,
// which PHP drops.
func parts(reader *multipart.Reader, broken *error) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for {
			part, err := reader.NextRawPart()
			if err == io.EOF { //nolint:errorlint // wrapped, it is the end of half a form
				return
			}
			var value []byte
			if err == nil {
				value, err = io.ReadAll(part)
			}
			if err != nil {
				*broken = err
				return
			}
			name := part.FormName()
			if part.FileName() != "" {
				name, value = "", nil
			}
			if !yield(name, string(value)) {
				return
			}
		}
	}
}

// limitError says that a form goes beyond a limit, if it does.
func limitError(err error) error {
	limit, ok := errors.AsType[*phpform.LimitError](err)
	switch {
	case !ok:
		return err
	case limit.Limit == phpform.Nesting:
		return tooLarge("a field is nested deeper than 8")
	default:
		return tooLarge("there are more than 1,000 fields")
	}
}
