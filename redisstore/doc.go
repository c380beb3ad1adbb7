// Package redisstore lets many processes share the tokens and the request rate of a bot, on Redis 5 or later.
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
//	store := redisstore.NewStore(client, memberID)
//	limiter := redisstore.NewLimiter(client, memberID, imbot.PlanStandard)
//	bot, err := imbot.NewClient(imbot.OAuth(endpoint, app.Source(store)), imbot.WithLimiter(limiter))
//
// The key names the portal, and the application if there is more than one: what has the same key is shared. A [Store]
// and a [Limiter] may have the same key. Any UniversalClient will do: of one server, of Sentinel, of a cluster.
//
// # What is in Redis
//
// KEY stands for the key that was given. The braces keep all of a portal in one slot of a cluster.
//
//	{imbot:KEY}:token       hash
//	  token                 the token as JSON, with both secrets
//	  fence                 who had the lock last: the value that it had
//	  writer                who wrote the token, in the same way
//	{imbot:KEY}:token:lock  string, present while a process updates the token; expires
//	rate:{imbot:KEY}:rate   string, present while there is something in the bucket; expires
//
// The first must be neither evicted nor lost: see the README of this module on how to set up Redis.
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
