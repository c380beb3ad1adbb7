package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot/internal/turns"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// Installations is a [portals.Store] for any number of processes. Make one with [NewInstallations]; the zero
// Installations is of no use. It is safe for concurrent use.
//
// An installation, the list of portals and that of its domain change in one step, whatever happens to a process
// meanwhile.
type Installations struct {
	store  *Store // has the client and the options
	prefix string
	turns  *turns.Turns
}

var _ portals.Store = (*Installations)(nil)

// NewInstallations returns the store of the installations of the application that key names, such as its id. Nothing is
// read or written yet. All of them are in one slot of a cluster.
func NewInstallations(client redis.UniversalClient, key string, opts ...StoreOption) *Installations {
	return &Installations{store: NewStore(client, key, opts...), prefix: named(key), turns: new(turns.Turns)}
}

// installation is the field of a portal's hash, and what errors call it.
const installation = "installation"

// place returns where the installation on a portal is.
func (s *Installations) place(memberID string) *place {
	p := s.store.place
	p.key = s.prefix + ":portal:" + memberID
	p.lockKey = p.key + ":lock"
	p.field, p.what = installation, installation
	return &p
}

// all is the key of the set of portals that have the application installed.
func (s *Installations) all() string { return s.prefix + ":portals" }

// at is the key of the set of portals that are at a domain.
func (s *Installations) at(domain string) string { return s.prefix + ":domain:" + domain }

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
	p := s.place(memberID)
	stored, err := p.load(ctx)
	if err != nil {
		return portals.Installation{}, err
	}
	current, err := p.installation(stored, memberID)
	if err == nil && !current.IsInstalled() {
		err = portals.ErrNotInstalled
	}
	if err != nil {
		return portals.Installation{}, err
	}
	return current, nil
}

// installation reads what is stored for a portal; nothing is the zero Installation.
func (p *place) installation(stored, memberID string) (portals.Installation, error) {
	var current portals.Installation
	if isForgotten(stored) {
		return current, nil
	}
	if json.Unmarshal([]byte(stored), &current) != nil || current.MemberID != memberID {
		return portals.Installation{}, fmt.Errorf("redisstore: %s: %w", p.key, portals.ErrDamaged)
	}
	return current, nil
}

func isForgotten(stored string) bool { return stored == "" || stored == forgotten }

// Update implements [portals.Store]. The lock is held across all processes, and extended as long as change runs.
//
// What change returned is saved also if ctx has ended meanwhile: Update waits a second for it then. A process that has
// lost the lock while change ran saves only if nobody has changed or deleted the installation since; otherwise the error
// matches [ErrOvertaken]. If Redis has lost its data by then, it saves.
//
// If the save fails, Update returns the installation that change made beside the error. It is not in the store then, or,
// if Redis did not answer, not known to be.
func (s *Installations) Update(
	ctx context.Context, memberID string, change func(current portals.Installation) (portals.Installation, error),
) (next portals.Installation, err error) {
	err = s.update(ctx, memberID, func(p *place, found string) (*write, error) {
		current, err := p.installation(found, memberID)
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
			return nil, errors.New("redisstore: the installation cannot be written as JSON")
		}
		next = changed
		return &write{data: string(data), links: s.links(memberID, current, changed)}, nil
	})
	return next, err
}

// update calls change under the lock of a portal.
func (s *Installations) update(ctx context.Context, memberID string, change func(p *place, found string) (*write, error)) error {
	if err := check(ctx, memberID); err != nil {
		return err
	}
	p := s.place(memberID)
	end, err := s.turns.Take(ctx, memberID)
	if err != nil {
		return p.waiting(err)
	}
	defer end()
	return p.update(ctx, func(found string) (*write, error) { return change(p, found) }, func(stored string) bool { return stored == "" })
}

// links returns how the lists change with an installation.
func (s *Installations) links(memberID string, current, next portals.Installation) []link {
	links := []link{{"SREM", s.all(), memberID}}
	if next.IsInstalled() {
		links[0].command = "SADD"
	}
	was, is := domainOf(current), domainOf(next)
	if was != "" && was != is {
		links = append(links, link{"SREM", s.at(was), memberID})
	}
	if is != "" {
		links = append(links, link{"SADD", s.at(is), memberID})
	}
	return links
}

// domainOf returns where an installation is found; "" for nowhere.
func domainOf(i portals.Installation) string {
	if !i.IsInstalled() {
		return ""
	}
	return i.Domain()
}

// Delete implements [portals.Store]. What is left for an hour has no secrets: it keeps a process that is late from
// bringing the installation back.
func (s *Installations) Delete(ctx context.Context, memberID string) error {
	return s.update(ctx, memberID, func(p *place, found string) (*write, error) {
		if isForgotten(found) {
			return nil, nil //nolint:nilnil // there is nothing to write
		}
		current, err := p.installation(found, memberID)
		if err != nil { // what is no installation is deleted as well
			current = portals.Installation{}
		}
		return &write{data: forgotten, links: s.links(memberID, current, portals.Installation{})}, nil
	})
}

// List implements [portals.Store].
func (s *Installations) List(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		seen := make(map[string]bool) // a scan may yield a member twice
		for memberID, err := range s.members(ctx, s.all()) {
			if err != nil {
				yield("", err)
				return
			}
			if seen[memberID] {
				continue
			}
			seen[memberID] = true
			if !yield(memberID, nil) {
				return
			}
		}
	}
}

// Find implements [portals.Store]. It reads the installations of the portals that are listed for the domain.
func (s *Installations) Find(ctx context.Context, domain string) iter.Seq2[portals.Installation, error] {
	return func(yield func(portals.Installation, error) bool) {
		host := portals.NormalDomain(domain)
		if host == "" {
			return
		}
		seen := make(map[string]bool)
		for memberID, err := range s.members(ctx, s.at(host)) {
			if seen[memberID] {
				continue
			}
			seen[memberID] = true
			var found portals.Installation
			if err == nil {
				found, err = s.Load(ctx, memberID)
			}
			switch {
			case errors.Is(err, portals.ErrNotInstalled), err == nil && found.Domain() != host:
				continue // it has moved since
			case err != nil:
				yield(portals.Installation{}, err)
				return
			case !yield(found, nil):
				return
			}
		}
	}
}

// members yields what is in a set, some at a time, and some of it perhaps twice.
func (s *Installations) members(ctx context.Context, key string) iter.Seq2[string, error] {
	const atOnce = 1000
	type page struct {
		members []string
		next    uint64
	}
	return func(yield func(string, error) bool) {
		var p page
		for {
			cursor := p.next
			var err error
			p, err = await(ctx, func(ctx context.Context) (page, error) {
				members, next, err := s.store.place.client.SScan(ctx, key, cursor, "", atOnce).Result()
				return page{members, next}, err
			}, nil)
			if err != nil {
				yield("", fmt.Errorf("redisstore: listing the portals: %w", err))
				return
			}
			for _, member := range p.members {
				if err := ctx.Err(); err != nil {
					yield("", err)
					return
				}
				if !yield(member, nil) {
					return
				}
			}
			if p.next == 0 {
				return
			}
		}
	}
}
