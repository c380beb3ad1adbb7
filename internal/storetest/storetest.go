// Package storetest has the tests that every [portals.Store] passes, and what stands for Bitrix24 in them. It is for
// tests.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// Open makes two stores of the same new place, as two processes have them.
type Open func(t testing.TB) (one, other portals.Store)

// Member returns the member id of a portal.
func Member(n int) string { return fmt.Sprintf("%032x", n) }

// Full returns an installation with every field.
func Full(memberID string) portals.Installation {
	return portals.Installation{ //nolint:gosec // made up
		MemberID: memberID, ClientEndpoint: "https://portal.example/rest/", ApplicationToken: "EXAMPLE_APPLICATION",
		Token: oauth.Token{
			AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH", Expiry: time.Unix(1780319382, 0).UTC(),
			ClientEndpoint: "https://portal.example/rest/", MemberID: memberID, UserID: 67,
		},
		Plan: imbot.PlanEnterprise, InstalledAt: time.Unix(1780315782, 5000).UTC(),
	}
}

// Put replaces what a store has.
func Put(t testing.TB, store portals.Store, i portals.Installation) {
	t.Helper()
	_, err := store.Update(t.Context(), i.MemberID, func(portals.Installation) (portals.Installation, error) { return i, nil })
	noError(t, err)
}

// Load returns what a store has.
func Load(t testing.TB, store portals.Store, memberID string) portals.Installation {
	t.Helper()
	found, err := store.Load(t.Context(), memberID)
	noError(t, err)
	return found
}

// List returns the portals of a store, in order.
func List(t testing.TB, store portals.Store) []string {
	t.Helper()
	return sorted(t, store.List(t.Context()), func(id string) string { return id })
}

// Find returns the portals of a store that are at a domain, in order.
func Find(t testing.TB, store portals.Store, domain string) []string {
	t.Helper()
	return sorted(t, store.Find(t.Context(), domain), func(i portals.Installation) string { return i.MemberID })
}

func sorted[T any](t testing.TB, all iter.Seq2[T, error], name func(T) string) []string {
	t.Helper()
	found := []string{}
	for one, err := range all {
		noError(t, err)
		found = append(found, name(one))
	}
	slices.Sort(found)
	return found
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("an error: %v", err)
	}
}

func is(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("the error is %v, and has to match %q", err, target)
	}
}

func equal(t testing.TB, want, got any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("want %+v\ngot  %+v", want, got)
	}
}

// Test runs the tests.
func Test(t *testing.T, open Open) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, one, other portals.Store){
		"update": update, "removed": removed, "list and find": listAndFind, "context": contexts, "concurrent": concurrent,
		"hostile members": hostileMembers, "panic": panics,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other := open(t)
			test(t, one, other)
		})
	}
}

var errStop = errors.New("stop")

func update(t *testing.T, one, other portals.Store) {
	t.Helper()
	ctx := t.Context()
	_, err := one.Load(ctx, Member(1))
	is(t, err, portals.ErrNotInstalled)
	unchanged := func(current portals.Installation) (portals.Installation, error) {
		equal(t, portals.Installation{}, current)
		return current, nil
	}
	got, err := one.Update(ctx, Member(1), unchanged)
	noError(t, err)
	equal(t, portals.Installation{}, got)
	_, err = one.Update(ctx, Member(1), func(portals.Installation) (portals.Installation, error) { return Full("x"), errStop })
	is(t, err, errStop)
	_, err = other.Load(ctx, Member(1))
	is(t, err, portals.ErrNotInstalled)

	want := Full(Member(1))
	got, err = one.Update(ctx, Member(1), func(portals.Installation) (portals.Installation, error) { return Full("another"), nil })
	noError(t, err)
	want.Token.MemberID = "another"
	equal(t, want, got) // it is stored for the portal that was named
	equal(t, want, Load(t, other, Member(1)))
	got, err = other.Update(ctx, Member(1), func(current portals.Installation) (portals.Installation, error) {
		equal(t, want, current)
		current.Token.AccessToken = "EXAMPLE_ACCESS_2"
		return current, nil
	})
	noError(t, err)
	equal(t, got, Load(t, one, Member(1)))
	equal(t, "EXAMPLE_ACCESS_2", got.Token.AccessToken)
	_, err = other.Update(ctx, Member(1), func(current portals.Installation) (portals.Installation, error) { return current, errStop })
	is(t, err, errStop)
	equal(t, got, Load(t, one, Member(1)))

	noError(t, one.Delete(ctx, Member(1)))
	noError(t, one.Delete(ctx, Member(1))) // there is nothing to forget
	_, err = other.Load(ctx, Member(1))
	is(t, err, portals.ErrNotInstalled)
	_, err = one.Update(ctx, Member(1), unchanged)
	noError(t, err)
	equal(t, []string{}, List(t, one))
	Put(t, other, want)
	equal(t, want, Load(t, one, Member(1)))
}

// removed: what is left of a removed installation is there for Update alone.
func removed(t *testing.T, one, other portals.Store) {
	t.Helper()
	Put(t, one, Full(Member(1)))
	left := portals.Installation{MemberID: Member(1), RemovedAt: time.Unix(1780316000, 7000).UTC()}
	Put(t, one, left)
	_, err := other.Load(t.Context(), Member(1))
	is(t, err, portals.ErrNotInstalled)
	equal(t, []string{}, List(t, other))
	equal(t, []string{}, Find(t, other, "portal.example"))
	_, err = other.Update(t.Context(), Member(1), func(current portals.Installation) (portals.Installation, error) {
		equal(t, left, current)
		return Full(Member(1)), nil
	})
	noError(t, err)
	equal(t, Full(Member(1)), Load(t, one, Member(1)))
	equal(t, []string{Member(1)}, List(t, one))
	equal(t, []string{Member(1)}, Find(t, one, "portal.example"))
}

func listAndFind(t *testing.T, one, other portals.Store) {
	t.Helper()
	equal(t, []string{}, List(t, one))
	all := []string{}
	for n, endpoint := range []string{
		"https://a.example/rest/", "https://a.example/rest/", "https://A.example:443/rest/", "https://b.example:8443/rest/", "", "no endpoint",
	} {
		i := Full(Member(n))
		i.ClientEndpoint = endpoint
		Put(t, one, i)
		all = append(all, i.MemberID)
	}
	equal(t, all, List(t, other))
	equal(t, all[:3], Find(t, other, "a.example"))
	equal(t, all[:3], Find(t, other, "A.EXAMPLE:443"))
	equal(t, all[3:4], Find(t, other, "b.example:8443"))
	for _, none := range []string{"", "b.example", "c.example", "..", "../portal", "a.example/", "a.example?", "me@a.example", "a.example#", `a\b`, "\x00"} {
		equal(t, []string{}, Find(t, other, none))
	}

	moved := Load(t, other, Member(1))
	moved.ClientEndpoint = "https://c.example/rest/"
	Put(t, one, moved)
	equal(t, []string{Member(1)}, Find(t, other, "c.example"))
	equal(t, []string{Member(0), Member(2)}, Find(t, other, "a.example"))
	noError(t, one.Delete(t.Context(), Member(1)))
	equal(t, []string{}, Find(t, other, "c.example"))

	for id, err := range one.List(t.Context()) {
		noError(t, err)
		equal(t, true, slices.Contains(all, id))
		break
	}
	for i, err := range one.Find(t.Context(), "a.example") {
		noError(t, err)
		equal(t, true, i.IsInstalled())
		break
	}
}

func contexts(t *testing.T, one, other portals.Store) {
	t.Helper()
	Put(t, one, Full(Member(1)))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := one.Load(ended, Member(1))
	is(t, err, context.Canceled)
	_, err = one.Update(ended, Member(1), notCalled(t))
	is(t, err, context.Canceled)
	is(t, one.Delete(ended, Member(1)), context.Canceled)
	for _, err := range one.List(ended) {
		is(t, err, context.Canceled)
	}
	for _, err := range one.Find(ended, "portal.example") {
		is(t, err, context.Canceled)
	}
	equal(t, Full(Member(1)), Load(t, other, Member(1)))
}

func notCalled(t *testing.T) func(portals.Installation) (portals.Installation, error) {
	t.Helper()
	return func(current portals.Installation) (portals.Installation, error) {
		t.Error("change was called")
		return current, nil
	}
}

// concurrent: no update is lost, however many there are at the same time, by two stores of one place.
func concurrent(t *testing.T, one, other portals.Store) {
	t.Helper()
	const goroutines, updates = 8, 10
	var group sync.WaitGroup
	for n := range goroutines {
		group.Go(func() {
			store := []portals.Store{one, other}[n%2]
			for range updates {
				_, err := store.Update(t.Context(), Member(1), func(current portals.Installation) (portals.Installation, error) {
					count, _ := strconv.Atoi(current.ApplicationToken)
					current.ApplicationToken = strconv.Itoa(count + 1)
					current.ClientEndpoint = fmt.Sprintf("https://p%d.example/rest/", n)
					return current, nil
				})
				if err != nil {
					t.Error(err)
				}
				for i, err := range store.Find(t.Context(), fmt.Sprintf("p%d.example", n)) {
					if err != nil || i.MemberID != Member(1) {
						t.Error(i, err)
					}
				}
			}
		})
	}
	group.Wait()
	equal(t, strconv.Itoa(goroutines*updates), Load(t, one, Member(1)).ApplicationToken)
	at := 0
	for n := range goroutines {
		at += len(Find(t, other, fmt.Sprintf("p%d.example", n)))
	}
	equal(t, 1, at) // it is at one place
}

// hostileMembers: a member id comes from whoever posts an event. None leads to another portal.
func hostileMembers(t *testing.T, one, _ portals.Store) {
	t.Helper()
	for _, id := range []string{
		"", ".", "..", "../x", "a/b", `a\b`, "/etc/passwd", "a.b", "a b", "a\x00", "a\n", "п", "a+b", "%2e%2e", "a:b", "a}b", "~",
		"' OR 1=1 --", strings.Repeat("a", 65),
	} {
		_, loadErr := one.Load(t.Context(), id)
		_, updateErr := one.Update(t.Context(), id, notCalled(t))
		for _, err := range []error{loadErr, updateErr, one.Delete(t.Context(), id)} {
			if _, ok := errors.AsType[*imbot.ParamError](err); !ok || len(id) > 4 && strings.Contains(err.Error(), id) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
	for n, id := range []string{"abc", "ABC", "aBc", "-", "_", "con", strings.Repeat("A", 64), "portal-x"} {
		i := Full(id)
		i.ApplicationToken = strconv.Itoa(n)
		Put(t, one, i)
	}
	equal(t, 8, len(List(t, one)))
	equal(t, "0", Load(t, one, "abc").ApplicationToken)
	equal(t, "1", Load(t, one, "ABC").ApplicationToken)
	equal(t, "2", Load(t, one, "aBc").ApplicationToken)
}

// panics: a change that panics goes on in its caller, changes nothing, and leaves no lock.
func panics(t *testing.T, one, other portals.Store) {
	t.Helper()
	Put(t, one, Full(Member(1)))
	func() {
		defer func() { equal(t, "a change", recover()) }()
		_, _ = one.Update(t.Context(), Member(1), func(portals.Installation) (portals.Installation, error) {
			panic("a change") //nolint:forbidigo // a test of a caller that does so
		})
	}()
	equal(t, Full(Member(1)), Load(t, other, Member(1)))
	for _, store := range []portals.Store{one, other} {
		_, err := store.Update(t.Context(), Member(1), func(current portals.Installation) (portals.Installation, error) {
			current.ApplicationToken += "+"
			return current, nil
		})
		noError(t, err)
	}
	equal(t, "EXAMPLE_APPLICATION++", Load(t, one, Member(1)).ApplicationToken)
}

// Lock holds an update for a while of real time: it excludes others of the same portal, and no other portal's, and who
// waits for it leaves with their context.
func Lock(t *testing.T, one, other portals.Store) {
	t.Helper()
	held, end := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_, err := one.Update(t.Context(), Member(1), func(portals.Installation) (portals.Installation, error) {
			close(held)
			<-end
			return Full(Member(1)), nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	for _, store := range []portals.Store{one, other} {
		soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := store.Update(soon, Member(1), notCalled(t))
		is(t, err, context.DeadlineExceeded)
		is(t, store.Delete(soon, Member(1)), context.DeadlineExceeded)
		cancel()
	}
	Put(t, other, Full(Member(2)))
	_, err := other.Load(t.Context(), Member(1))
	is(t, err, portals.ErrNotInstalled) // it is not saved yet, and nobody waits
	deleted := make(chan error)
	go func() { deleted <- other.Delete(t.Context(), Member(1)) }()
	select {
	case err := <-deleted:
		t.Errorf("the deletion did not wait: %v", err)
		deleted = nil
	case <-time.After(100 * time.Millisecond):
	}
	close(end)
	group.Wait()
	if deleted != nil {
		noError(t, <-deleted)
	}
	_, err = one.Load(t.Context(), Member(1))
	is(t, err, portals.ErrNotInstalled)
}
