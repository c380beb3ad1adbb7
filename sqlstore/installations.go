package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/seed-a6e4e5a4/imbot/portals"
)

// Installations is a [portals.Store] for any number of processes. Make one with [NewInstallations]; the zero
// Installations is of no use. It is safe for concurrent use.
type Installations struct{ table *table }

var _ portals.Store = (*Installations)(nil)

// NewInstallations returns the store of the installations of one application; give each application a schema of its own
// ([WithSchema]). Nothing is read or written yet.
func NewInstallations(db *sql.DB, opts ...Option) *Installations {
	return &Installations{newTable(db, opts, "imbot_installations", "member_id", "installation")}
}

// check is how every method begins.
func check(ctx context.Context, memberID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return portals.CheckMemberID(memberID)
}

// Load implements [portals.Store]. The error matches [portals.ErrDamaged] if there is something else in the place of
// the installation.
func (s *Installations) Load(ctx context.Context, memberID string) (portals.Installation, error) {
	if err := check(ctx, memberID); err != nil {
		return portals.Installation{}, err
	}
	data, err := s.table.load(ctx, memberID)
	if err != nil {
		return portals.Installation{}, err
	}
	current, err := s.decode(data, memberID)
	if err == nil && !current.IsInstalled() {
		err = portals.ErrNotInstalled
	}
	if err != nil {
		return portals.Installation{}, err
	}
	return current, nil
}

// decode reads what is stored for a portal; nothing is the zero Installation.
func (s *Installations) decode(data, memberID string) (i portals.Installation, err error) {
	if data != "" && (json.Unmarshal([]byte(data), &i) != nil || i.MemberID != memberID) {
		return portals.Installation{}, fmt.Errorf("sqlstore: %s, member_id %q: %w", s.table.name, memberID, portals.ErrDamaged)
	}
	return i, nil
}

// Update implements [portals.Store]. The row of the portal is locked across all processes as long as change runs, and
// what it made is committed when Update returns.
//
// What change returned is saved also if ctx has ended meanwhile: Update takes a second for it then. If the connection is
// lost while change runs, what it returned is saved only if nobody has changed or deleted the installation since;
// otherwise the error matches [ErrOvertaken]. Where the database takes no writes, change is not called.
//
// If the save fails, Update returns the installation that change made beside the error. It is not in the store then,
// unless the error matches [ErrUncertain]: then it may be.
func (s *Installations) Update(
	ctx context.Context, memberID string, change func(current portals.Installation) (portals.Installation, error),
) (next portals.Installation, err error) {
	if err := check(ctx, memberID); err != nil {
		return portals.Installation{}, err
	}
	err = s.table.update(ctx, memberID, func(found string) (*write, error) {
		current, err := s.decode(found, memberID)
		if err != nil {
			return nil, err
		}
		changed, err := change(current)
		if err != nil {
			return nil, err
		}
		if changed == current {
			next = changed
			return nil, nil //nolint:nilnil // there is nothing to write
		}
		changed.MemberID = memberID
		data, err := json.Marshal(changed)
		if err != nil {
			return nil, errors.New("sqlstore: the installation cannot be written as JSON")
		}
		next = changed
		domain := sql.NullString{String: changed.Domain(), Valid: changed.IsInstalled() && changed.Domain() != ""}
		return &write{
			statement: "UPDATE " + s.table.name +
				" SET writer = $2, data = $3, installed = $4, domain = $5, updated_at = now() WHERE member_id = $1",
			more: []any{string(data), changed.IsInstalled(), domain},
		}, nil
	})
	return next, err
}

// Delete implements [portals.Store].
func (s *Installations) Delete(ctx context.Context, memberID string) error {
	if err := check(ctx, memberID); err != nil {
		return err
	}
	return s.table.update(ctx, memberID, func(found string) (*write, error) {
		if found == "" {
			return nil, nil //nolint:nilnil // there is nothing to delete
		}
		return &write{statement: "DELETE FROM " + s.table.name + " WHERE member_id = $1", deletes: true}, nil
	})
}

// atOnce is how many portals are listed by one query. No connection is held while the caller has them.
const atOnce = 1000

// List implements [portals.Store].
func (s *Installations) List(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last := ""
		for {
			page, err := s.page(ctx, last)
			for _, memberID := range page {
				if ended := ctx.Err(); ended != nil {
					yield("", ended)
					return
				}
				if !yield(memberID, nil) {
					return
				}
				last = memberID
			}
			if err != nil {
				yield("", err)
				return
			}
			if len(page) < atOnce {
				return
			}
		}
	}
}

// page returns the portals that come after last.
func (s *Installations) page(ctx context.Context, last string) ([]string, error) {
	query := "SELECT member_id FROM " + s.table.name + " WHERE installed AND member_id > $1 ORDER BY member_id LIMIT $2"
	var page []string
	err := s.each(ctx, func(rows *sql.Rows) error {
		var memberID string
		err := rows.Scan(&memberID)
		page = append(page, memberID)
		return err
	}, query, last, atOnce)
	if err != nil {
		return nil, err
	}
	return page, nil
}

// Find implements [portals.Store].
func (s *Installations) Find(ctx context.Context, domain string) iter.Seq2[portals.Installation, error] {
	return func(yield func(portals.Installation, error) bool) {
		host := portals.NormalDomain(domain)
		if host == "" {
			return
		}
		type row struct{ memberID, data string }
		var found []row
		err := s.each(ctx, func(rows *sql.Rows) error {
			var r row
			err := rows.Scan(&r.memberID, &r.data)
			found = append(found, r)
			return err
		}, "SELECT member_id, data FROM "+s.table.name+" WHERE domain = $1 ORDER BY member_id", host)
		if err != nil {
			yield(portals.Installation{}, err)
			return
		}
		for _, r := range found {
			i, err := s.decode(r.data, r.memberID)
			if err != nil {
				yield(portals.Installation{}, err)
				return
			}
			if i.IsInstalled() && i.Domain() == host && !yield(i, nil) {
				return
			}
		}
	}
}

// each calls scan for each row of a query.
func (s *Installations) each(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	const doing = "listing the installations"
	rows, err := s.table.db.QueryContext(ctx, query, args...)
	if err != nil {
		return failed(ctx, doing, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return failed(ctx, doing, err)
		}
	}
	return failed(ctx, doing, rows.Err())
}
