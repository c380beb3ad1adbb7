package eventqueue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
)

const (
	// kindLeaves is the kind of a message that is no event.
	kindLeaves = "leaves"
	// mostLeaves is how many chats are kept in one piece, which is what a batch may have.
	mostLeaves = 50
	// restOfLeaves is the version of the form in which they are kept.
	restOfLeaves = 1
)

// Leaves are chats that bots of a portal are to leave: a piece of what [Queue.PutLeave] has kept.
type Leaves struct {
	MemberID string                   // the portal
	Requests []imbot.ChatLeaveRequest // 1 to 50, without a ClientID
}

// LeavesCallback leaves chats. It may be called more than once for a piece, so what it does must be harmless to repeat,
// as imbot.ChatService.EnsureLeft and LeaveAll are. [ForClients] makes one.
//
// An error has the piece repeated, and after a [*LeavesError] only what that names. ctx is as for a [Callback].
type LeavesCallback = func(ctx context.Context, leaves Leaves) error

// LeavesError is the error of a [LeavesCallback] that has left some of the chats: the others are in Failed.
type LeavesError struct {
	Failed []imbot.LeaveResult // at least one
}

// Error tells how many chats were not left, and the first of the errors.
func (e *LeavesError) Error() string {
	if len(e.Failed) == 0 {
		return "eventqueue: chats were not left"
	}
	return fmt.Sprintf("eventqueue: chats that were not left: %d; the first one: %v", len(e.Failed), e.Failed[0].Err)
}

// Unwrap returns the errors of Failed.
func (e *LeavesError) Unwrap() []error {
	all := make([]error, 0, len(e.Failed))
	for _, result := range e.Failed {
		all = append(all, result.Err)
	}
	return all
}

// leavesAtRest is how leaves are kept.
type leavesAtRest struct {
	Version  int          `json:"v"`
	MemberID string       `json:"member"`
	Chats    []chatAtRest `json:"chats"`
}

type chatAtRest struct {
	ChatID imbot.ChatID `json:"chat"`
	BotID  imbot.BotID  `json:"bot,omitempty"`
}

// PutLeave keeps chats of a portal that bots are to leave, for the callback of [WithLeaves]. Nil says that all are kept.
// Then each is worked on at least once, in pieces of at most 50 chats, after the events of the portal that were put
// before and before those that are put later. A piece that is done is not begun again; one during which the process
// died is, as a whole. What cannot be done becomes a dead letter, as an event does.
//
// memberID is the portal, as that of events.Event. A request with a ClientID is a mistake, as no secret is kept: the
// client that leaves has it (imbot.WithClientID). Mistakes are a [*imbot.ParamError], and nothing is kept then. After
// another error a part may be kept, and PutLeave can be called again. ctx bounds it, and 5 s for each piece do where ctx
// has no deadline.
//
// The pieces of a portal are worked on one after the other. Where hundreds of thousands of chats are to be left fast,
// imbot.ChatService.LeaveAll over all of them takes fewer minutes, and has to begin anew after a death of the process.
func (q *Queue) PutLeave(ctx context.Context, memberID string, reqs ...imbot.ChatLeaveRequest) error {
	var problems []error
	if memberID == "" || !utf8.ValidString(memberID) {
		problems = append(problems, &imbot.ParamError{Param: "memberID", Err: errors.New("is not the id of a portal")})
	}
	for i, req := range reqs {
		if err := imbot.MethodChatLeave.Validate(req); err != nil {
			problems = append(problems, fmt.Errorf("request %d: %w", i+1, err))
		}
		if req.ClientID != "" {
			problems = append(problems, &imbot.ParamError{Param: fmt.Sprintf("CLIENT_ID of request %d", i+1), Err: errors.New("is a secret, and is not kept")})
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for piece := range slices.Chunk(reqs, mostLeaves) {
		data, err := keepLeaves(memberID, piece)
		if err != nil {
			return err
		}
		id := "leaves-" + rand.Text() // whoever wants a chat left again means it
		msg := q.message(memberID, id, data)
		msg.Header.Set(headerKind, kindLeaves)
		if err := q.publish(ctx, msg, id); err != nil {
			return err
		}
	}
	return nil
}

func keepLeaves(memberID string, reqs []imbot.ChatLeaveRequest) ([]byte, error) {
	rest := leavesAtRest{Version: restOfLeaves, MemberID: memberID}
	for _, req := range reqs {
		rest.Chats = append(rest.Chats, chatAtRest{req.ChatID, req.BotID})
	}
	data, err := json.Marshal(rest)
	if err != nil {
		return nil, fmt.Errorf("eventqueue: %w", err)
	}
	return data, nil
}

var errNotLeaves = errors.New("eventqueue: what was kept is not chats to leave of this version")

func readLeaves(data []byte) (*Leaves, error) {
	var rest leavesAtRest
	if err := json.Unmarshal(data, &rest); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotLeaves, err)
	}
	if rest.Version != restOfLeaves {
		return nil, fmt.Errorf("%w: their version is %d, and not %d", errNotLeaves, rest.Version, restOfLeaves)
	}
	leaves := &Leaves{MemberID: rest.MemberID}
	for _, chat := range rest.Chats {
		leaves.Requests = append(leaves.Requests, imbot.ChatLeaveRequest{ChatID: chat.ChatID, BotID: chat.BotID})
	}
	return leaves, nil
}

// WithLeaves has callback called for what [Queue.PutLeave] has kept. It is called between the events of the portal, and
// counts as one of them for [WithConcurrency], [WithMaxDeliver] and [WithGrace]. Without it such a piece becomes a dead
// letter at once, so each replica that works needs it.
func WithLeaves(callback LeavesCallback) WorkOption {
	return func(c *workConfig) error {
		if callback == nil {
			return &imbot.ParamError{Param: "WithLeaves", Err: errNil}
		}
		c.onLeaves = callback
		return nil
	}
}

// ForClients returns a callback that leaves chats by imbot.ChatService.LeaveAll, with the client that the function has
// for the portal, as portals.Registry.Client is one. What is left is not begun again; what failed is, until it becomes
// a dead letter. A nil function or client makes all fail with a [*imbot.ParamError].
func ForClients(client func(ctx context.Context, memberID string) (*imbot.Client, error)) LeavesCallback {
	return func(ctx context.Context, leaves Leaves) error {
		if client == nil {
			return &imbot.ParamError{Param: "client", Err: errNil}
		}
		c, err := client(ctx, leaves.MemberID)
		if err != nil {
			return fmt.Errorf("eventqueue: no client: %w", err)
		}
		if c == nil {
			return &imbot.ParamError{Param: "client", Err: errNil}
		}
		var failed []imbot.LeaveResult
		for result := range c.Chat.LeaveAll(ctx, slices.Values(leaves.Requests)) {
			if result.Err != nil {
				failed = append(failed, result)
			}
		}
		if len(failed) > 0 {
			return &LeavesError{Failed: failed}
		}
		return nil
	}
}
