package imbottest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// maxCommands is how many commands of a batch are run.
const maxCommands = 50

// The failures of single commands. They travel inside HTTP 200.
var (
	errBatchLength = badRequest("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
	errBatchMethod = badRequest("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
	errItemScope   = badRequest("insufficient_scope", "")
)

// batchName is the method that runs others. It needs no permission of its own.
const batchName = "batch"

// batch is a batch at work: what its commands came to so far, by their labels.
type batch struct {
	portal  *Portal
	outer   *exchange
	results *array
	errors  *array
	totals  *array
	nexts   *array
	times   *array
	stale   *exception // what a failed command left in the slot
}

// runBatch runs the commands of a batch, one after the other, in their order.
func (p *Portal) runBatch(ctx context.Context, x *exchange) (any, error) {
	who, err := p.authorize(x, "")
	if err != nil {
		return nil, err
	}
	if p.config.chargeBatch && p.budget.exhausted(budgetKey{account: who.account, method: batchName}, time.Now()) {
		return nil, errOperating
	}
	b := &batch{portal: p, outer: x, results: newArray(), errors: newArray(), totals: newArray(), nexts: newArray(), times: newArray()}
	params := x.params.upper()
	if commands, ok := params.get("CMD").(*array); ok {
		if err := b.run(ctx, commands, !isEmpty(params.get("HALT"))); err != nil {
			return nil, err
		}
	}
	return newArray().set("result", b.results).set("result_error", b.errors).set("result_total", b.totals).
		set("result_next", b.nexts).set("result_time", b.times), nil
}

func (b *batch) run(ctx context.Context, commands *array, halt bool) error {
	count := 0
	for label, value := range commands.all() {
		count++
		line, isText := value.(string)
		if !isText {
			continue // it counts nevertheless
		}
		var failed *failure
		switch err := b.command(ctx, label, line, count > maxCommands); {
		case err == nil:
			continue
		case errors.As(err, &failed):
			b.errors.set(label, b.body(failed))
		default: // it is the end of the whole batch
			return err
		}
		if halt {
			return nil
		}
	}
	return nil
}

// command runs one command and files what it came to.
func (b *batch) command(ctx context.Context, label, line string, beyond bool) error {
	if beyond {
		return errBatchLength
	}
	line, _, _ = strings.Cut(line, "#")
	name, query, _ := strings.Cut(line, "?")
	if slices.Contains([]string{batchName, "download", "upload"}, name) {
		return errBatchMethod
	}
	x := *b.outer
	x.route.method, x.route.format = cutFormat(name)
	x.label = label
	x.start = time.Now()
	x.params = b.resolve(parseForm(query)).without(reserved...)
	index := b.portal.journal.record(x.call())
	result, err := b.portal.runCommand(ctx, &x)
	var failed *failure
	if errors.As(err, &failed) && (failed == errHookScope || failed == errTokenScope) {
		err = errItemScope
	}
	b.portal.journal.finishCommand(index, failed, b.portal.config.wire)
	if err != nil {
		return err
	}
	b.results.set(label, result)
	b.times.set(label, b.portal.timeBlock(&x, time.Now()))
	return nil
}

// runCommand is what a command comes to: what was prepared for its method, or what the portal does.
func (p *Portal) runCommand(ctx context.Context, x *exchange) (any, error) {
	if script, found := p.scripts.next(x.route.name()); found {
		if script.whole {
			return nil, &wholeAnswer{script.reply(p, x)}
		}
		if script.failure != nil {
			return nil, script.failure
		}
		return script.value, nil
	}
	return p.run(ctx, x)
}

// wholeAnswer is a prepared answer that is no command's, but all of the batch's.
type wholeAnswer struct{ reply reply }

func (*wholeAnswer) Error() string { return "imbottest: the batch has another answer" }

// body writes the failure of a command. What an earlier one left in the slot takes the place of a failure that leaves
// nothing there itself.
func (b *batch) body(failed *failure) *array {
	if b.portal.config.staleCodes && b.portal.config.wire == Current {
		if failed.exception != nil {
			b.stale = failed.exception
		} else if b.stale != nil {
			failed = failed.with(b.stale.code, b.stale.description)
		}
	}
	return failed.body(b.portal.config.wire)
}

// resolve replaces the references to what earlier commands came to.
func (b *batch) resolve(params *array) *array {
	resolved := newArray()
	for key, value := range params.all() {
		switch v := value.(type) {
		case string:
			resolved.set(key, b.resolveText(v))
		case *array:
			resolved.set(key, b.resolve(v))
		default:
			resolved.set(key, value)
		}
	}
	return resolved
}

// resolveText replaces a text that is a reference by what it refers to, of whatever type, and references within a text by
// texts and numbers alone.
func (b *batch) resolveText(text string) any {
	if start, end := findReference(text, 0); start == 0 && end == len(text) {
		return b.refer(text)
	}
	var out strings.Builder
	for from := 0; ; {
		start, end := findReference(text, from)
		if start < 0 {
			out.WriteString(text[from:])
			return out.String()
		}
		out.WriteString(text[from:start])
		switch target := b.refer(text[start:end]).(type) {
		case string, int64, float64:
			out.WriteString(stringOf(target))
		default:
			out.WriteString(text[start:end])
		}
		from = end
	}
}

// containers are what a reference can begin with.
var containers = []string{"result", "error", "total", "next", "time"}

// findReference returns where the first reference after from is: a dollar, the name of a container in any case of letters,
// and one key in brackets or more.
func findReference(text string, from int) (start, end int) {
	for i := from; i < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		for _, name := range containers {
			if end := i + 1 + len(name); end <= len(text) && strings.EqualFold(text[i+1:end], name) {
				if keys := bracketed(text[end:]); keys > 0 {
					return i, end + keys
				}
			}
		}
	}
	return -1, -1
}

// bracketed returns the length of the keys in brackets that a text begins with.
func bracketed(text string) int {
	length := 0
	for strings.HasPrefix(text[length:], "[") {
		closing := strings.IndexByte(text[length:], ']')
		if closing < 0 {
			break
		}
		length += closing + 1
	}
	return length
}

// refer follows a reference. Where it leads nowhere, it ends at the last array on its way.
func (b *batch) refer(reference string) any {
	name, keys, _ := strings.Cut(strings.TrimSuffix(reference[1:], "]"), "[")
	var at any
	switch strings.ToLower(name) {
	case "result":
		at = b.results
	case "error":
		at = b.errors
	case "total":
		at = b.totals
	case "next":
		at = b.nexts
	default:
		at = b.times
	}
	for key := range strings.SplitSeq(keys, "][") {
		container, ok := at.(*array)
		if !ok || container.get(key) == nil {
			return at
		}
		at = phpValue(container.get(key))
	}
	return at
}

// phpValue returns what a value of Go is to PHP.
func phpValue(value any) any {
	switch value.(type) {
	case nil, bool, int64, float64, string, *array:
		return value
	}
	encoded, err := marshal(value)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	decoded, _ := decodeValue(decoder, 0) // it was encoded just now
	return decoded
}
