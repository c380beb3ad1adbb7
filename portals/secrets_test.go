package portals_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// The secrets of an application on a portal. Each is long enough to be found by chance nowhere.
const (
	secretApp         = "EXAMPLEappSECRET7c1f"
	secretAccess      = "EXAMPLEaccessSECRET93ab"
	secretRefresh     = "EXAMPLErefreshSECRET55de"
	secretApplication = "EXAMPLEapplicationSECRET2b08"
)

var secrets = secrettest.Secrets{secretApp, secretAccess, secretRefresh, secretApplication}

func secretInstallation() portals.Installation {
	i := full(member(1))
	i.ApplicationToken, i.Token.AccessToken, i.Token.RefreshToken = secretApplication, secretAccess, secretRefresh
	return i
}

// Every exported type has a row. What the row makes is given every secret that the type can hold.
func exportedValues(t testing.TB) map[string][]any {
	t.Helper()
	i := secretInstallation()
	memory, folder := portals.NewMemoryStore(), dirStore(t, t.TempDir())
	put(t, memory, i)
	put(t, folder, i)
	app := oauth.App{ID: appID, Secret: secretApp, HTTPClient: &http.Client{Transport: newWorld()}}
	registry, err := portals.New(app, memory)
	require.NoError(t, err)
	_, err = registry.Client(t.Context(), member(1))
	require.NoError(t, err)
	return map[string][]any{
		"Installation": {i, &i, portals.Installation{}, (*portals.Installation)(nil)},
		"Store":        {portals.Store(memory), portals.Store(folder)},
		"MemoryStore":  {memory},
		"DirStore":     {folder, *folder},
		"Registry":     {registry, new(portals.Registry), (*portals.Registry)(nil)},
		"Option":       {portals.WithClientOptions(imbot.WithClientID(secretApplication))},
	}
}

func TestSecrets_everyExportedTypeHasARow(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, secrettest.ExportedTypes(t, "."), slices.Collect(maps.Keys(exportedValues(t))))
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testValues)
}

func testValues(t *testing.T) {
	t.Helper()
	rows := exportedValues(t)
	synctest.Wait() // fmt reads what a goroutine that made a client may still write
	for name, values := range rows {
		for _, value := range values {
			secrets.NotPrinted(t, value, name)
			if name == "Installation" {
				continue // its fields are texts like others: only its own methods guard them
			}
			secrets.NotEncoded(t, value, name)
			secrets.NotReached(t, value, name)
		}
	}
}

// What goes wrong shows no secret either.
func TestSecrets_noErrorShowsOne(t *testing.T) {
	t.Parallel()
	chatty := &chattyStore{Store: portals.NewMemoryStore()}
	w := newWorld()
	w.add(member(1))
	registry := w.registry(t, chatty)
	event := w.install(member(1))
	event.ApplicationToken = secretApplication
	err := registry.Install(t.Context(), event)
	require.ErrorIs(t, err, events.ErrLookup)
	i := secretInstallation()
	put(t, chatty.Store, i)
	uninstall := &events.Event{MemberID: i.MemberID, ApplicationToken: secretApplication}
	chatty.repeat = i
	failed := registry.Uninstall(t.Context(), uninstall)
	require.ErrorContains(t, failed, "INSERT")
	secrets.NotInError(t, failed, "the error of a removal")
	for _, secret := range []string{secretApplication, event.Auth.AccessToken + " ", event.Auth.RefreshToken + " "} {
		for _, verb := range secrettest.Verbs {
			assert.NotContains(t, fmt.Sprintf(verb, err), secret)
		}
	}
}

// chattyStore fails with a text that has all it was to save.
type chattyStore struct {
	portals.Store

	repeat portals.Installation // is in the text of every error, too
}

func (s *chattyStore) Update(
	ctx context.Context, memberID string, change func(portals.Installation) (portals.Installation, error),
) (portals.Installation, error) {
	return s.Store.Update(ctx, memberID, func(current portals.Installation) (portals.Installation, error) {
		next, err := change(current)
		if err != nil {
			return next, err
		}
		return next, errors.New("INSERT " + next.ApplicationToken + " " + next.Token.AccessToken + " " + next.Token.RefreshToken + " " +
			s.repeat.ApplicationToken + " " + s.repeat.Token.AccessToken)
	})
}

func TestInstallation_Format(t *testing.T) {
	t.Parallel()
	i := secretInstallation()
	assert.Equal(t, `portals.Installation{MemberID:"00000000000000000000000000000001" ClientEndpoint:"https://portal.example/rest/" `+
		`ApplicationToken:*** Token:`+fmt.Sprint(i.Token)+` Plan:Enterprise InstalledAt:2026-06-01T12:09:42Z}`, fmt.Sprint(i))
	assert.Equal(t, `portals.Installation{MemberID:"" ClientEndpoint:"" ApplicationToken:"" Token:`+fmt.Sprint(oauth.Token{})+
		` Plan:Standard RemovedAt:1970-01-01T00:00:01Z}`, fmt.Sprintf("%x", portals.Installation{RemovedAt: time.Unix(1, 0).UTC()}))
	assert.Equal(t, `portals.Registry("app.example")`, fmt.Sprintf("%d", newWorld().registry(t, portals.NewMemoryStore())))
}

// What is stored is read again as it was, and what is none says so in words that do not repeat it.
func TestInstallation_JSON(t *testing.T) {
	t.Parallel()
	for _, want := range []portals.Installation{
		full(member(1)), {}, {MemberID: "m", RemovedAt: time.Unix(1, 5).UTC()}, {MemberID: "m", InstalledAt: time.Unix(1, 5).UTC()},
	} {
		data, err := json.Marshal(want)
		require.NoError(t, err)
		var got portals.Installation
		require.NoError(t, json.Unmarshal(data, &got))
		assert.Equal(t, want, got)
	}
	data, err := json.Marshal(portals.Installation{MemberID: "m"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"member_id":"m"}`, string(data))
	for _, bad := range []string{`{"member_id":["` + secretAccess + `"]}`, `{"token":"` + secretAccess + `"}`, `"` + secretAccess + `"`} {
		i := full("kept")
		err := json.Unmarshal([]byte(bad), &i)
		require.Error(t, err, bad)
		secrets.NotIn(t, err.Error(), bad)
		assert.Equal(t, full("kept"), i)
	}
}
