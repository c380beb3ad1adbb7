package imbot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/operating"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// attemptTimeout is how long one request may take, unless [WithHTTPClient] says otherwise. The cloud cuts requests at
// 60 s, and its answer to that is worth waiting for.
const attemptTimeout = 65 * time.Second

// Client calls the chat-bot methods of one portal with one set of credentials. It is safe for concurrent use and never
// changes; make it by [NewClient] and keep it. Printed, it shows the portal and no secret.
type Client struct {
	Chat   *ChatService   // the methods imbot.chat.*
	Bot    *BotService    // the methods imbot.bot.*
	Dialog *DialogService // the methods imbot.dialog.*

	// V2 has methods imbot.v2.*.
	//
	// Deprecated: the second generation moves to a package of its own, which the next minor version has instead.
	V2 *V2Service

	credentials *credentials
	core        *core
}

// core is what the clients that [Client.With] makes of one another share.
type core struct {
	chain     step // the way of a call
	doer      *exchange.Doer
	userAgent string
	botsID    redact.Secret // the CLIENT_ID of the bots

	retry     RetryPolicy
	redirects redirects
	limiters  limiters
	operating *operating.Blocks[APIError]

	logger   *slog.Logger
	observer func(context.Context, Attempt)
}

// ChatService has the methods imbot.chat.*, as [Client.Chat]. All methods fail as [Call] says, and where the bot or its
// owner is not known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); what they name beside that is their own. None that
// acts is repeated after a lost answer.
type ChatService struct {
	User *ChatUserService // the methods imbot.chat.user.*

	client *Client
}

// NewClient returns a client for the portal of auth. It makes no request. The error is a [*ParamError] for each mistake
// in auth or among the options, joined; it never repeats a secret.
func NewClient(auth Auth, opts ...Option) (*Client, error) {
	cfg := config{
		httpClient:     &http.Client{Transport: defaultTransport()},
		retry:          defaultRetry,
		redirectPolicy: RenamedPortal,
	}
	var problems []error
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &ParamError{Param: fmt.Sprintf("option %d", i+1), Err: errors.New("is nil")})
			continue
		}
		if err := opt(&cfg); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, auth.check())
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	doer, err := exchange.New(cfg.httpClient, attemptTimeout, cfg.middleware...)
	if err != nil {
		return nil, &ParamError{Param: "WithMiddleware", Err: err}
	}
	shared := &core{
		doer:      doer,
		userAgent: cfg.userAgent + version.UserAgent,
		botsID:    cfg.clientID,
		retry:     cfg.retry,
		redirects: redirects{policy: cfg.redirectPolicy},
		limiters:  limiters{given: cfg.limiter, isGiven: cfg.isLimiterSet, own: make(map[string]*ownLimiter)},
		operating: operating.NewBlocks[APIError](),
		logger:    cfg.logger,
		observer:  cfg.observer,
	}
	shared.chain = newChain(shared)
	return newClient(auth, shared), nil
}

func newClient(auth Auth, shared *core) *Client {
	c := &Client{credentials: auth.credentials, core: shared}
	c.Chat = &ChatService{User: &ChatUserService{c}, client: c}
	c.Bot = &BotService{c}
	c.Dialog = &DialogService{c}
	c.V2 = &V2Service{Chat: &V2ChatService{c}}
	return c
}

// With returns a client with other credentials and everything else of c. Limits are the portal's: clients that come
// from one another share the limiter of their portal, unless [WithLimiter] gave one for all, and what is known of the
// working time of its methods, which a portal counts for each webhook and for an application as a whole: those of two
// applications at one portal should not come from one another. The error is a [*ParamError] for a mistake in auth.
func (c *Client) With(auth Auth) (*Client, error) {
	if c.core == nil {
		return nil, &ParamError{Param: "client", Err: errors.New("was not made by NewClient")}
	}
	if err := auth.check(); err != nil {
		return nil, err
	}
	return newClient(auth, c.core), nil
}

// portal returns the endpoint that the requests of c go to.
func (c *Client) portal() *url.URL { return c.core.redirects.from(c.credentials.address.endpoint()) }

// limiter returns the limiter of the portal; nil without one.
func (c *Client) limiter() Limiter { return c.core.limiters.of(c.portal().Host) }

// operatingKey returns the budget of a method.
func (c *Client) operatingKey(method string) operating.Key {
	return c.credentials.operatingKey(c.portal(), method)
}

// Format prints the portal and the kind of the credentials, whatever the verb.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "imbot.Client(%v)", Auth{c.credentials})
}
