package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

const (
	secretAccess   = "EXAMPLEaccessSECRET93ab"
	secretRefresh  = "EXAMPLErefreshSECRET7c1f"
	secretPassword = "EXAMPLEpasswordSECRET55de"
)

var secrets = secrettest.Secrets{secretAccess, secretRefresh, secretPassword}

var secretToken = oauth.Token{AccessToken: secretAccess, RefreshToken: secretRefresh}

// contains finds the token as it is among the arguments of a command.
func (f *failing) contains(cmd redis.Cmder) bool {
	for _, arg := range cmd.Args() {
		if data, ok := arg.([]byte); ok && bytes.Contains(data, []byte(f.secret)) {
			return true
		}
	}
	return false
}

// assertShowsNoSecret prints a value in every way that a program may print it.
func assertShowsNoSecret(t testing.TB, value any, where string) {
	t.Helper()
	secrets.NotPrinted(t, value, where)
	secrets.NotReached(t, value, where)
	secrets.NotEncoded(t, value, where)
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: server.addr, Password: secretPassword})
	t.Cleanup(func() { _ = client.Close() })
	working := newClient(t)
	store := redisstore.NewStore(working, t.Name())
	_, err := store.Update(t.Context(), to(secretToken))
	require.NoError(t, err)
	for name, value := range map[string]any{
		"Store":                store,
		"Store by value":       *store,
		"Store of a password":  redisstore.NewStore(client, t.Name()),
		"Limiter":              redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard),
		"StoreOption":          redisstore.WithLockExpiry(short),
		"ErrOvertaken":         redisstore.ErrOvertaken,
		"Store while it works": whileHeld(t, store),
	} {
		assertShowsNoSecret(t, value, name)
	}
}

// whileHeld prints a store in the middle of an update, and returns it.
func whileHeld(t testing.TB, store *redisstore.Store) *redisstore.Store {
	t.Helper()
	_, err := store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, secretToken, current)
		assertShowsNoSecret(t, store, "Store while it works")
		return current, nil
	})
	require.NoError(t, err)
	return store
}

// A proxy or a hook may repeat the arguments of the command, and so the token.
func TestSecrets_noFailedSaveShowsOne(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  func(said string) error
		want string
		is   error
	}{
		"a refusal":        {func(said string) error { return refusal("NOPERM not for you: " + said) }, "Redis answers NOPERM", nil},
		"an odd refusal":   {func(said string) error { return refusal(said) }, "Redis answers with an error", nil},
		"an empty refusal": {func(string) error { return refusal("") }, "Redis answers with an error", nil},
		"a broken connection": {
			func(said string) error {
				return fmt.Errorf("%s: %w", said, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")})
			},
			"read tcp: connection reset by peer", nil,
		},
		"a timeout":       {func(said string) error { return fmt.Errorf("%s: %w", said, timedOut{}) }, "timed out", nil},
		"a context":       {func(said string) error { return fmt.Errorf("%s: %w", said, context.Canceled) }, "context canceled", context.Canceled},
		"an end":          {func(said string) error { return fmt.Errorf("%s: %w", said, io.EOF) }, "EOF", io.EOF},
		"anything else":   {errors.New, "the Redis client fails", nil},
		"a closed client": {func(said string) error { return fmt.Errorf("%s: %w", said, redis.ErrClosed) }, "redis: client is closed", redis.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t)
			hook := &failing{secret: secretRefresh}
			client.AddHook(hook)
			hook.set(func(cmd redis.Cmder) error {
				said := fmt.Sprintf("%s", cmd.Args())
				assert.Contains(t, said, secretRefresh)
				return test.err(said)
			})
			store := redisstore.NewStore(client, t.Name())

			got, err := store.Update(t.Context(), to(secretToken))

			assert.Equal(t, secretToken, got)
			require.EqualError(t, err, "redisstore: saving the token: "+test.want)
			if test.is != nil {
				assert.ErrorIs(t, err, test.is)
			}
			var timeout net.Error
			require.ErrorAs(t, err, &timeout)
			assert.Equal(t, name == "a timeout", timeout.Timeout())
			secrets.NotInError(t, err, name)
			_, err = store.Load(t.Context())
			assert.ErrorIs(t, err, oauth.ErrNoToken)
			assertUnlocked(t, client)
		})
	}
}

// refusal is an error that Redis answers with.
type refusal string

func (e refusal) Error() string { return string(e) }
func (refusal) RedisError()     {}

type timedOut struct{}

func (timedOut) Error() string   { return secretAccess }
func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

func TestSecrets_noErrorShowsOne(t *testing.T) {
	t.Parallel()
	store, _, overtaken := pausedWith(t)
	assertShowsNoSecret(t, overtaken, "overtaken")
	_, err := store.Update(t.Context(), to(secretToken))
	require.NoError(t, err)
	_, err = store.Update(within(t, short), func(oauth.Token) (oauth.Token, error) {
		_, err := redisstore.NewStore(newClient(t), t.Name()).Update(within(t, short/2), to(secretToken))
		return oauth.Token{}, err
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assertShowsNoSecret(t, err, "locked")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = store.Load(ctx)
	require.Error(t, err)
	assertShowsNoSecret(t, err, "canceled")
}

// pausedWith is an update of secrets that comes too late.
func pausedWith(t *testing.T) (*redisstore.Store, oauth.Token, error) {
	t.Helper()
	client := newClient(t)
	store := redisstore.NewStore(client, t.Name(), redisstore.WithLockExpiry(short))
	token, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
		key := "{imbot:" + t.Name() + "}:token"
		require.NoError(t, client.Del(t.Context(), key, key+":lock").Err())
		_, err := redisstore.NewStore(client, t.Name()).Update(t.Context(), to(oauth.Token{AccessToken: secretAccess}))
		return secretToken, err
	})
	require.ErrorIs(t, err, redisstore.ErrOvertaken)
	return store, token, err
}
