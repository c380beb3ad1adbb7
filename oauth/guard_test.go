package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// touchy is an error that cannot be read.
type touchy struct{}

func (touchy) Error() string { panic(secretNext) }

// slowly is a network that leaves time for others to join those who wait.
type slowly struct{ *network }

func (s slowly) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(time.Second) // fake clock
	return s.network.RoundTrip(req)
}

// What others have written may panic or end its goroutine. Then all who wait have an error, at once, and the next call
// goes on as if nothing had been.
func TestSource_whatOthersWrotePanics(t *testing.T) {
	t.Parallel()
	const pair = `{"access_token":"` + secretNext + `","refresh_token":"` + secretSpare + `","client_endpoint":"https://new.example/rest/"}`
	all := secretApp + " " + secretAccess + " " + secretRefresh + " " + secretNext + " " + secretSpare
	endings := map[string]func(){
		"panics":                func() { panic(all) },
		"panics with an error":  func() { panic(errors.New(all)) },
		"panics with nonsense":  func() { panic(touchy{}) },
		"ends its goroutine":    runtime.Goexit,
		"reads what is not":     func() { _ = all[time.Now().Year():] },
		"panics with its input": func() { panic(oauth.Token{AccessToken: secretNext}) },
	}
	places := map[string]struct {
		put func(end func(), app *oauth.App, n *network, store *hooked)
		is  error // what the error matches, if anything
	}{
		"transport": {func(end func(), _ *oauth.App, n *network, _ *hooked) {
			n.answer = fails(func(*http.Request) error { end(); return nil })
		}, imbot.ErrOutcomeUnknown},
		"save": {func(end func(), _ *oauth.App, _ *network, store *hooked) {
			store.onSave(func(oauth.Token) error { end(); return nil })
		}, oauth.ErrNotSaved},
		"the error of a save": {func(_ func(), _ *oauth.App, _ *network, store *hooked) {
			store.onSave(func(oauth.Token) error { return touchy{} })
		}, nil},
		"load": {func(end func(), _ *oauth.App, n *network, store *hooked) {
			n.answer = says(400, "application/json", `{"error":"invalid_grant"}`)
			store.onLoad(func() error { end(); return nil })
		}, imbot.ErrInvalidGrant},
		"Moved": {func(end func(), app *oauth.App, _ *network, _ *hooked) {
			app.TrustHost = func(string) bool { return true }
			app.Moved = func(context.Context, oauth.Token, oauth.Token) { end() }
		}, nil},
	}
	for name, place := range places {
		for how, end := range endings {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := &network{answer: says(200, "application/json", pair)}
					old := secretToken
					old.ClientEndpoint = "https://old.example/rest/"
					store := &hooked{Store: oauth.NewMemoryStore(old)}
					app := oauth.App{ID: "app.example", Secret: secretApp, HTTPClient: &http.Client{Transport: slowly{n}}}
					place.put(end, &app, n, store)
					source := app.Source(store)
					began := time.Now()
					failed := make(chan error)
					for range 3 {
						go func() {
							_, err := source.Refresh(t.Context(), secretAccess)
							failed <- err
						}()
					}

					for range 3 {
						err := <-failed
						require.Error(t, err)
						assert.NotErrorIs(t, err, context.DeadlineExceeded)
						if place.is != nil {
							assert.ErrorIs(t, err, place.is)
						}
						secrets.NotPrinted(t, err, "error")
					}
					assert.Less(t, time.Since(began), 10*time.Second)

					n.answer = says(200, "application/json", pair)
					store.onSave(nil)
					store.onLoad(nil)
					access, err := source.Refresh(t.Context(), secretAccess)
					require.NoError(t, err)
					assert.Equal(t, secretNext, access)
					app.Moved = nil
					assert.NoError(t, app.Wait(t.Context(), store))
				})
			})
		}
	}
}
