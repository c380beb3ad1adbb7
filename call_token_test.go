package imbot_test

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestTokenSource_isAskedWithTheContextOfTheCall(t *testing.T) {
	t.Parallel()
	type key struct{}
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Result(true))
	asked := 0
	auth := imbot.OAuth(portal.Endpoint(), clienttest.TokenFunc(func(ctx context.Context) (string, error) {
		asked++
		return ctx.Value(key{}).(string), nil
	}))
	client := clienttest.New(t, auth, imbot.WithHTTPClient(portal.HTTPClient()))

	_, err := client.Chat.Leave(context.WithValue(t.Context(), key{}, `EXAMPLE"TOKEN`), clienttest.Leave13)

	require.NoError(t, err)
	assert.Equal(t, 1, asked)
	assert.Equal(t, `{"CHAT_ID":13,"BOT_ID":39,"auth":"EXAMPLE\"TOKEN"}`, string(portal.Calls()[0].Body))
}

func TestTokenSource_failureEndsTheCallUnsent(t *testing.T) {
	t.Parallel()
	noToken := errors.New("the vault is closed")
	for name, source := range map[string]clienttest.TokenFunc{
		"error":       func(context.Context) (string, error) { return "", noToken },
		"empty token": func(context.Context) (string, error) { return "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			client := clienttest.New(t, imbot.OAuth(portal.Endpoint(), source), imbot.WithHTTPClient(portal.HTTPClient()))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.Error(t, err)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			if name == "error" {
				require.ErrorIs(t, err, noToken)
			}
			assert.Empty(t, portal.Calls())
		})
	}
}

// An error that a token source got from requests of its own decides nothing about the call.
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
			client := portal.OAuthClient(clienttest.Refresher(
				func(context.Context) (string, error) { asked++; return "", failure },
				func(context.Context, string) (string, error) { t.Error("nothing was refused"); return "", failure },
			))

			outcome, err := client.Chat.EnsureLeft(t.Context(), clienttest.Leave13)

			require.ErrorIs(t, err, failure)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Equal(t, imbot.LeaveOutcome{}, outcome)
			assert.Equal(t, 1, asked)
			assert.Empty(t, portal.Calls())
		})
	}
}

// A source may take its time, and the context end meanwhile.
func TestTokenSource_outlivesTheContext(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithCancel(t.Context())
	client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) {
		cancel()
		return imbottest.TokenOK, nil
	}))

	_, err := client.Chat.Leave(ctx, clienttest.Leave13)

	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Empty(t, portal.Calls())
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
			client := portal.OAuthClient(clienttest.Refresher(
				func(context.Context) (string, error) { return "old", nil },
				func(_ context.Context, token string) (string, error) {
					rejected = append(rejected, token)
					return tt.token, tt.err
				},
			), imbot.WithRetry(policy))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

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

func TestRefresh_failuresAreItsOwn(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(401, "expired_token", ""))
	failure := &imbot.APIError{Method: "oauth", StatusCode: 500}
	refreshes := 0
	client := portal.OAuthClient(clienttest.Refresher(
		func(context.Context) (string, error) { return "old", nil },
		func(context.Context, string) (string, error) { refreshes++; return "", failure },
	))

	_, err := client.Chat.EnsureLeft(t.Context(), clienttest.Leave13)

	require.ErrorIs(t, err, imbot.ErrExpiredToken)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	var found *imbot.APIError
	require.ErrorAs(t, err, &found)
	assert.Equal(t, 1, refreshes)
	assert.Len(t, portal.Calls(), 1)
}
