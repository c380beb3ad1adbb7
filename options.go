package imbot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"sync"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Option changes what [NewClient] makes. The order of options does not matter, but for that of middleware. A value that
// is nil, empty or at odds with itself is a [*ParamError] from NewClient.
type Option func(*config) error

// config is what options write into.
type config struct {
	httpClient *http.Client
	userAgent  string
	clientID   redact.Secret
	middleware []exchange.Middleware

	retry          RetryPolicy
	limiter        Limiter
	isLimiterSet   bool
	redirectPolicy RedirectPolicy
	logger         *slog.Logger
	observer       func(context.Context, Attempt)
}

// defaultTransport is shared by all clients that are given none, so that a program which makes many of them does not
// hold as many idle connections.
var defaultTransport = sync.OnceValue(func() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport // the program has put its own there
	}
	return exchange.Tuned(standard)
})

// WithHTTPClient makes requests with the Transport and the Timeout that client has now; the client itself is never
// changed. The Transport gets each request whole, credentials and all: to only look on, use [WithMiddleware].
// The Timeout, if not zero, covers one attempt instead of the default 65 s. Jar and CheckRedirect are not used: cookies
// would be taken for credentials, and redirects are never followed by net/http, which would make a GET of the POST. A
// Transport that is nil means that of a client without this option: a copy of [http.DefaultTransport].
//
// An attempt is one request, whatever the Transport: a request comes without GetBody, which net/http would use to send
// it again. An [*http.Transport] gives most. It is known when it had no connection, or when the portal did not look at
// the request, and then the call is repeated by the [RetryPolicy]. After an HTTP/2 connection that did not answer in
// time, the client goes on with a copy of it, whose connections are its own. To find out dead connections sooner, set
// SendPingTimeout in its HTTP2. Of a Transport of another type only the error is believed, where it is itself, or in a
// [*url.Error], one of a failed dial, of a name that was not found or of a certificate: such an error is taken to mean
// that nothing was sent in any way. Its connections are its own to give up.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return &ParamError{Param: "WithHTTPClient", Err: errors.New("the client is nil")}
		}
		c.httpClient = client
		if client.Transport == nil {
			c.httpClient = &http.Client{Transport: defaultTransport(), Timeout: client.Timeout}
		}
		return nil
	}
}

// WithClientID gives a CLIENT_ID to every imbot.* call whose request names none: what the bots were registered with.
// Webhooks need one, OAuth does without. It is a secret: whoever has a webhook of the portal can act as the bots
// registered with it. The methods imbot.v2.* get it under their name for it, botToken, and only by a webhook: a bot
// that an application registers with a botToken is lost to the application.
func WithClientID(clientID string) Option {
	return func(c *config) error {
		if clientID == "" {
			return &ParamError{Param: "WithClientID", Err: errors.New("the CLIENT_ID is empty")}
		}
		c.clientID = redact.NewSecret(clientID)
		return nil
	}
}

// WithUserAgent puts product, as "product/version", before this package's own in the User-Agent of each request.
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

// WithMiddleware wraps the transport, for tracing and metrics. It sits outside the layer that adds the credentials: the
// URL it sees has no webhook in it, the body no token. Where the answer repeats them, in its status line, its headers
// or its body, it sees asterisks; the result of the call has what was there. It does see the other parameters, a
// CLIENT_ID among them. A request that is no longer a POST to the same address, or has lost its body, fails before any
// credentials are added. The headers Idempotency-Key and X-Idempotency-Key are dropped: for them net/http would repeat
// the request by itself. Of several the first is the outermost.
func WithMiddleware(middleware func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) error {
		if middleware == nil {
			return &ParamError{Param: "WithMiddleware", Err: errors.New("the middleware is nil")}
		}
		c.middleware = append(c.middleware, middleware)
		return nil
	}
}

// WithRetry changes how often, and with which pauses, a call is repeated. RetryPolicy{} switches repeats off. It does
// not change which calls are repeated: see [RetryPolicy].
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

// WithLimiter paces requests by limiter instead of one for [PlanStandard] that each portal has of its own. It is for
// all portals that clients made by [Client.With] call. Clients that call one portal from one address should share a
// limiter. With nil nothing is paced.
func WithLimiter(limiter Limiter) Option {
	return func(c *config) error {
		if r, ok := limiter.(*rate.Limiter); ok && r == nil {
			limiter = nil
		}
		c.limiter, c.isLimiterSet = limiter, true
		return nil
	}
}

// WithRedirectPolicy changes which redirects are followed; the default is [RenamedPortal]. To follow none at all, use
// [NoRedirect].
func WithRedirectPolicy(policy RedirectPolicy) Option {
	return func(c *config) error {
		if policy == nil {
			return &ParamError{Param: "WithRedirectPolicy", Err: errors.New("the policy is nil; use NoRedirect to follow none")}
		}
		c.redirectPolicy = policy
		return nil
	}
}

// WithLogger logs one record at debug level for each request: the method, the number of the attempt, the HTTP status,
// the code of a refusal, how long it waited and how long it took. Parameters, addresses and answers are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return &ParamError{Param: "WithLogger", Err: errors.New("the logger is nil; leave the option out for silence")}
		}
		c.logger = logger
		return nil
	}
}

// WithObserver calls observer after each request, with the context of the call: for metrics. It is called by the
// goroutine that makes the call, which goes on when observer returns.
func WithObserver(observer func(context.Context, Attempt)) Option {
	return func(c *config) error {
		if observer == nil {
			return &ParamError{Param: "WithObserver", Err: errors.New("the observer is nil")}
		}
		c.observer = observer
		return nil
	}
}
