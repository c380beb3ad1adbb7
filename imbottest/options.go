package imbottest

import (
	"cmp"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
)

// Option changes how a portal is made. A nil Option changes nothing.
type Option func(*config)

type config struct {
	server.Config

	empty bool
}

func newConfig(opts []Option) config {
	c := config{Config: server.Config{
		Host: Host, OAuthHost: OAuthHost, MemberID: MemberID, User: Employee, ApplicationTokens: applicationTokens,
	}}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}

// Wire is the form of those errors for which the server replaces the documented code and description by others. Where
// documentation and servers disagree about a status, the portal sends the server's in both forms.
type Wire int

// The two forms.
const (
	// Current is what the server sends: a bot that is no member gets ACCESS_DENIED_KICK, an owner that may not leave
	// LEAVE_OWNER_FORBIDDEN with a text in the portal's language. The status stays that of the documented error.
	Current Wire = iota
	// Documented is what the documentation promises: WRONG_REQUEST, and ACCESS_ERROR with LEAVE_OWNER_FORBIDDEN for a
	// description.
	Documented
)

// String returns the name of the constant.
func (w Wire) String() string {
	switch w {
	case Current:
		return "Current"
	case Documented:
		return "Documented"
	default:
		return "Wire(" + strconv.Itoa(int(w)) + ")"
	}
}

// Empty makes a portal without bots, chats and tokens. The two webhooks of [Employee] are there.
func Empty() Option {
	return func(c *config) { c.empty = true }
}

// WithHost makes a portal that has this host in memory instead of [Host], such as "first.example": that is where
// [Portal.WebhookURL] and [Portal.Endpoint] are, and what its answers and events say, until [Portal.Rename]. Without a
// name it stays [Host]. Several portals with hosts of their own make a [Cloud].
func WithHost(host string) Option {
	return func(c *config) { c.Host = strings.ToLower(cmp.Or(host, Host)) }
}

// WithMemberID makes a portal that is identified by this instead of [MemberID], in its events and beside its tokens.
// Without an id it stays [MemberID]. The tokens that such a portal issues have the id in their text, so that those of
// several portals differ.
func WithMemberID(id string) Option {
	return func(c *config) {
		c.MemberID, c.Mark = cmp.Or(id, MemberID), ""
		if c.MemberID != MemberID {
			c.Mark = c.MemberID + "-"
		}
	}
}

// WithAddress says where a program serves the portal itself, as an [http.Handler], such as "http://127.0.0.1:8024":
// [Portal.URL] is that then, and starts no server, and events name it. Without an address the portal serves itself.
func WithAddress(url string) Option {
	return func(c *config) { c.Address = strings.TrimSuffix(url, "/") }
}

// WithWire chooses the form of errors. The default is [Current].
func WithWire(wire Wire) Option {
	return func(c *config) { c.Documented = wire == Documented }
}

// SelfHosted makes a portal of the older self-hosted kind: answers have no counters of operating time, their times are
// fractions, and the headers of the cloud are missing.
func SelfHosted() Option {
	return func(c *config) { c.SelfHosted = true }
}

// Plan is what a customer pays for; it sets the limit of the request rate.
type Plan = imbot.Plan

// The plans, as package imbot has them.
const (
	// Standard is 50 requests at once, and then 2 a second.
	Standard = imbot.PlanStandard
	// Enterprise is 250 requests at once, and then 5 a second.
	Enterprise = imbot.PlanEnterprise
)

// WithPlan limits the rate of requests as the plan does; one that is not known counts as [imbot.PlanStandard]. Without
// it there is no limit.
func WithPlan(plan imbot.Plan) Option {
	if plan == imbot.PlanEnterprise {
		return WithRateLimit(5, 250)
	}
	return WithRateLimit(2, 50)
}

// WithRateLimit limits the rate of requests: a bucket holds burst of them and loses perSecond in a second. A request
// that would make it overflow is answered by 503 QUERY_LIMIT_EXCEEDED, before anything else is looked at, and does not
// fill the bucket. All clients share the bucket, as those behind one address do. With a burst of zero, or less, there
// is no limit; with a perSecond of zero the bucket is never emptied.
func WithRateLimit(perSecond, burst float64) Option {
	return func(c *config) { c.PerSecond, c.Burst = perSecond, burst }
}

// WithOperatingLimit limits the time that one method may use for one application or webhook in ten minutes. The call
// that passes the limit is completed; the next ones are answered by 429 OPERATION_TIME_LIMIT until enough of the time
// is ten minutes old. [WithCost] says what a call uses; without it, calls take the little time that they really take.
// With zero, or less, there is no limit, and the time is only counted.
func WithOperatingLimit(limit time.Duration) Option {
	return func(c *config) { c.OperatingLimit = limit }
}

// WithCost says how much operating time a call of a method uses. The method comes in lower case. Up to a tenth of a
// second counts as nothing. No time passes unless [CostTakesTime] says so. The function is called once for each call,
// and for each command of a batch, possibly by several goroutines at once; a batch as such costs nothing, so it is
// never asked about one. [ConstantCost], [UniformCost] and [LogNormalCost] make such functions.
func WithCost(cost func(method string) time.Duration) Option {
	return func(c *config) { c.Cost = cost }
}

// ChargeBatch counts the operating time of commands for the method batch, as some have measured, and not for the
// methods of the commands, as the documentation has it. The "time" of a batch shows it, those of its commands show only
// what single calls have used. Once it is used up, whole batches are answered by 429 OPERATION_TIME_LIMIT, and nothing
// of them is run.
func ChargeBatch() Option {
	return func(c *config) { c.ChargeBatch = true }
}

// WithRequestLimit cuts requests that last longer, by a 504 page: 60 s in the cloud. What had begun by then is done,
// and paid; the commands of a batch that had not are never run. It takes [CostTakesTime] for a request to last, and
// what [SlowBefore] and [SlowAfter] add is not counted.
func WithRequestLimit(limit time.Duration) Option {
	return func(c *config) { c.RequestLimit = limit }
}

// StaleCodes makes a portal forget to clear its slot for exceptions between the commands of a batch, in the form
// [Current]: the code and text of a failed command then stand on every later one that fails for a reason which leaves
// nothing there.
func StaleCodes() Option {
	return func(c *config) { c.StaleCodes = true }
}

// DoubleEvents makes the portal post each event twice, as it happens where a handler is subscribed twice. Events that
// are fetched are not meant.
func DoubleEvents() Option {
	return func(c *config) { c.DoubleEvents = true }
}

// KeepCalls makes [Portal.Calls], [Portal.TokenCalls] and [Portal.Deliveries] know the last n of each only, and
// [Portal.Messages] those of each chat, so that a portal that runs for long does not need ever more memory.
// [Portal.CallCount] counts all calls nevertheless. A message that is forgotten is not there for any call. Of what the
// OAuth server has issued, codes and refresh tokens that are used up or expired are forgotten, and expired access
// tokens but for the last n, or a few more; a call with one that is forgotten is answered by invalid_token instead of
// expired_token. What still works is kept. With 0, the default, or less, nothing is forgotten.
func KeepCalls(n int) Option {
	return func(c *config) { c.Keep = max(0, n) }
}

// CostTakesTime makes a call last as long as it costs, and a batch as long as its commands do, one after the other. The
// act is done first: a caller who does not wait for the answer has acted nevertheless. A batch whose caller has gone
// does the rest at that moment. While imbot.v2.Chat.Message.send is at work, another call with the same templateId is
// refused by MESSAGE_DUPLICATED_BY_UUID.
func CostTakesTime() Option {
	return func(c *config) { c.CostTakesTime = true }
}

// WithFileLimit makes the portal refuse files that have more bytes, by FILE_TOO_LARGE. The default is 100 MB, as on a
// real portal; it takes a long request to meet that. With zero, or less, it is the default, too.
func WithFileLimit(size int) Option {
	return func(c *config) { c.MaxFile = max(0, size) }
}

// ConstantCost is a cost for [WithCost] that is the same for each call.
func ConstantCost(cost time.Duration) func(method string) time.Duration {
	return func(string) time.Duration { return cost }
}

// UniformCost is a cost for [WithCost] that is anything from shortest up to but not including longest, or always
// shortest if that is not shorter. The same seed gives the same costs, in the order of the calls.
func UniformCost(seed uint64, shortest, longest time.Duration) func(method string) time.Duration {
	spread := float64(max(0, longest-shortest))
	return drawn(seed, func(source *rand.Rand) time.Duration {
		return shortest + time.Duration(spread*source.Float64())
	})
}

// LogNormalCost is a cost for [WithCost] as work on a database has it: most calls take about the median, a few of them
// many times as long. The spread is the standard deviation of the logarithm; 0 is a constant, 0.5 an ordinary day, 1 a
// bad one. The same seed gives the same costs, in the order of the calls.
func LogNormalCost(seed uint64, median time.Duration, spread float64) func(method string) time.Duration {
	return drawn(seed, func(source *rand.Rand) time.Duration {
		return time.Duration(float64(median) * math.Exp(spread*source.NormFloat64()))
	})
}

// drawn is a cost that is drawn anew for each call.
func drawn(seed uint64, draw func(*rand.Rand) time.Duration) func(method string) time.Duration {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // it has to be the same each time
	return func(string) time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return draw(source)
	}
}
