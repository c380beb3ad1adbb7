package imbot_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// refresher is a TokenRefresher of funcs.
type refresher struct {
	tokenFunc
	refresh func(ctx context.Context, rejected string) (string, error)
}

func (r refresher) Refresh(ctx context.Context, rejected string) (string, error) {
	return r.refresh(ctx, rejected)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	noRefresh := errors.New("authorize again")
	tests := []struct {
		name     string
		answers  []imbottest.Answer
		token    string
		err      error
		is       []error
		requests int
		rejected []string
		repeats  bool
		unknown  bool
	}{
		{
			name: "an expired token, once", token: "new",
			answers:  []imbottest.Answer{imbottest.Refuse(401, "expired_token", ""), imbottest.Result(true)},
			requests: 2, rejected: []string{"old"},
		},
		{
			name: "an unknown token, once", token: "new",
			answers:  []imbottest.Answer{imbottest.Refuse(401, "INVALID_TOKEN", ""), imbottest.Result(true)},
			requests: 2, rejected: []string{"old"},
		},
		{
			name: "and never in a loop", token: "new",
			answers: []imbottest.Answer{imbottest.Refuse(401, "expired_token", "")},
			is:      []error{imbot.ErrExpiredToken}, requests: 2, rejected: []string{"old"},
		},
		{
			name: "nor one after the other", token: "new",
			answers: []imbottest.Answer{imbottest.Refuse(401, "expired_token", ""), imbottest.Refuse(401, "invalid_token", "")},
			is:      []error{imbot.ErrInvalidToken}, requests: 2, rejected: []string{"old"},
		},
		{
			name: "not even where the rate limit came between", token: "new", repeats: true,
			answers: []imbottest.Answer{
				imbottest.Refuse(401, "expired_token", ""), imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""), imbottest.Refuse(401, "expired_token", ""),
			},
			is: []error{imbot.ErrExpiredToken}, requests: 3, rejected: []string{"old"},
		},
		{
			name: "a refresh that fails", err: noRefresh,
			answers: []imbottest.Answer{imbottest.Refuse(401, "expired_token", "")},
			is:      []error{imbot.ErrExpiredToken, noRefresh}, requests: 1, rejected: []string{"old"},
		},
		{
			name: "a refresh that has nothing", token: "",
			answers: []imbottest.Answer{imbottest.Refuse(401, "expired_token", "")},
			is:      []error{imbot.ErrExpiredToken}, requests: 1, rejected: []string{"old"},
		},
		{
			name: "nor where there is a result beside the refusal", token: "new", unknown: true,
			answers: []imbottest.Answer{imbottest.Raw(401, "application/json", `{"result":true,"error":"expired_token"}`)},
			is:      []error{imbot.ErrExpiredToken}, requests: 1,
		},
		{
			name: "another 401 is no reason", token: "new",
			answers: []imbottest.Answer{imbottest.Refuse(401, "METHOD_CONFIRM_WAITING", "")},
			is:      []error{imbot.Code("METHOD_CONFIRM_WAITING")}, requests: 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.leave", tt.answers...)
			var rejected []string
			policy := imbot.RetryPolicy{}
			if tt.repeats {
				policy = imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}
			}
			client := portal.OAuthClient(refresher{
				func(context.Context) (string, error) { return "old", nil },
				func(_ context.Context, token string) (string, error) {
					rejected = append(rejected, token)
					return tt.token, tt.err
				},
			}, imbot.WithRetry(policy))

			_, err := client.Chat.Leave(t.Context(), leave13)

			if tt.is == nil {
				require.NoError(t, err)
			}
			for _, is := range tt.is {
				require.ErrorIs(t, err, is)
			}
			assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
			assert.Equal(t, tt.rejected, rejected)
			calls := portal.Calls()
			require.Len(t, calls, tt.requests)
			assert.Contains(t, string(calls[0].Body), `"auth":"old"`)
			if tt.requests > 1 {
				assert.Contains(t, string(calls[1].Body), `"auth":"new"`)
			}
		})
	}
}

// What a token source meets on its own way is not what was called: it decides nothing about the call.
func TestTokenSource_failuresAreItsOwn(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{
		"an unknown outcome": &imbot.APIError{Method: "oauth", StatusCode: 500},
		"an expired token":   &imbot.APIError{Method: "oauth", StatusCode: 401, Code: imbot.ErrExpiredToken},
		"a blocked method":   &imbot.APIError{Method: "oauth", StatusCode: 429, Code: imbot.ErrOperationTimeLimit},
		"the rate limit":     &imbot.APIError{Method: "oauth", StatusCode: 503, Code: imbot.ErrQueryLimitExceeded},
		"no connection":      &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			asked := 0
			client := portal.OAuthClient(refresher{
				func(context.Context) (string, error) { asked++; return "", failure },
				func(context.Context, string) (string, error) { t.Error("nothing was refused"); return "", failure },
			})

			outcome, err := client.Chat.EnsureLeft(t.Context(), leave13)

			require.ErrorIs(t, err, failure)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Equal(t, imbot.LeaveOutcome{}, outcome)
			assert.Equal(t, 1, asked)
			assert.Empty(t, portal.Calls())
		})
	}
}

func TestRefresh_failuresAreItsOwn(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(401, "expired_token", ""))
	failure := &imbot.APIError{Method: "oauth", StatusCode: 500}
	refreshes := 0
	client := portal.OAuthClient(refresher{
		func(context.Context) (string, error) { return "old", nil },
		func(context.Context, string) (string, error) { refreshes++; return "", failure },
	})

	_, err := client.Chat.EnsureLeft(t.Context(), leave13)

	require.ErrorIs(t, err, imbot.ErrExpiredToken)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	var found *imbot.APIError
	require.ErrorAs(t, err, &found)
	assert.Equal(t, 1, refreshes)
	assert.Len(t, portal.Calls(), 1)
}

// A source may take its time, and the context end meanwhile.
func TestTokenSource_outlivesTheContext(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithCancel(t.Context())
	client := portal.OAuthClient(tokenFunc(func(context.Context) (string, error) {
		cancel()
		return imbottest.TokenOK, nil
	}))

	_, err := client.Chat.Leave(ctx, leave13)

	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Empty(t, portal.Calls())
}

func TestTokenSource_errorShowsNoClientID(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.OAuthClient(tokenFunc(func(context.Context) (string, error) {
		return "", errors.New("no token for " + secretClientID)
	}), imbot.WithClientID(secretClientID))

	_, err := client.Chat.Leave(t.Context(), leave13)

	require.Error(t, err)
	assertPrintsNoSecret(t, err, "TokenSource")
}

// movingSource is a refresher that learns of a new address with the new token.
type movingSource struct {
	refresher
	endpoint string
	err      error
}

func (s movingSource) ClientEndpoint(context.Context) (string, error) { return s.endpoint, s.err }

// The answer to a refresh names the portal's address, which may be another one by now.
func TestRefresh_movedPortal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, endpoint string
		err            error
		host           string
	}{
		{"to a new host", "https://renamed.example/rest/", nil, "renamed.example"},
		{"to where it was", "https://portal.example/rest/", nil, "portal.example"},
		{"to plain http", "http://renamed.example/rest/", nil, "portal.example"},
		{"to a webhook", "https://renamed.example/rest/1/EXAMPLE_SECRET/", nil, "portal.example"},
		{"to a spelling of its own", "https://renamed.example./rest/", nil, "portal.example"},
		{"to nowhere", "", nil, "portal.example"},
		{"nobody knows where", "https://renamed.example/rest/", errors.New("the store does not answer"), "portal.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			internet := &hosts{answers: map[string]page{
				"portal.example":  {401, "", `{"error":"expired_token"}`},
				"renamed.example": {200, "", `{"result":true}`},
			}}
			source := movingSource{refresher{
				func(context.Context) (string, error) { return "old", nil },
				func(context.Context, string) (string, error) { return "new", nil },
			}, tt.endpoint, tt.err}
			client := newClient(t, imbot.OAuth("https://portal.example/rest/", source), imbot.WithHTTPClient(&http.Client{Transport: internet}))

			for range 2 {
				_, err := client.Chat.Leave(t.Context(), leave13)
				if tt.host == "renamed.example" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, imbot.ErrExpiredToken)
				}
			}

			for _, asked := range internet.asked[1:] {
				assert.Contains(t, asked, "https://"+tt.host+"/rest/imbot.chat.leave")
			}
		})
	}
}

// What a token source tells is its own word: it moves nobody else's credentials to where no policy lets them go.
func TestRefresh_movesNoOthers(t *testing.T) {
	t.Parallel()
	const told, third = "https://told.example/rest/", "https://third.example/rest/"
	ofSource := func() imbot.Auth {
		return imbot.OAuth("https://portal.example/rest/", movingSource{refresher{
			func(context.Context) (string, error) { return "old", nil },
			func(context.Context, string) (string, error) { return "new", nil },
		}, told, nil})
	}
	internet := &hosts{answers: map[string]page{
		"portal.example": {401, "", `{"error":"expired_token"}`},
		"told.example":   done,
		"third.example":  done,
	}}
	policy := func(from, to string) bool { return from == "told.example" && to == "third.example" }
	first := newClient(t, ofSource(), append(withoutRepeats(), imbot.WithRedirectPolicy(policy), imbot.WithHTTPClient(&http.Client{Transport: internet}))...)
	leave := func(auth imbot.Auth) string {
		client, err := first.With(auth)
		require.NoError(t, err)
		_, _ = client.Chat.Leave(t.Context(), leave13)
		last := internet.asked[len(internet.asked)-1]
		return last[:strings.LastIndex(last, "/")+1]
	}
	moved := ofSource()
	token := imbot.StaticToken("other")

	assert.Equal(t, "POST "+told, leave(moved))
	assert.Equal(t, "POST "+told, leave(moved))
	assert.Equal(t, "POST https://portal.example/rest/", leave(imbot.OAuth("https://portal.example/rest/", token)))
	assert.Equal(t, "POST https://portal.example/rest/1/"+secretHook+"/", leave(imbot.Webhook(secretURL)))

	// A redirect from there, which the policy allows, is for all who are there, and still for no others.
	internet.answers["told.example"] = page{302, third + "imbot.chat.leave", ""}
	assert.Equal(t, "POST "+third, leave(moved))
	assert.Equal(t, "POST "+third, leave(imbot.OAuth(told, token)))
	assert.Equal(t, "POST https://portal.example/rest/", leave(imbot.OAuth("https://portal.example/rest/", token)))

	// Where nobody is any more is forgotten, step by step.
	gone := page{404, "", "<html>"}
	internet.answers["told.example"], internet.answers["third.example"] = gone, gone
	assert.Equal(t, "POST "+third, leave(moved))
	assert.Equal(t, "POST "+told, leave(moved))
	internet.answers["portal.example"] = done
	assert.Equal(t, "POST https://portal.example/rest/", leave(moved))
}
