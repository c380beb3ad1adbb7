package oauth_test

import (
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Two hundred goroutines with four clients in two processes meet one expired token. One request renews it, and every
// call succeeds. The processes are two values of the store, which share nothing but the place.
func TestMany(t *testing.T) {
	t.Parallel()
	stores := map[string]func(t *testing.T, token oauth.Token) [2]oauth.Store{
		"memory": func(_ *testing.T, token oauth.Token) [2]oauth.Store {
			place := oauth.NewMemoryStore(token)
			return [2]oauth.Store{&hooked{Store: place}, &hooked{Store: place}}
		},
		"file": func(t *testing.T, token oauth.Token) [2]oauth.Store {
			path := filepath.Join(t.TempDir(), "token.json")
			put(t, oauth.NewFileStore(path), token)
			return [2]oauth.Store{oauth.NewFileStore(path), oauth.NewFileStore(path)}
		},
	}
	faults := map[string]imbottest.Fault{"fast": imbottest.NoFault(), "slow": imbottest.SlowAfter(10 * time.Second)}
	for name, newStores := range stores {
		for speed, fault := range faults {
			t.Run(name+"/"+speed, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := imbottest.NewPortal(t)
					p.FaultTokens(fault)
					processes := newStores(t, expired(p))
					var clients []*imbot.Client
					for i := range 4 {
						clients = append(clients, p.OAuthClient(appOf(p).Source(processes[i%2]), imbot.WithLimiter(nil)))
					}
					var group sync.WaitGroup
					for i := range 200 {
						group.Go(func() {
							assert.NoError(t, callBots(t.Context(), clients[i%4]))
						})
					}
					group.Wait()
					require.Len(t, p.TokenCalls(), 1)
					assert.Equal(t, 200, len(p.Calls())-refused(p), "each call has its answer")
					assert.Equal(t, "access-2", load(t, processes[0]).AccessToken)
					assert.Equal(t, "access-2", load(t, processes[1]).AccessToken)
				})
			})
		}
	}
}

func refused(p *imbottest.Portal) (n int) {
	for _, call := range p.Calls() {
		if call.Code != "" {
			n++
		}
	}
	return n
}

// The same over network connections and with the real clock.
func TestMany_overTheNetwork(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	token := expired(p)
	path := filepath.Join(t.TempDir(), "token.json")
	put(t, oauth.NewFileStore(path), token)
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.ServerTokenURL()}
	var group sync.WaitGroup
	for range 4 {
		source := app.Source(oauth.NewFileStore(path))
		client, err := imbot.NewClient(imbot.OAuth(p.ServerEndpoint(), source), imbot.WithLimiter(nil))
		require.NoError(t, err)
		for range 10 {
			group.Go(func() { assert.NoError(t, callBots(t.Context(), client)) })
		}
	}
	group.Wait()
	assert.Len(t, p.TokenCalls(), 1)
	assert.Equal(t, p.ServerEndpoint(), load(t, oauth.NewFileStore(path)).ClientEndpoint)
}
