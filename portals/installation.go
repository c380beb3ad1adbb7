package portals

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/hostname"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Installation is what is kept of the application on one portal. Printing it, by whatever verb or logger, shows the
// application token and the two of Token as "***". Its JSON has them: see [Installation.MarshalJSON]; and so does what
// fmt prints of a struct that has an Installation in an unexported field, as it calls no method of such a field.
type Installation struct {
	// MemberID identifies the portal for good, whatever its name becomes: 1 to 64 letters, digits, hyphens and
	// underscores. Bitrix24's own have 32 hexadecimal digits.
	MemberID string
	// ClientEndpoint is where the methods of the portal live: https://portal.example/rest/. A renewal of Token that names
	// another one, because the portal was renamed, changes it.
	ClientEndpoint string
	// ApplicationToken is what the portal proves its events by. It is a secret.
	ApplicationToken string
	// Token is the pair that the application acts by.
	Token oauth.Token
	// Plan is what the portal's owner pays for, which no event tells: it is PlanStandard unless the program changes it
	// in the store. A client has the limits of the plan that was stored when it was made.
	Plan imbot.Plan
	// InstalledAt is the time of the event that brought the installation, by the portal.
	InstalledAt time.Time
	// RemovedAt is the time of the event that removed the application. Only [Store.Update] shows it: what is left of a
	// removed installation has no secrets, and keeps events that come late from bringing it back. It is zero where the
	// application is installed.
	RemovedAt time.Time
}

// ErrNotInstalled is matched where nothing is known of a portal, or the application was removed from it.
var ErrNotInstalled = imbot.NewError("portals: the application is not installed on this portal", imbot.Advice{
	Meaning: "nothing is known of the portal, or the application was removed from it",
	Action:  "install the application there",
})

// ErrDamaged is matched where a store holds something else than an installation in the place of one. It is not
// overwritten: somebody may want to look at it first. Delete it, and install the application again.
var ErrDamaged = imbot.NewError("portals: the store holds something else than an installation", imbot.Advice{
	Meaning: "the store holds something else than an installation in the place of one",
	Action:  "look at it, delete it, and install the application again",
})

// IsInstalled reports whether there is an installation, and not just what is left of one, or nothing.
func (i Installation) IsInstalled() bool { return i.MemberID != "" && i.RemovedAt.IsZero() }

// errOtherPortal is the error where a store has returned what it has of another portal.
var errOtherPortal = errors.New("portals: the store has returned another portal than that which it was asked for")

// isOf returns why this is not the installation on a portal; nil where it is.
func (i Installation) isOf(memberID string) error {
	switch {
	case !i.IsInstalled():
		return ErrNotInstalled
	case i.MemberID != memberID:
		return errOtherPortal
	default:
		return nil
	}
}

// memberIDs are those that portals have, and a little more. None is the name of another folder.
var memberIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// CheckMemberID returns an [*imbot.ParamError] for what can never be a member id, as [Installation] says, and does not
// repeat it. It is for those who write a [Store].
func CheckMemberID(memberID string) error {
	if !memberIDs.MatchString(memberID) {
		return &imbot.ParamError{Param: "member_id", Err: errors.New("has to be 1 to 64 letters, digits, hyphens and underscores")}
	}
	return nil
}

// Domain returns the host of ClientEndpoint in the form of [NormalDomain]; "" where there is none.
func (i Installation) Domain() string { return hostOf(i.ClientEndpoint) }

// hostOf returns the host of an endpoint in normal form, with the port unless it is the usual one; "" for none.
func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || !hostname.Normalize(u) {
		return ""
	}
	return u.Host
}

// NormalDomain returns the one spelling that [Store.Find] compares domains in: small letters, ASCII, and the port unless
// it is 443. It returns "" for what is no domain. It is for those who write a [Store].
func NormalDomain(domain string) string {
	if domain == "" || strings.ContainsAny(domain, `/\?#@`) {
		return ""
	}
	return hostOf("https://" + domain + "/")
}

// secrets are what no text may show.
func (i Installation) secrets() redact.Set {
	return redact.Set{
		redact.NewSecret(i.ApplicationToken), redact.NewSecret(i.Token.AccessToken), redact.NewSecret(i.Token.RefreshToken),
	}
}

// masked returns what is printed in place of a secret.
func masked(secret string) string {
	if secret == "" {
		return `""`
	}
	return redact.Mask
}

// Format prints the installation without its secrets, whatever the verb.
func (i Installation) Format(f fmt.State, _ rune) {
	text := "portals.Installation{MemberID:" + strconv.Quote(i.MemberID) + " ClientEndpoint:" + strconv.Quote(i.ClientEndpoint) +
		" ApplicationToken:" + masked(i.ApplicationToken) + " Token:" + fmt.Sprint(i.Token) + " Plan:" + i.Plan.String()
	if !i.InstalledAt.IsZero() {
		text += " InstalledAt:" + i.InstalledAt.Format(time.RFC3339)
	}
	if !i.RemovedAt.IsZero() {
		text += " RemovedAt:" + i.RemovedAt.Format(time.RFC3339)
	}
	_, _ = f.Write([]byte(text + "}"))
}

// LogValue makes a log record of the installation a group of its fields, without its secrets.
func (i Installation) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("member_id", i.MemberID),
		slog.String("client_endpoint", i.ClientEndpoint),
		slog.String("application_token", masked(i.ApplicationToken)),
		slog.Any("token", i.Token),
		slog.String("plan", i.Plan.String()),
		slog.Time("installed_at", i.InstalledAt),
		slog.Time("removed_at", i.RemovedAt),
	)
}

// stored is an Installation as JSON.
type stored struct {
	MemberID         string       `json:"member_id"`
	ClientEndpoint   string       `json:"client_endpoint,omitempty"`
	ApplicationToken string       `json:"application_token,omitempty"`
	Token            *oauth.Token `json:"token,omitempty"`
	Plan             string       `json:"plan,omitempty"` // empty for the standard one
	InstalledAt      *time.Time   `json:"installed_at,omitempty"`
	RemovedAt        *time.Time   `json:"removed_at,omitempty"`
}

// enterprise is how that plan is stored.
const enterprise = "enterprise"

// MarshalJSON returns the installation as it is stored, with its secrets: keep it like a password. The names are those
// of events, and the expiry of the token is cut to whole seconds.
func (i Installation) MarshalJSON() ([]byte, error) {
	s := stored{MemberID: i.MemberID, ClientEndpoint: i.ClientEndpoint, ApplicationToken: i.ApplicationToken}
	if i.Token != (oauth.Token{}) {
		s.Token = &i.Token
	}
	if i.Plan == imbot.PlanEnterprise {
		s.Plan = enterprise
	}
	for _, moment := range []struct {
		at time.Time
		to **time.Time
	}{{i.InstalledAt, &s.InstalledAt}, {i.RemovedAt, &s.RemovedAt}} {
		if !moment.at.IsZero() {
			at := moment.at.UTC()
			*moment.to = &at
		}
	}
	return json.Marshal(s)
}

// errNotStored is the error for JSON that is no installation. That of encoding/json quotes what it read.
var errNotStored = errors.New("portals: this is not the JSON of an installation")

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Installation) UnmarshalJSON(data []byte) error {
	var s stored
	if json.Unmarshal(data, &s) != nil {
		return errNotStored
	}
	read := Installation{MemberID: s.MemberID, ClientEndpoint: s.ClientEndpoint, ApplicationToken: s.ApplicationToken}
	if s.Token != nil {
		read.Token = *s.Token
	}
	if s.Plan == enterprise {
		read.Plan = imbot.PlanEnterprise
	}
	if s.InstalledAt != nil {
		read.InstalledAt = s.InstalledAt.UTC()
	}
	if s.RemovedAt != nil {
		read.RemovedAt = s.RemovedAt.UTC()
	}
	*i = read
	return nil
}
