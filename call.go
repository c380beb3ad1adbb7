package imbot

import (
	"context"
	"encoding/json"
	"time"
)

// Call calls a REST method and returns its result. The typed methods of the services are one line over it. Its error is
//
//   - a [*ParamError]: the request cannot be right; nothing was sent
//   - an [*APIError]: the portal, or something before it, refused or failed
//   - a [*RedirectError]: the portal is at another address; nothing was executed
//   - one that matches [ErrUnexpectedResult]: the result is not what the method documents
//   - one that matches [ErrOutcomeUnknown], beside any of these or alone: the portal may have acted
//   - anything else: nothing was sent, for the reason in the chain, such as [context.Canceled] or a refused connection
func Call[Req, Res any](ctx context.Context, c *Client, m Method[Req, Res], req Req) (*Response[Res], error) {
	response, _, err := m.call(ctx, c, req, callOptions{})
	return response, err
}

// call makes a call, and tells those who want to know of it. What was sent is nil where the request cannot be right.
func (m Method[Req, Res]) call(ctx context.Context, c *Client, req Req, opts callOptions) (response *Response[Res], sent *calling, err error) {
	var got answer
	returned := false
	if t := c.newTrace(CallInfo{Method: m.Name, Idempotent: m.Idempotent}); t != nil {
		defer func() {
			ended := CallResult{Err: err, HasOperating: got.time.HasOperating, Operating: got.time.Operating}
			if sent != nil {
				ended.Attempts, ended.Wait = sent.requests, sent.waited
			}
			if !returned {
				ended.Err = unreturned(m.Name, ended.Attempts)
			}
			t.end(ended)
		}()
		ctx = t.begin(ctx)
	}
	call, err := m.prepare(c, req)
	if err != nil {
		returned = true
		return nil, nil, err
	}
	sent = c.newCalling(call, opts)
	if got, err = sent.send(ctx); err == nil {
		response, err = m.decode(got)
	}
	if !opts.ofGoal && !isGivenUp(ctx, m.Idempotent) {
		c.logUnknown(ctx, m.Name, sent.requests, err)
	}
	returned = true
	return response, sent, err
}

// step is a part of the way of a call: it makes one request by the step after it, or several where that helps.
type step func(context.Context, *calling) (answer, error)

// newChain assembles the way of a call. Each step is a file of its own.
func newChain(c *core) step {
	return c.repeat( // makes a request again that surely was not executed, or that cannot act twice
		c.refresh( // renews a token that the portal no longer accepts
			c.follow( // goes to where the portal is now
				c.limit( // waits until the portal takes a request
					c.exchange)))) // makes one request, and reads its answer
}

// answer is what a call succeeded with.
type answer struct {
	result json.RawMessage // nil where the answer had none
	time   Time
}

// callOptions is what the callers of the chain may vary.
type callOptions struct {
	repeatable bool            // repeating is safe, and there is time to wait for a method that is blocked
	ofGoal     bool            // a goal goes on where this call ends, and logs what comes of it
	onStart    func()          // called once, when the limits let the first request go
	waitCtx    context.Context //nolint:containedctx // bounds waits, where it is set; ctx bounds the requests
}

// calling is a call on its way through the chain.
type calling struct {
	call
	callOptions
	client *Client

	address  callAddress // where its requests go
	token    callToken   // what they carry
	requests int         // how many were made
	admitted bool        // the limits let the last one go, made or not
	endedAt  time.Time   // when the last one ended, or the call began
	last     error       // what the last one failed with
	lost     error       // the first error after which the portal may have acted
	waited   CallWait    // how long it has waited, where somebody wants to know
}

// newCalling returns a call that is ready to be sent, once.
func (c *Client) newCalling(call call, opts callOptions) *calling {
	return &calling{call: call, callOptions: opts, client: c, address: c.newCallAddress()}
}

// send makes the requests of the call until the answer to one of them stands.
func (call *calling) send(ctx context.Context) (answer, error) {
	return call.client.core.chain(ctx, call)
}

// waits returns the context of all waiting. It may end before ctx, which is that of the requests.
func (call *calling) waits(ctx context.Context) context.Context {
	if call.waitCtx == nil {
		return ctx
	}
	return call.waitCtx
}
