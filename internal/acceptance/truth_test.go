package acceptance_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// misfortunes are what goes wrong with a third of all requests. A few of them are about the way there, the others
// about the way back.
var misfortunes = []imbottest.Fault{
	imbottest.LoseBefore(), imbottest.LoseAfter(),
	imbottest.HTML(502), imbottest.HTMLAfter(504), imbottest.HTML(200), imbottest.HTMLAfter(200), imbottest.HTML(403),
	imbottest.Truncate(5), imbottest.WrongLength(), imbottest.CutJSON(7),
	imbottest.SlowBefore(2 * time.Hour), imbottest.SlowAfter(2 * time.Hour),
	imbottest.RefuseDial(),
	imbottest.Inside200("QUERY_LIMIT_EXCEEDED", "Too many requests"), imbottest.Inside200("INTERNAL_SERVER_ERROR", ""),
	imbottest.RedirectTo("https://untrusted.invalid/rest/"),
}

var kinds = []imbottest.Kind{
	imbottest.Group, imbottest.OpenChat, imbottest.General, imbottest.GeneralChannel, imbottest.Workgroup, imbottest.CallChat,
	imbottest.Support, imbottest.Network, imbottest.CRM, imbottest.OpenLine, imbottest.Copilot, imbottest.ExternalTask,
}

const (
	chatsPerWorld = 40
	truthBot      = imbottest.BotMain
)

// world is a portal with chats of every kind, on which a third of all requests meets a misfortune, and a client.
type world struct {
	portal *imbottest.Portal
	client *imbot.Client
	old    bool // the portal answers an owner who may not leave like a stranger

	mu       sync.Mutex
	attempts []imbot.Attempt
}

func (w *world) checkLeave(rt *rapid.T, id imbot.ChatID, wasIn bool, err error) {
	in := w.portal.Has(id, truthBot)
	for i, attempt := range w.attempts {
		if errors.Is(attempt.Err, imbot.ErrOutcomeUnknown) && i != len(w.attempts)-1 {
			rt.Fatalf("chat %d: another request after an unknown outcome: %v", id, attempt.Err)
		}
	}
	switch {
	case err == nil && (in || !wasIn):
		rt.Fatalf("chat %d: done, it says, but the bot was in: %v, is in: %v", id, wasIn, in)
	case err != nil && !errors.Is(err, imbot.ErrOutcomeUnknown) && in != wasIn:
		rt.Fatalf("chat %d: nothing was done, it says (%v), but the bot was in: %v, is in: %v", id, err, wasIn, in)
	case errors.Is(err, imbot.ErrNotInChat) && wasIn && !w.old:
		rt.Fatalf("chat %d: not in the chat, it says (%v)", id, err)
	}
}

func (w *world) checkEnsureLeft(rt *rapid.T, id imbot.ChatID, wasIn bool, outcome imbot.LeaveOutcome, err error) {
	in := w.portal.Has(id, truthBot)
	said := func(what string) {
		rt.Fatalf("chat %d: %s: %+v, %v; was in: %v, is in: %v", id, what, outcome, err, wasIn, in)
	}
	switch outcome.State {
	case imbot.Left:
		if in || !wasIn || w.portal.Removals(id) != 1 {
			said("did not leave by this call")
		}
	case imbot.AlreadyOut:
		if wasIn && (outcome.Verified || !w.old) {
			said("was not out already")
		}
	case imbot.Out:
		if in && (outcome.Verified || !w.old) {
			said("is not out")
		}
	default:
		if err == nil {
			said("neither a state nor an error")
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, imbot.ErrOutcomeUnknown) && errors.Is(err, imbot.ErrNotExecuted):
		said("both unknown and not executed")
	case outcome.State != "":
		said("both a state and an error")
	case errors.Is(err, imbot.ErrStillInChat):
		if !in {
			said("is not in the chat")
		}
	case !errors.Is(err, imbot.ErrOutcomeUnknown) && in != wasIn:
		said("something was done")
	}
}

func newWorld(rt *rapid.T) *world {
	wire := rapid.SampledFrom([]imbottest.Wire{imbottest.Current, imbottest.Documented}).Draw(rt, "wire")
	opts := []imbottest.Option{
		imbottest.Empty(), imbottest.WithWire(wire), imbottest.CostTakesTime(),
		imbottest.WithCost(imbottest.ConstantCost(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "cost")) * time.Millisecond)),
	}
	w := &world{portal: imbottest.Start(opts...), old: rapid.Bool().Draw(rt, "old")}
	w.portal.AddBot(imbottest.Bot{ID: truthBot, Code: "truth", ClientID: imbottest.ClientID})
	for id := range chatsPerWorld {
		chat := imbottest.Chat{
			ID:      imbot.ChatID(id + 1),
			Kind:    rapid.SampledFrom(kinds).Draw(rt, "kind"),
			Owner:   rapid.SampledFrom([]imbot.UserID{imbottest.Employee, imbot.UserID(truthBot)}).Draw(rt, "owner"),
			Members: []imbot.UserID{imbottest.Employee},
		}
		if rapid.IntRange(0, 3).Draw(rt, "in") > 0 {
			chat.Members = append(chat.Members, imbot.UserID(truthBot))
		}
		w.portal.AddChat(chat)
	}
	seed := rapid.Uint64().Draw(rt, "luck")
	luck := rand.New(rand.NewPCG(seed, seed))
	w.portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		w.mu.Lock() // several batches come at once
		defer w.mu.Unlock()
		if luck.IntN(3) > 0 {
			return imbottest.NoFault()
		}
		return misfortunes[luck.IntN(len(misfortunes))]
	})
	transport := w.portal.RoundTripper()
	if w.old {
		transport = oldPortal{transport}
	}
	client, err := imbot.NewClient(imbot.Webhook(w.portal.WebhookURL()),
		clienttest.Over(transport),
		imbot.WithClientID(imbottest.ClientID),
		imbot.WithObserver(func(_ context.Context, a imbot.Attempt) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.attempts = append(w.attempts, a)
		}))
	if err != nil {
		rt.Fatal(err)
	}
	w.client = client
	return w
}

// ownerStays matches the answer of a command to an owner who may not leave.
var ownerStays = regexp.MustCompile(`\{"error":"(LEAVE_OWNER_FORBIDDEN","error_description":"[^"]*|ACCESS_ERROR","error_description":"LEAVE_OWNER_FORBIDDEN)"\}`)

// oldPortal answers an owner who may not leave as older portals do, with WRONG_REQUEST.
type oldPortal struct{ next http.RoundTripper }

func (o oldPortal) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := o.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, cut := io.ReadAll(resp.Body)
	if cut != nil {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failingReader{cut}))
		return resp, nil //nolint:nilerr // whoever reads the body meets it
	}
	if isBatch := strings.HasSuffix(req.URL.Path, "/batch"); isBatch {
		body = ownerStays.ReplaceAll(body, []byte(`{"error":"WRONG_REQUEST","error_description":""}`))
	} else if bytes.Contains(body, []byte("LEAVE_OWNER_FORBIDDEN")) {
		resp.StatusCode = http.StatusBadRequest
		body = []byte(`{"error":"WRONG_REQUEST","error_description":"You don't have access or user isn't member in chat"}`)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// What EnsureLeft reports of a chat, with and without a bot's id and in both generations, and what Leave reports is
// true of it. No bot is removed twice.
func TestTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			w := newWorld(rt)
			defer w.portal.Close()
			v2 := imbotv2.New(w.client).As(imbotv2.Identity{BotID: truthBot})
			for id := imbot.ChatID(1); id <= chatsPerWorld; id++ {
				wasIn := w.portal.Has(id, truthBot)
				req := imbot.ChatLeaveRequest{ChatID: id, BotID: truthBot}
				w.attempts = nil
				call := rapid.IntRange(0, 5).Draw(rt, "call")
				switch call {
				case 0:
					_, err := w.client.Chat.Leave(t.Context(), req)
					w.checkLeave(rt, id, wasIn, err)
				case 1:
					_, err := v2.Chat.Leave(t.Context(), imbotv2.ChatLeaveRequest{DialogID: id.DialogID()})
					w.checkLeave(rt, id, wasIn, err)
				case 2:
					req.BotID = 0
					outcome, err := w.client.Chat.EnsureLeft(t.Context(), req)
					w.checkEnsureLeft(rt, id, wasIn, outcome, err)
				default:
					ensureLeft := func() (imbot.LeaveOutcome, error) { return w.client.Chat.EnsureLeft(t.Context(), req) }
					if call == 3 {
						ensureLeft = func() (imbot.LeaveOutcome, error) {
							return v2.Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{DialogID: id.DialogID()})
						}
					}
					outcome, err := ensureLeft()
					w.checkEnsureLeft(rt, id, wasIn, outcome, err)
					if err == nil && outcome.State != imbot.Left && !outcome.Verified {
						rt.Fatalf("chat %d: %+v was not verified", id, outcome)
					}
				}
				if removals := w.portal.Removals(id); removals > 1 {
					rt.Fatalf("chat %d: %d removals", id, removals)
				}
			}
		})
	})
}

// The same holds for all of them at once, where a third of all batches meets a misfortune.
func TestTruth_leaveAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			w := newWorld(rt)
			defer w.portal.Close()
			noBot := rapid.Bool().Draw(rt, "without a bot")
			leaveAllTruly(rt, w, !noBot, func(id imbot.ChatID) imbot.ChatLeaveRequest {
				if noBot {
					return imbot.ChatLeaveRequest{ChatID: id}
				}
				return imbot.ChatLeaveRequest{ChatID: id, BotID: truthBot}
			}, func(reqs iter.Seq[imbot.ChatLeaveRequest], opts ...imbot.LeaveAllOption) iter.Seq[imbot.LeaveResult] {
				return w.client.Chat.LeaveAll(t.Context(), reqs, opts...)
			})
		})
	})
}

func TestTruth_leaveAllV2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			w := newWorld(rt)
			defer w.portal.Close()
			v2 := imbotv2.New(w.client).As(imbotv2.Identity{BotID: truthBot})
			leaveAllTruly(rt, w, true, func(id imbot.ChatID) imbotv2.ChatLeaveRequest {
				return imbotv2.ChatLeaveRequest{BotID: truthBot, DialogID: id.DialogID()}
			}, func(reqs iter.Seq[imbotv2.ChatLeaveRequest], opts ...imbot.LeaveAllOption) iter.Seq[imbotv2.LeaveResult] {
				return v2.Chat.LeaveAll(t.Context(), reqs, opts...)
			})
		})
	})
}

// leaveAllTruly leaves all chats of a world, and checks what is reported. verifies tells that the requests name a bot.
func leaveAllTruly[Req any](
	rt *rapid.T, w *world, verifies bool, request func(imbot.ChatID) Req, leaveAll func(iter.Seq[Req], ...imbot.LeaveAllOption) iter.Seq[imbot.LeaveResultOf[Req]],
) {
	var reqs []Req
	wasIn := map[imbot.ChatID]bool{}
	for id := imbot.ChatID(1); id <= chatsPerWorld; id++ {
		reqs, wasIn[id] = append(reqs, request(id)), w.portal.Has(id, truthBot)
	}
	size := rapid.IntRange(1, 50).Draw(rt, "size")
	stopAfter := rapid.IntRange(1, 3*chatsPerWorld).Draw(rt, "stop after")
	seen := 0
	check := func(result imbot.LeaveResultOf[Req]) {
		id := imbot.ChatID(seen + 1)
		if seen++; !reflect.DeepEqual(result.Request, request(id)) {
			rt.Fatalf("%+v is number %d", result.Request, seen)
		}
		w.checkEnsureLeft(rt, id, wasIn[id], result.Outcome, result.Err)
		if result.Err == nil && result.Outcome.State != imbot.Left && verifies && !result.Outcome.Verified {
			rt.Fatalf("chat %d: %+v was not verified", id, result.Outcome)
		}
		if errors.Is(result.Err, imbot.ErrNotExecuted) && !errors.Is(result.Err, imbot.ErrOutcomeUnknown) && w.portal.Removals(id) > 0 {
			rt.Fatalf("chat %d: not executed, it says (%v)", id, result.Err)
		}
	}
	for result := range leaveAll(slices.Values(reqs), imbot.WithBatchSize(size), imbot.WithUnreported(check)) {
		if check(result); seen == stopAfter {
			break
		}
	}
	if stopAfter >= chatsPerWorld && seen != chatsPerWorld {
		rt.Fatalf("%d of %d chats have a result", seen, chatsPerWorld)
	}
	for id := range wasIn {
		if removals := w.portal.Removals(id); removals > 1 {
			rt.Fatalf("chat %d: %d removals", id, removals)
		}
	}
}

// inBubble runs f on a fake clock. rapid ends a check by a panic, which has to come to the goroutine it began in.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	var panicked any
	synctest.Test(t, func(t *testing.T) {
		defer func() { panicked = recover() }()
		f(t)
	})
	if panicked != nil {
		panic(panicked)
	}
}
