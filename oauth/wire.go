package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// grant is what a pair of tokens is requested with: a code, or the pair before.
type grant struct {
	code string
	old  Token
}

// request makes one request to the OAuth server.
func (a App) request(ctx context.Context, g grant) (Token, error) {
	if err := a.check(); err != nil {
		return Token{}, err
	}
	tokenURL, err := a.tokenURL(g.old.ServerEndpoint)
	if err != nil {
		return Token{}, err
	}
	secrets := append(g.old.secrets(), redact.NewSecret(a.Secret), redact.NewSecret(g.code))
	layer := &answerLayer{next: onerequest.Watched(a.transport(), a.timeout()), secrets: secrets, outcome: outcome.NotExecuted}
	attempt, cancel := context.WithTimeout(ctx, a.timeout())
	defer cancel()
	got, err := a.send(context.WithValue(attempt, oauth2.HTTPClient, &http.Client{Transport: layer}), tokenURL, g)
	switch {
	case layer.refusal != nil:
		return Token{}, layer.refusal
	case err == nil:
		token := layer.token
		token.AccessToken, token.RefreshToken = got.AccessToken, got.RefreshToken
		return token, nil
	}
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	if attempt.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("no answer within %s: %w", a.timeout(), err)
	}
	return Token{}, &requestError{outcome: layer.outcome, err: secrets.Error(err)}
}

// send has x/oauth2 write the form and read the answer. The style has to be given: x/oauth2 would find it out by trying
// both, and send a refresh token twice that works once.
func (a App) send(ctx context.Context, tokenURL string, g grant) (*oauth2.Token, error) {
	config := oauth2.Config{
		ClientID:     a.ID,
		ClientSecret: a.Secret,
		Endpoint:     oauth2.Endpoint{TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	if g.code != "" {
		return config.Exchange(ctx, g.code)
	}
	return config.TokenSource(ctx, &oauth2.Token{RefreshToken: g.old.RefreshToken}).Token()
}

// answerLayer is the transport of x/oauth2. It reads the answer by the rules of Bitrix24 and returns one that x/oauth2
// cannot misunderstand: JSON with nothing but the pair in it, and never a page, which would become a part of the
// error's text. Nor is it ever a redirect, so that net/http has nothing to follow.
type answerLayer struct {
	next    *onerequest.Transport
	secrets redact.Set

	outcome outcome.Outcome // of a request that got no answer

	// What the answer said; one of them is set when there was one.
	token   Token
	refusal *Error
}

// RoundTrip implements http.RoundTripper.
func (l *answerLayer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", version.UserAgent)
	form, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close(), req.Context().Err()); err != nil {
		return nil, err
	}
	resp, failure := l.next.Send(req.Context(), onerequest.Request{URL: *req.URL, Header: req.Header, Body: payload.Body{Text: form}}) //nolint:contextcheck // it is that of the request
	if failure != nil {
		l.outcome = failure.Outcome
		return nil, failure.Err
	}
	l.outcome = outcome.Unknown
	defer func() { _ = resp.Body.Close() }() // read to its end or given up on; there is nothing left to learn
	body, cut := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	l.token, l.refusal = tokenOf(answer{resp.StatusCode, body}, resp.Header.Get("Content-Type"), time.Now())
	if cut != nil && l.refusal != nil { // a pair that came whole before the connection was cut is not thrown away
		l.refusal = nil
		return nil, fmt.Errorf("reading the answer (HTTP %d): %w", resp.StatusCode, cut)
	}
	if l.refusal != nil {
		l.refusal.hide(l.secrets)
		return plainResponse(req, http.StatusBadRequest, "{}"), nil
	}
	return plainResponse(req, http.StatusOK, fmt.Sprintf(`{"access_token":%s,"refresh_token":%s}`,
		quoted(l.token.AccessToken), quoted(l.token.RefreshToken))), nil
}

// plainResponse is an answer as x/oauth2 expects it.
func plainResponse(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader([]byte(body))),
		ContentLength: int64(len(body)),
		Request:       req,
	}
}

// tokenOf reads the answer to a request for tokens. The body decides, not the status and not the content type: an error
// inside a 200 is an error. A status that reports failure is not overruled, though.
func tokenOf(a answer, contentType string, now time.Time) (Token, *Error) {
	body, refusal := a.text()
	switch {
	case refusal != nil:
		return Token{}, refusal
	case len(body) == 0:
		return Token{}, a.unreadable("the answer is empty")
	}
	f, err := readFields(body)
	if err != nil {
		return Token{}, a.unreadable("the answer is not JSON" + kindOf(contentType))
	}
	token, err := f.token()
	got := err == nil && token.AccessToken != ""
	if said, err := envelope.Parse(body); err == nil && said.Refusal != nil && (!got || said.Refusal.Code != "" || said.Contradicts) {
		if got {
			return Token{}, a.unreadable("the answer has both tokens and an error")
		}
		return Token{}, a.refused(said.Refusal)
	}
	if !got || !a.isSuccess() {
		return Token{}, a.unreadable("the answer has neither tokens nor an error")
	}
	token.ClientEndpoint, token.ServerEndpoint = normalEndpoint(token.ClientEndpoint), normalEndpoint(token.ServerEndpoint)
	token.Expiry = f.expiry(now)
	if token.Expiry.IsZero() {
		token.Expiry = f.expires()
	}
	return token, nil
}

// kindOf names the content type of what came instead of JSON, if it is a common one.
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
