package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
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

// brackets encodes a tree as PHP does: what is no text becomes one, and what is empty vanishes.
func brackets(tree map[string]any) string {
	values := url.Values{}
	var add func(prefix string, value any)
	add = func(prefix string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				add(prefix+"["+key+"]", inner)
			}
		case []any:
			for i, inner := range value {
				add(prefix+"["+strconv.Itoa(i)+"]", inner)
			}
		case bool:
			values.Set(prefix, map[bool]string{true: "1", false: "0"}[value])
		case nil:
			values.Set(prefix, "")
		default:
			values.Set(prefix, fmt.Sprint(value))
		}
	}
	for key, value := range tree {
		add(key, value)
	}
	return values.Encode()
}

// postedJSON returns a post of testdata/posts as JSON, and as a portal sends it.
func postedJSON(t testing.TB, name string) (object, form string) {
	t.Helper()
	content, err := os.ReadFile("testdata/posts/" + name + ".json")
	require.NoError(t, err)
	return string(content), formOf(t, string(content))
}

// formOf returns JSON as the form that says the same.
func formOf(t testing.TB, object string) string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	decoder.UseNumber()
	var tree map[string]any
	require.NoError(t, decoder.Decode(&tree))
	return brackets(tree)
}

// allPosts are the posts of testdata/posts: an example of every event, those of the first generation in two kinds of
// chats.
func allPosts(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/posts/*.json")
	require.NoError(t, err)
	require.Len(t, files, 25)
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	return names
}

// postOf is a request with a body of a certain type.
func postOf(t testing.TB, contentType, body string) *http.Request {
	t.Helper()
	r := post(t, "/", body)
	r.Header.Set("Content-Type", contentType)
	return r
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
func lookup(_ context.Context, sender events.Sender) (string, error) {
	if sender.MemberID == member {
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
