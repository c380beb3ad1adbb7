package imbot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/operating"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

var (
	errNil     = errors.New("is nil")
	errNotMade = errors.New("was not made by NewClient")
)

// attemptTimeout is how long one request may take, unless [WithHTTPClient] says otherwise. The cloud cuts requests at
// 60 s, and its answer to that is worth waiting for.
const attemptTimeout = 65 * time.Second

// Client calls the chat-bot methods of one portal with one set of credentials. It is safe for concurrent use and never
// changes; make it by [NewClient] and keep it. Printed, it shows the portal and no secret.
type Client struct {
	Chat    *ChatService    // the methods imbot.chat.*
	Bot     *BotService     // the methods imbot.bot.*, imbot.register, imbot.update and imbot.unregister
	Dialog  *DialogService  // the methods imbot.dialog.*
	Message *MessageService // the methods imbot.message.*
	Command *CommandService // the methods imbot.command.*

	credentials *credentials
	botsID      redact.Secret // the CLIENT_ID of the bots
	core        *core
}

// core is what the clients that [Client.With] makes of one another share.
type core struct {
	chain     step // the way of a call
	doer      *exchange.Doer
	userAgent string

	retry     RetryPolicy
	redirects redirects
	limiters  limiters
	operating *operating.Blocks[APIError]

	logger    *slog.Logger
	observers []func(context.Context, Attempt)
	traces    []func(context.Context, CallInfo) (context.Context, func(CallResult))
	goals     []func(context.Context, GoalInfo) (context.Context, func(GoalResult))
}

// ChatService has the methods imbot.chat.*, as [Client.Chat]. All methods fail as [Call] says, and where the bot or its
// owner is not known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); their comments name what else they fail with. A
// value that its field does not allow, or a negative BotID ([ErrBotID]), is a [*ParamError], and nothing is sent.
// Methods that only read are repeated after a lost answer, and those that act are not.
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot#example-ChatService.EnsureLeft
type ChatService struct {
	User *ChatUserService // the methods imbot.chat.user.*

	client *Client
}

// NewClient returns a client for the portal of auth. It makes no request. The error is a [*ParamError] for each mistake
// in auth or among the options, joined; it never repeats a secret.
func NewClient(auth Auth, opts ...Option) (*Client, error) {
	cfg := config{
		transport:      defaultTransport(),
		timeout:        attemptTimeout,
		retry:          defaultRetry,
		redirectPolicy: RenamedPortal,
	}
	var problems []error
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &ParamError{Param: fmt.Sprintf("option %d", i+1), Err: errNil})
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
	doer, err := exchange.New(cfg.transport, cfg.timeout, cfg.middleware...)
	if err != nil {
		return nil, &ParamError{Param: "WithMiddleware", Err: err}
	}
	shared := &core{
		doer:      doer,
		userAgent: cfg.userAgent + version.UserAgent,
		retry:     cfg.retry,
		redirects: redirects{policy: cfg.redirectPolicy},
		limiters:  limiters{given: cfg.limiter, isGiven: cfg.isLimiterSet, own: make(map[string]*ownLimiter)},
		operating: operating.NewBlocks[APIError](),
		logger:    cfg.logger,
		observers: cfg.observers,
		traces:    cfg.traces,
		goals:     cfg.goals,
	}
	shared.chain = newChain(shared)
	return newClient(auth.credentials, cfg.clientID, shared), nil
}

func newClient(credentials *credentials, botsID redact.Secret, shared *core) *Client {
	c := &Client{credentials: credentials, botsID: botsID, core: shared}
	c.Chat = &ChatService{User: &ChatUserService{c}, client: c}
	c.Bot = &BotService{c}
	c.Dialog = &DialogService{c}
	c.Message = &MessageService{c}
	c.Command = &CommandService{c}
	return c
}

// With returns a client with other credentials and everything else of c. Limits are the portal's: clients that come
// from one another share the limiter of their portal, unless [WithLimiter] gave one for all, and what is known of the
// working time of its methods, which a portal counts for each webhook and for an application as a whole: those of two
// applications at one portal should not come from one another. The error is a [*ParamError] for a mistake in auth.
func (c *Client) With(auth Auth) (*Client, error) {
	if !c.isMade() {
		return nil, &ParamError{Param: "client", Err: errNotMade}
	}
	if err := auth.check(); err != nil {
		return nil, err
	}
	return newClient(auth.credentials, c.botsID, c.core), nil
}

// As returns a client that gives another CLIENT_ID than that of [WithClientID] to the calls whose request names none,
// and shares everything else with c. An empty one is none.
func (c *Client) As(clientID string) *Client {
	return newClient(c.credentials, redact.NewSecret(clientID), c.core)
}

// Portal returns the host of the portal, with a port if it has one: of the endpoint that c was made for, wherever the
// portal is now.
func (c *Client) Portal() string {
	if c.credentials == nil || c.credentials.address.configured == nil {
		return ""
	}
	return c.credentials.address.configured.Host
}

// isMade reports whether c came from [NewClient].
func (c *Client) isMade() bool { return c != nil && c.core != nil }

// IsOAuth reports whether c acts by an OAuth token, and not by a webhook: as an application, whose bots need no
// CLIENT_ID.
func (c *Client) IsOAuth() bool { return c.credentials != nil && c.credentials.token != nil }

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

// The methods that take a CLIENT_ID are those of chat bots. The second generation of them has another name for it.
const (
	botMethods   = "imbot."
	botMethodsV2 = "imbot.v2."
	// The method that reads the token of the bot to be among its fields, too; one beside them would count instead.
	botRegisterV2 = "imbot.v2.Bot.register"
	// The method that reads a new token of the bot among its fields; the one beside them is the token that it has.
	botUpdateV2 = "imbot.v2.Bot.update"

	clientIDParam = "CLIENT_ID"
	botTokenParam = "botToken"
)

// clientID returns the CLIENT_ID of [WithClientID] for the calls of a method that name none. There is none for methods
// of other families, and under OAuth none for the second generation: a bot that is registered with one there belongs to
// the token, and no longer to the application. The first generation does not read it there.
func (c *Client) clientID(method string) redact.Secret {
	if !hasPrefixFold(method, botMethods) || c.IsOAuth() && hasPrefixFold(method, botMethodsV2) {
		return redact.Secret{}
	}
	return c.botsID
}

// clientIDParamOf returns the name that a method has for the CLIENT_ID.
func clientIDParamOf(method string) string {
	if hasPrefixFold(method, botMethodsV2) {
		return botTokenParam
	}
	return clientIDParam
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// spellingsV2 are the names that the second generation reads a token by.
var spellingsV2 = []string{botTokenParam, "BOT_TOKEN", "clientId", clientIDParam}

var errTokenUnderOAuth = errors.New("is for webhooks: a bot of an application has none, and would be lost to it by one")

// namesToken reports whether a body, a JSON object, has a token somewhere, in whatever spelling.
func namesToken(body []byte) bool {
	return slices.ContainsFunc(spellingsV2, func(s string) bool { return hasParam(body, s) }) ||
		hasParam(fieldsOf(body), botTokenParam) || hasParam(fieldsOf(body), spellingsV2[1])
}

// withClientID returns the body of a call, a JSON object, with the CLIENT_ID as its last member, unless it names one of
// its own. The body is of a request of this type.
func (c *Client) withClientID(method string, body []byte, of reflect.Type) ([]byte, error) {
	param, isRegister := clientIDParamOf(method), strings.EqualFold(method, botRegisterV2)
	if c.IsOAuth() && (isRegister || strings.EqualFold(method, botUpdateV2)) && namesToken(body) {
		return nil, &ParamError{Method: method, Param: param, Err: errTokenUnderOAuth}
	}
	clientID := c.clientID(method)
	if clientID.IsZero() || mayHaveParam(of, param) && hasParam(body, param) || isRegister && hasParam(fieldsOf(body), param) {
		return body, nil
	}
	quoted, err := json.Marshal(clientID.Reveal())
	if err != nil {
		return nil, &ParamError{Method: method, Param: param, Err: err}
	}
	open := body[:len(body)-1] // an empty member of the same name may stand in it: of two the portal takes the last
	out := make([]byte, 0, len(body)+len(param)+len(quoted)+len(`,"":`))
	out = append(out, open...)
	if len(open) > 1 {
		out = append(out, ',')
	}
	out = append(append(append(out, '"'), param...), `":`...)
	return append(append(out, quoted...), '}'), nil
}

// knownParams has whether requests of a type may have a parameter.
var knownParams sync.Map // of paramOfType

type paramOfType struct {
	of    reflect.Type
	param string
}

// mayHaveParam reports whether a request of this type may have a member of that name. Of a struct, its fields tell.
func mayHaveParam(of reflect.Type, param string) bool {
	key := paramOfType{of, param}
	if known, ok := knownParams.Load(key); ok {
		return known == true
	}
	may := of.Kind() != reflect.Struct || of.Implements(reflect.TypeFor[json.Marshaler]())
	if !may {
		for _, field := range reflect.VisibleFields(of) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			may = may || strings.EqualFold(cmp.Or(name, field.Name), param)
		}
	}
	knownParams.Store(key, may)
	return may
}

// fieldsOf returns the fields of a request, a JSON object.
func fieldsOf(body []byte) []byte {
	var request struct {
		Fields json.RawMessage `json:"fields"`
	}
	if json.Unmarshal(body, &request) != nil || len(request.Fields) == 0 || request.Fields[0] != '{' {
		return []byte("{}")
	}
	return request.Fields
}

// hasParam reports whether body, a JSON object, has a member of that name that is not empty.
func hasParam(body []byte, param string) bool {
	is := func(name string, value json.RawMessage) bool {
		return strings.EqualFold(name, param) && string(value) != `""` && !loose.IsNull(value)
	}
	named := false
	if envelope.Members(body, func(name, value []byte) bool {
		named = named || is(string(name), value)
		return bytes.IndexByte(name, '\\') < 0
	}) {
		return named
	}
	var members map[string]json.RawMessage // for names with escapes
	if json.Unmarshal(body, &members) != nil {
		return true // nobody knows, and it is not ours to change
	}
	for name, value := range members {
		if is(name, value) {
			return true
		}
	}
	return false
}
