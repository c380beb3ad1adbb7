package acceptance_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

// The corpus holds what imbot did with 5,000 scripts of answers when it was recorded: the bytes that it sent, what its
// errors say and match, and what observers saw. A change of the code behind the calls leaves that as it is. Where
// something else is meant, -corpus.record writes the corpus anew, and the commit says what changed and why.
var recordCorpus = flag.Bool("corpus.record", false, "write the corpus of calls anew, from the scripts of its seeds")

const (
	corpusFile    = "testdata/corpus.jsonl.gz"
	corpusScripts = 5000
	corpusParts   = 10
)

// corpusLine is a script, and what came of it.
type corpusLine struct {
	Script script
	Record record
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	if *recordCorpus {
		writeCorpus(t)
	}
	lines := readCorpus(t)
	require.Len(t, lines, corpusScripts)
	for part := range corpusParts {
		t.Run(fmt.Sprintf("part %d", part), func(t *testing.T) {
			t.Parallel()
			for _, line := range lines[part*corpusScripts/corpusParts : (part+1)*corpusScripts/corpusParts] {
				require.Equal(t, line.Record, line.Script.play(t), "the script %+v", line.Script)
			}
		})
	}
}

// The scripts reach what they are there for: each call, each answer, each sentinel that a call can match.
func TestCorpus_reach(t *testing.T) {
	t.Parallel()
	calls, answers, matched, unmatched := map[string]int{}, map[string]int{}, map[string]int{}, []string{}
	requests := 0
	for _, line := range readCorpus(t) {
		calls[line.Script.Call]++
		for _, answer := range line.Script.Answers[:min(len(line.Script.Answers), len(line.Record.Requests))] {
			answers[answer]++
		}
		for _, sentinel := range line.Record.Matches {
			matched[sentinel]++
		}
		for sentinel := range corpusSentinels { // among the results of a batch
			if strings.Contains(line.Record.Result, strconv.Quote(sentinel)) {
				matched[sentinel]++
			}
		}
		requests += len(line.Record.Requests)
	}
	for call := range corpusCalls {
		assert.Greater(t, calls[call], 50, "scripts with the call %s", call)
	}
	for answer := range corpusAnswers {
		assert.NotZero(t, answers[answer], "requests with the answer %s", answer)
	}
	for sentinel := range corpusSentinels {
		if matched[sentinel] == 0 {
			unmatched = append(unmatched, sentinel)
		}
	}
	assert.Empty(t, unmatched, "sentinels that nothing matches")
	assert.Greater(t, requests, corpusScripts, "requests")
}

func readCorpus(t *testing.T) []corpusLine {
	t.Helper()
	packed, err := os.ReadFile(corpusFile)
	require.NoError(t, err)
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	var lines []corpusLine
	scanner := bufio.NewScanner(unpacked)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line corpusLine
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	require.NoError(t, scanner.Err())
	return lines
}

func writeCorpus(t *testing.T) {
	t.Helper()
	var packed bytes.Buffer
	out, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	for seed := range uint64(corpusScripts) {
		s := drawScript(seed)
		_, err := fmt.Fprintf(out, "%s\n", asJSON(t, corpusLine{s, s.play(t)}))
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
	require.NoError(t, os.WriteFile(corpusFile, packed.Bytes(), 0o600))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return string(out)
}

// record is what came of a script. Times are left out: pauses are drawn at random.
type record struct {
	Requests []string `json:",omitempty"` // the address and the body of each
	Attempts []string `json:",omitempty"` // as an observer sees them
	Asked    []string `json:",omitempty"` // what the token source was asked for
	Result   string   `json:",omitempty"`
	Error    string   `json:",omitempty"`
	Matches  []string `json:",omitempty"` // the sentinels that the error matches
	Is       []string `json:",omitempty"` // the types in its chain, with what they hold
}

// play makes the call of a script against its answers.
func (s script) play(t *testing.T) (rec record) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		portal := &scriptedPortal{script: s, cancel: cancel, record: &rec}
		client, err := imbot.NewClient(s.auth(portal), s.options(portal)...)
		require.NoError(t, err)
		if s.CancelAt < 0 {
			portal.end()
		}
		var result any
		result, err = corpusCalls[s.Call](ctx, client)
		if result != nil {
			rec.Result = describe(result)
		}
		rec.noteError(err)
	})
	return rec
}

// describe prints a result as JSON, which has no addresses in it, and errors by their texts.
func describe(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func (r *record) noteError(err error) {
	if err == nil {
		return
	}
	r.Error = err.Error()
	for _, name := range slices.Sorted(maps.Keys(corpusSentinels)) {
		if errors.Is(err, corpusSentinels[name]) {
			r.Matches = append(r.Matches, name)
		}
	}
	var (
		api      *imbot.APIError
		param    *imbot.ParamError
		redirect *imbot.RedirectError
		timeout  interface{ Timeout() bool }
	)
	if errors.As(err, &api) {
		r.Is = append(r.Is, fmt.Sprintf("APIError %s %d %q %q %v %t", api.Method, api.StatusCode, api.Code, api.Description, api.Details, !api.RetryAt.IsZero()))
	}
	if errors.As(err, &param) {
		r.Is = append(r.Is, fmt.Sprintf("ParamError %s %s %v", param.Method, param.Param, param.Err))
	}
	if errors.As(err, &redirect) {
		r.Is = append(r.Is, fmt.Sprintf("RedirectError %s %d %s", redirect.Method, redirect.StatusCode, redirect.Host))
	}
	if errors.As(err, &timeout) {
		r.Is = append(r.Is, fmt.Sprintf("Timeout %t", timeout.Timeout()))
	}
}

// requestLine is a request as it is recorded.
func requestLine(method, address, body string) string {
	return strings.Join([]string{method, address, body}, " ")
}
