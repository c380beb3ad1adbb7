package oauth_test

import (
	"net/http"
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

// What the server has refused is not asked for again by every call.
func TestBrake_refusals(t *testing.T) {
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
func TestBrake_anotherApplication(t *testing.T) {
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
func TestBrake_lostAnswers(t *testing.T) {
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
func TestBrake_portalRefusesEveryToken(t *testing.T) {
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
func TestBrake_twoProcesses(t *testing.T) {
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
