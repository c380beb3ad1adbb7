package imbot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// maxCommands is how many commands the portal runs of one batch.
const maxCommands = 50

// labels are the names of the commands.
var labels = func() (names [maxCommands]string) {
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	return names
}()

// ErrNotExecuted is matched by the error of a command of a [Batch] that the portal did not run: it stopped at an
// earlier one ([WithHalt]), or the batch was not sent. Where something in the answer shows that the portal came to a
// command without a result, that matches [ErrUnexpectedResult] and [ErrOutcomeUnknown] instead.
var ErrNotExecuted = errors.New("imbot: the command was not executed")

// Batch is up to 50 calls in one request, which the portal runs in their order and counts as one for its rate limit.
// Make it by [Client.NewBatch], add calls by [Queue], send it by [Batch.Do], and ask each [Queued] for its result. A
// batch is sent once, and is not safe for concurrent use.
type Batch struct {
	client   *Client
	halt     bool
	commands []*command
	problems []error
	sent     bool
	once     bool // a lost answer is the caller's to repeat for

	keptBack CallWait // what it was kept back for before it was begun

	requests int      // how many were made
	admitted bool     // the limits let the last one go, made or not
	waited   CallWait // how long they have waited
	time     Time     // of the batch as a whole
}

// BatchOption changes what a batch does.
type BatchOption func(*Batch)

// WithHalt makes the portal stop at the first command that fails. Those after it match [ErrNotExecuted].
func WithHalt() BatchOption { return func(b *Batch) { b.halt = true } }

// NewBatch returns an empty batch.
func (c *Client) NewBatch(opts ...BatchOption) *Batch {
	b := &Batch{client: c}
	for _, opt := range opts {
		if opt != nil {
			opt(b)
		}
	}
	return b
}

// Queued is the place of a call in a batch, and of its result when the batch is done.
type Queued[Res any] struct {
	response *Response[Res]
	err      error
}

// Queue adds a call to a batch, as [Call] would make it by itself. A mistake is a [*ParamError] of [Batch.Do] and of
// the result of this call: a request that its method refuses, a 51st call ([ErrBatchLengthExceeded]), a batch within
// the batch ([ErrBatchMethodNotAllowed]), or a text such as "$result[x]", which the portal would replace.
//
// A batch carries each parameter as a text: numbers as they stand, true and false as Y and N for the methods imbot.v2.
// and im.v2. (1 and 0 for withUserEvents). What would not mean the same to the portal as in the JSON of Call is a
// mistake too: null, an empty list or object, true and false for other methods, a name that PHP would change, more than
// 1,000 parameters or 64 levels.
//
// Three more things are not as with Call or the typed methods. Where the portal has its filter against attacks on, that
// reads the parameters of a batch, and may change a text that has markup such as <script>. What a typed method of package
// imbotv2 fills in is not filled in here: the id of the bot, and the bot of a keyboard with commands, without which a
// changed message and the answer to a command are refused. And a UUID does not make a message repeatable here.
func Queue[Req, Res any](b *Batch, m Method[Req, Res], req Req) *Queued[Res] {
	q := &Queued[Res]{err: &notExecutedError{method: m.Name, why: "the batch was not sent"}}
	problem := b.closed(m.Name)
	if problem == nil && len(b.commands) == maxCommands {
		problem = &ParamError{Method: m.Name, Param: "batch", Err: fmt.Errorf("has %d calls already: %w", maxCommands, ErrBatchLengthExceeded)}
	}
	if problem != nil {
		q.err = problem
		b.problems = append(b.problems, problem)
		return q
	}
	c, err := m.command(b.client, req)
	if err != nil {
		q.err = err
		b.problems = append(b.problems, err)
		return q
	}
	c.settle = func(got answer, err error) error {
		var response *Response[Res]
		if err == nil {
			response, err = m.decode(got)
		}
		q.response, q.err = response, err
		return err
	}
	b.commands = append(b.commands, c)
	return q
}

// closed returns why the batch can be neither changed nor sent.
func (b *Batch) closed(method string) error {
	switch {
	case b.client == nil:
		return &ParamError{Method: method, Param: "batch", Err: errors.New("was not made by Client.NewBatch")}
	case b.sent:
		return &ParamError{Method: method, Param: "batch", Err: errors.New("was sent already")}
	default:
		return nil
	}
}

// Result returns what came of the call, as [Call] would, when [Batch.Do] has returned. An error of the batch as a whole
// is that of each of its calls. A refusal of this call alone is an [*APIError] with the HTTP status of the batch. Where
// the portal did not come to the call, or nothing was sent, the error matches [ErrNotExecuted].
func (q *Queued[Res]) Result() (*Response[Res], error) { return q.response, q.err }

// outcome returns the time of the call and its error.
func (q *Queued[Res]) outcome() (Time, error) {
	if q.response == nil {
		return Time{}, q.err
	}
	return q.response.Time, q.err
}

// Format prints the outcome in a word, whatever the verb.
func (q *Queued[Res]) Format(f fmt.State, _ rune) {
	switch {
	case q.err != nil:
		_, _ = fmt.Fprintf(f, "imbot.Queued(%v)", q.err)
	default:
		_, _ = fmt.Fprint(f, "imbot.Queued(done)")
	}
}

// Format prints the number of commands, whatever the verb.
func (b *Batch) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "imbot.Batch(%d commands)", len(b.commands))
}

// Do sends the batch. A nil error means that the portal has dealt with it: the [Queued] of each call has its result,
// which may be a refusal. An error is one of the whole batch, as [Call] has them, and that of each call. Mistakes in
// calls are [*ParamError]s, joined, and nothing is sent; nor is an empty batch, or one that was sent before.
//
// The batch is repeated like a single call: after refusals that prove that nothing was done, and after a lost answer
// only where each of its methods is idempotent.
//
// Scope: that of the methods in it; where it lacks, the calls match [ErrInsufficientScope].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
func (b *Batch) Do(ctx context.Context) error { return b.do(ctx, callOptions{}) }

func (b *Batch) do(ctx context.Context, opts callOptions) (err error) {
	if problem := b.closed(batchMethod); problem != nil {
		return problem
	}
	b.sent = true
	problem := errors.Join(b.problems...)
	if problem == nil && len(b.commands) == 0 {
		return nil
	}
	if t := b.client.newTrace(CallInfo{Method: batchMethod, Commands: len(b.commands), Idempotent: b.isIdempotent(), Waited: b.keptBack}); t != nil {
		err = errNotReturned // until it does
		defer func() { b.endTrace(t, err) }()
		ctx = b.beginTrace(ctx, t)
	}
	if problem != nil {
		for _, c := range b.commands {
			_ = c.end(answer{}, &notExecutedError{method: c.method, why: "the batch was not sent", cause: problem})
		}
		return problem
	}
	err = b.send(ctx, opts)
	if !opts.ofGoal && !isGivenUp(ctx, b.isIdempotent()) {
		b.client.logUnknown(ctx, batchMethod, b.requests, err)
	}
	if err != nil {
		for _, c := range b.commands {
			_ = c.end(answer{}, err)
		}
	}
	return err
}

// beginTrace tells that the batch begins, and each of its calls. Those are parts of one request, and what is made of
// their contexts is nobody's parent.
func (b *Batch) beginTrace(ctx context.Context, t *trace) context.Context {
	ctx = t.begin(ctx)
	for _, c := range b.commands {
		c.trace = b.client.newTrace(CallInfo{Method: c.method, InBatch: true, Idempotent: c.idempotent})
		c.trace.last.Err = unreturned(c.method, 0)
		c.trace.begin(ctx)
	}
	return ctx
}

// endTrace tells how the batch ended, after each of its calls.
func (b *Batch) endTrace(t *trace, err error) {
	if err == errNotReturned { //nolint:errorlint // no other error is meant
		err = unreturned(batchMethod, b.requests)
	}
	defer t.end(CallResult{Err: err, Attempts: b.requests, Wait: b.waited, HasOperating: b.time.HasOperating, Operating: b.time.Operating})
	endTraces(b.commands, b.requests)
}

// endTraces reports how each command ended. A function that panics at one does not keep the others from being reported.
func endTraces(commands []*command, requests int) {
	if len(commands) == 0 || commands[0].trace == nil {
		return
	}
	defer endTraces(commands[1:], requests)
	t := commands[0].trace
	t.last.Attempts = requests
	t.end(t.last)
}

// isIdempotent reports whether the batch may be sent again after a lost answer.
func (b *Batch) isIdempotent() bool {
	return !b.once && !slices.ContainsFunc(b.commands, func(c *command) bool { return !c.idempotent })
}

// batchMethod carries the others. Its result is read by [envelope.ParseBatch].
const batchMethod = "batch"

func (b *Batch) send(ctx context.Context, opts callOptions) error {
	call := call{method: batchMethod, idempotent: b.isIdempotent(), body: payload.Body{Text: b.encode()}, commands: b.commands}
	onStart := opts.onStart
	opts.onStart = func() {
		b.unsettle()
		if onStart != nil {
			onStart()
		}
	}
	sent := b.client.newCalling(call, opts)
	defer func() { b.requests, b.admitted, b.waited = sent.requests, sent.admitted, sent.waited }() // also where a function of the caller panics
	got, err := sent.send(ctx)
	b.time = got.time
	if err != nil {
		return err
	}
	batch, err := envelope.ParseBatch(got.result, labels[:len(b.commands)])
	if err != nil {
		return &resultError{method: call.method, problem: errors.New(envelope.Kind(got.result)), known: call.idempotent}
	}
	secrets := sync.OnceValue(sent.known)
	for i, c := range b.commands {
		got, err := b.outcome(ctx, c, batch.Items[i], batch.Complete, secrets)
		if err := c.end(got, err); !opts.ofGoal && !isGivenUp(ctx, c.idempotent) {
			b.client.logUnknown(ctx, c.method, sent.requests, err)
		}
	}
	return nil
}

// unsettle gives each call an unknown outcome before the first request, for the case that Do never returns, because an
// observer panics, say.
func (b *Batch) unsettle() {
	unknown := &callError{method: batchMethod, outcome: outcome.Unknown, cause: errors.New("Do did not return")}
	for _, c := range b.commands {
		_ = c.end(answer{}, unknown)
	}
}

// outcome returns what the answer to the batch says of one command, less the secrets of the batch, and remembers what
// that says about the limits.
func (b *Batch) outcome(ctx context.Context, c *command, item envelope.Item, complete bool, secrets func() redact.Set) (answer, error) {
	core, key := b.client.core, b.client.operatingKey(c.method)
	switch {
	case item.Refusal != nil:
		refused := c.refused(http.StatusOK, &envelope.Envelope{Refusal: item.Refusal, Contradicts: item.Contradicts}, secrets())
		if envelope.HasData(item.Time) && outcome.AtTheDoor(item.Refusal.Code) {
			refused.ambiguous = true // only what runs is timed
		}
		core.noteRefusal(ctx, key, refused, refused.RetryAt)
		return answer{}, refused
	case item.Contradicts:
		return answer{}, &resultError{method: c.method, problem: errors.New("results that differ"), known: c.idempotent}
	case item.Result != nil:
		got := answer{result: item.Result, time: parseTime(item.Time)}
		core.operating.Seen(key, got.time.report())
		return got, nil
	case !complete || item.Tried:
		return answer{}, &resultError{method: c.method, problem: errors.New("no result"), known: c.idempotent}
	default:
		return answer{}, &notExecutedError{method: c.method, why: "the portal did not come to it"}
	}
}

// notExecutedError is a command that was not run.
type notExecutedError struct {
	method string
	why    string
	cause  error // what keeps the batch from being sent, or nil
}

func (e *notExecutedError) Error() string {
	text := e.method + ": not executed: " + e.why
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Is makes the error match ErrNotExecuted.
func (e *notExecutedError) Is(target error) bool { return target == ErrNotExecuted }

// Unwrap returns the cause.
func (e *notExecutedError) Unwrap() error { return e.cause }
