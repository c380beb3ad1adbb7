package imbotv2

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"

	"github.com/seed-a6e4e5a4/imbot"
)

// uuidForm matches the UUIDs that a portal knows a message by: those of version 4, in lower case.
var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// isRepeatable reports whether the portal sends a message once, however often it is asked to. Of a system message it
// does not look at the UUID, and copies of other messages have UUIDs of their own.
func (f *MessageSendFields) isRepeatable() bool {
	return uuidForm.MatchString(f.TemplateID) && (f.System == nil || !*f.System) && len(f.ForwardIDs) == 0
}

// methodSendOnce is [MethodMessageSend] for a message that is repeatable.
var methodSendOnce = func() imbot.Method[MessageSendRequest, MessageSendResult] {
	m := MethodMessageSend
	m.Idempotent = true
	return m
}()

// sendOnce sends a message that is repeatable.
func sendOnce(ctx context.Context, client *imbot.Client, req MessageSendRequest) (*MessageSendResponse, error) {
	response, err := imbot.Call(ctx, client, methodSendOnce, req)
	if errors.Is(err, imbot.ErrUnexpectedResult) && !errors.Is(err, imbot.ErrOutcomeUnknown) {
		err = &sentError{err}
	}
	return response, err
}

// sentError is an answer that does not tell whether there is a message now. Of a method that is repeatable, an error like
// that leaves nothing open as a rule, but who sends the message anew takes another UUID for it.
type sentError struct{ error }

func (e *sentError) Unwrap() error { return e.error }

func (e *sentError) Is(target error) bool { return target == imbot.ErrOutcomeUnknown }

// newUUID returns a UUID of version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // which never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
