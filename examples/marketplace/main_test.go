package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("BITRIX24_CLIENT_ID", imbottest.App)
	_ = os.Setenv("BITRIX24_CLIENT_SECRET", imbottest.AppSecret)
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run(t.Context(), nil, &out)
	text := out.String()
	require.NoError(t, err, text)

	for _, line := range []string{
		"1. The application is installed", "Cove has opened the page of the installer in a frame.",
		"Acme: 12 messages and a command, 13 answers.", "Cove: 12 messages and a command, 13 answers.",
		"Bolt: the bot was in 60 group chats, and is in 0. Requests: ",
		"Acme: three messages were answered. Requests for new tokens: 1.",
		"Bolt: since the next renewal of its tokens, https://example-20.bitrix24.com/rest/ is stored.",
		"Cove has posted ONAPPUNINSTALL. Its tokens are deleted; 2 portals are left.",
		"People have asked 44 times, and the portals have 44 answers of the bot.",
	} {
		assert.Contains(t, text, line)
	}
	assert.True(t, strings.HasSuffix(text, "\nNothing was lost.\n"), text)
	assert.NotContains(t, text, "Failed")
	for _, secret := range []string{imbottest.AppSecret, imbottest.ApplicationToken, "access-", "refresh-"} {
		assert.NotContains(t, text, secret)
	}
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-replicas", "0"}, {"-replicas", "x"}, {"-never"}, {"Acme"}, {"-listen", ":0", "-replicas", "2"}, {"-listen", "nowhere", "-data", t.TempDir()}, {"-replicas", "2"}, {"-listen", ":0", "-redis", "redis://127.0.0.1:1"}} {
		assert.Error(t, run(t.Context(), args, io.Discard), args)
	}
}

// For real portals it listens until a signal comes.
func TestRun_listens(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-data", t.TempDir()}, write)
		_ = write.Close()
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	require.NoError(t, err)
	_, rest, _ := strings.Cut(line, "post events to ")
	address, _, _ := strings.Cut(rest, ",")

	unknown := url.Values{"event": {"ONIMBOTV2MESSAGEADD"}, "auth[member_id]": {"m1"}, "auth[application_token]": {"EXAMPLE"}}
	for path, form := range map[string]url.Values{"": unknown, "install": {"member_id": {"m1"}}} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+path, strings.NewReader(form.Encode()))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultTransport.RoundTrip(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, path)
	}
	cancel()
	require.NoError(t, <-done)
}

// newTestStage returns a stage with portals and one replica.
func newTestStage(t *testing.T, companies ...*company) (s *stage, out *strings.Builder) {
	t.Helper()
	out = new(strings.Builder)
	s = newStage(&lockedWriter{to: out})
	s.companies = companies
	require.NoError(t, s.open(t.Context(), settings{replicas: 1, data: t.TempDir()}))
	t.Cleanup(func() {
		assert.NoError(t, s.end(context.WithoutCancel(t.Context())))
		for _, c := range companies {
			c.Close()
		}
	})
	return s, out
}

// What was lost is noticed: an answer, and an event.
func TestSum(t *testing.T) {
	t.Parallel()
	c := newCompany("Acme", 1)
	s, out := newTestStage(t, c)
	c.InstallApp(imbottest.App)
	require.NoError(t, s.await(t.Context()))
	require.NoError(t, s.sum())
	client, err := s.one().registry.Client(t.Context(), c.memberID)
	require.NoError(t, err)
	bots, err := imbotv2.New(client).Bot.List(t.Context(), imbotv2.BotListRequest{})
	require.NoError(t, err)
	c.bot = bots.Result.Bots[0].ID
	c.dialog = c.PrivateChat(c.bot, ann)

	c.On("imbot.v2.Chat.Message.send", imbottest.Raw(http.StatusBadGateway, "text/html", "<html>"))
	c.write("hello")
	require.NoError(t, s.await(t.Context()))
	require.ErrorContains(t, s.sum(), "something was lost")
	assert.Contains(t, out.String(), "People have asked 1 times, and the portals have 0 answers of the bot.")
	assert.NotContains(t, out.String(), "Nothing was lost.\n\nThe portals have posted 3 events, and 3")

	c.On("imbot.v2.Chat.Message.send")
	c.PostMessage(c.dialog, ann, "hello again") // which nobody has counted
	require.NoError(t, s.await(t.Context()))
	s.dead = nil
	require.ErrorContains(t, s.sum(), "something was lost", "the event was not worked on")
}

// Anybody may post an installation. One is believed only if the OAuth server confirms whose tokens it has.
func TestInstall_forged(t *testing.T) {
	t.Parallel()
	known, stranger := newCompany("Acme", 1), newCompany("Bolt", 2)
	s, _ := newTestStage(t, known, stranger)
	known.InstallApp(imbottest.App)
	require.NoError(t, s.await(t.Context()))
	before, err := s.installation(t.Context(), known)
	require.NoError(t, err)

	known.AddApplication(imbottest.Application{ID: "app.2", Secret: "EXAMPLE_SECRET", Scopes: []string{imbottest.ScopeBots}})
	other := known.IssueTokens("app.2")
	foreign := stranger.IssueTokens(imbottest.App)
	for name, test := range map[string]struct {
		memberID string
		grant    imbottest.Grant
	}{
		"made up":                 {known.memberID, imbottest.Grant{AccessToken: "EXAMPLE_TOKEN", RefreshToken: "EXAMPLE_REFRESH"}},
		"of another application":  {known.memberID, other},
		"of another portal":       {known.memberID, foreign},
		"of a portal with a name": {"another", foreign},
	} {
		event := url.Values{
			"event": {"ONAPPINSTALL"}, "auth[member_id]": {test.memberID}, "auth[application_token]": {"EXAMPLE_FORGED"},
			"auth[access_token]": {test.grant.AccessToken}, "auth[refresh_token]": {test.grant.RefreshToken},
		}
		frame := url.Values{
			"member_id": {test.memberID}, "APPLICATION_TOKEN": {"EXAMPLE_FORGED"}, "AUTH_ID": {test.grant.AccessToken}, "REFRESH_ID": {test.grant.RefreshToken},
		}
		for path, form := range map[string]url.Values{"/": event, "/install": frame} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, request)
			assert.Equal(t, http.StatusForbidden, answer.Code, "%s, %s", name, path)
			assert.NotContains(t, answer.Body.String(), "installFinish")
		}
	}
	after, err := s.installation(t.Context(), known)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	_, err = s.installation(t.Context(), stranger)
	require.ErrorIs(t, err, portals.ErrNotInstalled)
}

// What is there already stays: the worker may come to an installation twice.
func TestInstalled_again(t *testing.T) {
	t.Parallel()
	c := newCompany("Acme", 1)
	s, _ := newTestStage(t, c)
	c.InstallApp(imbottest.App)
	require.NoError(t, s.await(t.Context()))
	v, event := s.one().vendor, &events.Event{MemberID: c.memberID}
	c.On("event.bind", imbottest.Refuse(http.StatusBadRequest, "ERROR_CORE", "Unable to set event handler: Handler already binded"))
	require.NoError(t, v.installed(t.Context(), event))
	client, err := v.registry.Client(t.Context(), c.memberID)
	require.NoError(t, err)
	bots, err := imbotv2.New(client).Bot.List(t.Context(), imbotv2.BotListRequest{})
	require.NoError(t, err)
	assert.Len(t, bots.Result.Bots, 1)

	c.On("event.bind", imbottest.Refuse(http.StatusBadRequest, "ERROR_EVENT_NOT_FOUND", "Event not found"))
	require.ErrorIs(t, v.installed(t.Context(), event), imbot.Code("ERROR_EVENT_NOT_FOUND"))
	c.On("imbot.v2.Bot.register", imbottest.Refuse(http.StatusBadRequest, "BOT_LIMIT_EXCEEDED", "Too many"))
	require.ErrorIs(t, v.installed(t.Context(), event), imbot.Code("BOT_LIMIT_EXCEEDED"))
	event.MemberID = "another"
	require.ErrorIs(t, v.installed(t.Context(), event), portals.ErrNotInstalled)
}

func TestNewReplica_mistakes(t *testing.T) {
	t.Parallel()
	closed := errors.New("closed")
	s := storage{installations: portals.NewMemoryStore(), close: func() error { return closed }}
	_, err := newReplica(oauth.App{}, s, "", nil)
	var param *imbot.ParamError
	require.ErrorAs(t, err, &param)
	require.ErrorIs(t, err, closed, fmt.Sprint(err))
}
