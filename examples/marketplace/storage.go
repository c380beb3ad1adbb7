package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// storage is where a replica keeps what must not be lost.
type storage struct {
	installations portals.Store
	queue         *eventqueue.Queue
	limiter       func(portals.Installation) imbot.Limiter // nil: one of the process
	close         func() error
}

// open opens what the environment names, or else a folder.
func open(ctx context.Context, folder string) (storage, error) {
	return openFolder(ctx, folder)
}

// openDemo opens what replicas of the demonstration share, or a folder for one alone.
func openDemo(ctx context.Context, replicas int, folder string) (storage, error) {
	if replicas == 1 {
		return openFolder(ctx, folder)
	}
	return storage{}, errors.New("not yet")
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
