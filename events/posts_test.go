package events_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

const (
	form   = "application/x-www-form-urlencoded"
	member = "00000000000000000000000000000000"
	proof  = "EXAMPLE_APPLICATION_TOKEN"
)

// post is a request as a portal makes it.
func post(t testing.TB, target, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", form)
	return r
}

func parse(t testing.TB, target, body string) *events.Event {
	t.Helper()
	event, err := events.Parse(post(t, target, body))
	require.NoError(t, err)
	return event
}

// brackets encodes a tree as PHP does.
func brackets(tree map[string]any) string {
	values := url.Values{}
	var add func(prefix string, value any)
	add = func(prefix string, value any) {
		if nested, ok := value.(map[string]any); ok {
			for key, inner := range nested {
				add(prefix+"["+key+"]", inner)
			}
			return
		}
		values.Set(prefix, value.(string))
	}
	for key, value := range tree {
		add(key, value)
	}
	return values.Encode()
}

// fields encodes a flat list of names and values, which reads better in a table than an encoded form.
func fields(pairs ...string) string {
	values := url.Values{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		values.Add(name, value)
	}
	return values.Encode()
}

// join is a small event that [lookup] verifies.
func join(more ...string) string {
	return fields(append([]string{
		"event=ONIMBOTJOINCHAT", "data[BOT][571][BOT_ID]=571", "data[PARAMS][CHAT_ID]=1157",
		"auth[member_id]=" + member, "auth[application_token]=" + proof,
	}, more...)...)
}

// named is the same for another event.
func named(name string) string {
	return fields("event="+name, "data[BOT_ID]=571", "auth[member_id]="+member, "auth[application_token]="+proof)
}

// lookup knows one portal.
func lookup(_ context.Context, memberID string) (string, error) {
	if memberID == member {
		return proof, nil
	}
	return "", nil
}

// serve hands a request to a handler and returns the status.
func serve(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func newHandler(t testing.TB, opts ...events.Option) *events.Handler {
	t.Helper()
	h, err := events.NewHandler(lookup, opts...)
	require.NoError(t, err)
	return h
}

func sorted(texts []string) []string {
	sort.Strings(texts)
	return texts
}
