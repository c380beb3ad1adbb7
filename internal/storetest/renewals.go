package storetest

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// Registry returns a registry for a server at an address.
func Registry(address string, store portals.Store) (*portals.Registry, error) {
	client := &http.Client{Transport: Via(address)}
	return portals.New(App(address), store, portals.WithClientOptions(imbot.WithHTTPClient(client)))
}

var bots = imbot.Method[struct{}, any]{Name: "imbot.bot.list", Idempotent: true}

// Call calls a portal as a handler of events does.
func Call(ctx context.Context, registry *portals.Registry, memberID string) error {
	client, err := registry.Client(ctx, memberID)
	if err != nil {
		return err
	}
	_, err = imbot.Call(ctx, client, bots, struct{}{})
	return err
}

// Replicas has three registries, each with a store of its own, meet n pairs that have expired, at the same time. Each
// pair has to be renewed once, and each new one has to be in the store.
func Replicas(t *testing.T, n int, open func(t testing.TB) portals.Store) {
	t.Helper()
	server := NewServer(t)
	store := open(t)
	first, err := Registry(server.URL, store)
	noError(t, err)
	for i := range n {
		token := server.Issue(Member(i))
		noError(t, first.Install(t.Context(), Install(token, time.Now())))
		server.Expire(token.AccessToken)
	}
	const replicas, workers = 3, 6
	var group sync.WaitGroup
	for replica := range replicas {
		registry, err := Registry(server.URL, open(t))
		noError(t, err)
		for worker := range workers {
			group.Go(func() {
				for i := worker; i < n; i += workers {
					if err := Call(t.Context(), registry, Member(i)); err != nil {
						t.Errorf("replica %d: %v", replica, err)
					}
				}
				if err := registry.Wait(t.Context()); err != nil {
					t.Errorf("replica %d: %v", replica, err)
				}
			})
		}
	}
	group.Wait()
	renewals, usedUp := server.Renewals()
	equal(t, 0, usedUp)
	equal(t, n, len(renewals))
	for memberID, times := range renewals {
		if times != 1 {
			t.Errorf("%s: %d renewals", memberID, times)
		}
		if !server.Works(Load(t, store, memberID).Token.RefreshToken, memberID) {
			t.Errorf("%s: the pair in the store is not the newest", memberID)
		}
	}
}
