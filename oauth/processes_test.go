//go:build unix

package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// beManyCalls makes calls from many goroutines by two clients, as a process of its own.
func beManyCalls(ctx context.Context) error {
	goroutines, err := strconv.Atoi(os.Getenv(envMany))
	if err != nil {
		return err
	}
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: os.Getenv(envTokenURL)}
	store := oauth.NewFileStore(os.Getenv(envStore))
	var clients [2]*imbot.Client
	for i := range clients {
		clients[i], err = imbot.NewClient(imbot.OAuth(os.Getenv(envEndpoint), app.Source(store)), imbot.WithLimiter(nil))
		if err != nil {
			return err
		}
	}
	failed := make([]error, goroutines)
	var group sync.WaitGroup
	for i := range goroutines {
		group.Go(func() { failed[i] = callBots(ctx, clients[i%2]) })
	}
	group.Wait()
	return errors.Join(failed...)
}

// beEnding is a bot that ends while its token is being renewed.
func beEnding(ctx context.Context) error {
	store := oauth.NewFileStore(os.Getenv(envStore))
	ending, end := context.WithCancel(ctx)
	app := oauth.App{
		ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: os.Getenv(envTokenURL),
		HTTPClient: &http.Client{Transport: stepping{func(step string) {
			if step == "asking" {
				end()
			}
		}}},
	}
	client, err := imbot.NewClient(imbot.OAuth(os.Getenv(envEndpoint), app.Source(store)))
	if err != nil {
		return err
	}
	if err := callBots(ending, client); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the call was not given up: %w", err)
	}
	return app.Wait(ctx, store)
}

// A process that ends while it renews the pair has saved it by then.
func TestWait_realProcess(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	p.FaultTokens(imbottest.SlowAfter(200 * time.Millisecond))
	path := filepath.Join(t.TempDir(), "token.json")
	store := oauth.NewFileStore(path)
	put(t, store, expired(p))
	var output bytes.Buffer
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), envStore+"="+path, envTokenURL+"="+p.ServerTokenURL(),
		envEndpoint+"="+p.ServerEndpoint(), envEnd+"=1")
	process.Stdout, process.Stderr = &output, &output

	require.NoError(t, process.Run(), "%s", &output)

	assert.Equal(t, "refresh-2", load(t, store).RefreshToken)
	require.NoError(t, callBots(t.Context(), p.OAuthClient(appOf(p).Source(store))))
	assert.Len(t, p.TokenCalls(), 1)
}

// Two hundred goroutines with four clients in two real processes meet one expired token in a file.
func TestMany_realProcesses(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	path := filepath.Join(t.TempDir(), "token.json")
	put(t, oauth.NewFileStore(path), expired(p))
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			var output bytes.Buffer
			process := exec.CommandContext(t.Context(), os.Args[0])
			process.Env = append(os.Environ(), envStore+"="+path, envTokenURL+"="+p.ServerTokenURL(),
				envEndpoint+"="+p.ServerEndpoint(), envMany+"=100")
			process.Stdout, process.Stderr = &output, &output
			assert.NoError(t, process.Run(), "%s", &output)
		})
	}
	group.Wait()

	assert.Len(t, p.TokenCalls(), 1)
	assert.Equal(t, 200, len(p.Calls())-refused(p), "each call has its answer")
}
