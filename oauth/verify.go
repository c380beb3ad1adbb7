package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// Info is what the OAuth server says about an access token. It has no secret.
type Info struct {
	// ClientID is the application whose token it is.
	ClientID string
	// MemberID identifies the portal that it is valid on.
	MemberID string
	// ClientEndpoint is where the methods of that portal live, such as https://portal.example/rest/; empty if not sent.
	ClientEndpoint string
	// ServerEndpoint is where the OAuth server lives; empty if not sent.
	ServerEndpoint string
	// Domain is the host of the portal; empty if not sent.
	Domain string
	// Scope has the scopes of the token, separated by commas.
	Scope string
	// Status is the application's on this portal, as in [Token].
	Status string
	// Version is the installed version of the application, as a number in decimal; empty if not sent.
	Version string
	// Installed tells whether the installation is finished. While an installer of the application is open it is not.
	Installed bool
	// UserID is for whom the token acts; zero if not sent.
	UserID imbot.UserID
	// Expiry is when the token stops being accepted; zero if not sent.
	Expiry time.Time
}

// ErrNotConfirmed is matched by the error of [App.Verify] for a token that is valid, but is another application's, or
// of another portal than it says.
var ErrNotConfirmed = imbot.NewError("oauth: the OAuth server does not confirm whose token it is", imbot.Advice{
	Meaning: "the token is valid, but is another application's, or of another portal than it says",
	Action:  "do not trust who sent it",
})

// Verify asks the OAuth server whose access token a token has, by its method app.info. That is the way to trust what
// anybody can post: an installation, or a request for a frame. The server is the one of [App.TokenURL], or one of
// Bitrix24's own, whatever the token says; the portal is not asked.
//
// A nil error means that the token is one of this application, and valid on the portal that Info.MemberID names, which
// is token.MemberID if that is not empty. It does not mean that the endpoint and the domain in the token are right:
// use those of the [Info].
//
// The error matches [ErrNotConfirmed], with the Info beside it, where the token is another application's or another
// portal's. It is an [*Error] where the server refuses the token, such as one that matches [imbot.ErrExpiredToken] or
// [imbot.ErrInvalidToken], and one without a code where the answer cannot be read. Where there is none, or the server
// failed, the error matches [imbot.ErrOutcomeUnknown]; the method does nothing but read, so that it may be called again. What can never be right is an [*imbot.ParamError], and
// nothing is sent: a token without AccessToken, which matches [imbot.ErrNoAuthFound], an App without ID, and a TokenURL
// as in [App.Exchange].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/common/system/app-info.html
func (a App) Verify(ctx context.Context, token Token) (Info, error) {
	switch {
	case a.ID == "":
		return Info{}, a.check()
	case token.AccessToken == "":
		return Info{}, &imbot.ParamError{Param: "access_token", Err: fmt.Errorf("is empty: %w", imbot.ErrNoAuthFound)}
	}
	address, err := a.infoURL(token.ServerEndpoint)
	if err != nil {
		return Info{}, err
	}
	info, err := a.ask(ctx, address, token)
	if err != nil {
		return Info{}, err
	}
	switch {
	case info.ClientID != a.ID:
		return info, fmt.Errorf("%w: it is another application's", ErrNotConfirmed)
	case token.MemberID != "" && info.MemberID != token.MemberID:
		return info, fmt.Errorf("%w: it is another portal's", ErrNotConfirmed)
	default:
		return info, nil
	}
}

// infoURL returns where app.info is, beside the place for token requests.
func (a App) infoURL(serverEndpoint string) (*url.URL, error) {
	const infoPath = "/rest/app.info"
	address, err := a.tokenURL(serverEndpoint)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, &imbot.ParamError{Param: "token URL", Err: errors.New("is not a URL")}
	}
	before, _ := strings.CutSuffix(strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(tokenPath, "/"))
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(before, "/") + infoPath}, nil
}

// ask makes the request to app.info and reads the answer.
func (a App) ask(ctx context.Context, address *url.URL, token Token) (Info, error) {
	secrets := append(token.secrets(), redact.NewSecret(a.Secret))
	if err := ctx.Err(); err != nil {
		return Info{}, &requestError{outcome: outcome.NotExecuted, err: err}
	}
	attempt, cancel := context.WithTimeout(ctx, a.timeout())
	defer cancel()
	got, failure := a.post(attempt, address, url.Values{"auth": {token.AccessToken}})
	if failure != nil {
		err := failure.Err
		if attempt.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("no answer within %s: %w", a.timeout(), err)
		}
		return Info{}, &requestError{outcome: failure.Outcome, err: secrets.Error(err)}
	}
	info, refusal := infoOf(got)
	if refusal != nil {
		refusal.hide(secrets)
		return Info{}, refusal
	}
	return info, nil
}

// post makes one request with a form and reads the answer, a byte more than is allowed at most.
func (a App) post(ctx context.Context, address *url.URL, form url.Values) (answer, *onerequest.Failure) {
	header := http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/x-www-form-urlencoded"},
		"User-Agent":   {version.UserAgent},
	}
	resp, failure := onerequest.Watched(a.transport(), a.timeout()).
		Send(ctx, onerequest.Request{URL: *address, Header: header, Body: payload.Body{Text: []byte(form.Encode())}})
	if failure != nil {
		return answer{}, failure
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up on; there is nothing left to learn
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		err = fmt.Errorf("reading the answer (HTTP %d): %w", resp.StatusCode, err)
		return answer{}, &onerequest.Failure{Outcome: outcome.Unknown, Err: err}
	}
	return answer{resp.StatusCode, body}, nil
}

// infoOf reads the answer of app.info.
func infoOf(a answer) (Info, *Error) {
	body, refusal := a.text()
	if refusal != nil {
		return Info{}, refusal
	}
	said, err := envelope.Parse(body)
	switch {
	case err != nil:
		return Info{}, a.unreadable("the answer is not JSON")
	case said.Contradicts:
		return Info{}, a.unreadable("the answer has both a result and an error")
	case said.Refusal != nil:
		return Info{}, a.refused(said.Refusal)
	case !a.isSuccess():
		return Info{}, a.unreadable("the answer has neither a result nor an error")
	}
	result, err := readFields(said.Result)
	if err != nil {
		return Info{}, a.unreadable("the answer has no result")
	}
	install, err := readFields(result["install"])
	if err != nil {
		return Info{}, a.unreadable("the answer does not say where the application is installed")
	}
	info := Info{
		ClientID:       result.lenient("client_id"),
		MemberID:       install.lenient("member_id"),
		ClientEndpoint: normalEndpoint(install.lenient("client_endpoint")),
		ServerEndpoint: normalEndpoint(install.lenient("server_endpoint")),
		Domain:         install.lenient("domain"),
		Scope:          result.list("scope"),
		Status:         install.lenient("status"),
		Version:        install.lenient("version"),
		Installed:      install.isTrue("installed"),
		Expiry:         result.expires(),
	}
	if userID, ok := result.number("user_id"); ok {
		info.UserID = imbot.UserID(userID)
	}
	if info.ClientID == "" || info.MemberID == "" {
		return Info{}, a.unreadable("the answer does not say whose token it is")
	}
	return info, nil
}

// list returns a text, or the texts of a list with commas between them.
func (f fields) list(name string) string {
	var texts []string
	if json.Unmarshal(f[name], &texts) == nil && len(texts) > 0 {
		if text := strings.Join(texts, ","); len(text) <= maxText {
			return text
		}
		return ""
	}
	return f.lenient(name)
}

// isTrue reports whether a field is true, in one of the ways in which PHP writes that.
func (f fields) isTrue(name string) bool {
	switch string(f[name]) {
	case "true", "1", `"1"`, `"Y"`, `"true"`:
		return true
	default:
		return false
	}
}
