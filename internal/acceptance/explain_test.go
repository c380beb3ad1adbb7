package acceptance_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// explained has an error for each name that is exported and is not a code.
var explained = map[string]error{
	"imbot.ErrOutcomeUnknown":      imbot.ErrOutcomeUnknown,
	"imbot.ErrAnswerTooLarge":      imbot.ErrAnswerTooLarge,
	"imbot.ErrUnexpectedResult":    imbot.ErrUnexpectedResult,
	"imbot.ErrDeclined":            imbot.ErrDeclined,
	"imbot.ErrNotFound":            imbot.ErrNotFound,
	"imbot.ErrNotExecuted":         imbot.ErrNotExecuted,
	"imbot.ErrStillInChat":         imbot.ErrStillInChat,
	"imbot.ErrLeaveOwnerForbidden": imbot.ErrLeaveOwnerForbidden,
	"imbot.ErrActionUnavailable":   imbot.ErrActionUnavailable,
	"imbot.ErrUserDeleteForbidden": imbot.ErrUserDeleteForbidden,
	"imbot.ErrNotInChat":           imbot.ErrNotInChat,
	"imbot.ErrClientIDMissing":     imbot.ErrClientIDMissing,
	"imbot.ErrUserAddForbidden":    imbot.ErrUserAddForbidden,
	"imbot.ErrUserNotAdded":        imbot.ErrUserNotAdded,
	"imbot.ErrUserNotDeleted":      imbot.ErrUserNotDeleted,
	"imbot.APIError":               &imbot.APIError{StatusCode: http.StatusForbidden, Code: "NEW_CODE"},
	"imbot.ParamError":             &imbot.ParamError{Param: "X", Err: errors.New("is wrong")},
	"imbot.RedirectError":          &imbot.RedirectError{StatusCode: http.StatusFound},

	"imbotv2.ErrNotPermitted":    imbotv2.ErrNotPermitted,
	"imbotv2.ErrEventsPosted":    imbotv2.ErrEventsPosted,
	"imbotv2.ErrEventGap":        imbotv2.ErrEventGap,
	"imbotv2.ErrEventsTaken":     imbotv2.ErrEventsTaken,
	"imbotv2.ErrFetchedTwice":    imbotv2.ErrFetchedTwice,
	"imbotv2.ErrOffsetDropped":   imbotv2.ErrOffsetDropped,
	"imbotv2.ErrNowhereToReply":  imbotv2.ErrNowhereToReply,
	"imbotv2.EventTooLargeError": &imbotv2.EventTooLargeError{Err: imbot.ErrAnswerTooLarge},
	"imbotv2.PanicError":         &imbotv2.PanicError{Value: errors.New("boom")},

	"oauth.ErrNoToken":       oauth.ErrNoToken,
	"oauth.ErrDamaged":       oauth.ErrDamaged,
	"oauth.ErrNotSaved":      oauth.ErrNotSaved,
	"oauth.ErrNotAccepted":   oauth.ErrNotAccepted,
	"oauth.ErrNotConfirmed":  oauth.ErrNotConfirmed,
	"oauth.Error":            &oauth.Error{StatusCode: http.StatusBadRequest, Code: "bad_verification_code"},
	"oauth.NotSavedError":    &oauth.NotSavedError{},
	"oauth.ExposedFileError": &oauth.ExposedFileError{},

	"events.ErrMethod":     events.ErrMethod,
	"events.ErrMediaType":  events.ErrMediaType,
	"events.ErrTooLarge":   events.ErrTooLarge,
	"events.ErrMalformed":  events.ErrMalformed,
	"events.ErrUnverified": events.ErrUnverified,
	"events.ErrLookup":     events.ErrLookup,
	"events.ErrNotKept":    events.ErrNotKept,
	"events.ErrBusy":       events.ErrBusy,
	"events.ErrShutdown":   events.ErrShutdown,
	"events.ErrPanic":      events.ErrPanic,
	"events.ErrTooOld":     events.ErrTooOld,
	"events.ErrNoToken":    events.ErrNoToken,
	"events.ErrNotAtRest":  events.ErrNotAtRest,
	// What these two wrap is what is explained.
	"events.RequestError":  &events.RequestError{Reason: events.ErrBusy},
	"events.CallbackError": &events.CallbackError{Err: imbot.ErrNotInChat},

	"portals.ErrNotInstalled": portals.ErrNotInstalled,
	"portals.ErrDamaged":      portals.ErrDamaged,
}

// fallback is what is said of an error that nothing is known of.
var fallback = imbot.Explain(errors.New("x"))

// Every error that a package of this module exports has an advice of its own, and a code none that is said of unknown
// ones.
func TestExplain_everyError(t *testing.T) {
	t.Parallel()
	unknownCode := imbot.Explain(imbot.Code("NEW_CODE"))
	unused := maps.Clone(explained)
	for _, folder := range []string{".", "content", "imbotv2", "oauth", "events", "portals"} {
		names, err := docs.Errors(path.Join("../..", folder))
		require.NoError(t, err)
		for name, code := range names {
			name = path.Base(strings.Replace(folder, ".", "imbot", 1)) + "." + name
			failed := explained[name]
			if code != "" {
				failed = imbot.Code(code)
				assert.NotEqual(t, unknownCode, imbot.Explain(failed), name)
				failed = &imbot.APIError{Method: "x", StatusCode: http.StatusForbidden, Code: imbot.Code(strings.ToLower(code))}
			}
			require.Error(t, failed, "%s is not in the list of this test", name)
			delete(unused, name)
			got := imbot.Explain(failed)
			assert.NotEqual(t, fallback, got, name)
			assertAdvice(t, name, got)
			if got.Temporary {
				assert.True(t, imbotv2.MayTryAgain(failed), name)
			}
		}
	}
	assert.Empty(t, unused)
}

// assertAdvice asserts that an advice is two parts of a sentence.
func assertAdvice(t *testing.T, name string, got imbot.Advice) {
	t.Helper()
	for _, text := range []string{got.Meaning, got.Action} {
		assert.NotEmpty(t, text, name)
		assert.NotRegexp(t, `\.$|\s$|^\s|\n`, text, name)
		assert.NotRegexp(t, `^(A|An|The|It|There|Nothing|Check|Try|Use) `, text, name)
		assert.LessOrEqual(t, len(text), 200, name)
	}
}

// The errors of calls are explained by what matters most in them.
func TestExplain_calls(t *testing.T) {
	t.Parallel()
	general := imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: 39}
	ensure := func(ctx context.Context, client *imbot.Client) error {
		_, err := client.Chat.EnsureLeft(ctx, clienttest.Leave13)
		return err
	}
	leave := func(req imbot.ChatLeaveRequest) func(context.Context, *imbot.Client) error {
		return func(ctx context.Context, client *imbot.Client) error {
			_, err := client.Chat.Leave(ctx, req)
			return err
		}
	}
	soon := func(ctx context.Context, client *imbot.Client) error {
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		return leave13(ctx, client)
	}
	lost := imbot.Explain(imbot.ErrOutcomeUnknown)
	tests := map[string]struct {
		faults []imbottest.Fault
		call   func(context.Context, *imbot.Client) error
		want   imbot.Advice
	}{
		"a situation":          {call: leave(general), want: imbot.Explain(imbot.ErrActionUnavailable)},
		"a mistake":            {call: leave(imbot.ChatLeaveRequest{}), want: imbot.Explain(imbot.ErrChatIDEmpty)},
		"lost":                 {faults: []imbottest.Fault{imbottest.LoseAfter()}, call: leave13, want: lost},
		"a page":               {faults: []imbottest.Fault{imbottest.HTML(http.StatusBadGateway)}, call: leave13, want: lost},
		"a code that says so":  {faults: []imbottest.Fault{imbottest.Inside200("INTERNAL_SERVER_ERROR", "")}, call: leave13, want: lost},
		"too many":             {faults: []imbottest.Fault{imbottest.HTML(http.StatusTooManyRequests)}, call: leave13, want: imbot.Explain(imbot.ErrQueryLimitExceeded)},
		"too many for the ctx": {faults: []imbottest.Fault{imbottest.HTML(http.StatusTooManyRequests)}, call: soon, want: imbot.Explain(imbot.ErrQueryLimitExceeded)},
		"not there, and well": {
			faults: []imbottest.Fault{imbottest.Inside200("USER_NOT_FOUND", "")}, call: leave13, want: imbot.Explain(imbot.ErrNotInChat),
		},
		"not there to write": {
			call: func(ctx context.Context, client *imbot.Client) error {
				bot := imbotv2.New(client).As(imbotv2.Identity{BotID: imbottest.BotMain})
				_, err := bot.Say(ctx, imbottest.ChatElsewhere.DialogID(), "Hello")
				require.ErrorIs(t, err, imbot.ErrNotInChat)
				return err
			},
			want: imbot.Advice{Meaning: "the bot is not in the chat, or the chat does not exist or is private", Action: "check the id of the chat, or have the bot added to it"},
		},
		"no such page": {
			faults: []imbottest.Fault{imbottest.HTML(http.StatusNotFound)}, call: leave13,
			want: imbot.Advice{Meaning: "the answer was not one of Bitrix24: something before the portal gave it, or nothing is there", Action: "check the address of the portal, and what stands before it"},
		},
		"no connection": {
			faults: []imbottest.Fault{imbottest.RefuseDial()}, call: leave13,
			want: imbot.Advice{Meaning: "there was no connection, so nothing was sent", Action: "check the address and the network, or try again later", Temporary: true},
		},
		"still in the chat": {
			faults: []imbottest.Fault{imbottest.Inside200("ACCESS_DENIED_KICK", "")}, call: ensure, want: imbot.Explain(imbot.ErrStillInChat),
		},
		"no end of a batch": {
			call: func(ctx context.Context, client *imbot.Client) error {
				batch := client.NewBatch(imbot.WithHalt())
				imbot.Queue(batch, imbot.MethodChatLeave, general)
				second := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
				require.NoError(t, batch.Do(ctx))
				_, err := second.Result()
				return err
			},
			want: imbot.Explain(imbot.ErrNotExecuted),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault(imbot.MethodChatLeave.Name, test.faults...)
				policy := imbot.RetryPolicy{}
				if name == "too many for the ctx" {
					policy = imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Hour, MaxDelay: time.Hour}
				}

				err := test.call(t.Context(), clienttest.ForBot(portal, imbot.WithRetry(policy)))

				require.Error(t, err)
				assert.Equal(t, test.want, imbot.Explain(err), "%v", err)
			})
		})
	}
}

// When a method is taken again is said where the portal has told.
func TestExplain_retryAt(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(time.Minute)
	got := imbot.Explain(fmt.Errorf("x: %w", &imbot.APIError{StatusCode: http.StatusTooManyRequests, Code: imbot.ErrOperationTimeLimit, RetryAt: at}))
	assert.True(t, got.Temporary)
	assert.Equal(t, at, got.RetryAt)

	got = imbot.Explain(&imbot.APIError{StatusCode: http.StatusServiceUnavailable, RetryAt: at})
	assert.Equal(t, imbot.Explain(imbot.ErrOutcomeUnknown), got, "an unknown outcome is no matter of time")
}

// ownError explains itself, as a program's own may.
type ownError struct{ unknown bool }

func (ownError) Error() string { return "x" }

func (ownError) Advice() imbot.Advice { return imbot.Advice{Meaning: "mine"} }

func (e ownError) Is(target error) bool { return e.unknown && target == imbot.ErrOutcomeUnknown }

// What explains itself does, unless it hides that an outcome is unknown.
func TestExplain_others(t *testing.T) {
	t.Parallel()
	mine, lost := imbot.Advice{Meaning: "mine"}, imbot.Explain(imbot.ErrOutcomeUnknown)
	tests := map[string]struct {
		err  error
		want imbot.Advice
	}{
		"nil":                         {nil, imbot.Advice{}},
		"itself":                      {fmt.Errorf("x: %w", ownError{}), mine},
		"beside a refusal":            {errors.Join(&imbot.APIError{Code: imbot.ErrAccess, StatusCode: http.StatusForbidden}, ownError{}), mine},
		"beside a lost answer":        {errors.Join(ownError{}, imbot.ErrOutcomeUnknown), lost},
		"itself, lost":                {ownError{unknown: true}, mine},
		"a lost answer of OAuth":      {&oauth.Error{StatusCode: http.StatusBadGateway}, imbot.Advice{Meaning: "the answer of the OAuth server was lost, and the code or refresh token may be used up", Action: "try again; if the server refuses it as used, authorize the application again"}},
		"another name of OAuth":       {&oauth.Error{StatusCode: http.StatusBadRequest, Code: "NOT_INSTALLED"}, imbot.Explain(imbot.ErrApplicationNotFound)},
		"an unknown code of OAuth":    {&oauth.Error{StatusCode: http.StatusBadRequest, Code: "new_code"}, imbot.Advice{Meaning: "the OAuth server refused, for a reason that this library does not know", Action: "read the code and the text of the error"}},
		"a callback, lost":            {&events.CallbackError{Err: imbot.ErrOutcomeUnknown}, lost},
		"a mistake is not temporary":  {&imbot.ParamError{Err: imbot.ErrQueryLimitExceeded}, withoutHope(imbot.Explain(imbot.ErrQueryLimitExceeded))},
		"a chat out of sight":         {&imbot.APIError{Method: "imbot.dialog.get", Code: "access_error"}, imbot.Advice{Meaning: "the user of the webhook or token is not in the chat, or there is no such chat", Action: "check the id of the chat, or use the webhook or token of somebody who is in it"}},
		"canceled":                    {context.Canceled, imbot.Advice{Meaning: "the program gave the call up", Action: "nothing"}},
		"out of time":                 {context.DeadlineExceeded, imbot.Advice{Meaning: "there was no time left for the call", Action: "give it more time", Temporary: true}},
		"no such host":                {&net.DNSError{}, imbot.Advice{Meaning: "there was no connection, so nothing was sent", Action: "check the address and the network, or try again later", Temporary: true}},
		"a certificate":               {x509.UnknownAuthorityError{}, imbot.Advice{Meaning: "the certificate of the server is not trusted, so nothing was sent", Action: "check the address, the clock and the certificates of this machine"}},
		"of a sentinel of a program":  {fmt.Errorf("x: %w", imbot.NewError("y", mine)), mine},
		"a connection that broke off": {&net.OpError{Op: "read", Err: errors.New("reset")}, fallback},
	}
	for name, test := range tests {
		assert.Equal(t, test.want, imbot.Explain(test.err), name)
	}
}

// brokenError panics when it is asked for its advice, which a nil pointer to it does as well.
type brokenError struct{ advice imbot.Advice }

func (*brokenError) Error() string { return "x" }

func (e *brokenError) Advice() imbot.Advice { return e.advice }

// hostileError panics whatever it is asked.
type hostileError struct{}

func (hostileError) Error() string { panic("of Error") }

func (hostileError) Is(error) bool { panic("of Is") }

func (hostileError) As(any) bool { panic("of As") }

func (hostileError) Unwrap() error { panic("of Unwrap") }

// An error that cannot even be asked ends no program that only wants it explained.
func TestExplain_broken(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a nil APIError":     (*imbot.APIError)(nil),
		"a nil ParamError":   (*imbot.ParamError)(nil),
		"a nil one, wrapped": fmt.Errorf("x: %w", errors.Join(errors.New("y"), (*imbot.APIError)(nil))),
		"a nil advice":       (*brokenError)(nil),
		"hostile":            hostileError{},
		"hostile, wrapped":   fmt.Errorf("x: %w", hostileError{}),
	} {
		assert.Contains(t, imbot.Explain(err).Meaning, "the error cannot be read", name)
	}
	many := make([]error, 100_000)
	var deep error = imbot.ErrAccess
	for i := range many {
		many[i] = errors.New("x")
		deep = errors.Join(deep)
	}
	assert.Equal(t, fallback, imbot.Explain(errors.Join(many...)))
	assert.Equal(t, imbot.Explain(imbot.ErrAccess), imbot.Explain(deep))
}

func withoutHope(a imbot.Advice) imbot.Advice {
	a.Temporary = false
	return a
}

var (
	tableRow = regexp.MustCompile("(?m)^\\| (`[^|]*) \\| ([^|]*) \\| ([^|]*) \\|$")
	ticked   = regexp.MustCompile("`([^`]+)`")
	codeCall = regexp.MustCompile(`^imbot\.Code\("(\w+)"\)$`)
)

var refusalCode = regexp.MustCompile(`\{Code: +"(\w+)",.* Means: `)

// Codes that the methods know situations of are known by themselves, too.
func TestExplain_codesOfRefusals(t *testing.T) {
	t.Parallel()
	unknown := imbot.Explain(imbot.Code("NEVER_HEARD_OF"))
	found := 0
	for _, folder := range []string{".", "imbotv2"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			code, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, named := range refusalCode.FindAllStringSubmatch(string(code), -1) {
				assert.NotEqual(t, unknown, imbot.Explain(imbot.Code(named[1])), named[1])
				found++
			}
		}
	}
	assert.GreaterOrEqual(t, found, 10)
}

// README's table of errors says what Explain does.
func TestExplain_isTheTableOfREADME(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n| `errors.Is(err, …)` |")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n\n")
	codes, err := docs.Errors("../..")
	require.NoError(t, err)
	var names []string
	for _, row := range tableRow.FindAllStringSubmatch(section, -1) {
		for _, name := range ticked.FindAllStringSubmatch(row[1], -1) {
			if name[1] == `imbot.Code("ANY_OTHER")` {
				continue
			}
			failed := explained["imbot."+name[1]]
			if code := codes[name[1]]; code != "" {
				failed = imbot.Code(code)
			} else if quoted := codeCall.FindStringSubmatch(name[1]); quoted != nil {
				failed = imbot.Code(quoted[1])
			}
			require.Error(t, failed, name[1])
			want := imbot.Explain(failed)
			plain := func(cell string) string { return strings.ReplaceAll(cell, "`", "") }
			assert.Equal(t, want.Meaning, plain(row[2]), name[1])
			assert.Equal(t, want.Action, plain(row[3]), name[1])
			names = append(names, name[1])
		}
	}
	for _, name := range []string{"ErrStillInChat", "ErrOutcomeUnknown", "ErrOperationTimeLimit"} {
		assert.True(t, slices.Contains(names, name), name)
	}
}
