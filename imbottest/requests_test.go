package imbottest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// request is what a test sends. The zero value of a field stands for what most tests want.
type request struct {
	method string // POST
	host   string // https://portal.example
	path   string
	header http.Header // JSON
	body   string
}

// leave is imbot.chat.leave by the user's webhook.
func leave(body string) request {
	return request{path: "/rest/1/s3cr3t00/imbot.chat.leave", body: body}
}

// leaveOAuth is imbot.chat.leave with whatever token the body has.
func leaveOAuth(body string) request {
	return request{path: "/rest/imbot.chat.leave", body: body}
}

func (r request) with(name, value string) request {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = make(http.Header)
	}
	r.header.Set(name, value)
	return r
}

func (r request) at(path string) request {
	r.path = path
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// client returns a client that shows redirects instead of following them.
func client(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// try sends a request and returns the error of getting or reading the answer.
func try(t *testing.T, portal *imbottest.Portal, r request) (answer, error) {
	t.Helper()
	return tryClient(t, client(portal.RoundTripper()), r)
}

func tryClient(t *testing.T, c *http.Client, r request) (answer, error) {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.host == "" {
		r.host = "https://" + imbottest.Host
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, r.host+r.path, strings.NewReader(r.body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body)}, err
}

// send sends a request that has to be answered.
func send(t *testing.T, portal *imbottest.Portal, r request) answer {
	t.Helper()
	got, err := try(t, portal, r)
	require.NoError(t, err)
	return got
}

// assertResult checks a success: its result, and that it tells the time.
func assertResult(t *testing.T, want string, got answer) {
	t.Helper()
	assert.Equal(t, http.StatusOK, got.status)
	var envelope struct{ Result, Time json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope), got.body)
	assert.JSONEq(t, want, string(envelope.Result))
	assert.NotEmpty(t, envelope.Time, "every success has a time")
}

// assertPart checks a success: its result has all that is wanted, and its objects may have more.
func assertPart(t *testing.T, want string, got answer) {
	t.Helper()
	assert.Equal(t, http.StatusOK, got.status)
	var envelope struct{ Result any }
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope), got.body)
	var part any
	require.NoError(t, json.Unmarshal([]byte(want), &part))
	assertWithin(t, "result", part, envelope.Result)
}

// assertWithin checks that a decoded JSON value has all that is wanted.
func assertWithin(t *testing.T, at string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, isObject := got.(map[string]any)
		require.True(t, isObject, "%s: %v", at, got)
		for name, value := range want {
			require.Contains(t, object, name, at)
			assertWithin(t, at+"."+name, value, object[name])
		}
	case []any:
		list, isList := got.([]any)
		require.True(t, isList, "%s: %v", at, got)
		require.Len(t, list, len(want), at)
		for i := range want {
			assertWithin(t, at+"[]", want[i], list[i])
		}
	default:
		assert.Equal(t, want, got, at)
	}
}

// assertError checks a failure as a whole: it has a code, a description and nothing else.
func assertError(t *testing.T, status int, code, description string, got answer) {
	t.Helper()
	assert.Equal(t, status, got.status)
	want, err := json.Marshal(map[string]string{"error": code, "error_description": description})
	require.NoError(t, err)
	assert.JSONEq(t, string(want), got.body)
}

// assertBytes compares JSON letter by letter: order and escapes count.
func assertBytes(t *testing.T, want, got string) {
	t.Helper()
	assert.Equal(t, want, got)
}

// started returns a portal for calls that would fail a test by their method.
func started(t *testing.T, opts ...imbottest.Option) *imbottest.Portal {
	t.Helper()
	portal := imbottest.Start(opts...)
	t.Cleanup(portal.Close)
	return portal
}

func newURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(raw)
	require.NoError(t, err)
	return parsed
}
