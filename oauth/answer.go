package oauth

import (
	"bytes"
	"net/http"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// maxAnswer is how much of an answer is read, in bytes. One with tokens has less than a thousandth of it.
const maxAnswer = 1 << 20

// byteOrderMark is what answers begin with if a PHP file was saved with one.
var byteOrderMark = []byte("\xef\xbb\xbf")

// answer is what the OAuth server answers to any request.
type answer struct {
	status int
	body   []byte // a byte more than maxAnswer at most
}

// text returns the body without what stands around the JSON. An answer that cannot be one is refused.
func (a answer) text() ([]byte, *Error) {
	switch {
	case a.status >= http.StatusMultipleChoices && a.status < http.StatusBadRequest:
		return nil, a.unreadable("a redirect, which is not followed")
	case len(a.body) > maxAnswer:
		return nil, a.unreadable("the answer is longer than 1 MiB")
	}
	return bytes.TrimSpace(bytes.TrimPrefix(a.body, byteOrderMark)), nil
}

// isSuccess reports whether the status says that the request succeeded.
func (a answer) isSuccess() bool {
	return a.status >= http.StatusOK && a.status < http.StatusMultipleChoices
}

// unreadable returns the error for an answer that does not say what it should.
func (a answer) unreadable(what string) *Error {
	return &Error{StatusCode: a.status, Description: what, unreadable: true}
}

// refused returns the error for an answer that is a refusal.
func (a answer) refused(refusal *envelope.Refusal) *Error {
	return &Error{StatusCode: a.status, Code: imbot.Code(refusal.Code), Description: refusal.Description}
}

// hide masks secrets in what the server said.
func (e *Error) hide(secrets redact.Set) {
	e.Code = imbot.Code(secrets.Code(string(e.Code)))
	e.Description = secrets.Bounded(e.Description, redact.MaxText)
}
