package otelimbot

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// The labels that the conventions have no name for.
const (
	outcomeKey = attribute.Key("imbot.outcome")
	inBatchKey = attribute.Key("imbot.in_batch")
	causeKey   = attribute.Key("imbot.wait.cause")
	goalKey    = attribute.Key("imbot.goal")
	eventKey   = attribute.Key("imbot.event.name")
	stepKey    = attribute.Key("imbot.event.step")
	queueKey   = attribute.Key("imbot.queue.name")
)

// labels makes the labels of metrics and the options of spans, and keeps them: a program makes the same ones again and
// again.
type labels struct {
	withPortals bool
	methods     methods
	made        cache[labelKey, *measured]
	starts      cache[startKey, []trace.SpanStartOption]
	requests    cache[requestKey, requestSpan]
}

// cache keeps what was made, up to a number. The zero value is ready.
type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	made map[K]V
}

// mostKept is how much a cache keeps: all there is for a program with a few portals.
const mostKept = 5000

// get returns what was made for a key before.
func (c *cache[K, V]) get(key K) (made V, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	made, ok = c.made[key]
	return made, ok
}

// keep keeps what was made for a key, if there is room.
func (c *cache[K, V]) keep(key K, made V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = make(map[K]V)
	}
	if len(c.made) < mostKept {
		c.made[key] = made
	}
}

// startKey is what the options for the span of a call are made of.
type startKey struct{ method, portal string }

// start returns the options for the span of a call.
func (l *labels) start(method, portal string) []trace.SpanStartOption {
	key := startKey{method, portal}
	if known, ok := l.starts.get(key); ok {
		return known
	}
	name := l.methods.named(method)
	attrs := append(addressOf(portal), semconv.RPCSystemNameKey.String(system), semconv.RPCMethod(name))
	if name != method && isShown(method) {
		attrs = append(attrs, semconv.RPCMethodOriginal(method))
	}
	options := []trace.SpanStartOption{asClient, trace.WithAttributes(attrs...)}
	if name == method {
		l.starts.keep(key, options)
	}
	return options
}

// requestKey is what the span of a request is made of.
type requestKey struct {
	method         string // that is told apart
	status, number int
	failed         string // error.type
}

// requestSpan is the name and the attributes of the span of a request.
type requestSpan struct {
	name  string
	attrs []attribute.KeyValue
}

// request returns what the span of a request is made of.
func (l *labels) request(key requestKey) requestSpan {
	if known, ok := l.requests.get(key); ok {
		return known
	}
	attrs := []attribute.KeyValue{semconv.HTTPRequestMethodPost}
	if key.number > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(key.number-1))
	}
	if key.status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(key.status))
	}
	if key.failed != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(key.failed))
	}
	made := requestSpan{"POST " + key.method, attrs}
	l.requests.keep(key, made)
	return made
}

// labelKey is what the labels of a call are made of.
type labelKey struct {
	method, portal, outcome, code, cause string
	inBatch                              bool
}

// measured are labels in the forms that instruments take.
type measured struct {
	add    []metric.AddOption
	record []metric.RecordOption
	method []metric.RecordOption // without how the call ended
}

// of returns the labels of a call.
func (l *labels) of(key labelKey) *measured {
	if !l.withPortals {
		key.portal = ""
	}
	key.method, key.code = l.methods.named(key.method), knownCode(imbot.Code(key.code))
	if known, ok := l.made.get(key); ok {
		return known
	}
	all, some := metric.WithAttributeSet(key.set()), metric.WithAttributeSet(labelKey{method: key.method, portal: key.portal}.set())
	made := &measured{add: []metric.AddOption{all}, record: []metric.RecordOption{all}, method: []metric.RecordOption{some}}
	l.made.keep(key, made)
	return made
}

func (k labelKey) set() attribute.Set {
	attrs := []attribute.KeyValue{semconv.RPCSystemNameKey.String(system), semconv.RPCMethod(k.method)}
	if k.portal != "" {
		attrs = append(attrs, addressOf(k.portal)...)
	}
	if k.outcome != "" {
		attrs = append(attrs, outcomeKey.String(k.outcome), inBatchKey.Bool(k.inBatch))
		if failed := errorType(imbot.CallOutcome(k.outcome), k.code); failed != "" {
			attrs = append(attrs, semconv.ErrorTypeKey.String(failed))
		}
	}
	if k.cause != "" {
		attrs = append(attrs, causeKey.String(k.cause))
	}
	return attribute.NewSet(attrs...)
}

// errorType returns the class of how a call failed: the code of a refusal, or else the outcome; empty if it did not.
func errorType(outcome imbot.CallOutcome, code string) string {
	switch {
	case outcome == imbot.CallDone:
		return ""
	case outcome == imbot.CallRefused && code != "":
		return code
	default:
		return string(outcome)
	}
}

var unknownCode = imbot.Explain(imbot.Code(other))

// knownCode returns a code in upper case if it is one that imbot knows, and otherwise what stands for all others.
func knownCode(code imbot.Code) string {
	if code == "" {
		return ""
	}
	upper := strings.ToUpper(string(code))
	if !codeForm.MatchString(upper) || imbot.Explain(code) == unknownCode {
		return other
	}
	return upper
}

// codeForm is that of codes: without digits, so that it can be neither an id nor a secret.
var codeForm = regexp.MustCompile(`^[A-Za-z]+(_[A-Za-z]+)*$`)

const longestCode = 64

// shownCode returns a code for a span, where there may be many.
func shownCode(code imbot.Code) string {
	if known := knownCode(code); known != other || len(code) > longestCode || !codeForm.MatchString(string(code)) {
		return known
	}
	return string(code)
}

// isBenign reports whether a refusal says that there is nothing to be done. That a bot is not in a chat is such a reason
// only where it was to leave.
func isBenign(err error) bool {
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		return false
	}
	if refused, ok := errors.AsType[*imbot.APIError](err); ok && errors.Is(err, imbot.ErrNotInChat) {
		return strings.HasSuffix(strings.ToLower(refused.Method), ".leave")
	}
	return errors.Is(err, imbot.ErrNotFound) || errors.Is(err, imbot.ErrWithoutChanges) || errors.Is(err, imbotv2.ErrReactionAlreadySet)
}

// knownEvents has the names of the events that Bitrix24 documents.
var knownEvents = func() map[string]bool {
	known := make(map[string]bool)
	for _, name := range []string{
		events.JoinChat, events.MessageAdd, events.MessageUpdate, events.MessageDelete, events.BotDelete, events.ContextGet,
		events.CommandAdd, events.AppInstall, events.AppUninstall,
		imbotv2.EventMessageAdd, imbotv2.EventMessageUpdate, imbotv2.EventMessageDelete, imbotv2.EventJoinChat,
		imbotv2.EventBotDelete, imbotv2.EventContextGet, imbotv2.EventCommandAdd, imbotv2.EventReactionChange,
		imbotv2.EventUserMessageAdd, imbotv2.EventUserMessageUpdate, imbotv2.EventUserMessageDelete, imbotv2.EventUserJoinChat,
		imbotv2.EventUserReactionChange,
	} {
		known[name] = true
	}
	return known
}()

// knownEvent returns the name of an event that Bitrix24 documents, and otherwise what stands for all others.
func knownEvent(name string) string {
	if knownEvents[name] {
		return name
	}
	return other
}
