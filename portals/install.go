package portals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Install keeps what an installation has brought. It is for [events.WithInstallCheck], which has it called while the
// portal waits, before anything is known that the event could be verified by.
//
// The OAuth server is asked whose tokens the event has ([oauth.App.Verify]), for a new portal and for one that is known:
// anybody can post an installation. Where the portal is, the server says, too; what the event says of that does not
// count. What is kept afterwards follows from the times of events, in whatever order they come: an installation that is
// older than a removal or than another installation changes nothing, and the pair of tokens of one that is repeated does
// not take the place of a pair that was renewed since.
//
// What is confirmed is the application and the portal, not the person. Whoever may use the application on a portal has
// tokens of it, and can post them as an installation: to exclude that, ask the portal by user.admin, with the tokens of the
// event, whether they are an administrator's.
//
// A portal posts a pair once, and may hang up before the answer. So ctx ends the wait for a turn ([WithMaxRenewals]) and
// nothing after it: the request to the OAuth server, which has its own timeout, and the save, which may take a minute.
//
// An installer that runs in a frame is posted the same as an event has ([oauth.FromFrame]); without a Time, it counts as
// one of now:
//
//	func installInFrame(registry *portals.Registry, r *http.Request) error {
//		token, err := oauth.FromFrame(r)
//		if err != nil {
//			return err
//		}
//		return registry.Install(r.Context(), &events.Event{
//			MemberID: token.MemberID, Auth: token, ApplicationToken: r.PostFormValue("APPLICATION_TOKEN"),
//		})
//	}
//
// The error matches [oauth.ErrNotConfirmed], or is an [*oauth.Error], where the tokens are not those of this application
// on this portal, and is an [*imbot.ParamError] where the event lacks a member id, tokens or an application token: the
// handler answers 403 then. It matches [events.ErrLookup], and the handler answers 503, where the OAuth server gave no
// answer, or the store failed.
func (r *Registry) Install(ctx context.Context, event *events.Event) error {
	next := Installation{
		MemberID: event.MemberID, ApplicationToken: event.ApplicationToken, Token: event.Auth, InstalledAt: timeOf(event),
	}
	if err := CheckMemberID(next.MemberID); err != nil {
		return err
	}
	for _, required := range []struct{ name, value string }{
		{"access_token", next.Token.AccessToken}, {"refresh_token", next.Token.RefreshToken}, {"application_token", next.ApplicationToken},
	} {
		if required.value == "" {
			return &imbot.ParamError{Param: required.name, Err: fmt.Errorf("is missing in the event: %w", imbot.ErrNoAuthFound)}
		}
	}
	next.Token.MemberID = next.MemberID
	info, err := r.verify(ctx, next.Token)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeToKeep)
	defer cancel()
	if next.ClientEndpoint = info.ClientEndpoint; next.ClientEndpoint == "" {
		host := NormalDomain(info.Domain)
		if host == "" {
			return fmt.Errorf("portals: the OAuth server does not say where the portal is: %w", oauth.ErrNotConfirmed)
		}
		next.ClientEndpoint = "https://" + host + "/rest/"
	}
	next.Token.ClientEndpoint, next.Token.Domain = next.ClientEndpoint, next.Domain()
	if info.ServerEndpoint != "" {
		next.Token.ServerEndpoint = info.ServerEndpoint
	}
	switch {
	case !info.Expiry.IsZero():
		next.Token.Expiry = info.Expiry
	case next.Token.Expiry.IsZero():
		next.Token.Expiry = next.InstalledAt.Add(lifetime)
	}
	kept, err := r.store.Update(ctx, next.MemberID, func(current Installation) (Installation, error) {
		return next.installed(current), nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", events.ErrLookup, next.secrets().Error(err))
	}
	r.changed(next.MemberID, kept.ClientEndpoint)
	return nil
}

const (
	// lifetime is how long an access token is accepted.
	lifetime = time.Hour
	// timeForTurn is how long an installation may wait until the OAuth server is asked.
	timeForTurn = time.Minute
	// timeToKeep is how long the store may take to keep an installation that is confirmed.
	timeToKeep = time.Minute
)

// verify asks the OAuth server whose token it is, when its turn comes. The wait for that ends with ctx, and after a while.
func (r *Registry) verify(ctx context.Context, token oauth.Token) (oauth.Info, error) {
	turn, cancel := context.WithTimeout(ctx, timeForTurn)
	defer cancel()
	if err := take(turn, r.checks); err != nil {
		return oauth.Info{}, fmt.Errorf("%w: %w", events.ErrLookup, err)
	}
	defer func() { <-r.checks }()
	if err := take(turn, r.turns); err != nil {
		return oauth.Info{}, fmt.Errorf("%w: %w", events.ErrLookup, err)
	}
	defer func() { <-r.turns }()
	info, err := r.app().Verify(context.WithoutCancel(ctx), token)
	refused, ok := errors.AsType[*oauth.Error](err)
	switch {
	case err == nil, errors.Is(err, oauth.ErrNotConfirmed),
		ok && refused.Code != "" && !refused.Is(imbot.ErrOutcomeUnknown) && !refused.Is(imbot.ErrQueryLimitExceeded):
		return info, err
	default:
		return oauth.Info{}, fmt.Errorf("%w: %w", events.ErrLookup, err)
	}
}

// Uninstall forgets the installation on a portal, with its tokens, and the portal's client: from now on its calls fail
// with [oauth.ErrNoToken]. It is for [events.OnAppUninstall]. It changes nothing where the application was installed
// later than the event was made, or in the same second; so events that come late, or at the same time, end in what they
// say by their times. The time of the removal is kept.
//
// The error matches [events.ErrUnverified] where the application token of the event is not that of the installation,
// which a handler with [Registry.Lookup] has checked before. An event that comes from a queue has none any more, and is
// not checked again ([events.Event.Kept]). It is an [*imbot.ParamError] for an event without a member
// id, and any other is the store's.
func (r *Registry) Uninstall(ctx context.Context, event *events.Event) error {
	at := timeOf(event)
	var secrets redact.Set
	kept, err := r.store.Update(ctx, event.MemberID, func(current Installation) (Installation, error) {
		secrets = current.secrets()
		next := current
		if current.MemberID != "" {
			next = current.removed(at)
		}
		if next != current && current.IsInstalled() && !event.Kept() && !event.Verify(current.ApplicationToken) {
			return current, events.ErrUnverified
		}
		return next, nil
	})
	if err != nil {
		return secrets.Error(err)
	}
	r.changed(event.MemberID, kept.ClientEndpoint)
	return nil
}

// Lookup returns the application token of a portal, for [events.NewHandler]. Where there is a member id it alone
// decides. Otherwise the domain does: of several portals that have it by what is stored, the one where the application
// was installed last. It returns "" where the application is not installed, or was removed. The error is the store's.
func (r *Registry) Lookup(ctx context.Context, sender events.Sender) (applicationToken string, err error) {
	if sender.MemberID != "" {
		if CheckMemberID(sender.MemberID) != nil {
			return "", nil // there is no such portal
		}
		found, err := r.load(ctx, sender.MemberID)
		if errors.Is(err, ErrNotInstalled) {
			return "", nil
		}
		return found.ApplicationToken, err
	}
	var last Installation
	for found, err := range r.store.Find(ctx, sender.Domain) {
		if err != nil {
			return "", err
		}
		if last.MemberID == "" || found.InstalledAt.After(last.InstalledAt) {
			last = found
		}
	}
	return last.ApplicationToken, nil
}

// refreshAfter is how old a pair gets before KeepAlive renews it. A refresh token works for 180 days.
const refreshAfter = 120 * 24 * time.Hour

// KeepAlive renews the pairs of portals that nothing was called on for 120 days, one after the other: the refresh token
// of a pair works for 180 days. Call it once a day or so; each pair is renewed once, however many processes do.
//
// A portal whose pair cannot be renewed does not keep it from the others. The error is that of all of them, joined; each
// names its portal. It ends with ctx, and where the store cannot be listed.
func (r *Registry) KeepAlive(ctx context.Context) error {
	var problems []error
	for memberID, err := range r.store.List(ctx) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("portals: listing them: %w", err))
			break
		}
		if err := r.keepAlive(ctx, memberID); err != nil {
			problems = append(problems, fmt.Errorf("portals: %s: %w", memberID, err))
		}
	}
	return errors.Join(problems...)
}

// keepAlive renews the pair of a portal, if it is old.
func (r *Registry) keepAlive(ctx context.Context, memberID string) error {
	i, err := r.load(ctx, memberID)
	if errors.Is(err, ErrNotInstalled) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return err
	}
	issued := i.InstalledAt
	if !i.Token.Expiry.IsZero() {
		issued = i.Token.Expiry.Add(-lifetime)
	}
	if time.Since(issued) < refreshAfter {
		return nil
	}
	_, err = r.app().Source(tokenStore{r, memberID}).Refresh(ctx, i.Token.AccessToken)
	return err
}
