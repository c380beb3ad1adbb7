package oauth_test

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// What sources share goes when they go.
func TestShared_isForgotten(t *testing.T) {
	t.Parallel()
	store, other := oauth.NewMemoryStore(oldToken), oauth.NewMemoryStore(oldToken)
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", HTTPClient: &http.Client{}}
	one, two, three := app.Source(store), app.Source(store), app.Source(other)
	assert.Equal(t, 2, oauth.SharedStores(store, other))
	runtime.KeepAlive([]any{one, two, three})
	assert.Eventually(t, func() bool {
		runtime.GC()
		return oauth.SharedStores(store, other) == 0
	}, 10*time.Second, time.Millisecond)

	uncomparable := struct {
		oauth.Store
		_ []int
	}{Store: store}
	access, err := app.Source(uncomparable).Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, oldToken.AccessToken, access)
}

// A program that ends while a pair is renewed waits until it is saved, though the call that needed it has returned.
func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		app := appOf(p)
		ended, end := context.WithCancel(t.Context())
		for range 3 {
			go func() {
				_, err := app.Source(store).Refresh(ended, token.AccessToken)
				assert.ErrorIs(t, err, context.Canceled)
			}()
		}
		synctest.Wait()
		end()
		synctest.Wait()
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()

		err := app.Wait(hasty, store)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, oauth.ErrNotSaved)
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, token, load(t, store))
		assert.NoError(t, app.Wait(hasty, oauth.NewMemoryStore(token)), "of another store nothing is under way")

		require.NoError(t, app.Wait(t.Context(), store))

		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.Equal(t, "refresh-2", load(t, store).RefreshToken)
		assert.NoError(t, app.Wait(ended, store), "there is nothing left to wait for")
		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.Len(t, p.TokenCalls(), 1)
	})
}

// Those who still wait for the renewal have it, too.
func TestWait_besideACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		app := appOf(p)
		called := make(chan error, 1)
		go func() { called <- callBots(t.Context(), p.OAuthClient(app.Source(store))) }()
		synctest.Wait()

		require.NoError(t, app.Wait(t.Context(), store))

		assert.Equal(t, "refresh-2", load(t, store).RefreshToken)
		assert.NoError(t, <-called)
	})
}

// A pair that could not be saved is tried once more, and is not kept from the program if that fails.
func TestWait_savesWhatIsLeft(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	_, err := app.Source(store).Refresh(t.Context(), token.AccessToken)
	var first *oauth.NotSavedError
	require.ErrorAs(t, err, &first)
	ended, end := context.WithCancel(t.Context())
	end()
	for name, test := range map[string]struct {
		ctx context.Context
		is  error
	}{"the store fails": {t.Context(), errDisk}, "no time is left": {ended, context.Canceled}} {
		err := app.Wait(test.ctx, store)
		var unsaved *oauth.NotSavedError
		require.ErrorAs(t, err, &unsaved, name)
		require.ErrorIs(t, err, test.is, name)
		assert.Equal(t, first.Token(), unsaved.Token(), name)
	}
	store.onSave(nil)

	require.NoError(t, app.Wait(t.Context(), store))

	assert.Equal(t, first.Token(), load(t, store))
	assert.Len(t, p.TokenCalls(), 1)
}

func TestWait_mistakes(t *testing.T) {
	t.Parallel()
	app := appOn(new(network))
	require.Error(t, app.Wait(t.Context(), nil))
	require.Error(t, app.Wait(t.Context(), struct {
		oauth.Store
		_ []int
	}{Store: oauth.NewMemoryStore(oldToken)}), "its sources cannot be found")
}

// What the server has refused is not asked for again by every call.
func TestLimit_refusals(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"invalid_grant", "bad_verification_code", "PAYMENT_REQUIRED", "NOT_INSTALLED", "ERROR_OAUTH", "invalid_client",
		"wrong_client", "invalid_scope", "insufficient_scope", "NO_AUTH_FOUND", "invalid_request", "NEW_CODE",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := imbottest.Start()
				defer p.Close()
				token := expired(p)
				store := oauth.NewMemoryStore(token)
				client := p.OAuthClient(appOf(p).Source(store))
				refusal := imbottest.RefuseTokens(401, code, "")
				p.FaultTokens(refusal, refusal, refusal)
				asked := func(times int, token oauth.Token) {
					t.Helper()
					for range 5 {
						_, err := appOf(p).Source(store).Refresh(t.Context(), token.AccessToken)
						require.ErrorIs(t, err, imbot.Code(code))
						require.NotErrorIs(t, err, oauth.ErrNotAccepted)
						time.Sleep(time.Second) // fake clock
					}
					assert.Len(t, p.TokenCalls(), times)
				}
				err := callBots(t.Context(), client)
				require.ErrorIs(t, err, imbot.Code(code))
				require.ErrorIs(t, err, imbot.ErrExpiredToken)
				asked(1, token)

				time.Sleep(time.Minute) // fake clock
				asked(2, token)

				fresh := oauth.Token{AccessToken: "EXAMPLE_NEW", RefreshToken: "EXAMPLE_NEW_REFRESH"}
				put(t, store, fresh)
				asked(3, fresh) // another one is tried at once
				put(t, store, token)
				_, err = appOf(p).Source(store).Refresh(t.Context(), token.AccessToken)
				require.NoError(t, err, "the server has changed its mind, and is asked")
			})
		})
	}
}

// An application with another secret is not refused for the mistake of the first one.
func TestLimit_anotherApplication(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		wrong := appOf(p)
		wrong.Secret = "EXAMPLE_WRONG"
		for range 2 {
			_, err := wrong.Source(store).Refresh(t.Context(), token.AccessToken)
			require.ErrorIs(t, err, imbot.ErrInvalidClient)
		}
		assert.Len(t, p.TokenCalls(), 1)
		_, err := appOf(p).Source(store).Refresh(t.Context(), token.AccessToken)
		require.NoError(t, err)
	})
}

// What is not known to have been refused may be asked for again at once.
func TestLimit_lostAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, answer := range map[string]reply{
			"page":               says(403, "text/html", "<html>"),
			"failure":            says(500, "application/json", `{"error":"INTERNAL_SERVER_ERROR"}`),
			"failure with a 200": says(200, "application/json", `{"error":"ERROR_CORE"}`),
		} {
			n := &network{answer: answer}
			source := appOn(n).Source(oauth.NewMemoryStore(oldToken))
			for range 3 {
				_, err := source.Refresh(t.Context(), oldToken.AccessToken)
				require.Error(t, err)
			}
			assert.Equal(t, 3, n.requests(), name)
		}
	})
}

// issuing is an OAuth server that hands out a new pair each time.
type issuing struct{ network }

func (s *issuing) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	number := strconv.Itoa(len(s.sent) + 2)
	s.answer = says(200, "application/json", `{"access_token":"EXAMPLE_ACCESS_`+number+`","refresh_token":"EXAMPLE_REFRESH_`+number+`"}`)
	s.mu.Unlock()
	return s.network.RoundTrip(req)
}

// A portal that refuses every token is not shown a new one by each call.
func TestLimit_portalRefusesEveryToken(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"expired_token", "invalid_token"} {
		synctest.Test(t, func(t *testing.T) {
			p := imbottest.NewPortal(t)
			p.On(bots.Name, imbottest.Refuse(401, code, ""))
			store := oauth.NewMemoryStore(expired(p))
			client := p.OAuthClient(appOf(p).Source(store))
			call := func(calls int) (err error) {
				for range calls {
					err = callBots(t.Context(), client)
					require.ErrorIs(t, err, imbot.Code(code), "why is in the chain")
				}
				return err
			}
			require.ErrorIs(t, call(200), oauth.ErrNotAccepted)
			assert.Len(t, p.TokenCalls(), 2)

			time.Sleep(time.Minute) // fake clock
			require.Error(t, call(200))
			assert.Len(t, p.TokenCalls(), 4)

			anew := oauth.Token(p.IssueTokens(imbottest.App))
			put(t, store, anew)
			p.On(bots.Name)
			require.NoError(t, callBots(t.Context(), client), "a new pair from elsewhere is used at once")
			p.On(bots.Name, imbottest.Refuse(401, code, ""))
			require.Error(t, call(1))
			assert.Len(t, p.TokenCalls(), 5, "and is renewed when it is refused")
		})
	}
}

// Two processes do not hand each other one pair after the other.
func TestLimit_twoProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, path := newFile(t, oldToken)
		server := new(issuing)
		var sources []imbot.TokenRefresher
		for range 2 {
			app := appOn(nil)
			app.HTTPClient = &http.Client{Transport: server}
			sources = append(sources, app.Source(oauth.NewFileStore(path)))
		}
		for range 100 {
			for _, source := range sources {
				access, err := source.Token(t.Context())
				require.NoError(t, err)
				if _, err = source.Refresh(t.Context(), access); err != nil {
					require.ErrorIs(t, err, oauth.ErrNotAccepted)
				}
			}
		}
		assert.LessOrEqual(t, server.requests(), 6)
	})
}

// What is not known to be the last word is not remembered as one.
func TestLimit_refusalIsNotTheLastWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.Start()
		defer p.Close()
		token := expired(p)
		store := &hooked{Store: oauth.NewMemoryStore(token)}
		source := appOf(p).Source(store)
		p.FaultTokens(imbottest.RefuseTokens(400, "invalid_grant", ""))
		store.onLoad(func() error { return errDisk })
		_, err := source.Refresh(t.Context(), token.AccessToken)
		require.ErrorIs(t, err, imbot.ErrInvalidGrant)
		require.ErrorIs(t, err, errDisk)

		store.onLoad(nil)
		_, err = source.Refresh(t.Context(), token.AccessToken)
		require.NoError(t, err, "the store can be read again, and the server has changed its mind")
		assert.Len(t, p.TokenCalls(), 2)

		store.onSave(func(oauth.Token) error { return imbot.ErrInvalidGrant })
		_, err = source.Refresh(t.Context(), load(t, store).AccessToken)
		require.ErrorIs(t, err, oauth.ErrNotSaved, "the store has said that, not the server")
		store.onSave(nil)
		_, err = source.Refresh(t.Context(), load(t, store).AccessToken)
		require.NoError(t, err)
		assert.Len(t, p.TokenCalls(), 3)
	})
}
