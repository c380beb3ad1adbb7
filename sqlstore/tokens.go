package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Tokens is an [oauth.Store] for any number of processes. Make one with [NewTokens]; the zero Tokens is of no use. It is
// safe for concurrent use.
type Tokens struct {
	table *table
	key   string
}

var _ oauth.Store = (*Tokens)(nil)

// NewTokens returns the store of one token: the one of the application on the portal that key names. The member id of
// the portal is a good key; with several applications, that and the application's id. Nothing is read or written yet.
func NewTokens(db *sql.DB, key string, opts ...Option) *Tokens {
	t := newTable(db, opts, "imbot_tokens", "key", "token")
	t.keepsGone = true
	return &Tokens{table: t, key: key}
}

// Load implements [oauth.Store]. Without a token the error is [oauth.ErrNoToken]; it matches [oauth.ErrDamaged] if
// there is something else in the place of the token.
func (s *Tokens) Load(ctx context.Context) (oauth.Token, error) {
	data, err := s.table.load(ctx, s.key)
	if err != nil {
		return oauth.Token{}, err
	}
	token, err := s.decode(data)
	if err == nil && token.AccessToken == "" && token.RefreshToken == "" {
		err = oauth.ErrNoToken
	}
	return token, err
}

// decode reads a stored token; none is the zero Token.
func (s *Tokens) decode(data string) (token oauth.Token, err error) {
	if data != "" && json.Unmarshal([]byte(data), &token) != nil { // whose error could quote the token
		return oauth.Token{}, fmt.Errorf("sqlstore: %s, key %q: %w", s.table.name, s.key, oauth.ErrDamaged)
	}
	return token, nil
}

// Update implements [oauth.Store]. The row of the token is locked across all processes as long as change runs, and the
// new token is committed when Update returns.
//
// What change returned is saved also if ctx has ended meanwhile: Update takes a second for it then. If the connection is
// lost while change runs, what it returned is saved only if nobody has put another token there since; otherwise the
// error matches [ErrOvertaken]. If the row is gone by then, it is saved: what change made may be the only pair of tokens
// that works.
//
// Where Load fails with [oauth.ErrNoToken], change is called with the zero Token. Where it fails otherwise, so does
// Update; and it does not call change where the database takes no writes.
//
// If the save fails, Update returns the token that change made beside the error. It is not in the store then, unless the
// error matches [ErrUncertain]: then it may be. After an error of change it returns the zero Token and that error.
func (s *Tokens) Update(
	ctx context.Context, change func(current oauth.Token) (oauth.Token, error),
) (next oauth.Token, err error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	err = s.table.update(ctx, s.key, func(found string) (*write, error) {
		current, err := s.decode(found)
		if err != nil {
			return nil, err
		}
		changed, err := change(current)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(changed)
		if err != nil {
			return nil, errors.New("sqlstore: the token cannot be written as JSON")
		}
		if next = changed; changed == current {
			return nil, nil //nolint:nilnil // there is nothing to write
		}
		return &write{
			statement: "UPDATE " + s.table.name + " SET writer = $2, data = $3, updated_at = now() WHERE key = $1",
			more:      []any{string(data)},
		}, nil
	})
	return next, err
}
