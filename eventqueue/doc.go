// Package eventqueue keeps the events that a portal posts before they are answered, so that none that was answered 200
// is lost. It keeps them on NATS JetStream: in this process, on disk ([Open]), or on a server that any number of
// replicas share ([Connect]).
//
//	mux := imbotv2.NewMux()
//	queue, err := eventqueue.Open(ctx, "/var/lib/bot/events")
//	handler, err := events.NewHandler(applicationToken, events.WithMux(mux), events.WithEnqueue(queue.Put))
//	err = queue.Work(ctx, handler.Work)
//
// # What is promised
//
// An event that [Queue.Put] has returned nil for is worked on at least once, also after the process, a worker or the
// server was killed. It may be worked on more than once. The events of a portal are worked on one after the other, in
// the order in which they were put, among all replicas: while one is repeated, later ones wait. Portals do not wait for
// each other, as long as fewer events are worked on at the same time than [WithConcurrency] allows.
//
// An event whose callback fails is repeated after a pause that doubles each time. After some starts
// ([WithMaxDeliver]) it is a dead letter, which [Queue.DeadLetters] lists and [Queue.PutBack] puts back, and the portal
// goes on with the next one. An error after which it must not be repeated, by the rule of imbotv2.MayTryAgain, makes it
// a dead letter at once. Starts are counted in the queue: an event that kills the process is a dead letter after as many.
//
// Chats that are to be left are kept in the same way, by [Queue.PutLeave], and left by the callback of [WithLeaves].
//
// An event that is put again within the window of [WithDuplicateWindow] is recognized by its identity, which is
// events.Event.ID.
//
// # How it works
//
// The events are in a stream, and each leaves it when its work is done. Portals are spread over 16 shards, and a shard
// belongs to one replica at a time, by a lease that it renews while it works, and gives back when [Queue.Work] ends. Before
// a callback is called, it is noted that the event is begun; a replica that was paused for longer than its lease finds
// there that another one works on the portal. Who loses the lease has the context of
// its callbacks ended with [ErrLeaseLost] as the cause; another replica begins seconds later with the oldest event
// that is left. So callbacks have to end with their context, or two replicas may work on one portal.
//
// # Secrets
//
// No token is kept: see events.Event.MarshalBinary. What users wrote is, so protect the folder or the server.
package eventqueue
