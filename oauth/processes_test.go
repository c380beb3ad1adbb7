//go:build unix

package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

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
