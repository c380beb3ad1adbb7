package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the database
	"github.com/nats-io/nats.go"
	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// storage is where a replica keeps what must not be lost, and how fast it may be.
type storage struct {
	installations portals.Store
	queue         *eventqueue.Queue
	limiter       func(portals.Installation) imbot.Limiter // nil: one of the process
	close         func() error
}

// openFolder keeps all in a folder, for one process.
func openFolder(ctx context.Context, folder string) (storage, error) {
	installations, err := portals.NewDirStore(filepath.Join(folder, "portals"))
	if err != nil {
		return storage{}, err
	}
	queue, err := eventqueue.Open(ctx, filepath.Join(folder, "events"), eventqueue.WithSyncAlways())
	if err != nil {
		return storage{}, err
	}
	return storage{installations: installations, queue: queue, close: queue.Close}, nil
}

// addresses are where replicas keep what they share.
type addresses struct{ database, redis, nats string }

// check says which address is missing.
func (a addresses) check() error {
	for _, address := range []struct{ name, value string }{{"DATABASE_URL", a.database}, {"REDIS_URL", a.redis}, {"NATS_URL", a.nats}} {
		if address.value == "" {
			return fmt.Errorf("replicas share a database, a Redis and a NATS server: %s is not set", address.name)
		}
	}
	return nil
}

// openShared keeps all where other replicas find it: installations in a database, how much of their limits portals have
// left in Redis, and events on a NATS server.
func openShared(ctx context.Context, a addresses) (s storage, err error) {
	if err := a.check(); err != nil {
		return storage{}, err
	}
	var opened []func() error
	s.close = func() error {
		var problems []error
		for _, end := range opened {
			problems = append(problems, end())
		}
		return errors.Join(problems...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()

	db, err := sql.Open("pgx", a.database)
	if err != nil {
		return s, err
	}
	opened = append(opened, db.Close)
	if err := sqlstore.Migrate(ctx, db); err != nil {
		return s, err
	}
	s.installations = sqlstore.NewInstallations(db)

	options, err := redis.ParseURL(a.redis)
	if err != nil {
		return s, errors.New("REDIS_URL is not the address of a Redis") // the reason may quote the password
	}
	shared := redis.NewClient(options)
	opened = append(opened, shared.Close)
	s.limiter = func(i portals.Installation) imbot.Limiter { return redisstore.NewLimiter(shared, i.MemberID, i.Plan) }

	conn, err := nats.Connect(a.nats, nats.MaxReconnects(-1))
	if err != nil {
		return s, err
	}
	opened = append(opened, func() error {
		conn.Close()
		return nil
	})
	s.queue, err = eventqueue.Connect(ctx, conn)
	if err != nil {
		return s, err
	}
	opened = append([]func() error{s.queue.Close}, opened...) // it needs the connection
	return s, nil
}
