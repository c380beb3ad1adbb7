package oauth

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// maxAnswer is how much of an answer is read. A good one has less than a thousandth of it.
const maxAnswer = 1 << 20

// byteOrderMark stands before the answers of PHP files that were saved with one.
var byteOrderMark = []byte("\xef\xbb\xbf")

// readAnswer reads an answer of the OAuth server. The body decides, not the status and not the content type: an error
// inside a 200 is an error. A status that reports failure is not overruled, though.
func readAnswer(status int, contentType string, body []byte, now time.Time) (Token, *Error) {
	unreadable := func(what string) (Token, *Error) {
		return Token{}, &Error{StatusCode: status, Description: what, unreadable: true}
	}
	switch {
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		return unreadable("a redirect, which is not followed")
	case len(body) > maxAnswer:
		return unreadable("the answer is longer than 1 MiB")
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	if len(body) == 0 {
		return unreadable("the answer is empty")
	}
	f, err := readFields(body)
	if err != nil {
		return unreadable("the answer is not JSON" + kindOf(contentType))
	}
	token, err := f.token()
	got := err == nil && token.AccessToken != ""
	if answer, err := envelope.Parse(body); err == nil && answer.Refusal != nil && (!got || answer.Refusal.Code != "" || answer.Contradicts) {
		if got {
			return unreadable("the answer has both tokens and an error")
		}
		return Token{}, &Error{
			StatusCode:  status,
			Code:        imbot.Code(answer.Refusal.Code),
			Description: answer.Refusal.Description,
		}
	}
	if !got || status < http.StatusOK || status >= http.StatusMultipleChoices {
		return unreadable("the answer has neither tokens nor an error")
	}
	token.ClientEndpoint, token.ServerEndpoint = normalEndpoint(token.ClientEndpoint), normalEndpoint(token.ServerEndpoint)
	token.Expiry = f.expiry(now)
	if expires, ok := f.number("expires"); ok && token.Expiry.IsZero() && expires > 0 && expires <= maxUnix {
		token.Expiry = time.Unix(expires, 0).UTC()
	}
	return token, nil
}

// kindOf names what came instead of JSON, if it says so in plain words.
func kindOf(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return ""
	case kind == "text/html", kind == "text/plain", kind == "application/xml", kind == "text/xml":
		return " but " + kind
	default:
		return ""
	}
}

// quoted returns a text as JSON.
func quoted(text string) []byte {
	data, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // a string can always be encoded
	}
	return data
}
