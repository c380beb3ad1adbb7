//go:build unix

package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// The variables that make the test binary a bot with a file store, and say where it dies.
const (
	envStore    = "IMBOT_TEST_STORE"
	envTokenURL = "IMBOT_TEST_TOKEN_URL"
	envEndpoint = "IMBOT_TEST_ENDPOINT"
	envDieAt    = "IMBOT_TEST_DIE_AT"
	envMany     = "IMBOT_TEST_MANY"  // goroutines of a bot that does not die
	envEnd      = "IMBOT_TEST_END"   // anything: a bot that ends of its own accord
	envMount    = "IMBOT_TEST_MOUNT" // what is mounted where the store is, by a bot that sees mounts of its own
)

func TestMain(m *testing.M) {
	if os.Getenv(envStore) == "" {
		os.Exit(m.Run())
	}
	be := beBot
	switch {
	case os.Getenv(envMount) != "":
		be = beMounted
	case os.Getenv(envMany) != "":
		be = beManyCalls
	case os.Getenv(envEnd) != "":
		be = beEnding
	}
	if err := be(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beBot makes one call with a token that has expired, and dies on the way, by the signal that nobody can catch.
func beBot(ctx context.Context) error {
	step := func(name string) {
		if name == os.Getenv(envDieAt) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	store := oauth.NewFileStore(os.Getenv(envStore))
	halves := 0
	oauth.OnStep(store, func(name string) {
		if name == "written" {
			halves++
			name = fmt.Sprintf("written %d of 2", halves)
		}
		step(name)
	})
	app := oauth.App{
		ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: os.Getenv(envTokenURL),
		HTTPClient: &http.Client{Transport: stepping{step}},
	}
	client, err := imbot.NewClient(imbot.OAuth(os.Getenv(envEndpoint), announcing{app.Source(store), step}))
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "ready")
	err = callBots(ctx, client)
	step("used")
	return err
}

// beMounted is a bot whose store is on a mount.
var beMounted = func(context.Context) error { return errors.ErrUnsupported }

// stepping is a transport that tells when a request goes and when its answer has come.
type stepping struct{ step func(string) }

func (s stepping) RoundTrip(req *http.Request) (*http.Response, error) {
	s.step("asking")
	resp, err := http.DefaultTransport.RoundTrip(req)
	s.step("answered")
	return resp, err
}

// announcing is a source that tells when a pair is renewed and saved.
type announcing struct {
	imbot.TokenRefresher

	step func(string)
}

func (a announcing) Refresh(ctx context.Context, rejected string) (string, error) {
	token, err := a.TokenRefresher.Refresh(ctx, rejected)
	a.step("saved")
	return token, err
}

// places are where the bot dies. Between the answer and the save it takes the only copy of the new pair with it, so
// there the store is of use only with a server that forgives that.
var places = []struct {
	name    string
	forgive bool
}{
	{"locked", false},
	{"replaced", false},
	{"created", false},
	{"made room", false},
	{"asking", false},
	{"answered", true},
	{"changed", true},
	{"written 1 of 2", true},
	{"written 2 of 2", true},
	{"synced", true},
	{"renamed", false},
	{"saved", false},
	{"used", false},
	{"at random", true},
	{"at random", true},
}

// A bot is killed two hundred times, at every step of a renewal and at random. The store always has a whole pair, and
// the next bot goes on with it.
func TestFileStore_kill(t *testing.T) {
	t.Parallel()
	rounds := 200
	if testing.Short() {
		rounds = len(places)
	}
	const workers = 4
	for worker := range workers {
		t.Run(strconv.Itoa(worker), func(t *testing.T) {
			t.Parallel()
			p := imbottest.NewPortal(t)
			server := serve(t, p)
			path := filepath.Join(t.TempDir(), "token.json")
			store := oauth.NewFileStore(path)
			put(t, store, oauth.Token(p.IssueTokens(imbottest.App)))
			for round := worker; round < rounds; round += workers {
				place := places[round%len(places)]
				p.AddApplication(imbottest.Application{
					ID: imbottest.App, Secret: imbottest.AppSecret, Scopes: []string{imbottest.ScopeBots}, ForgivesLoss: place.forgive,
				})
				before := load(t, store)
				p.Expire(before.AccessToken)

				killBot(t, server, path, place.name)

				after := load(t, store)
				_, issuedA, _ := strings.Cut(after.AccessToken, "-")
				_, issuedB, _ := strings.Cut(after.RefreshToken, "-")
				assert.Equal(t, issuedA, issuedB, "the two come from one answer")
				assert.Equal(t, before.MemberID, after.MemberID)
				next := oauth.NewFileStore(path) // as of another process, which knows of no renewal before
				require.NoError(t, callBots(t.Context(), p.OAuthClient(appOf(p).Source(next))), "killed at %s", place.name)
			}
		})
	}
}

// loopback is a portal on a loopback port that knows which connections are open.
type loopback struct {
	url string

	mu   sync.Mutex
	open int
	none *sync.Cond // of mu: nothing is open
}

func serve(t *testing.T, p *imbottest.Portal) *loopback {
	t.Helper()
	l := new(loopback)
	l.none = sync.NewCond(&l.mu)
	server := httptest.NewUnstartedServer(p)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		l.mu.Lock()
		defer l.mu.Unlock()
		switch state {
		case http.StateNew:
			l.open++
		case http.StateClosed, http.StateHijacked:
			l.open--
		default:
		}
		if l.open == 0 {
			l.none.Broadcast()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// settle waits until nothing that a dead process has sent is still to be dealt with: the portal would take it for a
// request of whoever lives. Connections are accepted in their order, so that after another one all of its own are
// known.
func (l *loopback) settle(t *testing.T) {
	t.Helper()
	var dialer net.Dialer
	last, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(l.url, "http://"))
	require.NoError(t, err)
	_, err = io.WriteString(last, "no request\r\n\r\n")
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, last) // until the server closes it, which it does after a bad request
	require.NoError(t, err)
	require.NoError(t, last.Close())
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open > 0 {
		l.none.Wait()
	}
}

// killBot runs a bot until it is dead, and all that it sent is dealt with.
func killBot(t *testing.T, server *loopback, path, place string) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	bot := exec.CommandContext(t.Context(), program)
	bot.Env = append(os.Environ(), envStore+"="+path, envTokenURL+"="+server.url+"/oauth/token/", envEndpoint+"="+server.url+"/rest/",
		envDieAt+"="+place)
	var problems strings.Builder
	bot.Stderr = &problems
	out, err := bot.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	_, err = out.Read(make([]byte, len("ready\n")))
	require.NoError(t, err)
	if place == "at random" {
		timer := time.AfterFunc(rand.N(8*time.Millisecond), func() { _ = bot.Process.Kill() })
		defer timer.Stop()
	}
	err = bot.Wait()
	server.settle(t)
	if place == "at random" && err == nil {
		return // it was faster
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	status := exit.Sys().(syscall.WaitStatus)
	assert.True(t, status.Signaled() && status.Signal() == syscall.SIGKILL, "%v: %s", err, problems.String())
}
