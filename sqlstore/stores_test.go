package sqlstore_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

func TestInstallations(t *testing.T) {
	t.Parallel()
	storetest.Test(t, func(t testing.TB) (one, other portals.Store) {
		p := newPlace(t)
		return sqlstore.NewInstallations(p.open(t)), sqlstore.NewInstallations(p.open(t))
	})
}

func TestInstallations_lock(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	storetest.Lock(t, sqlstore.NewInstallations(p.open(t)), sqlstore.NewInstallations(p.open(t)))
}

// Three replicas meet 300 pairs that have expired. Each is renewed once, and none is lost.
func TestInstallations_replicas(t *testing.T) {
	t.Parallel()
	n := 300
	if testing.Short() {
		n = 60
	}
	p := newPlace(t)
	storetest.Replicas(t, n, func(t testing.TB) portals.Store {
		db := p.open(t)
		db.SetMaxOpenConns(20)
		return sqlstore.NewInstallations(db)
	})
}

// A pool of one connection is enough for one update at a time, also while a list is read.
func TestInstallations_oneConnection(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db := p.open(t)
	db.SetMaxOpenConns(1)
	store := sqlstore.NewInstallations(db)
	_, err := db.ExecContext(t.Context(), `INSERT INTO imbot_installations (member_id, data, writer, installed, domain)
		SELECT 'm' || n, json_build_object('member_id', 'm' || n, 'client_endpoint', 'https://portal.example/rest/'), 'x', true, 'portal.example'
		FROM generate_series(1, 2500) n`)
	require.NoError(t, err)
	listed := 0
	for memberID, err := range store.List(within(t, 30*time.Second)) {
		require.NoError(t, err)
		if listed++; listed%500 == 0 {
			storetest.Put(t, store, storetest.Full(memberID))
		}
	}
	assert.Equal(t, 2500, listed)
	assert.Len(t, storetest.Find(t, store, "portal.example"), 2500)
}

func becomes(i portals.Installation) func(portals.Installation) (portals.Installation, error) {
	return func(portals.Installation) (portals.Installation, error) { return i, nil }
}

func pair(n int) oauth.Token {
	return oauth.Token{
		AccessToken: "access-" + strconv.Itoa(n), RefreshToken: "refresh-" + strconv.Itoa(n), Expiry: time.Unix(1_800_000_000, 0).UTC(),
		ClientEndpoint: "https://portal.example/rest/", MemberID: storetest.Member(1), UserID: 7,
	}
}

// to makes a change that ends in a token, whatever there is.
func to(token oauth.Token) func(oauth.Token) (oauth.Token, error) {
	return func(oauth.Token) (oauth.Token, error) { return token, nil }
}

func assertHas(t testing.TB, store *sqlstore.Tokens, want oauth.Token) {
	t.Helper()
	got, err := store.Load(context.WithoutCancel(t.Context()))
	assert.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	one, other := sqlstore.NewTokens(p.open(t), "k"), sqlstore.NewTokens(p.open(t), "k")
	_, err := one.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken)
	errStop := errors.New("stop")
	got, err := one.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Zero(t, current)
		return pair(1), errStop
	})
	require.Equal(t, errStop, err)
	assert.Zero(t, got)
	_, err = one.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken, "an update that failed makes no token")

	got, err = one.Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	assert.Equal(t, pair(1), got)
	got, err = other.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, pair(1), current)
		return pair(2), nil
	})
	require.NoError(t, err)
	assert.Equal(t, pair(2), got)
	assertHas(t, one, pair(2))
	_, err = sqlstore.NewTokens(p.open(t), "K").Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken, "another key has another token")

	_, err = one.Update(t.Context(), to(oauth.Token{}))
	require.NoError(t, err)
	_, err = other.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken, "a token can be removed")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = one.Load(ended)
	require.ErrorIs(t, err, context.Canceled)
	_, err = one.Update(ended, func(oauth.Token) (oauth.Token, error) {
		t.Error("change was called")
		return oauth.Token{}, nil
	})
	require.ErrorIs(t, err, context.Canceled)
}

// What is there already is not written.
func TestTokens_unchanged(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db := p.open(t)
	store := sqlstore.NewTokens(db, "k")
	_, err := store.Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	writer := func() (writer string) {
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT writer FROM imbot_tokens").Scan(&writer))
		return writer
	}
	before := writer()
	_, err = store.Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	assert.Equal(t, before, writer())
}

// A new pair is saved also if nobody waits for it any more.
func TestTokens_contextEndsWhileChangeRuns(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	store := sqlstore.NewTokens(p.open(t), "k")
	ctx, cancel := context.WithCancel(t.Context())
	got, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) {
		cancel()
		return pair(2), nil
	})
	require.NoError(t, err)
	assert.Equal(t, pair(2), got)
	assertHas(t, store, pair(2))
}

// What the database will not take is not asked for.
func TestTokens_readOnly(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := sqlstore.NewTokens(p.open(t), "k").Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	for name, test := range map[string]struct{ query, state string }{
		"a server that takes no writes": {"&default_transaction_read_only=on", "25006"},
		"a user who may only read":      {"&role=" + readers(t, p), "42501"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := sqlstore.NewTokens(open(t, dsn(server.addr, p.schema)+test.query), "k")
			assertHas(t, store, pair(1))
			_, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
				t.Error("a pair was asked for that could not be saved")
				return pair(2), nil
			})
			require.EqualError(t, err, "sqlstore: locking the token: the database answers "+test.state)
		})
	}
}

// readers makes a role that may read the tables.
func readers(t testing.TB, p place) string {
	t.Helper()
	role := "reads_" + p.schema
	db := p.open(t)
	for _, statement := range []string{
		"CREATE ROLE " + role, "GRANT USAGE ON SCHEMA " + p.schema + " TO " + role, "GRANT SELECT ON ALL TABLES IN SCHEMA " + p.schema + " TO " + role,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	return role
}

// What the owner of the database has set does not end the wait for a lock, nor an update, and what is committed is on
// the disk.
func TestTokens_settings(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	impatient := open(t, dsn(server.addr, p.schema)+
		"&lock_timeout=500&statement_timeout=500&idle_in_transaction_session_timeout=500&synchronous_commit=off&default_transaction_isolation=serializable")
	one, other := sqlstore.NewTokens(impatient, "k"), sqlstore.NewTokens(impatient, "k")
	held, hold := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		defer hold()
		_, err := one.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
			hold()
			pause(t.Context(), 1200*time.Millisecond)
			return pair(1), nil
		})
		assert.NoError(t, err)
	})
	<-held.Done()
	_, err := other.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, pair(1), current)
		return pair(2), nil
	})
	require.NoError(t, err)
	group.Wait()
	assertHas(t, one, pair(2))
	var setting string
	require.NoError(t, impatient.QueryRowContext(t.Context(), "SHOW synchronous_commit").Scan(&setting))
	assert.Equal(t, "off", setting, "the connection is as it was")
}

// 200 goroutines in two processes meet one expired token. One request is made.
func TestTokens_oneRenewalInTwoReplicas(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	portal := imbottest.NewPortal(t)
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	token := oauth.Token(portal.IssueTokens(imbottest.App))
	stores := []*sqlstore.Tokens{sqlstore.NewTokens(p.open(t), "k"), sqlstore.NewTokens(p.open(t), "k")}
	_, err := stores[0].Update(t.Context(), to(token))
	require.NoError(t, err)
	portal.Expire(token.AccessToken)
	var inside, most atomic.Int32
	var group sync.WaitGroup
	for _, store := range stores {
		client := portal.OAuthClient(app.Source(store), imbot.WithLimiter(nil))
		for range 100 {
			group.Go(func() {
				_, err := client.Bot.List(t.Context(), imbot.BotListRequest{})
				assert.NoError(t, err)
			})
		}
		for range 20 {
			group.Go(func() {
				_, err := store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
					most.Store(max(most.Load(), inside.Add(1)))
					defer inside.Add(-1)
					return current, nil
				})
				assert.NoError(t, err)
			})
		}
	}
	group.Wait()
	assert.Len(t, portal.TokenCalls(), 1)
	assert.EqualValues(t, 1, most.Load())
	fresh, err := stores[1].Load(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, token.AccessToken, fresh.AccessToken)
}

var offsetKey = imbotv2.OffsetKey{Portal: "p", BotID: 7}

func TestOffsets(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	one, other := sqlstore.NewOffsets(p.open(t)), sqlstore.NewOffsets(p.open(t))
	want := imbotv2.Offset{
		EventID: 417, Date: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC), FetchedAt: time.Date(2026, 11, 28, 10, 0, 5, 123456789, time.UTC),
	}
	got, err := one.Load(t.Context(), offsetKey)
	require.NoError(t, err)
	assert.Zero(t, got)
	require.NoError(t, one.Save(t.Context(), offsetKey, imbotv2.Offset{EventID: 1}))
	require.NoError(t, other.Save(t.Context(), offsetKey, want))
	got, err = one.Load(t.Context(), offsetKey)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	for _, another := range []imbotv2.OffsetKey{{Portal: "p", BotID: 8}, {Portal: "q", BotID: 7}} {
		got, err = one.Load(t.Context(), another)
		require.NoError(t, err)
		assert.Zero(t, got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, one.Save(ended, offsetKey, want), context.Canceled)
	_, err = one.Load(ended, offsetKey)
	require.ErrorIs(t, err, context.Canceled)
}

// A program without tables is told what is missing.
func TestNoTables(t *testing.T) {
	t.Parallel()
	db := open(t, dsn(server.addr, newSchema(t)))
	_, err := sqlstore.NewTokens(db, "k").Load(t.Context())
	require.ErrorContains(t, err, "Migrate")
	_, err = sqlstore.NewInstallations(db).Load(t.Context(), "m")
	require.ErrorContains(t, err, "Migrate")
	for _, err := range sqlstore.NewInstallations(db).List(t.Context()) {
		require.ErrorContains(t, err, "Migrate")
	}
	require.ErrorContains(t, sqlstore.NewOffsets(db).Save(t.Context(), offsetKey, imbotv2.Offset{}), "Migrate")
}
