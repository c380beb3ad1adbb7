package acceptance_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// script is a client, a call, and the answers that its requests get, one after the other. The last one repeats.
type script struct {
	Auth     string   // webhook, token, source, failing, refresher, reporter, broken
	Call     string   // one of corpusCalls
	Retry    int      `json:",omitempty"` // MaxAttempts, 0 for the default policy, -1 for none
	ClientID bool     `json:",omitempty"`
	Redirect string   `json:",omitempty"` // the policy: "", none, any
	CancelAt int      `json:",omitempty"` // the request during which ctx ends; -1 for before the first, 0 for never
	Late     bool     `json:",omitempty"` // ctx ends when that request has its answer
	Cause    bool     `json:",omitempty"` // ctx ends with a cause of its own
	Answers  []string // of corpusAnswers
	Commands []string // what the commands of a batch are answered with, of corpusCommands
}

// drawScript makes the script of a seed.
func drawScript(seed uint64) script {
	r := rand.New(rand.NewPCG(seed, 20261128))
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	calls, answers := slices.Sorted(maps.Keys(corpusCalls)), slices.Sorted(maps.Keys(corpusAnswers))
	commands := slices.Sorted(maps.Keys(corpusCommands))
	s := script{
		Auth: pick([]string{"webhook", "webhook", "token", "source", "failing", "refresher", "refresher", "reporter", "reporter", "broken"}),
		Call: pick(append(calls, "three calls", "three calls", "three calls")),
	}
	s.Retry = []int{0, 0, 0, -1, 2}[r.IntN(5)]
	s.ClientID = r.IntN(3) == 0
	s.Redirect = pick([]string{"", "", "", "none", "any"})
	if r.IntN(8) == 0 {
		s.CancelAt, s.Late, s.Cause = r.IntN(4)-1, r.IntN(2) == 0, r.IntN(2) == 0
	}
	if s.Call == "add user" && r.IntN(3) == 0 {
		s.Answers = append(s.Answers, "add forbidden")
	}
	theme, themeFrom := corpusThemes[r.IntN(len(corpusThemes))], 2+5*r.IntN(2)
	for range 1 + r.IntN(8) {
		switch n := r.IntN(10); {
		case n >= themeFrom:
			s.Answers = append(s.Answers, pick(theme))
		case n < 2:
			s.Answers = append(s.Answers, "true")
		case n < 4:
			s.Answers = append(s.Answers, pick([]string{"members without", "members with", "batch", "batch"}))
		default:
			s.Answers = append(s.Answers, pick(answers))
		}
	}
	for range 1 + r.IntN(4) {
		s.Commands = append(s.Commands, pick(commands))
	}
	return s
}

// corpusThemes are answers that mean more together than each by itself.
var corpusThemes = [][]string{
	{"renamed", "renamed back", "renamed", "renamed back", "renamed elsewhere", "HTML 404"},
	{"expired", "invalid token", "expired", "cut", "rate"},
	{"cut", "timeout", "HTML 502", "half", "internal", "members with", "members without"},
	{"not in chat", "user not found", "access denied", "members with", "members without", "cut"},
	{"dial", "name", "certificate", "HTML 404", "renamed elsewhere", "renamed", "true"},
	{"rate", "429", "operation", "overload", "true"},
}

var errOfSource, errOfCause = errors.New("the source is closed"), errors.New("the program ends")

// corpusSentinels are the errors that the corpus was recorded with: those that a call may match, and some of others.
var corpusSentinels = func() map[string]error {
	sentinels := map[string]error{
		"ErrNotExecuted":           imbot.ErrNotExecuted,
		"ErrStillInChat":           imbot.ErrStillInChat,
		"context.Canceled":         context.Canceled,
		"context.DeadlineExceeded": context.DeadlineExceeded,
		"os.ErrDeadlineExceeded":   os.ErrDeadlineExceeded,
		"io.ErrUnexpectedEOF":      io.ErrUnexpectedEOF,
		"syscall.ECONNREFUSED":     syscall.ECONNREFUSED,
		"syscall.ECONNRESET":       syscall.ECONNRESET,
		"errSource":                errOfSource,
		"errCause":                 errOfCause,
	}
	maps.Copy(sentinels, clienttest.Sentinels)
	for _, name := range []string{
		"ErrDeclined", "ErrInvalidGrant", "ErrInvalidClient", "ErrWrongClient", "ErrInvalidScope",
		"ErrMessageID", "ErrMessageEmpty", "ErrCantEditMessage", "ErrWithoutChanges", "ErrCommandID",
		"ErrBotCodeEmpty", "ErrBotNameEmpty", "ErrMaxCount", "ErrEventMessageAdd", "ErrEventMessageUpdate",
		"ErrEventMessageDelete", "ErrEventWelcomeMessage", "ErrEventBotDelete", "ErrEventCommandAdd", "ErrCommandEmpty",
		"ErrLang", "ErrMessageIDEmpty", "ErrAttach", "ErrAttachOversize", "ErrKeyboard",
		"ErrKeyboardOversize", "ErrMenu", "ErrMenuOversize",
	} {
		delete(sentinels, name) // younger than the corpus, or of the OAuth server
	}
	return sentinels
}()

// scriptedPortal is the far end of a script: a transport and a token source.
type scriptedPortal struct {
	script script
	cancel context.CancelCauseFunc
	record *record
	asked  int // how many requests there were
	tokens int
}

func (p *scriptedPortal) end() {
	var cause error
	if p.script.Cause {
		cause = errOfCause
	}
	p.cancel(cause)
}

func (s script) auth(p *scriptedPortal) imbot.Auth {
	const endpoint = "https://one.bitrix24.example/rest/"
	switch s.Auth {
	case "webhook":
		return imbot.Webhook(endpoint + "1/EXAMPLE_SECRET/")
	case "token":
		return imbot.OAuth(endpoint, imbot.StaticToken("EXAMPLE_TOKEN"))
	case "source", "failing":
		return imbot.OAuth(endpoint, tokenSource{p})
	case "reporter":
		return imbot.OAuth(endpoint, addressReporter{tokenRefresher{tokenSource{p}}})
	default:
		return imbot.OAuth(endpoint, tokenRefresher{tokenSource{p}})
	}
}

func (s script) options(p *scriptedPortal) []imbot.Option {
	opts := []imbot.Option{
		imbot.WithHTTPClient(&http.Client{Transport: p}),
		imbot.WithObserver(func(_ context.Context, a imbot.Attempt) {
			text := ""
			if a.Err != nil {
				text = a.Err.Error()
			}
			p.record.Attempts = append(p.record.Attempts, fmt.Sprintf("%s %d %d %s %s %s", a.Method, a.Number, a.StatusCode, a.Code, a.Operating, text))
		}),
	}
	switch s.Retry {
	case -1:
		opts = append(opts, imbot.WithRetry(imbot.RetryPolicy{}))
	case 0:
	default:
		opts = append(opts, imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: s.Retry}))
	}
	if s.ClientID {
		opts = append(opts, imbot.WithClientID("EXAMPLE_CLIENT"))
	}
	switch s.Redirect {
	case "none":
		opts = append(opts, imbot.WithRedirectPolicy(imbot.NoRedirect))
	case "any":
		opts = append(opts, imbot.WithRedirectPolicy(func(string, string) bool { return true }))
	}
	return opts
}

// tokenSource has a token, but where the script is of a source that fails at times.
type tokenSource struct{ portal *scriptedPortal }

func (s tokenSource) Token(context.Context) (string, error) {
	p := s.portal
	p.record.Asked = append(p.record.Asked, "token")
	if p.script.Auth == "failing" {
		switch len(p.script.Answers) + len(p.record.Asked) {
		case 4:
			return "", fmt.Errorf("%w: %w", errOfSource, imbot.ErrOutcomeUnknown)
		case 5:
			return "", nil
		}
	}
	return fmt.Sprintf("EXAMPLE_TOKEN_%d", p.tokens), nil
}

type tokenRefresher struct{ tokenSource }

func (s tokenRefresher) Refresh(_ context.Context, rejected string) (string, error) {
	p := s.portal
	p.record.Asked = append(p.record.Asked, "refresh "+rejected)
	p.tokens++
	if p.script.Auth == "broken" {
		return "", errOfSource
	}
	return fmt.Sprintf("EXAMPLE_TOKEN_%d", p.tokens), nil
}

type addressReporter struct{ tokenRefresher }

func (s addressReporter) ClientEndpoint(context.Context) (string, error) {
	s.portal.record.Asked = append(s.portal.record.Asked, "endpoint")
	switch len(s.portal.script.Answers) {
	case 1:
		return "", errOfSource
	case 2:
		return "https://one.bitrix24.example/rest/", nil
	default:
		return "https://three.bitrix24.example/rest/", nil
	}
}

// RoundTrip gives each request its answer.
func (p *scriptedPortal) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	p.record.Requests = append(p.record.Requests, requestLine(req.Method, req.URL.String(), string(body)))
	p.asked++
	if p.asked == p.script.CancelAt {
		p.end()
		if !p.script.Late {
			return nil, req.Context().Err()
		}
	}
	answer := corpusAnswers[p.script.Answers[min(p.asked, len(p.script.Answers))-1]]
	status, text, isAnswer := strings.Cut(answer, " ")
	if answer == "batch" || answer == "batch as a list" || answer == "cut body" || !isAnswer {
		return p.fail(req, answer, body)
	}
	resp := respond(req, status, text)
	if resp.StatusCode >= 300 && resp.StatusCode < 400 && text != "" {
		resp.Body = io.NopCloser(strings.NewReader(""))
		resp.Header.Set("Location", strings.TrimSuffix(text, "/")+req.URL.Path)
	}
	return resp, nil
}

func respond(req *http.Request, status, text string) *http.Response {
	code := 0
	_, _ = fmt.Sscan(status, &code)
	mediaType := "application/json; charset=utf-8"
	if strings.HasPrefix(text, "<") {
		mediaType = "text/html"
	}
	return &http.Response{
		Status: status + " " + http.StatusText(code), StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {mediaType}}, Body: io.NopCloser(strings.NewReader(text)),
		ContentLength: int64(len(text)), Request: req,
	}
}

// fail is what a request gets that no plain text can say.
func (p *scriptedPortal) fail(req *http.Request, how string, body []byte) (*http.Response, error) {
	switch how {
	case "dial":
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case "name":
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: req.URL.Host, IsNotFound: true}}
	case "certificate":
		return nil, x509.UnknownAuthorityError{}
	case "cut":
		return nil, io.ErrUnexpectedEOF
	case "reset":
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	case "timeout":
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	case "deadline":
		return nil, context.DeadlineExceeded
	case "cut body":
		resp := respond(req, "200", `{"result":true`)
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, cutReader{}))
		resp.ContentLength = -1
		return resp, nil
	default:
		return respond(req, "200", p.batch(body, how == "batch as a list")), nil
	}
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// batch answers the commands of a batch, by their labels or in their order.
func (p *scriptedPortal) batch(body []byte, asList bool) string {
	var req struct {
		Cmd json.RawMessage `json:"cmd"`
	}
	_ = json.Unmarshal(body, &req)
	labels := labelsOf(req.Cmd)
	var parts [3][]string
	for i, label := range labels {
		command := corpusCommands[p.script.Commands[i%len(p.script.Commands)]]
		for j, value := range command {
			switch {
			case value == "":
			case asList && j == 0:
				parts[j] = append(parts[j], value)
			default:
				parts[j] = append(parts[j], fmt.Sprintf("%q:%s", label, value))
			}
		}
	}
	wrap := func(i int) string {
		if i == 0 && asList || len(parts[i]) == 0 {
			return "[" + strings.Join(parts[i], ",") + "]"
		}
		return "{" + strings.Join(parts[i], ",") + "}"
	}
	return fmt.Sprintf(`{"result":{"result":%s,"result_error":%s,"result_time":%s},"time":{"operating":0.3}}`, wrap(0), wrap(1), wrap(2))
}

// labelsOf returns the names of the members of an object, in their order.
func labelsOf(object json.RawMessage) []string {
	decoder := json.NewDecoder(strings.NewReader(string(object)))
	if _, err := decoder.Token(); err != nil {
		return nil
	}
	var labels []string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return labels
		}
		label, _ := name.(string)
		labels = append(labels, label)
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return labels
		}
	}
	return labels
}
