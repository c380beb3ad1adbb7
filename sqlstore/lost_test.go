package sqlstore_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// A connection is lost while a pair is saved. What is said of it is what is in the database.
func TestLost(t *testing.T) {
	t.Parallel()
	nothing := func(*testing.T, *sqlstore.Tokens) {}
	another := func(t *testing.T, direct *sqlstore.Tokens) {
		_, err := direct.Update(t.Context(), to(pair(3)))
		assert.NoError(t, err)
	}
	for name, test := range map[string]struct {
		at        string // the message that the connection is lost with
		passes    bool   // the server gets it, and its answer is lost
		meanwhile func(*testing.T, *sqlstore.Tokens)
		err       error
		want      oauth.Token
	}{
		"before the write":                          {"UPDATE imbot_tokens", false, nothing, nil, pair(2)},
		"after the write":                           {"UPDATE imbot_tokens", true, nothing, nil, pair(2)},
		"before the commit":                         {"commit\x00", false, nothing, nil, pair(2)},
		"after the commit":                          {"commit\x00", true, nothing, nil, pair(2)},
		"before the commit, and another was faster": {"commit\x00", false, another, sqlstore.ErrOvertaken, pair(3)},
		"after the commit, and another went on":     {"commit\x00", true, another, sqlstore.ErrOvertaken, pair(3)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, link := newPlace(t), newProxy(t)
			direct, store := sqlstore.NewTokens(p.open(t), "k"), sqlstore.NewTokens(p.via(t, link), "k")
			_, err := store.Update(t.Context(), to(pair(1)))
			require.NoError(t, err)
			link.cutAt(test.at, test.passes, func() { test.meanwhile(t, direct) })

			got, err := store.Update(within(t, 20*time.Second), to(pair(2)))

			assert.ErrorIs(t, err, test.err)
			assert.Equal(t, pair(2), got, "what change made is not kept from the caller")
			assertHas(t, direct, test.want)
			_, err = direct.Update(within(t, time.Second), to(pair(4)))
			assert.NoError(t, err, "nobody has the lock")
		})
	}
}

// The database does not come back in time. Whether the pair is there is not known, and said so. An update that comes
// later finds out.
func TestLost_uncertain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		passes bool
		want   oauth.Token
	}{
		"it was committed":     {true, pair(2)},
		"it was not committed": {false, pair(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, link := newPlace(t), newProxy(t)
			direct, store := sqlstore.NewTokens(p.open(t), "k"), sqlstore.NewTokens(p.via(t, link), "k")
			_, err := store.Update(t.Context(), to(pair(1)))
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			link.cutAt("commit\x00", test.passes, func() {
				link.isAway(true)
				cancel()
			})

			got, err := store.Update(ctx, to(pair(2)))

			require.ErrorIs(t, err, sqlstore.ErrUncertain)
			require.ErrorContains(t, err, "not known")
			require.ErrorIs(t, err, context.Canceled)
			assert.NotErrorIs(t, err, sqlstore.ErrOvertaken)
			assert.Equal(t, pair(2), got)
			secrets.NotInError(t, err, "uncertain")
			assertHas(t, direct, test.want)
			link.isAway(false)
			_, err = store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
				assert.Equal(t, test.want, current)
				return pair(2), nil
			})
			require.NoError(t, err)
			assertHas(t, direct, pair(2))
		})
	}
}

// A deletion whose commit was lost is looked after as well.
func TestLost_deletion(t *testing.T) {
	t.Parallel()
	for name, passes := range map[string]bool{"before the commit": false, "after the commit": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, link := newPlace(t), newProxy(t)
			store := sqlstore.NewInstallations(p.via(t, link))
			storetest.Put(t, store, storetest.Full(storetest.Member(1)))
			link.cutAt("commit\x00", passes, func() {})
			require.NoError(t, store.Delete(t.Context(), storetest.Member(1)))
			assert.Empty(t, storetest.List(t, sqlstore.NewInstallations(p.open(t))))
		})
	}
}

// A process stops in the middle of an update until the database takes its lock away, and then goes on.
func TestPaused(t *testing.T) {
	t.Parallel()
	const short = 200 * time.Millisecond
	first, second, third := storetest.Full(storetest.Member(1)), storetest.Full(storetest.Member(1)), storetest.Full(storetest.Member(1))
	second.ClientEndpoint, third.ClientEndpoint = "https://second.example/rest/", "https://third.example/rest/"
	gone := portals.Installation{}
	for name, test := range map[string]struct {
		meanwhile func(t *testing.T, replica *sqlstore.Installations)
		err       error
		want      portals.Installation
	}{
		"nobody came": {func(*testing.T, *sqlstore.Installations) {}, nil, second},
		"another has updated it": {func(t *testing.T, replica *sqlstore.Installations) {
			storetest.Put(t, replica, third)
		}, sqlstore.ErrOvertaken, third},
		"another came and changed nothing": {func(t *testing.T, replica *sqlstore.Installations) {
			storetest.Put(t, replica, first)
		}, nil, second},
		"another came and failed": {func(t *testing.T, replica *sqlstore.Installations) {
			_, err := replica.Update(t.Context(), storetest.Member(1), func(portals.Installation) (portals.Installation, error) {
				return third, errors.New("no")
			})
			assert.Error(t, err)
		}, nil, second},
		"another has deleted it": {func(t *testing.T, replica *sqlstore.Installations) {
			assert.NoError(t, replica.Delete(t.Context(), storetest.Member(1)))
		}, sqlstore.ErrOvertaken, gone},
		"another has deleted it, and put the same there": {func(t *testing.T, replica *sqlstore.Installations) {
			assert.NoError(t, replica.Delete(t.Context(), storetest.Member(1)))
			storetest.Put(t, replica, first)
		}, sqlstore.ErrOvertaken, first},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			replica := sqlstore.NewInstallations(p.open(t))
			storetest.Put(t, replica, first)
			store := sqlstore.NewInstallations(p.open(t), sqlstore.WithLockExpiry(short))

			got, err := store.Update(t.Context(), storetest.Member(1), func(current portals.Installation) (portals.Installation, error) {
				assert.Equal(t, first, current)
				// The lock is free when another gets it.
				_, err := replica.Update(within(t, 10*time.Second), storetest.Member(1),
					func(current portals.Installation) (portals.Installation, error) { return current, nil })
				assert.NoError(t, err)
				test.meanwhile(t, replica)
				return second, nil
			})

			assert.ErrorIs(t, err, test.err)
			assert.Equal(t, second, got)
			if test.want == gone {
				assert.Empty(t, storetest.List(t, replica))
				return
			}
			assert.Equal(t, test.want, storetest.Load(t, replica, storetest.Member(1)))
			assert.Len(t, storetest.Find(t, replica, test.want.Domain()), 1)
		})
	}
}

// A token whose row is gone meanwhile is saved nevertheless: it may be the only pair that works.
func TestPaused_tokenIsGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db := p.open(t)
	_, err := sqlstore.NewTokens(db, "k").Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	store := sqlstore.NewTokens(p.open(t), "k", sqlstore.WithLockExpiry(200*time.Millisecond))
	_, err = store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
		_, err := db.ExecContext(within(t, 10*time.Second), "DELETE FROM imbot_tokens")
		assert.NoError(t, err)
		return pair(2), nil
	})
	require.NoError(t, err)
	assertHas(t, sqlstore.NewTokens(db, "k"), pair(2))
}

// The sessions of all replicas are ended in the middle of their work, as by a restart of the server. No update is lost,
// and none that failed is there.
func TestLost_sessionsAreEnded(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db := p.open(t)
	const replicas, updates = 4, 25
	var group sync.WaitGroup
	work, done := context.WithCancel(t.Context())
	group.Go(func() {
		for work.Err() == nil {
			_, err := db.ExecContext(context.WithoutCancel(work), `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
				JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND l.pid <> pg_backend_pid()`, p.schema)
			assert.NoError(t, err)
			pause(work, 20*time.Millisecond)
		}
	})
	var workers sync.WaitGroup
	made, overtaken := make([]int64, replicas), make([]int64, replicas)
	for n := range replicas {
		store := sqlstore.NewTokens(p.open(t), "k")
		workers.Go(func() {
			for range updates {
				_, err := store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
					current.AccessToken, current.UserID = "access", current.UserID+1
					return current, nil
				})
				switch {
				case err == nil:
					made[n]++
				case errors.Is(err, sqlstore.ErrOvertaken): // by one that was given what it has saved, or has not
					overtaken[n]++
				default: // its session was ended before it had the lock
					assert.NotErrorIs(t, err, sqlstore.ErrUncertain)
				}
			}
		})
	}
	workers.Wait()
	done()
	group.Wait()
	last, err := sqlstore.NewTokens(db, "k").Load(t.Context())
	require.NoError(t, err)
	least, most := int64(0), int64(0)
	for n := range replicas {
		least, most = least+made[n], most+made[n]+overtaken[n]
	}
	t.Logf("%d of %d updates, and %d were overtaken", least, replicas*updates, most-least)
	assert.GreaterOrEqual(t, int64(last.UserID), least)
	assert.LessOrEqual(t, int64(last.UserID), most)
}

// What the database does not write is not said to be saved.
func TestTokens_notWritten(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db := p.open(t)
	_, err := db.ExecContext(t.Context(), `CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
		CREATE TRIGGER skip BEFORE UPDATE ON imbot_tokens FOR EACH ROW EXECUTE FUNCTION skip()`)
	require.NoError(t, err)
	store := sqlstore.NewTokens(db, "k")
	_, err = store.Update(t.Context(), to(pair(1)))
	require.EqualError(t, err, "sqlstore: saving the token: the database has not written the row")
	_, err = store.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken)
}

// A database that accepts connections and never answers keeps nobody for longer than their context.
func TestStall(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() }) // those that it has accepted by itself go with it
	db := open(t, dsn(listener.Addr().String(), ""))
	tokens, installations, offsets := sqlstore.NewTokens(db, "k"), sqlstore.NewInstallations(db), sqlstore.NewOffsets(db)
	for name, call := range map[string]func(context.Context) error{
		"load": func(ctx context.Context) error { _, err := tokens.Load(ctx); return err },
		"update": func(ctx context.Context) error {
			_, err := tokens.Update(ctx, func(oauth.Token) (oauth.Token, error) {
				t.Error("change was called")
				return oauth.Token{}, nil
			})
			return err
		},
		"delete":  func(ctx context.Context) error { return installations.Delete(ctx, "m") },
		"save":    func(ctx context.Context) error { return offsets.Save(ctx, offsetKey, imbotv2.Offset{}) },
		"migrate": func(ctx context.Context) error { return sqlstore.Migrate(ctx, db) },
		"list": func(ctx context.Context) (last error) {
			for _, err := range installations.List(ctx) {
				last = err
			}
			return last
		},
		"find": func(ctx context.Context) (last error) {
			for _, err := range installations.Find(ctx, "portal.example") {
				last = err
			}
			return last
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ErrorIs(t, call(within(t, 200*time.Millisecond)), context.DeadlineExceeded)
		})
	}
}

// It stops answering in the middle of a commit.
func TestStall_inTheCommit(t *testing.T) {
	t.Parallel()
	p, link := newPlace(t), newProxy(t)
	store := sqlstore.NewTokens(p.via(t, link), "k")
	_, err := store.Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	ended := make(chan struct{})
	link.cutAt("commit\x00", true, func() {
		link.isAway(true)
		<-ended // the connection stays open until then
	})

	got, err := store.Update(within(t, 200*time.Millisecond), to(pair(2)))

	close(ended)
	require.ErrorIs(t, err, sqlstore.ErrUncertain)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, pair(2), got)
	assertHas(t, sqlstore.NewTokens(p.open(t), "k"), pair(2))
}
