package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const ofApp = imbot.UserID(imbottest.BotOfApp)

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))

	text := out.String()
	assert.Contains(t, text, "Before: the chat 14 has [1 41], the chat 15 has [39 1], the chat 19 has [1]\n")
	assert.Contains(t, text, "The portal posted ONAPPINSTALL and was answered 200.\n")
	assert.Equal(t, 3, strings.Count(text, "The portal posted ONIMBOTJOINCHAT and was answered 200.\n"))
	assert.Contains(t, text, "The bot 50 was added to the chat 14 by the user 1: left.\n")
	assert.Contains(t, text, "The bot 50 may stay in the chat 15.\n")
	assert.Contains(t, text, "The bot 50 is in a private chat")
	assert.True(t, strings.HasSuffix(text, "After:  the chat 14 has [1 41], the chat 15 has [39 1 50], the chat 19 has [1 50]\n"), text)
	assert.NotContains(t, text, "Failed")
	assert.NotContains(t, text, imbottest.ApplicationToken)
}

func TestRun_allowList(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-allow", "13, chat14"}, &out))
	assert.Contains(t, out.String(), "After:  the chat 14 has [1 41 50], the chat 15 has [39 1],")
}

// A signal ends the program after the work is done, not in the middle.
func TestRun_endsOnSignal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-wait"}, write)
		_ = write.Close()
	}()
	last := ""
	for lines := bufio.NewScanner(read); lines.Scan(); last = lines.Text() {
		if strings.Contains(lines.Text(), "until Ctrl-C") {
			cancel()
		}
	}
	require.NoError(t, <-done)
	assert.Contains(t, last, "After:  the chat 14 has [1 41],")
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-allow", "x"}, {"-allow", ""}, {"-never"}, {"14"}} {
		assert.Error(t, run(t.Context(), args, io.Discard), args)
	}
}

// Anybody may post an installation. The bot believes one only if the tokens are good at the portal that it expects.
func TestBot_installations(t *testing.T) {
	t.Parallel()
	portal, stranger := imbottest.NewPortal(t), imbottest.NewPortal(t, imbottest.Empty())
	var out lockedWriter
	var text strings.Builder
	out.to = &text
	handler, err := newBot(portal.ServerEndpoint(), nil, &out).handler()
	require.NoError(t, err)

	stranger.SendEventsTo(handler)
	stranger.InstallApp(imbottest.App)
	assert.Equal(t, 403, stranger.Deliveries()[0].Status, "its tokens are not known here")

	portal.SendEventsTo(handler)
	portal.AddMember(imbottest.ChatElsewhere, ofApp, 1)
	portal.InstallApp(imbottest.App)
	portal.AddMember(imbottest.ChatOwned, ofApp, 1)

	// Another application of the same portal has tokens that work there. It does not take this one's place.
	forged := url.Values{
		"event": {"ONAPPINSTALL"}, "auth[member_id]": {imbottest.MemberID}, "auth[application_token]": {"EXAMPLE_FORGED"},
		"auth[access_token]": {imbottest.TokenOK},
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(forged.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	assert.Equal(t, http.StatusForbidden, answer.Code)

	require.NoError(t, handler.Shutdown(t.Context()))
	var statuses []int
	for _, delivery := range portal.Deliveries() {
		statuses = append(statuses, delivery.Status)
	}
	assert.Equal(t, []int{403, 200, 200}, statuses)
	assert.True(t, portal.Has(imbottest.ChatElsewhere, imbottest.BotOfApp), "it came before the installation")
	assert.False(t, portal.Has(imbottest.ChatOwned, imbottest.BotOfApp))

	again, err := newBot(portal.ServerEndpoint(), nil, &out).handler()
	require.NoError(t, err)
	portal.SendEventsTo(again)
	portal.InstallApp(imbottest.App)
	portal.UninstallApp(imbottest.App)
	require.NoError(t, again.Shutdown(t.Context()))
	assert.NotContains(t, text.String(), "access-")
}
