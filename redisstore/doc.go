// Package redisstore lets many processes share the tokens, the installations and the request rate of a bot, on Redis 5
// or later.
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
//	store := redisstore.NewStore(client, memberID)
//	limiter := redisstore.NewLimiter(client, memberID, imbot.PlanStandard)
//	bot, err := imbot.NewClient(imbot.OAuth(endpoint, app.Source(store)), imbot.WithLimiter(limiter))
//
// The key names the portal, and the application if there is more than one: what has the same key is shared. A [Store]
// and a [Limiter] may have the same key. Any UniversalClient will do: of one server, of Sentinel, of a cluster.
//
// An application on many portals keeps them in [Installations], by a key of its own:
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
//	registry, err := portals.New(app, redisstore.NewInstallations(client, app.ID))
//
// # What is in Redis
//
// KEY stands for the key that was given. The braces keep all that has it in one slot of a cluster.
//
//	{imbot:KEY}:token       hash
//	  token                 the token as JSON, with both secrets
//	  fence                 who had the lock last: the value that it had
//	  writer                who wrote the token, in the same way
//	{imbot:KEY}:token:lock  string, present while a process updates the token; expires
//	rate:{imbot:KEY}:rate   string, present while there is something in the bucket; expires
//
//	{imbot:KEY}:portal:MEMBER       hash
//	  installation                  the installation as JSON, with its secrets
//	  fence, writer                 as above
//	{imbot:KEY}:portal:MEMBER:lock  string, present while a process updates the installation; expires
//	{imbot:KEY}:portals             set of the member ids of portals that have the application installed
//	{imbot:KEY}:domain:HOST         set of those that are at a domain
//
// Tokens, installations and sets must be neither evicted nor lost: see the README of this module on how to set up Redis.
//
// # When Redis fails
//
// No call outlasts its context, whatever the timeouts of the Redis client are. Without Redis there is no token, and no
// turn: [Limiter.Wait] returns an error, and the call ends before it is sent. A new pair of tokens that could not be
// saved stays with the source that got it, until it is saved.
//
// # Secrets
//
// No type and no error of this package shows a token. Redis itself sees the tokens: so does whoever may read the key,
// run MONITOR, or read the slow log. A hook of the Redis client that records commands with their arguments, such as a
// tracer may, records tokens as well; switch that off.
package redisstore
