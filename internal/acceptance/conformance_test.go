package acceptance_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// conformanceCase is a recorded or derived answer, with what a correct client makes of it.
type conformanceCase struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Request struct {
		Method string         `json:"method"`
		Params map[string]any `json:"params"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
		BodyRaw *string           `json:"body_raw"`
	} `json:"response"`
	Want struct {
		Kind  string     `json:"kind"`
		Code  imbot.Code `json:"code"`
		Class string     `json:"class"`
		Retry string     `json:"retry"`
	} `json:"want"`
}

func (c *conformanceCase) body() string {
	if c.Response.BodyRaw != nil {
		return *c.Response.BodyRaw
	}
	return string(c.Response.Body)
}

// ofSingleCalls reports whether a case is the answer to one call of a method.
func (c *conformanceCase) ofSingleCalls() bool {
	group, _, _ := strings.Cut(c.Group, " ")
	return slices.Contains([]string{"1", "2", "3", "5", "6"}, group)
}

// ofLeave reports whether a case is an answer that imbot.chat.leave can have.
func (c *conformanceCase) ofLeave() bool { return c.Request.Method == "imbot.chat.leave" }

func conformanceCases(t testing.TB) []conformanceCase {
	t.Helper()
	var cases []conformanceCase
	for _, file := range testdataIn(t, "conformance") {
		var c conformanceCase
		require.NoError(t, json.Unmarshal([]byte(testdata(t, file)), &c), file)
		cases = append(cases, c)
	}
	return cases
}

// playedBy names the test that plays the cases of each group, and says how many there are.
var playedBy = map[string]struct {
	test  string
	cases int
}{
	"1": {"TestConformance_singleCalls", 13}, // and TestConformance_typedMethods
	"2": {"TestConformance_singleCalls", 15}, // likewise
	"3": {"TestConformance_singleCalls", 14},
	"4": {"TestConformance of oauth", 6},
	"5": {"TestConformance_singleCalls", 10},
	"6": {"TestConformance_singleCalls", 6},
	"7": {"TestConformance_batches", 10},
	"8": {"TestConformance_handler of events", 3},
}

// Each case that is there is played, and none is lost: the tests of the groups count what they play.
func TestConformance_everyCaseHasATest(t *testing.T) {
	t.Parallel()
	counted := map[string]int{}
	for _, c := range conformanceCases(t) {
		group, _, _ := strings.Cut(c.Group, " ")
		assert.NotEmpty(t, playedBy[group].test, "%s is of a group that no test plays", c.Name)
		counted[group]++
	}
	total := 0
	for group, played := range playedBy {
		assert.Equal(t, played.cases, counted[group], group)
		total += counted[group]
	}
	assert.Equal(t, 77, total)
}

// sentinelOf has the sentinels behind the classes that the cases name, where there is more to ask for than the code.
var sentinelOf = map[string]error{
	"wrong_request":     nil, // means something else in each method: see below
	"client_id_missing": nil,
	"not_left":          imbot.ErrUnexpectedResult,
	"not_found":         imbot.ErrUnexpectedResult,
	"bot_not_found":     imbot.ErrBotID,
	"wrong_app":         imbot.ErrAppID,
	"auth_expired":      imbot.ErrExpiredToken,
	"scope":             imbot.ErrInsufficientScope,
	"payment":           imbot.ErrPaymentRequired,
	"method_not_found":  imbot.ErrMethodNotFound,
	"portal_gone":       imbot.ErrPortalDeleted,
	"config":            imbot.ErrInvalidRequest,
	"rate_limit":        imbot.ErrQueryLimitExceeded,
	"operating_limit":   imbot.ErrOperationTimeLimit,
	"overload":          imbot.ErrOverloadLimit,
	"plan":              imbot.ErrAccessDenied,
}

// situationOf has the situations that single cases stand for.
var situationOf = map[string]error{
	"leave_general_chat":           imbot.ErrActionUnavailable,
	"leave_forbidden_by_chat_type": imbot.ErrUserDeleteForbidden,
	"leave_owner_documented_text":  imbot.ErrLeaveOwnerForbidden,
	"leave_owner_localized_text":   imbot.ErrAccess,
	"leave_not_member":             imbot.ErrNotInChat,
	"webhook_without_client_id":    imbot.ErrClientIDMissing,
}

// currentForms are the cases that servers of today answer otherwise than the documentation says.
var currentForms = map[string]struct {
	code, description string
	means             error
}{
	"leave_owner_documented_text": {"LEAVE_OWNER_FORBIDDEN", "Владелец не может выйти из чата", imbot.ErrLeaveOwnerForbidden},
	"leave_owner_localized_text":  {"LEAVE_OWNER_FORBIDDEN", "Владелец не может покинуть чат", imbot.ErrLeaveOwnerForbidden},
	"leave_not_member":            {"ACCESS_DENIED_KICK", "Access denied to kick user from chat", imbot.ErrNotInChat},
}

// requestsOf is how often a call is sent, by what the case says of repeats, to a portal that always answers so.
func requestsOf(c conformanceCase, reads bool) int {
	switch {
	case c.Want.Class == "operating_limit":
		return 1 // the end of the block is unknown
	case c.Want.Retry == "delay", c.Want.Retry == "verify" && reads:
		return 4
	default:
		return 1
	}
}

func TestConformance_singleCalls(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, c := range conformanceCases(t) {
		if !c.ofSingleCalls() {
			continue
		}
		tested++
		for _, wire := range []string{"documented", "current"} {
			for _, reads := range []bool{false, true} {
				name := c.Name + "/" + wire
				if reads {
					name += "/read"
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { playCase(t, c, wire, reads) })
				})
			}
		}
	}
	assert.Equal(t, 58, tested)
}

// playCase makes the call of a case to a portal that gives its answer.
func playCase(t *testing.T, c conformanceCase, wire string, reads bool) {
	portal := imbottest.Start()
	defer portal.Close()
	answer := imbottest.Raw(c.Response.Status, c.Response.Headers["Content-Type"], c.body())
	means := situationOf[c.Name]
	code := c.Want.Code
	if current, ok := currentForms[c.Name]; ok && wire == "current" {
		answer = imbottest.Refuse(c.Response.Status, current.code, current.description)
		means, code = current.means, imbot.Code(current.code)
	}
	if location := c.Response.Headers["Location"]; location != "" {
		portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.RedirectTo(location) })
	} else {
		portal.On(c.Request.Method, answer)
	}

	err := callCase(t, portal.Client(), c, reads)

	assert.Len(t, portal.Calls(), requestsOf(c, reads))
	if c.Want.Kind == "success" {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	assert.Equal(t, c.Want.Retry == "verify", errors.Is(err, imbot.ErrOutcomeUnknown), "unknown where it has to be verified, and nowhere else")
	if code != "" {
		require.ErrorIs(t, err, code)
	}
	if sentinel := sentinelOf[c.Want.Class]; sentinel != nil {
		require.ErrorIs(t, err, sentinel)
	}
	if means != nil && c.ofLeave() && !reads {
		require.ErrorIs(t, err, means)
	}
	var apiErr *imbot.APIError
	var redirect *imbot.RedirectError
	switch c.Want.Class {
	case "not_left", "not_found":
	case "redirect":
		require.ErrorAs(t, err, &redirect)
		assert.NotEmpty(t, redirect.Host)
	default:
		require.ErrorAs(t, err, &apiErr)
		assert.Equal(t, c.Response.Status, apiErr.StatusCode)
		assert.Equal(t, code, apiErr.Code)
	}
}

// callCase calls imbot.chat.leave by its own method, and others, or what is to be taken for a read, as a user would
// who declares them.
func callCase(t *testing.T, client *imbot.Client, c conformanceCase, reads bool) error {
	t.Helper()
	reads = reads || c.Want.Class == "not_found" // a method that looks something up
	if c.ofLeave() && !reads {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		return err
	}
	if c.Want.Kind != "success" && !c.ofLeave() || reads {
		_, err := imbot.Call(t.Context(), client, imbot.Method[map[string]any, int64]{Name: c.Request.Method, Idempotent: reads}, c.Request.Params)
		if c.Want.Kind == "success" && errors.Is(err, imbot.ErrUnexpectedResult) {
			return nil // the answer was taken for a success; its type is that of another method
		}
		return err
	}
	_, err := imbot.Call(t.Context(), client, imbot.Method[map[string]any, json.RawMessage]{Name: c.Request.Method}, c.Request.Params)
	return err
}

// The wrong request of another method is not taken for a bot that is not in the chat.
func TestConformance_situationsAreOfTheirMethod(t *testing.T) {
	t.Parallel()
	for _, c := range conformanceCases(t) {
		if c.Name != "set_owner_not_owner" {
			continue
		}
		portal := imbottest.NewPortal(t)
		portal.On(c.Request.Method, imbottest.Raw(c.Response.Status, "application/json", c.body()))

		_, err := imbot.Call(t.Context(), portal.Client(), imbot.Method[map[string]any, bool]{Name: c.Request.Method}, c.Request.Params)

		clienttest.MatchesOnly(t, err, imbot.ErrWrongRequest)
		return
	}
	t.Fatal("the case is gone")
}
