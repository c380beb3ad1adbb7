package portals_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

func TestInstall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.add(member(0))
		registry := w.registry(t, store)
		event := w.install(member(0))
		want := event.Auth
		event.Auth.ClientEndpoint, event.Auth.Domain = "https://evil.example/rest/", "evil.example"
		event.Auth.MemberID = "another"
		require.NoError(t, registry.Install(t.Context(), event))
		assert.Equal(t, portals.Installation{
			MemberID: member(0), ClientEndpoint: want.ClientEndpoint, ApplicationToken: applicationToken(member(0)), Token: want,
			InstalledAt: event.Time,
		}, load(t, store, member(0)), "where it is, the OAuth server says")
		assert.Equal(t, 1, w.verified)
		require.NoError(t, call(t.Context(), registry, member(0)))
	})
}

// What an installer is posted in its frame is an installation, too.
func TestInstall_frame(t *testing.T) {
	t.Parallel()
	w, store := newWorld(), portals.NewMemoryStore()
	w.add(member(0))
	issued := w.install(member(0)).Auth
	form := url.Values{
		"AUTH_ID": {issued.AccessToken}, "REFRESH_ID": {issued.RefreshToken}, "AUTH_EXPIRES": {"3600"}, "member_id": {member(0)},
		"APPLICATION_TOKEN": {applicationToken(member(0))},
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://app.example/?DOMAIN=evil.example", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	token, err := oauth.FromFrame(r)
	require.NoError(t, err)
	registry := w.registry(t, store)
	require.NoError(t, registry.Install(t.Context(), &events.Event{
		MemberID: token.MemberID, Auth: token, ApplicationToken: r.PostFormValue("APPLICATION_TOKEN"),
	}))
	assert.Equal(t, issued.ClientEndpoint, load(t, store, member(0)).ClientEndpoint)
	require.NoError(t, call(t.Context(), registry, member(0)))
}

// What is not proven changes nothing, for a new portal and for one that is known.
func TestInstall_refused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*world, *events.Event)
		want   error
		later  bool // it may be proven another time
	}{
		{"a token of another portal", func(w *world, e *events.Event) { e.Auth = w.install(member(1)).Auth }, oauth.ErrNotConfirmed, false},
		{"no token of the OAuth server's", func(_ *world, e *events.Event) { e.Auth.AccessToken = "made up" }, imbot.ErrExpiredToken, false},
		{"an old token", func(w *world, e *events.Event) { w.expire(e.Auth.AccessToken) }, imbot.ErrExpiredToken, false},
		{"no access token", func(_ *world, e *events.Event) { e.Auth.AccessToken = "" }, imbot.ErrNoAuthFound, false},
		{"no refresh token", func(_ *world, e *events.Event) { e.Auth.RefreshToken = "" }, imbot.ErrNoAuthFound, false},
		{"no application token", func(_ *world, e *events.Event) { e.ApplicationToken = "" }, imbot.ErrNoAuthFound, false},
		{"no portal", func(_ *world, e *events.Event) { e.MemberID = "" }, nil, false},
		{"a portal that cannot be", func(_ *world, e *events.Event) { e.MemberID = "../../x" }, nil, false},
		{"no answer", func(w *world, _ *events.Event) { w.down = true }, events.ErrLookup, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, known := range []bool{false, true} {
				w, store := newWorld(), portals.NewMemoryStore()
				w.add(member(0))
				w.add(member(1))
				registry := w.registry(t, store)
				if known {
					require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
				}
				before := list(t, store)
				event := w.install(member(0))
				event.ApplicationToken = "EXAMPLE_TAKEN_OVER"
				tt.change(w, event)
				err := registry.Install(t.Context(), event)
				require.Error(t, err)
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
				}
				assert.Equal(t, tt.later, errors.Is(err, events.ErrLookup))
				assert.NotContains(t, err.Error(), "EXAMPLE_TAKEN_OVER")
				assert.Equal(t, before, list(t, store))
				if known {
					assert.Equal(t, applicationToken(member(0)), load(t, store, member(0)).ApplicationToken)
				}
			}
		})
	}
}

// A portal that does not wait for the answer of the OAuth server has posted its only pair of tokens all the same.
func TestInstall_hangsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.slow = 20 * time.Second
		for n := range 5 {
			w.add(member(n))
		}
		registry := w.registry(t, store)
		ctx, hangUp := context.WithCancel(t.Context())
		event, errs := w.install(member(0)), make(chan error, 5)
		go func() { errs <- registry.Install(ctx, event) }()
		time.Sleep(10 * time.Second) // fake clock
		hangUp()
		require.NoError(t, <-errs)
		require.NoError(t, call(t.Context(), registry, member(0)))

		// Whoever does not wait for a turn does not get one.
		for n := range 4 {
			event := w.install(member(n + 1))
			go func() { errs <- registry.Install(t.Context(), event) }()
		}
		synctest.Wait()
		ctx, hangUp = context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		require.ErrorIs(t, registry.Install(ctx, w.install(member(0))), context.DeadlineExceeded)
		for range 4 {
			require.NoError(t, <-errs)
		}
		assert.Equal(t, 5, w.verified)
	})
}

// Where more is posted than the OAuth server can be asked about, nothing waits for longer than a minute.
func TestInstall_waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.slow = 25 * time.Second
		registry := w.registry(t, store)
		const all = 20
		errs := make(chan error, all)
		for n := range all {
			w.add(member(n))
			event := w.install(member(n))
			go func() { errs <- registry.Install(t.Context(), event) }()
		}
		began, kept := time.Now(), 0
		for range all {
			if err := <-errs; err == nil {
				kept++
			} else {
				require.ErrorIs(t, err, events.ErrLookup)
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
		}
		assert.Equal(t, 12, kept, "four at a time, after 0, 25 and 50 seconds")
		assert.Equal(t, 75*time.Second, time.Since(began))
	})
}

// A store that fails keeps an installation for later, and shows nothing of it.
func TestInstall_storeFails(t *testing.T) {
	t.Parallel()
	w, store := newWorld(), &fullStore{Store: portals.NewMemoryStore()}
	w.add(member(0))
	registry := w.registry(t, store)
	store.isFull.Store(true)
	require.ErrorIs(t, registry.Install(t.Context(), w.install(member(0))), events.ErrLookup)
	store.isFull.Store(false)
	require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
	store.isFull.Store(true)
	event := removal(member(0))
	event.Time = event.Time.Add(time.Minute)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, registry.Uninstall(ended, event), context.Canceled)
}

// The pair of an installation that is repeated does not take the place of one that was renewed since, and neither does
// that of an older one.
func TestInstall_keepsWhatWasRenewed(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store, _ portals.Store) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.add(member(0))
			registry := w.registry(t, store)
			event := w.install(member(0))
			require.NoError(t, registry.Install(t.Context(), event))
			time.Sleep(time.Minute) // fake clock
			second := w.install(member(0))
			w.slow = 10 * time.Second
			w.expire(event.Auth.AccessToken)
			time.Sleep(time.Second) // fake clock
			var group sync.WaitGroup
			group.Go(func() { assert.NoError(t, call(t.Context(), registry, member(0))) })
			synctest.Wait() // the pair is being renewed
			group.Go(func() { assert.NoError(t, registry.Install(t.Context(), second)) })
			group.Wait()
			kept := load(t, store, member(0))
			assert.Equal(t, "access-3", kept.Token.AccessToken)
			assert.Equal(t, second.Time, kept.InstalledAt)

			time.Sleep(time.Minute) // fake clock
			third := w.install(member(0))
			require.NoError(t, registry.Install(t.Context(), third))
			assert.Equal(t, third.Auth.AccessToken, load(t, store, member(0)).Token.AccessToken, "this one is newer")
			require.NoError(t, registry.Install(t.Context(), second))
			assert.Equal(t, third.Time, load(t, store, member(0)).InstalledAt)
			require.NoError(t, call(t.Context(), registry, member(0)))
		})
	})
}

func TestLookup(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store, _ portals.Store) {
		registry := newWorld().registry(t, store)
		for n := range 3 { // the name has passed from one to another, and the first one's new name is not known yet
			i := full(member(n))
			i.ApplicationToken = strconv.Itoa(n)
			i.InstalledAt = i.InstalledAt.Add([]time.Duration{0, 2 * time.Hour, time.Hour}[n])
			put(t, store, i)
		}
		tests := map[events.Sender]string{
			{MemberID: member(0)}:                            "0",
			{MemberID: member(0), Domain: "another.example"}: "0",
			{MemberID: member(9), Domain: "portal.example"}:  "",
			{MemberID: "../x", Domain: "portal.example"}:     "",
			{Domain: "portal.example"}:                       "1",
			{Domain: "Portal.example"}:                       "1",
			{Domain: "another.example"}:                      "",
			{Domain: "../x"}:                                 "",
			{}:                                               "",
		}
		for sender, want := range tests {
			got, err := registry.Lookup(t.Context(), sender)
			require.NoError(t, err)
			assert.Equal(t, want, got, "%+v", sender)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, sender := range []events.Sender{{MemberID: member(0)}, {Domain: "portal.example"}} {
			_, err := registry.Lookup(ended, sender)
			require.ErrorIs(t, err, context.Canceled)
		}
	})
}

// The parts fit a handler of events, from the installation to the removal.
func TestHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.add(member(0))
		registry := w.registry(t, store)
		var joined int
		handler, err := events.NewHandler(registry.Lookup, events.WithInstallCheck(registry.Install), events.OnAppUninstall(registry.Uninstall),
			events.OnJoinChat(func(ctx context.Context, event *events.Event) error {
				joined++
				return call(ctx, registry, event.MemberID)
			}), events.WithSynchronous())
		require.NoError(t, err)
		post := func(name string, auth oauth.Token, applicationToken string) int {
			form := url.Values{
				"event": {name}, "ts": {strconv.FormatInt(time.Now().Unix(), 10)}, "auth[member_id]": {member(0)},
				"auth[application_token]": {applicationToken}, "auth[access_token]": {auth.AccessToken}, "auth[refresh_token]": {auth.RefreshToken},
				"auth[expires_in]": {"3600"}, "data[BOT][39][BOT_ID]": {"39"},
			}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://bot.example/", strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, req)
			return answer.Code
		}
		proof := applicationToken(member(0))
		assert.Equal(t, http.StatusForbidden, post(events.JoinChat, oauth.Token{}, proof), "it is not known")
		assert.Equal(t, http.StatusForbidden, post(events.AppInstall, oauth.Token{AccessToken: "made", RefreshToken: "up"}, proof))
		w.down = true
		assert.Equal(t, http.StatusServiceUnavailable, post(events.AppInstall, w.install(member(0)).Auth, proof))
		w.down = false
		assert.Equal(t, http.StatusOK, post(events.AppInstall, w.install(member(0)).Auth, proof))
		assert.Equal(t, http.StatusOK, post(events.JoinChat, oauth.Token{}, proof))
		assert.Equal(t, http.StatusForbidden, post(events.JoinChat, oauth.Token{}, "made up"))
		assert.Equal(t, 1, joined)
		time.Sleep(time.Second) // fake clock
		assert.Equal(t, http.StatusOK, post(events.AppUninstall, oauth.Token{}, proof))
		assert.Equal(t, http.StatusForbidden, post(events.JoinChat, oauth.Token{}, proof))
		require.NoError(t, handler.Shutdown(t.Context()))
	})
}
