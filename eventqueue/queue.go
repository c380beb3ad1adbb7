package eventqueue

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
)

const (
	// shards is how many parts the portals are spread over, and so how many replicas can work at the same time. All
	// replicas need the same number.
	shards = 16
	// maxPayload is what an event may have at rest in an embedded server. Posts have at most 1 MiB.
	maxPayload = 8 << 20
	// startTime is for how long an embedded server may read its folder.
	startTime = time.Minute
	// publishTime is for how long a message may wait to be kept where no context says it.
	publishTime = 5 * time.Second
)

// The headers of a message.
const (
	headerPortal   = "Imbot-Portal"
	headerID       = "Imbot-Id"
	headerAttempts = "Imbot-Attempts"
	headerError    = "Imbot-Error"
	headerKind     = "Imbot-Kind"
)

// Queue keeps events and has them worked off. It is safe for concurrent use. Make one with [Open] or [Connect].
type Queue struct {
	config

	js     jetstream.JetStream
	stream jetstream.Stream
	dead   jetstream.Stream
	leases jetstream.KeyValue
	kept   []byte // with what the answer to an event begins that was kept
	starts jetstream.KeyValue
	close  func() // what Open has opened

	working atomic.Int64 // how many callbacks run

	mu      sync.Mutex
	closed  bool
	stop    context.CancelFunc // ends Work; nil while there is none
	stopped chan struct{}      // closed when Work has returned
}

// Open opens the queue that is in a folder of this machine, which is made if it is not there. It starts a NATS server in
// this process that listens to no address. One process at a time can have it open: for others, the error is [ErrInUse].
// A mistake in an option or in dir is a [*imbot.ParamError].
//
// ctx bounds the start alone. Close the queue when it is no longer needed.
func Open(ctx context.Context, dir string, opts ...Option) (*Queue, error) {
	c, err := configOf(opts)
	if dir == "" {
		err = errors.Join(err, &imbot.ParamError{Param: "dir", Err: errors.New("is empty")})
	}
	if c.replicas != 0 {
		err = errors.Join(err, &imbot.ParamError{Param: "WithReplicas", Err: errors.New("is for Connect: a folder is on one machine")})
	}
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("eventqueue: %w", err)
	}
	unlock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("eventqueue: lock %s: %w", dir, err)
	}
	embedded, conn, err := embed(ctx, dir, c)
	if err != nil {
		unlock()
		return nil, err
	}
	closeAll := func() {
		conn.Close()
		embedded.Shutdown()
		embedded.WaitForShutdown()
		unlock()
	}
	c.embedded = true
	q, err := newQueue(ctx, conn, c)
	if err != nil {
		closeAll()
		return nil, err
	}
	q.close = closeAll
	return q, nil
}

// embed starts a server in this process, and connects to it.
func embed(ctx context.Context, dir string, c config) (*server.Server, *nats.Conn, error) {
	embedded, err := server.NewServer(&server.Options{
		ServerName: "imbot", DontListen: true, JetStream: true, StoreDir: dir, SyncAlways: c.syncAlways,
		JetStreamMaxStore: c.maxStore, NoSigs: true, NoLog: true, MaxPayload: maxPayload,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("eventqueue: %w", err)
	}
	if err := begin(ctx, embedded); err != nil {
		embedded.Shutdown()
		return nil, nil, fmt.Errorf("eventqueue: the embedded server does not start: %w", err)
	}
	conn, err := nats.Connect("", nats.InProcessServer(embedded), nats.MaxReconnects(-1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // the default one writes to standard error
	if err != nil {
		embedded.Shutdown()
		return nil, nil, fmt.Errorf("eventqueue: %w", err)
	}
	return embedded, conn, nil
}

// Connect opens the queue that is on a NATS server with JetStream, and makes its streams if they are not there. Those that
// are there get the settings of opts, whatever somebody has changed on the server: all replicas need the same opts. Any
// number of replicas may have it open. The connection stays the caller's, and has to be open for as long as the queue is;
// nats.MaxReconnects(-1) keeps it over any outage. The server's max_payload, 1 MiB if it was not set, bounds what an event
// may have. A mistake in an option is a [*imbot.ParamError].
func Connect(ctx context.Context, conn *nats.Conn, opts ...Option) (*Queue, error) {
	c, err := configOf(opts)
	if conn == nil {
		err = errors.Join(err, &imbot.ParamError{Param: "conn", Err: errNil})
	}
	if c.syncAlways {
		err = errors.Join(err, &imbot.ParamError{Param: "WithSyncAlways", Err: errors.New("is for Open: the server decides by its sync_interval")})
	}
	if err != nil {
		return nil, err
	}
	return newQueue(ctx, conn, c)
}

func newQueue(ctx context.Context, conn *nats.Conn, c config) (*Queue, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("eventqueue: %w", err)
	}
	q := &Queue{config: c, js: js, kept: fmt.Appendf(nil, `{"stream":%q,`, c.name), close: func() {}}
	replicas := max(1, c.replicas)
	q.stream, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: c.name, Subjects: []string{c.name + ".event.*"}, Storage: jetstream.FileStorage, Duplicates: c.duplicates, Replicas: replicas,
		AllowDirect: c.embedded, // faster; of several servers one may not have the newest event yet
		Description: "events of Bitrix24 portals that are to be worked on",
	})
	if err != nil {
		return nil, fmt.Errorf("eventqueue: the stream of events: %w", err)
	}
	q.dead, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: c.name + "_DEAD", Subjects: []string{c.name + ".dead"}, Storage: jetstream.FileStorage, Replicas: replicas,
		Description: "events of Bitrix24 portals that could not be worked on",
	})
	if err != nil {
		return nil, fmt.Errorf("eventqueue: the stream of dead letters: %w", err)
	}
	ofLeases := jetstream.FileStorage
	if c.embedded {
		ofLeases = jetstream.MemoryStorage // they end with the process
	}
	q.leases, err = js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: c.name + "_LEASES", TTL: c.lease, Storage: ofLeases, Replicas: replicas, Description: "which replica works on which portals",
	})
	if err != nil {
		return nil, fmt.Errorf("eventqueue: the leases: %w", err)
	}
	q.starts, err = js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: c.name + "_STARTS", TTL: keepStarts, Storage: jetstream.FileStorage, Replicas: replicas,
		Description: "how often the work for an event was begun",
	})
	if err != nil {
		return nil, fmt.Errorf("eventqueue: the starts: %w", err)
	}
	return q, nil
}

// Put keeps an event. Nil says that it is kept, or that it was within the window of [WithDuplicateWindow]; after an error
// it may be kept or not. It is what events.WithEnqueue takes. ctx bounds it, and 5 s do where ctx has no deadline.
//
// The error matches [ErrClosed] where the queue is closed, and nats.ErrMaxPayload where the event is too large for the
// server; a nil event is a [*imbot.ParamError].
func (q *Queue) Put(ctx context.Context, event *events.Event) error {
	if event == nil {
		return &imbot.ParamError{Param: "event", Err: errNil}
	}
	data, err := event.MarshalBinary()
	if err != nil {
		return fmt.Errorf("eventqueue: %w", err)
	}
	id := event.ID()
	return q.publish(ctx, q.message(cmp.Or(event.MemberID, event.Auth.Domain), id, data), id)
}

// message makes a message for a portal. What is behind a shard's number is the portal, as a hash.
func (q *Queue) message(portal, id string, data []byte) *nats.Msg {
	sum := sha256.Sum256([]byte(portal))
	return &nats.Msg{
		Subject: q.subject(int(sum[0]) % shards), Data: data,
		Header: nats.Header{headerPortal: {hex.EncodeToString(sum[:16])}, headerID: {id}},
	}
}

func (q *Queue) subject(shard int) string { return q.name + ".event." + strconv.Itoa(shard) }

// publish has a message kept. A repeat with the same id is not kept again.
func (q *Queue) publish(ctx context.Context, msg *nats.Msg, id string) error {
	if q.isClosed() {
		return ErrClosed
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, publishTime)
		defer cancel()
	}
	msg.Header.Set(jetstream.MsgIDHeader, id)
	answer, err := q.js.Conn().RequestMsgWithContext(ctx, msg)
	if err == nil && bytes.HasPrefix(answer.Data, q.kept) {
		return nil
	}
	if err == nil || errors.Is(err, nats.ErrNoResponders) { // jetstream knows all other answers, and waits for a server that elects its leader
		_, err = q.js.PublishMsg(ctx, msg)
	}
	if err != nil {
		return fmt.Errorf("eventqueue: the event was not kept: %w", err)
	}
	return nil
}

func (q *Queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// Close ends Work as the end of its context does, waits for it, and closes what [Open] has opened. What is kept stays.
// Shut down what puts events before. A second call does nothing.
func (q *Queue) Close() error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	stop, stopped := q.stop, q.stopped
	q.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
	q.close()
	return nil
}
