package portals_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// The whole way over connections: a portal posts its installation, the OAuth server confirms it, a bot gets out of a
// chat that it is added to, and the application is removed.
func TestServer(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store := dirStore(t, t.TempDir())
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.ServerTokenURL()}
	registry, err := portals.New(app, store)
	require.NoError(t, err)
	left := make(chan error, 1)
	handler, err := events.NewHandler(registry.Lookup, events.WithInstallCheck(registry.Install), events.OnAppUninstall(registry.Uninstall),
		events.OnJoinChat(func(ctx context.Context, event *events.Event) error {
			client, err := registry.Client(ctx, event.MemberID)
			if err == nil {
				_, err = client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: event.ChatID, BotID: imbottest.BotOfApp})
			}
			left <- err
			return nil
		}))
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	p.SendEvents(server.URL)
	p.InstallApp(imbottest.App)
	require.Equal(t, http.StatusOK, p.Deliveries()[0].Status)
	kept := load(t, store, imbottest.MemberID)
	assert.Equal(t, p.ServerEndpoint(), kept.ClientEndpoint)
	p.Expire(kept.Token.AccessToken)
	p.AddChat(imbottest.Chat{ID: 77, Members: []imbot.UserID{imbottest.Employee}})
	p.AddMember(77, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	require.NoError(t, <-left)
	assert.False(t, p.Has(77, imbottest.BotOfApp))
	assert.Len(t, p.TokenCalls(), 1)

	// Another application's tokens do not take the portal over.
	p.AddApplication(imbottest.Application{ID: "app.other", Secret: "EXAMPLE_OTHER"})
	err = registry.Install(t.Context(), &events.Event{
		MemberID: imbottest.MemberID, Auth: oauth.Token(p.IssueTokens("app.other")), ApplicationToken: "EXAMPLE_OTHER",
	})
	require.ErrorIs(t, err, oauth.ErrNotConfirmed)
	assert.Equal(t, kept.ApplicationToken, load(t, store, imbottest.MemberID).ApplicationToken)

	assert.Eventually(t, func() bool { return time.Now().Unix() > kept.InstalledAt.Unix() }, 10*time.Second, time.Millisecond, "the next second")
	p.UninstallApp(imbottest.App)
	require.NoError(t, handler.Shutdown(t.Context()))
	require.NoError(t, registry.Wait(t.Context()))
	_, err = registry.Client(t.Context(), imbottest.MemberID)
	require.ErrorIs(t, err, portals.ErrNotInstalled)
}
