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
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
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

func appOf(p *imbottest.Portal) oauth.App {
	return oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.ServerTokenURL()}
}

// Anybody may post an installation. The bot believes one only if the tokens are good at the portal that it expects.
func TestBot_installations(t *testing.T) {
	t.Parallel()
	portal, stranger := imbottest.NewPortal(t), imbottest.NewPortal(t, imbottest.Empty())
	var out lockedWriter
	var text strings.Builder
	out.to = &text
	handler, err := newBot(appOf(portal), portal.ServerEndpoint(), nil, &out).handler()
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

	again, err := newBot(appOf(portal), portal.ServerEndpoint(), nil, &out).handler()
	require.NoError(t, err)
	portal.SendEventsTo(again)
	portal.InstallApp(imbottest.App)
	portal.UninstallApp(imbottest.App)
	require.NoError(t, again.Shutdown(t.Context()))
	assert.NotContains(t, text.String(), "access-")
}

// A removal that comes late does not take back an installation that came after it.
func TestBot_uninstalled(t *testing.T) {
	t.Parallel()
	installed := time.Unix(1_800_000_000, 0)
	for name, test := range map[string]struct {
		at    time.Time
		known bool
	}{
		"after the installation":  {installed.Add(time.Second), false},
		"before it":               {installed.Add(-time.Second), true},
		"in the same second":      {installed, true},
		"nobody knows when it is": {time.Time{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			b := newBot(appOf(portal), portal.ServerEndpoint(), nil, io.Discard)
			event := &events.Event{
				Name: events.AppInstall, MemberID: imbottest.MemberID, ApplicationToken: imbottest.ApplicationToken,
				Auth: oauth.Token(portal.IssueTokens(imbottest.App)), Time: installed,
			}
			require.NoError(t, b.install(t.Context(), event))

			require.NoError(t, b.uninstalled(t.Context(), &events.Event{MemberID: imbottest.MemberID, Time: test.at}))

			token, err := b.applicationToken(t.Context(), events.Sender{MemberID: imbottest.MemberID})
			require.NoError(t, err)
			assert.Equal(t, test.known, token == imbottest.ApplicationToken)
		})
	}
}

// held is a transport that lets a request go when it is told to.
type held struct{ begun, release chan struct{} }

func (h held) RoundTrip(req *http.Request) (*http.Response, error) {
	close(h.begun)
	<-h.release
	return http.DefaultTransport.RoundTrip(req)
}

// The program does not end before a pair of tokens that is being renewed is saved.
func TestBot_wait(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	app := appOf(portal)
	transport := held{make(chan struct{}), make(chan struct{})}
	app.HTTPClient = &http.Client{Transport: transport}
	b := newBot(app, portal.ServerEndpoint(), nil, io.Discard)
	handler, err := b.handler()
	require.NoError(t, err)
	portal.SendEventsTo(handler)
	portal.InstallApp(imbottest.App)
	installed := b.portal(imbottest.MemberID)
	before, err := installed.store.Load(t.Context())
	require.NoError(t, err)
	portal.Expire(before.AccessToken)
	ctx, cancel := context.WithCancel(t.Context())
	called := make(chan error, 1)
	go func() {
		_, err := imbot.Call(ctx, installed.client, botList, struct{}{})
		called <- err
	}()
	<-transport.begun
	cancel()
	require.ErrorIs(t, <-called, context.Canceled)
	require.ErrorIs(t, b.wait(ctx), context.Canceled, "it is still under way")
	close(transport.release)

	require.NoError(t, b.wait(t.Context()))

	after, err := installed.store.Load(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, before.RefreshToken, after.RefreshToken)
}

// An event may come without tokens. Then the bot acts by those of the application.
func TestBot_joinedWithoutToken(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	b := newBot(appOf(portal), portal.ServerEndpoint(), nil, io.Discard)
	require.NoError(t, b.install(t.Context(), &events.Event{
		MemberID: imbottest.MemberID, ApplicationToken: imbottest.ApplicationToken, Auth: oauth.Token(portal.IssueTokens(imbottest.App)),
	}))
	portal.AddMember(imbottest.ChatElsewhere, ofApp, 1)

	err := b.joined(t.Context(), &events.Event{
		MemberID: imbottest.MemberID, ChatID: imbottest.ChatElsewhere, Bots: []events.Bot{{ID: imbottest.BotOfApp}},
	})

	require.NoError(t, err)
	assert.False(t, portal.Has(imbottest.ChatElsewhere, imbottest.BotOfApp))
}
