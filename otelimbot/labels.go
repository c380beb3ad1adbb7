package otelimbot

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

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
	eventKey   = attribute.Key("imbot.event.name")
	stepKey    = attribute.Key("imbot.event.step")
	queueKey   = attribute.Key("imbot.queue.name")
)

// other stands for all values of a label that are too many to be told apart.
const other = "_OTHER"

// mostMethods is how many methods are told apart, more than the REST interface of a bot has.
const mostMethods = 500

// labels makes the labels of metrics, and keeps them: a program makes the same ones again and again.
type labels struct {
	withPortals bool
	made        sync.Map // of labelKey: measured
	methods     sync.Map // the names of the methods that were met
	count       atomic.Int64
	starts      sync.Map // of startKey: []trace.SpanStartOption
	started     atomic.Int64
}

// startKey is what the options for the span of a call are made of.
type startKey struct{ method, portal string }

// mostStarts is for how many methods and portals the options are kept.
const mostStarts = 2000

// start returns the options for the span of a call.
func (l *labels) start(method, portal string) []trace.SpanStartOption {
	key := startKey{method, portal}
	if known, ok := l.starts.Load(key); ok {
		return known.([]trace.SpanStartOption) //nolint:errcheck,forcetypeassert // nothing else is ever stored
	}
	attrs := append(addressOf(portal), semconv.RPCSystemNameKey.String(system), semconv.RPCMethod(method))
	options := []trace.SpanStartOption{asClient, trace.WithAttributes(attrs...)}
	if l.started.Add(1) <= mostStarts {
		l.starts.Store(key, options)
	}
	return options
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
	if known, ok := l.made.Load(key); ok {
		return known.(*measured) //nolint:errcheck,forcetypeassert // nothing else is ever stored
	}
	method := l.method(key.method)
	isKept := method == key.method && key.portal == "" // there may be too many others
	key.method, key.code = method, knownCode(imbot.Code(key.code))
	all, some := metric.WithAttributeSet(key.set()), metric.WithAttributeSet(labelKey{method: key.method, portal: key.portal}.set())
	made := &measured{add: []metric.AddOption{all}, record: []metric.RecordOption{all}, method: []metric.RecordOption{some}}
	if isKept && key.code != other {
		l.made.Store(key, made)
	}
	return made
}

// method returns a method, or what stands for it where there are too many.
func (l *labels) method(name string) string {
	if _, met := l.methods.Load(name); met {
		return name
	}
	if l.count.Load() >= mostMethods {
		return other
	}
	if _, met := l.methods.LoadOrStore(strings.Clone(name), true); !met {
		l.count.Add(1)
	}
	return name
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
	if imbot.Explain(code) == unknownCode {
		return other
	}
	return strings.ToUpper(string(code))
}

// codeForm is that of codes: without digits, so that it can be neither an id nor a secret.
var codeForm = regexp.MustCompile(`^[A-Za-z]+(_[A-Za-z]+)*$`)

// shownCode returns a code for a span, where there may be many.
func shownCode(code imbot.Code) string {
	if known := knownCode(code); known != other || len(code) > 64 || !codeForm.MatchString(string(code)) {
		return known
	}
	return string(code)
}

// isBenign reports whether a refusal says that there is nothing to be done.
func isBenign(err error) bool {
	for _, nothing := range []error{
		imbot.ErrNotInChat, imbot.ErrNotFound, imbot.ErrWithoutChanges, imbotv2.ErrReactionAlreadySet,
	} {
		if errors.Is(err, nothing) && !errors.Is(err, imbot.ErrOutcomeUnknown) {
			return true
		}
	}
	return false
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
