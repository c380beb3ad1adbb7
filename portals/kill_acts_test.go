//go:build unix

package portals_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// renewing is an OAuth server and a portal, which is at another address with each pair. A refresh token that was used
// works again as long as nobody has used what came of it, as a process that is killed may take that with it.
type renewing struct {
	mu       sync.Mutex
	url      string
	pairs    int
	access   string // the last one
	refresh  map[string]bool
	endpoint string
}

// newRenewing returns a server and the installation of a bot whose access token has been refused.
func newRenewing(t *testing.T) (*renewing, portals.Installation) {
	t.Helper()
	r := &renewing{refresh: map[string]bool{"refresh-0": true}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	i := full(member(1))
	i.ClientEndpoint = r.url + "/rest/"
	i.Token = oauth.Token{AccessToken: "access-0", RefreshToken: "refresh-0", MemberID: member(1), ClientEndpoint: i.ClientEndpoint}
	return r, i
}

func (r *renewing) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.URL.Path != "/oauth/token/" {
		var call struct{ Auth string }
		if json.NewDecoder(req.Body).Decode(&call) == nil && call.Auth == r.access {
			r.refresh = map[string]bool{"refresh-" + strings.TrimPrefix(call.Auth, "access-"): true}
			_, _ = fmt.Fprint(w, `{"result":[]}`)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, `{"error":"expired_token"}`)
		return
	}
	if !r.refresh[req.PostFormValue("refresh_token")] {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	r.pairs++
	r.access, r.endpoint = fmt.Sprintf("access-%d", r.pairs), r.url+"/rest/"
	if r.pairs%2 == 1 {
		r.endpoint = strings.Replace(r.endpoint, "127.0.0.1", "localhost", 1)
	}
	r.refresh[fmt.Sprintf("refresh-%d", r.pairs)] = true
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"refresh_token":"refresh-%d","client_endpoint":%q,"member_id":%q}`,
		r.access, r.pairs, r.endpoint, member(1))
}

// expire makes the last access token work no longer.
func (r *renewing) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.access = ""
}

// last returns how many pairs there were, with the last access token and the address that came with it.
func (r *renewing) last() (pairs int, access, endpoint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pairs, r.access, r.endpoint
}

// killsOfAct is how often a bot is killed in a test here.
func killsOfAct() int {
	if testing.Short() {
		return len(whereToDie)
	}
	return max(len(whereToDie), *kills)
}

// A bot is killed at every step of a renewal that finds the portal at another address. Afterwards the store has the one
// pair or the other, whole, the domain leads to the portal, and the next bot goes on.
func TestDirStore_killRenewal(t *testing.T) {
	t.Parallel()
	server, i := newRenewing(t)
	folder := filepath.Join(t.TempDir(), "portals")
	store := dirStore(t, folder)
	put(t, store, i)
	for n := range killsOfAct() {
		where := whereToDie[n%len(whereToDie)]
		server.expire()
		before := load(t, store, member(1))
		killed := runBot(t, actRenew, folder, server.url, "", 0, where.step)
		after := load(t, store, member(1))
		pairs, _, endpoint := server.last()
		if where.step != "at random" {
			require.Equal(t, where.step != "entered" || before.ClientEndpoint != endpoint, killed, where.step)
		}
		isNew := after.Token.AccessToken == fmt.Sprintf("access-%d", pairs) && after.Token != before.Token
		if killed && where.step != "at random" {
			assert.Equal(t, where.kept, isNew, where.step)
		}
		if !isNew {
			assert.Equal(t, before, after, where.step)
		}
		assert.Equal(t, strings.Replace(after.Token.AccessToken, "access", "refresh", 1), after.Token.RefreshToken, "the pair is one")
		assert.Equal(t, i.ApplicationToken, after.ApplicationToken)
		assert.Equal(t, []string{member(1)}, find(t, store, domainOf(after)))

		assert.False(t, runBot(t, actRenew, folder, server.url, "", 0, "nowhere"))
		after = load(t, store, member(1))
		_, access, endpoint := server.last()
		assert.Equal(t, access, after.Token.AccessToken, where.step)
		assert.Equal(t, endpoint, after.ClientEndpoint)
		assert.Equal(t, []string{member(1)}, find(t, store, domainOf(after)))
	}
}

func domainOf(i portals.Installation) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(i.ClientEndpoint, "http://"), "https://"), "/rest/")
}

// A bot is killed at every step of its removal. Afterwards it is installed, or nothing but the time of the removal is
// left, and the next removal goes on.
func TestDirStore_killRemoval(t *testing.T) {
	t.Parallel()
	server, i := newRenewing(t)
	folder := filepath.Join(t.TempDir(), "portals")
	store := dirStore(t, folder)
	i.ApplicationToken = "EXAMPLE_proof" // as the bot makes it of its access token
	for n := range killsOfAct() {
		where := whereToDie[n%len(whereToDie)]
		put(t, store, i)
		at := i.InstalledAt.Add(time.Minute).Unix()
		killed := runBot(t, actRemove, folder, server.url, "proof", at, where.step)
		if where.step != "at random" {
			require.Equal(t, where.step != "entered", killed, where.step) // there is no domain to enter
		}
		after, err := store.Load(t.Context(), member(1))
		if killed && where.step != "at random" {
			assert.Equal(t, where.kept, err != nil, where.step)
		}
		if err == nil {
			assert.Equal(t, i, after, where.step)
			assert.Equal(t, []string{member(1)}, find(t, store, domainOf(i)))
		}
		assert.False(t, runBot(t, actRemove, folder, server.url, "proof", at, "nowhere"))
		_, err = store.Load(t.Context(), member(1))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
		assert.Empty(t, find(t, store, domainOf(i)))
		data, err := os.ReadFile(filepath.Join(folder, "portal-"+member(1)+".json"))
		require.NoError(t, err)
		assert.NotContains(t, string(data), "EXAMPLE_")
		assert.NotContains(t, string(data), "refresh-")
		left, err := filepath.Glob(filepath.Join(folder, "*.tmp"))
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}
