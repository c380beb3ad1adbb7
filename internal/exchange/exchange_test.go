package exchange_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// exchanged makes one exchange by a webhook.
func exchanged(t *testing.T, transport roundTrip, middleware ...exchange.Middleware) (exchange.Answer, *exchange.Failure) {
	t.Helper()
	doer, err := exchange.New(onerequest.New(transport), time.Minute, middleware...)
	require.NoError(t, err)
	return doer.Do(context.Background(), exchange.Request{ //nolint:usetesting // some are made inside a bubble
		Endpoint:    &url.URL{Scheme: "https", Host: "portal.example", Path: "/rest/"},
		Method:      "imbot.chat.leave",
		Body:        payload.Body{Text: []byte(`{"CHAT_ID":13}`)},
		Credentials: exchange.Credentials{WebhookPath: redact.NewSecret("1/EXAMPLE_SECRET/")},
		Secrets:     redact.Set{redact.NewSecret("EXAMPLE_SECRET")},
	})
}

// changing is a middleware that changes a copy of the request.
func changing(change func(*http.Request)) exchange.Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			changed := req.Clone(req.Context())
			change(changed)
			return next.RoundTrip(changed)
		})
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	answer, failure := exchanged(t, func(req *http.Request) (*http.Response, error) {
		assert.Equal(t, "https://portal.example/rest/1/EXAMPLE_SECRET/imbot.chat.leave", req.URL.String())
		return &http.Response{StatusCode: http.StatusTeapot, Body: io.NopCloser(strings.NewReader("a body"))}, nil
	})

	require.Nil(t, failure)
	assert.Equal(t, http.StatusTeapot, answer.Status)
	assert.Equal(t, "a body", string(answer.Body))
}

// A transport may leave out the header. Whoever looks at the answer may write to it all the same.
func TestDo_answerWithoutHeader(t *testing.T) {
	t.Parallel()
	closed := false
	answer, failure := exchanged(t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: &body{Reader: strings.NewReader("x"), closed: &closed}}, nil
	}, func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if assert.NoError(t, err) {
				resp.Header.Set("X-Seen", "1")
			}
			return resp, err
		})
	})

	require.Nil(t, failure)
	assert.Equal(t, "x", string(answer.Body))
	assert.True(t, closed)
}

type body struct {
	io.Reader
	closed *bool
}

func (b *body) Close() error {
	*b.closed = true
	return nil
}

// What follows 101 is another protocol, and may never end.
func TestDo_switchingProtocols(t *testing.T) {
	t.Parallel()
	closed := false
	answer, failure := exchanged(t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Body: &body{unreadable{t}, &closed}}, nil
	})

	require.Nil(t, failure)
	assert.Equal(t, http.StatusSwitchingProtocols, answer.Status)
	assert.Empty(t, answer.Body)
	assert.True(t, closed)
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("it was read")
	return 0, io.EOF
}

// Credentials go with the request that was to be sent, or not at all.
func TestDo_foreignRequests(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"to another host":      func(req *http.Request) { req.URL.Host = "untrusted.invalid" },
		"to another path":      func(req *http.Request) { req.URL.Path += "x" },
		"in the name of other": func(req *http.Request) { req.Host = "untrusted.invalid" },
		"with a query":         func(req *http.Request) { req.URL.RawQuery = "a=b" },
		"by GET":               func(req *http.Request) { req.Method = http.MethodGet },
		"without a body":       func(req *http.Request) { req.Body = nil },
		"with an empty body":   func(req *http.Request) { req.Body = http.NoBody },
		"to nowhere":           func(req *http.Request) { req.URL = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure := exchanged(t, func(*http.Request) (*http.Response, error) {
				t.Error("it was sent")
				return nil, errors.New("sent")
			}, changing(change))

			require.NotNil(t, failure)
			assert.Equal(t, outcome.NotExecuted, failure.Outcome)
		})
	}
}

// By these headers net/http takes a POST for one that it may send twice.
func TestDo_dropsIdempotencyKeys(t *testing.T) {
	t.Parallel()
	var given *http.Request
	_, failure := exchanged(t, func(req *http.Request) (*http.Response, error) {
		assert.NotContains(t, req.Header, "Idempotency-Key")
		assert.NotContains(t, req.Header, "X-Idempotency-Key")
		assert.Equal(t, "1", req.Header.Get("X-Request-Id"))
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}, changing(func(req *http.Request) {
		req.Header["Idempotency-Key"] = nil
		req.Header.Set("X-Idempotency-Key", "1")
		req.Header.Set("X-Request-Id", "1")
		given = req
	}))

	require.Nil(t, failure)
	assert.Equal(t, "1", given.Header.Get("X-Idempotency-Key"), "the header of the middleware stays as it is")
}

func TestDo_retryAfter(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for header, want := range map[string]time.Duration{ // a bubble's clock begins with the year 2000
		"5":                             5 * time.Second,
		"86400":                         day,
		"86401":                         day,
		"99999999999999999999":          day,
		"-99999999999999999999":         0,
		"-1":                            0,
		"0":                             0,
		"soon":                          0,
		"":                              0,
		"Sat, 01 Jan 2000 00:00:15 GMT": 15 * time.Second,
		"Fri, 31 Dec 2100 00:00:00 GMT": day,
		"Fri, 31 Dec 1999 23:59:59 GMT": 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			answer, failure := exchanged(t, func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {header}}, Body: http.NoBody}, nil
			})

			require.Nil(t, failure)
			if want == 0 {
				assert.Zero(t, answer.RetryAfter, header)
			} else {
				assert.Equal(t, want, time.Until(answer.RetryAfter), header)
			}
		})
	}
}
