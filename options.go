package imbot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Option changes what [NewClient] makes. The order of options does not matter, but for that of middleware. A value that
// is nil, empty or contradicts itself is a [*ParamError] from NewClient.
type Option func(*config) error

// config is what options write into.
type config struct {
	transport  *onerequest.Transport
	timeout    time.Duration // of one attempt
	userAgent  string
	clientID   redact.Secret
	middleware []exchange.Middleware

	retry          RetryPolicy
	limiter        Limiter
	isLimiterSet   bool
	redirectPolicy RedirectPolicy
	logger         *slog.Logger
	observers      []func(context.Context, Attempt)
	traces         []func(context.Context, CallInfo) (context.Context, func(CallResult))
	goals          []func(context.Context, GoalInfo) (context.Context, func(GoalResult))
}

// defaultTransport is shared by all clients that are given none, so that a program which makes many of them does not
// hold as many idle connections.
var defaultTransport = sync.OnceValue(func() *onerequest.Transport {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return onerequest.New(http.DefaultTransport) // the program has put its own there
	}
	return exchange.Tuned(standard)
})

// WithHTTPClient makes requests with the Transport and the Timeout that client has now; client is not changed. The
// Timeout covers one attempt, instead of the default 65 s. A nil Transport is the default one; Jar and CheckRedirect
// are not used. The Transport sees requests whole, credentials and all.
//
// An attempt is one request: what an [*http.Transport] would repeat by itself is prevented. To find out dead HTTP/2
// connections soon, set SendPingTimeout in its HTTP2; in a slow network, such pings may end the upload of a large file,
// behind which they wait. The error of a Transport of another type means that nothing was sent only if it, or the error
// in its [*url.Error], is that of a failed dial, of a name not found or of a certificate.
func WithHTTPClient(client *http.Client) Option {
	if client == nil {
		return func(*config) error {
			return &ParamError{Param: "WithHTTPClient", Err: errors.New("the client is nil")}
		}
	}
	transport := defaultTransport // what is learned of connections is learned for all clients that the option is given to
	if client.Transport != nil {
		own := onerequest.New(client.Transport)
		transport = func() *onerequest.Transport { return own }
	}
	timeout := attemptTimeout
	if client.Timeout > 0 {
		timeout = client.Timeout
	}
	return func(c *config) error {
		c.transport, c.timeout = transport(), timeout
		return nil
	}
}

// WithClientID gives the CLIENT_ID that the bots were registered with to every imbot.* call whose request names none.
// Webhooks need one, OAuth does without. It is a secret: requests mask it where they are printed, but not as JSON. The
// methods imbot.v2.* get it as botToken, and only under a webhook: a bot that an application registers with a botToken
// is lost to the application.
func WithClientID(clientID string) Option {
	return func(c *config) error {
		if clientID == "" {
			return &ParamError{Param: "WithClientID", Err: errors.New("the CLIENT_ID is empty")}
		}
		c.clientID = redact.NewSecret(clientID)
		return nil
	}
}

// WithUserAgent puts product, "product/version" in printable ASCII, before this package's own User-Agent.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if !userAgent.MatchString(product) {
			return &ParamError{Param: "WithUserAgent", Err: errors.New(`want "product/version" in printable ASCII`)}
		}
		c.userAgent = product + " "
		return nil
	}
}

var userAgent = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)

// WithMiddleware wraps the transport, for tracing and metrics; the first is the outermost. It sees no credentials, but
// the other parameters, a CLIENT_ID among them; in answers they are masked. A request that is no longer a POST to the
// same address, or has lost its body, fails. The headers Idempotency-Key and X-Idempotency-Key are dropped.
func WithMiddleware(middleware func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) error {
		if middleware == nil {
			return &ParamError{Param: "WithMiddleware", Err: errors.New("the middleware is nil")}
		}
		c.middleware = append(c.middleware, middleware)
		return nil
	}
}

// WithRetry changes how often calls are repeated, and with which pauses; RetryPolicy{} switches repeats off. Without it
// that is RetryPolicy{MaxAttempts: 4}: pauses of up to 0.5 s, 1 s and 2 s. A later version may have other numbers.
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) error {
		policy, err := policy.complete()
		if err != nil {
			return &ParamError{Param: "WithRetry", Err: err}
		}
		c.retry = policy
		return nil
	}
}

// WithLimiter paces the requests to all portals by limiter, instead of one for [PlanStandard] that each portal has of
// its own. With nil nothing is paced.
func WithLimiter(limiter Limiter) Option {
	return func(c *config) error {
		if r, ok := limiter.(*rate.Limiter); ok && r == nil {
			limiter = nil
		}
		c.limiter, c.isLimiterSet = limiter, true
		return nil
	}
}

// WithRedirectPolicy changes which redirects are followed; the default is [RenamedPortal], and [NoRedirect] follows
// none.
func WithRedirectPolicy(policy RedirectPolicy) Option {
	return func(c *config) error {
		if policy == nil {
			return &ParamError{Param: "WithRedirectPolicy", Err: errors.New("the policy is nil; use NoRedirect to follow none")}
		}
		c.redirectPolicy = policy
		return nil
	}
}

// WithLogger logs a record at debug level for each request: method, host of the portal, attempt, HTTP status, code, wait
// and duration; at info level, before a request is made again: method, portal, attempt, status and code of the last one,
// and pause. It warns of a call whose outcome is unknown, and of a token that could not be had or renewed: method,
// portal, attempts and code. A read that ended with its ctx is no reason to warn. Of [EnsureLeft] and [LeaveAll] it is
// their own outcome that counts, after they have looked for the bot. Parameters, paths, answers and the texts of errors
// are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return &ParamError{Param: "WithLogger", Err: errors.New("the logger is nil; leave the option out for silence")}
		}
		c.logger = logger
		return nil
	}
}

// WithObserver calls observer after each request, with the context of the call, for metrics. It has to be safe for
// concurrent use, and is called by the goroutine that makes the request, under LeaveAll by several. Several observers are
// called one after the other.
func WithObserver(observer func(context.Context, Attempt)) Option {
	return func(c *config) error {
		if observer == nil {
			return &ParamError{Param: "WithObserver", Err: errors.New("the observer is nil")}
		}
		c.observers = append(c.observers, observer)
		return nil
	}
}

// WithTrace calls begin before each call, and what that returns when the call has ended, with its requests in between:
// those are made with the context that begin returns, so that a span in it is the parent of what a transport, an
// observer or a token source makes. A call that cannot be right is told of as well. Of a batch, begin is called for the
// request itself and then, with its context, for each command, which all end with it; of a goal such as
// [ChatService.EnsureLeft], for each of the calls that it makes; see [WithGoalTrace].
//
// Several traces are nested, the first is the outermost. begin and what it returns have to be safe for concurrent use,
// and are called by the goroutine of the call, under LeaveAll by several; a nil context or func stands for none. Where
// one panics, so does the call, and the others are told that it ended: as unknown, if a request was made.
func WithTrace(begin func(context.Context, CallInfo) (context.Context, func(CallResult))) Option {
	return func(c *config) error {
		if begin == nil {
			return &ParamError{Param: "WithTrace", Err: errNil}
		}
		c.traces = append(c.traces, begin)
		return nil
	}
}

// WithOptions is several options as one, for packages that observe a client in more than one way. A mistake in one of
// them is one in all; those that are nil are left out.
func WithOptions(opts ...Option) Option {
	return func(c *config) error {
		var problems []error
		for _, opt := range opts {
			if opt != nil {
				problems = append(problems, opt(c))
			}
		}
		return errors.Join(problems...)
	}
}
