package imbot

import (
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

var errEmptyToken = errors.New("the token source returned an empty token")

// callToken is what the requests of a call carry.
type callToken struct {
	sent      redact.Secret // the token of the last request
	secrets   redact.Set    // the secrets of its credentials
	renewed   redact.Secret // what to carry instead of the token of the source
	refreshed bool          // another token was asked for
}

// refresh asks the token source for another token when the portal no longer accepts the one that was sent, and makes
// the request again at once. It does so once a call.
func (c *core) refresh(next step) step {
	return func(ctx context.Context, call *calling) (answer, error) {
		got, err := next(ctx, call)
		if !call.mayRefresh(err) {
			return got, err
		}
		if err := call.renewToken(ctx, err); err != nil {
			return answer{}, err
		}
		return next(ctx, call)
	}
}

// mayRefresh reports whether err says that the token is not accepted, and another was not asked for yet.
func (call *calling) mayRefresh(err error) bool {
	refused, ok := asType[*APIError](err)
	return ok && !refused.ambiguous && call.client.credentials.refresh != nil && !call.token.refreshed &&
		(refused.Is(ErrExpiredToken) || refused.Is(ErrInvalidToken))
}

// renewToken asks the token source for another token than the one that was refused. The source may have learned with it
// where the portal is now.
func (call *calling) renewToken(ctx context.Context, refused error) error {
	call.token.refreshed = true
	token, err := call.client.credentials.refresh(ctx, call.token.sent.Reveal())
	if err == nil && token == "" {
		err = errEmptyToken
	}
	if err != nil {
		call.client.logNoToken(ctx, call, err)
		return &callError{outcome: outcome.NotExecuted, cause: foreign(ctx, call.known().Error(err)), before: refused}
	}
	call.token.renewed = redact.NewSecret(token)
	call.address.report(ctx)
	return nil
}

// forRequest returns what one request carries, and what is to be kept out of its errors. The token source is asked
// here, unless the token was renewed.
func (c *credentials) forRequest(ctx context.Context, renewed redact.Secret) (exchange.Credentials, redact.Set, error) {
	switch {
	case c.token == nil:
		return exchange.Credentials{WebhookPath: c.path}, c.secrets, nil
	case !renewed.IsZero():
		return exchange.Credentials{Token: renewed}, redact.Set{renewed}, nil
	}
	token, err := c.token(ctx)
	if err == nil && token == "" {
		err = errEmptyToken
	}
	if err != nil {
		return exchange.Credentials{}, nil, err
	}
	secret := redact.NewSecret(token)
	return exchange.Credentials{Token: secret}, redact.Set{secret}, nil
}

// known returns the secrets that a text from outside may repeat: those that the last request carried, and those among
// the parameters. To look for these takes time, so nothing but a failure asks.
func (call *calling) known() redact.Set { return call.hidden(call.token.secrets) }
