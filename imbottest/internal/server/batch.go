package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// maxCommands is how many commands of a batch are run.
const maxCommands = 50

// The failures of single commands. They travel inside HTTP 200.
var (
	errBatchLength = methods.BadRequest("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
	errBatchMethod = methods.BadRequest("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
	errItemScope   = methods.BadRequest("insufficient_scope", "")
)

// batchName is the method that runs others. It needs no permission of its own.
const batchName = methods.Batch

// barred are the methods that no command may call. Only this spelling of them is looked for.
var barred = []string{batchName, "download", "upload"}

// batch is a batch at work: what its commands came to so far, by their labels.
type batch struct {
	server  *Server
	outer   *exchange
	call    Call // the batch in the journal, from which its commands have the rest
	results *php.Array
	errors  *php.Array
	totals  *php.Array
	nexts   *php.Array
	times   *php.Array
	stale   *methods.Exception // what a failed command left in the slot
}

// runBatch runs the commands of a batch, one after the other, in their order.
func (s *Server) runBatch(ctx context.Context, x *exchange) (any, error) {
	who, err := s.authorize(x, methods.Everybody)
	if err != nil {
		return nil, err
	}
	if s.config.ChargeBatch && s.budget.exhausted(budgetKey{account: who.account, method: batchName}, time.Now()) {
		return nil, errOperating
	}
	b := &batch{server: s, outer: x, call: x.call(), results: php.New(), errors: php.New(), totals: php.New(), nexts: php.New(), times: php.New()}
	params := x.params.Upper()
	if commands, ok := params.Get("CMD").(*php.Array); ok {
		if err := b.run(ctx, commands, !php.IsEmpty(params.Get("HALT"))); err != nil {
			return nil, err
		}
	}
	return php.New().Set("result", b.results).Set("result_error", b.errors).Set("result_total", b.totals).
		Set("result_next", b.nexts).Set("result_time", b.times), nil
}

func (b *batch) run(ctx context.Context, commands *php.Array, halt bool) error {
	count := 0
	for label, value := range commands.All() {
		if b.server.site.now().gone {
			return ErrReset()
		}
		count++
		line, isText := value.(string)
		if !isText {
			continue // it counts nevertheless
		}
		good, err := b.command(ctx, label, line, count > maxCommands)
		if err != nil {
			return err
		}
		if halt && !good {
			return nil
		}
	}
	return nil
}

// command runs one command, files what it came to, and returns whether that is a result. An error is the end of the
// whole batch.
func (b *batch) command(ctx context.Context, label, line string, beyond bool) (bool, error) {
	method, query := parseCommand(line)
	switch {
	case beyond:
		b.fail(label, errBatchLength)
		return false, nil
	case slices.Contains(barred, method):
		b.fail(label, errBatchMethod)
		return false, nil
	}
	x := *b.outer
	x.route.method, x.label, x.isCommand = method, label, true
	x.start = time.Now()
	x.params = b.resolve(php.ParseForm(query)).Without(reserved...)
	call := b.server.calls.record(b.show(&x))
	result, err := b.server.runCommand(ctx, &x)
	var failed *methods.Failure
	switch {
	case errors.As(err, &failed):
		b.server.calls.answered(call, http.StatusOK, b.fail(label, failed))
		return false, nil
	case err != nil:
		return false, err
	}
	b.server.calls.answered(call, http.StatusOK, "")
	b.results.Set(label, result)
	b.times.Set(label, b.server.timeBlock(&x, time.Now()))
	return true, nil
}

// show is a command as a call in the journal.
func (b *batch) show(x *exchange) Call {
	call := b.call
	call.Method, call.Label, call.Params, call.At = x.route.method, x.label, php.PlainMap(x.params), x.start
	return call
}

// parseCommand takes a command apart as PHP's parse_url does: what follows a "#" is lost, and control characters, which
// should have been encoded, are replaced.
func parseCommand(line string) (method, query string) {
	line, _, _ = strings.Cut(line, "#")
	if strings.ContainsFunc(line, unicode.IsControl) {
		line = replaceControls(line)
	}
	method, query, _ = strings.Cut(line, "?")
	return method, query
}

func replaceControls(line string) string {
	plain := []byte(line) // not runes: the text may be in any encoding
	for i, b := range plain {
		if b < ' ' || b == 0x7f {
			plain[i] = '_'
		}
	}
	return string(plain)
}

// fail files the failure of a command and returns its code. What an earlier command left in the slot takes the place of
// a failure that leaves nothing there itself.
func (b *batch) fail(label string, failed *methods.Failure) (code string) {
	if failed == errHookScope || failed == errTokenScope {
		failed = errItemScope
	}
	if b.server.config.StaleCodes {
		if failed.Exception != nil {
			b.stale = failed.Exception
		} else if b.stale != nil {
			failed = failed.With(b.stale.Code, b.stale.Description)
		}
	}
	body := failed.Body(b.server.config.Documented)
	b.errors.Set(label, body)
	return php.StringOf(body.Get("error"))
}

// runCommand is what a command comes to when it has met the fault that is due for its method.
func (s *Server) runCommand(ctx context.Context, x *exchange) (any, error) {
	fault, found := s.faults.queued(x.route.method)
	if !found {
		return s.answerCommand(ctx, x)
	}
	return fault.aroundCommand(ctx, x.work, func() (any, error) { return s.answerCommand(ctx, x) })
}

// answerCommand is what a command comes to without faults: what was prepared for its method, or what the portal does.
func (s *Server) answerCommand(ctx context.Context, x *exchange) (any, error) {
	answer, found := s.scripts.next(x.route.name())
	switch {
	case !found:
		return s.run(ctx, x)
	case answer.Whole != nil:
		return nil, &wholeAnswer{answer.Whole()}
	case answer.Failure != nil:
		return nil, answer.Failure
	}
	return answer.Value, nil
}

// wholeAnswer is a prepared answer that is no command's, but all of the batch's.
type wholeAnswer struct{ reply Reply }

func (*wholeAnswer) Error() string { return "imbottest: the batch has another answer" }
