package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// watched has the renewals of an App counted.
type watched struct {
	mu    sync.Mutex
	begun int
	ended []oauth.Renewal
}

func (w *watched) renewing(ctx context.Context) (context.Context, func(oauth.Renewal)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun++
	return ctx, func(r oauth.Renewal) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = append(w.ended, r)
	}
}

// forgetful is a store that keeps nothing.
type forgetful struct{ *oauth.MemoryStore }

var errForgetful = errors.New("no room")

func (f forgetful) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	token, err := f.Load(ctx)
	if err == nil {
		_, err = change(token)
	}
	return oauth.Token{}, errors.Join(err, errForgetful)
}

// A renewal is reported once, whatever becomes of it.
func TestRenewing_outcomes(t *testing.T) {
	t.Parallel()
	old := oauth.Token{AccessToken: "EXAMPLE_OLD", RefreshToken: "EXAMPLE_REFRESH"}
	tests := map[string]struct {
		answer   reply
		store    oauth.Store
		rejected string
		want     oauth.RenewalOutcome
		code     imbot.Code
		is       error
	}{
		"renewed":           {answer: says(200, "application/json", goodAnswer), want: oauth.Renewed},
		"renewed elsewhere": {answer: says(200, "application/json", goodAnswer), rejected: "EXAMPLE_OLDER", want: oauth.RenewedElsewhere},
		"refused": {
			answer: says(400, "application/json", `{"error":"invalid_client"}`),
			want:   oauth.RenewalRefused, code: imbot.ErrInvalidClient, is: imbot.ErrInvalidClient,
		},
		"lost": {answer: says(502, "text/html", "<html>"), want: oauth.RenewalUnknown, is: imbot.ErrOutcomeUnknown},
		"not saved": {
			answer: says(200, "application/json", goodAnswer), store: forgetful{oauth.NewMemoryStore(old)},
			want: oauth.RenewalNotSaved, is: errForgetful,
		},
		"no token": {answer: says(200, "application/json", goodAnswer), store: oauth.NewMemoryStore(oauth.Token{}), want: oauth.RenewalFailed, is: oauth.ErrNoToken},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var w watched
				app := appOn(&network{answer: test.answer})
				app.Renewing = w.renewing
				store := test.store
				if store == nil {
					store = oauth.NewMemoryStore(old)
				}
				rejected := test.rejected
				if rejected == "" {
					rejected = old.AccessToken
				}

				_, err := app.Source(store).Refresh(t.Context(), rejected)

				require.Len(t, w.ended, 1)
				assert.Equal(t, 1, w.begun)
				got := w.ended[0]
				assert.Equal(t, test.want, got.Outcome)
				assert.Equal(t, test.code, got.Code)
				if test.is == nil {
					require.NoError(t, err)
					require.NoError(t, got.Err)
					return
				}
				require.ErrorIs(t, got.Err, test.is)
				assert.Equal(t, err, got.Err)
			})
		})
	}
}

// What the portal refuses again and again is refused without a request.
func TestRenewing_refusedWithoutARequest(t *testing.T) {
	t.Parallel()
	var w watched
	net := &network{answer: says(400, "application/json", `{"error":"invalid_client"}`)}
	app := appOn(net)
	app.Renewing = w.renewing
	source := app.Source(oauth.NewMemoryStore(oauth.Token{AccessToken: "EXAMPLE_OLD", RefreshToken: "EXAMPLE_REFRESH"}))
	for range 2 {
		_, err := source.Refresh(t.Context(), "EXAMPLE_OLD")
		require.ErrorIs(t, err, imbot.ErrInvalidClient)
	}
	assert.Equal(t, 1, net.requests())
	require.Len(t, w.ended, 2)
	assert.Equal(t, oauth.RenewalRefused, w.ended[1].Outcome)
}

// Many callers wait for one renewal, whose context goes to the OAuth server.
func TestRenewing_oneForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		portal := imbottest.NewPortal(t)
		var w watched
		app := appOf(portal)
		app.Renewing = func(ctx context.Context) (context.Context, func(oauth.Renewal)) {
			_, end := w.renewing(ctx)
			return context.WithValue(ctx, key{}, "of the renewal"), end
		}
		transport := app.HTTPClient.Transport
		var seen any
		app.HTTPClient = &http.Client{Transport: clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			seen = req.Context().Value(key{})
			time.Sleep(time.Second) // fake clock
			return transport.RoundTrip(req)
		})}
		client := portal.OAuthClient(app.Source(oauth.NewMemoryStore(expired(portal))))
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() { assert.NoError(t, callBots(t.Context(), client)) })
		}
		group.Wait()

		require.Len(t, w.ended, 1)
		assert.Equal(t, oauth.Renewed, w.ended[0].Outcome)
		assert.Equal(t, time.Second, w.ended[0].Duration)
		assert.Equal(t, "of the renewal", seen)
	})
}

// A function that panics is no end of the program, and no end of the pair.
func TestRenewing_panics(t *testing.T) {
	t.Parallel()
	for _, atTheEnd := range []bool{false, true} {
		portal := imbottest.NewPortal(t)
		app := appOf(portal)
		app.Renewing = func(context.Context) (context.Context, func(oauth.Renewal)) {
			if !atTheEnd {
				panic("boom")
			}
			return nil, func(oauth.Renewal) { panic("boom") }
		}
		store := oauth.NewMemoryStore(expired(portal))
		before := load(t, store)

		_, err := app.Source(store).Refresh(t.Context(), before.AccessToken)

		require.ErrorContains(t, err, "panicked")
		assert.Equal(t, atTheEnd, load(t, store).AccessToken != before.AccessToken, "what was got is saved")
	}
}
