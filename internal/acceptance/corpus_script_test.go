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

// corpusCalls are the calls of scripts. A result that is not nil is recorded as JSON.
var corpusCalls = map[string]func(context.Context, *imbot.Client) (any, error){
	"leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
	},
	"leave without a bot": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, ClientID: "EXAMPLE_ID"}))
	},
	"leave nothing": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{BotID: -1}))
	},
	"members": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13, BotID: 39}))
	},
	"ensure left": func(ctx context.Context, c *imbot.Client) (any, error) {
		return noOutcome(c.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
	},
	"ensure left without a bot": func(ctx context.Context, c *imbot.Client) (any, error) {
		return noOutcome(c.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13}))
	},
	"can leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		return c.Chat.CanLeave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	},
	"v2 leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.V2.Chat.Leave(ctx, imbot.V2ChatLeaveRequest{DialogID: "chat13", BotID: 39}))
	},
	"v2 ensure left": func(ctx context.Context, c *imbot.Client) (any, error) {
		return noOutcome(c.V2.Chat.EnsureLeft(ctx, imbot.V2ChatLeaveRequest{DialogID: "chat13", BotID: 39}))
	},
	"set owner": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 7}))
	},
	"add user": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{7}}))
	},
	"delete user": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{ChatID: 13, UserID: 7}))
	},
	"title": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: 13, Title: "a <b> & c"}))
	},
	"get chat": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|4"}))
	},
	"add chat": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Add(ctx, imbot.ChatAddRequest{Title: "Сводка", Users: []imbot.UserID{1, 7}}))
	},
	"dialog": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Dialog.Get(ctx, imbot.DialogGetRequest{DialogID: "chat13"}))
	},
	"own read": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(imbot.Call(ctx, c, imbot.Method[map[string]any, map[string]any]{Name: "im.example.get", Idempotent: true}, map[string]any{"A": 1}))
	},
	"own act": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(imbot.Call(ctx, c, imbot.Method[map[string]any, int64]{Name: "imbot.message.add"}, nil))
	},
	"batch": func(ctx context.Context, c *imbot.Client) (any, error) { return batchOf(ctx, c.NewBatch()) },
	"batch of reads": func(ctx context.Context, c *imbot.Client) (any, error) {
		b := c.NewBatch()
		list := imbot.Queue(b, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
		got := imbot.Queue(b, imbot.MethodChatGet, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|4"})
		err := b.Do(ctx)
		return []any{outcomeOf(list.Result()), outcomeOf(got.Result())}, err
	},
	"batch with halt": func(ctx context.Context, c *imbot.Client) (any, error) {
		return batchOf(ctx, c.NewBatch(imbot.WithHalt()))
	},
	"leave all": func(ctx context.Context, c *imbot.Client) (any, error) { // of several chats the order would vary
		var all []any
		for result := range c.Chat.LeaveAll(ctx, slices.Values([]imbot.ChatLeaveRequest{{ChatID: 13, BotID: 39}})) {
			came := recorded{Value: result}
			came.noteError(result.Err)
			all = append(all, came)
		}
		return all, nil
	},
	"three calls": func(ctx context.Context, c *imbot.Client) (any, error) {
		first := outcomeOf(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
		second := outcomeOf(c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13}))
		third := outcomeOf(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
		return []any{first, second, third}, nil
	},
}

// recorded is one of several results of a call.
type recorded struct {
	Value any `json:",omitempty"`
	record
}

func batchOf(ctx context.Context, b *imbot.Batch) (any, error) {
	first := imbot.Queue(b, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	second := imbot.Queue(b, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 14, BotID: 39})
	third := imbot.Queue(b, imbot.MethodV2ChatLeave, imbot.V2ChatLeaveRequest{DialogID: "chat15", BotID: 39})
	wrong := imbot.Queue(b, imbot.MethodChatLeave, imbot.ChatLeaveRequest{})
	err := b.Do(ctx)
	return []any{outcomeOf(first.Result()), outcomeOf(second.Result()), outcomeOf(third.Result()), outcomeOf(wrong.Result())}, err
}

func orNil[T any](got *imbot.Response[T], err error) (any, error) {
	if got == nil {
		return nil, err
	}
	return got, err
}

func noOutcome(outcome imbot.LeaveOutcome, err error) (any, error) { return outcome, err }

func outcomeOf[T any](got *imbot.Response[T], err error) any {
	var came recorded
	if got != nil {
		came.Value = got
	}
	came.noteError(err)
	return came
}

// corpusAnswers are what a request may get: "STATUS BODY", or one of the failures of scriptedPortal.fail.
var corpusAnswers = map[string]string{
	"true":                      `200 {"result":true,"time":{"start":1792000000.25,"finish":1792000000.5,"duration":0.25,"processing":0.2,"date_start":"2026-10-14T20:26:40+03:00","date_finish":"2026-10-14T20:26:40+03:00","operating_reset_at":946685300,"operating":0.2}}`,
	"true alone":                `200 {"result":true}`,
	"false":                     `200 {"result":false,"time":{"operating":"0.5"}}`,
	"null":                      `200 {"result":null}`,
	"no result":                 `200 {"time":{}}`,
	"number":                    `200 {"result":42}`,
	"text":                      `200 {"result":"OK"}`,
	"v2 result":                 `200 {"result":{"result":true}}`,
	"empty list":                `200 {"result":[]}`,
	"object":                    `200 {"result":{"ID":"13","a":null}}`,
	"twice":                     `200 {"result":{"ID":1,"ID":2}}`,
	"two results":               `200 {"result":true,"result":false}`,
	"members without":           `200 {"result":[1,"7"],"time":{"operating":0}}`,
	"members with":              `200 {"result":[1,"39"]}`,
	"dialog":                    `200 {"result":{"id":"13","chat_id":13,"title":"Chat","owner":"1","type":"chat","role":"member","permissions":{"manage_users_add":"member"},"restrictions":{"leave":true}}}`,
	"chat id empty":             `400 {"error":"CHAT_ID_EMPTY","error_description":"Chat ID can't be empty"}`,
	"owner":                     `403 {"error":"ACCESS_ERROR","error_description":"LEAVE_OWNER_FORBIDDEN"}`,
	"owner by its code":         `400 {"error":"LEAVE_OWNER_FORBIDDEN","error_description":"The owner may not leave"}`,
	"action":                    `403 {"error":"ACCESS_ERROR","error_description":" action UNAVAILABLE "}`,
	"users":                     `403 {"error":"ACCESS_ERROR","error_description":"It is forbidden to delete users of this chat"}`,
	"access":                    `403 {"error":"ACCESS_ERROR","error_description":"something new"}`,
	"not in chat":               `400 {"error":"WRONG_REQUEST","error_description":"You don't have access or user isn't member in chat"}`,
	"kick":                      `403 {"error":"ACCESS_DENIED_KICK"}`,
	"user not found":            `400 {"error":"USER_NOT_FOUND","error_description":"User not found"}`,
	"client id":                 `403 {"error":"ACCESS_DENIED","error_description":"Access denied! Client ID not specified"}`,
	"access denied":             `403 {"error":"ACCESS_DENIED","error_description":"Access denied"}`,
	"bot":                       `400 {"error":"BOT_ID_ERROR","error_description":"Bot not found"}`,
	"app":                       `400 {"error":"APP_ID_ERROR"}`,
	"user id empty":             `400 {"error":"USER_ID_EMPTY","error_description":"User ID can't be empty"}`,
	"dialog id empty":           `400 {"error":"DIALOG_ID_EMPTY","error_description":"Dialog ID can't be empty"}`,
	"expired":                   `401 {"error":"expired_token","error_description":"The access token provided has expired."}`,
	"invalid token":             `401 {"error":"invalid_token"}`,
	"no auth":                   `401 {"error":"NO_AUTH_FOUND","error_description":"Wrong authorization data"}`,
	"credentials":               `401 {"error":"INVALID_CREDENTIALS"}`,
	"scope":                     `403 {"error":"insufficient_scope"}`,
	"rate":                      `503 {"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`,
	"rate in 200":               `200 {"error":"query_limit_exceeded"}`,
	"rate with data":            `429 {"error":"QUERY_LIMIT_EXCEEDED","result":[1]}`,
	"429":                       `429 <html>slow down</html>`,
	"operation":                 `429 {"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}`,
	"overload":                  `503 {"error":"OVERLOAD_LIMIT"}`,
	"deleted":                   `403 {"error":"PORTAL_DELETED"}`,
	"unknown method":            `404 {"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}`,
	"batch too long":            `400 {"error":"ERROR_BATCH_LENGTH_EXCEEDED"}`,
	"batch method":              `400 {"error":"ERROR_BATCH_METHOD_NOT_ALLOWED"}`,
	"internal":                  `500 {"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error"}`,
	"unexpected":                `500 {"error":"ERROR_UNEXPECTED_ANSWER"}`,
	"payment":                   `402 {"error":"PAYMENT_REQUIRED"}`,
	"application":               `404 {"error":"APPLICATION_NOT_FOUND"}`,
	"invalid request":           `400 {"error":"INVALID_REQUEST","error_description":"Https required."}`,
	"user access":               `401 {"error":"user_access_error"}`,
	"wrong auth type":           `403 {"error":"WRONG_AUTH_TYPE"}`,
	"authorize":                 `400 {"error":"AUTHORIZE_ERROR"}`,
	"title":                     `400 {"error":"TITLE_EMPTY"}`,
	"add forbidden":             `403 {"error":"ACCESS_ERROR","error_description":"It is forbidden to add users to this chat"}`,
	"color":                     `400 {"error":"WRONG_COLOR"}`,
	"avatar":                    `400 {"error":"AVATAR_ERROR"}`,
	"format":                    `400 {"error":"INVALID_FORMAT"}`,
	"new code":                  `400 {"error":"NEW_CODE","error_description":"nobody has seen it","validation":[{"field":"a","message":"b"}]}`,
	"object code":               `400 {"error":{"code":"ACCESS_ERROR","message":"LEAVE_OWNER_FORBIDDEN"}}`,
	"empty code":                `200 {"error":"","error_description":"nothing"}`,
	"numeric code":              `200 {"error":0}`,
	"refusal and true":          `200 {"error":"ACCESS_ERROR","result":true}`,
	"refusal and null":          `200 {"error":"WRONG_REQUEST","result":null}`,
	"HTML 502":                  `502 <html>Bad Gateway</html>`,
	"HTML 404":                  `404 <html>Not found</html>`,
	"HTML 200":                  `200 <html>Sign in</html>`,
	"empty":                     `200 `,
	"empty 500":                 `500 `,
	"half":                      `200 {"result":tr`,
	"true 500":                  `500 {"result":true}`,
	"no content":                `204 `,
	"renamed":                   `302 https://two.bitrix24.example/`,
	"renamed back":              `307 https://one.bitrix24.example/`,
	"renamed, as a GET":         `303 https://two.bitrix24.example/`,
	"renamed elsewhere":         `302 https://portal.example/`,
	"renamed, in the clear":     `302 http://two.bitrix24.example/`,
	"redirected to a page":      `301 https://two.bitrix24.example/page`,
	"redirected without a goal": `302 `,
	"dial":                      "dial",
	"name":                      "name",
	"certificate":               "certificate",
	"cut":                       "cut",
	"reset":                     "reset",
	"timeout":                   "timeout",
	"deadline":                  "deadline",
	"cut body":                  "cut body",
	"batch":                     "batch",
	"batch as a list":           "batch as a list",
}

// corpusCommands are what a command of a batch may get: its members of result, result_error and result_time.
var corpusCommands = map[string][3]string{
	"true":        {`true`, ``, `{"operating":0.1,"operating_reset_at":946685300}`},
	"bare true":   {`true`, ``, ``},
	"members":     {`[1,7]`, ``, `{}`},
	"still in":    {`[1,39]`, ``, `{}`},
	"object":      {`{"ID":"13"}`, ``, `{}`},
	"false":       {`false`, ``, `{}`},
	"null":        {`null`, ``, `{}`},
	"nothing":     {``, ``, ``},
	"time alone":  {``, ``, `{"operating":0.1}`},
	"owner":       {``, `{"error":"ACCESS_ERROR","error_description":"LEAVE_OWNER_FORBIDDEN"}`, ``},
	"not in chat": {``, `{"error":"WRONG_REQUEST","error_description":"not a member"}`, ``},
	"not found":   {``, `{"error":"USER_NOT_FOUND"}`, ``},
	"denied":      {``, `{"error":"ACCESS_DENIED","error_description":"Access denied"}`, ``},
	"empty code":  {``, `{"error":""}`, ``},
	"both":        {`true`, `{"error":"ACCESS_ERROR"}`, `{}`},
	"operation":   {``, `{"error":"OPERATION_TIME_LIMIT"}`, ``},
	"rate":        {``, `{"error":"QUERY_LIMIT_EXCEEDED"}`, ``},
	"internal":    {``, `{"error":"INTERNAL_SERVER_ERROR"}`, ``},
	"text":        {``, `"broken"`, ``},
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
	for _, name := range []string{"ErrDeclined", "ErrInvalidGrant", "ErrInvalidClient", "ErrWrongClient", "ErrInvalidScope"} {
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
