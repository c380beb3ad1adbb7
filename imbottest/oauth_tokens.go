package imbottest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// refusal is an answer of the OAuth server that has no tokens.
type refusal struct {
	status            int
	code, description string
}

func (r refusal) reply() reply {
	answer := php.New().Set("error", r.code)
	if r.description != "" {
		answer.Set("error_description", r.description)
	}
	return newReply(r.status, contentTypeJSON, php.Encode(answer))
}

// The refusals of the OAuth server. Some have no text, and one has the status of a success.
var (
	refuseNoGrantType = refusal{http.StatusBadRequest, "invalid_request", `No "grant_type" parameter found`}
	refuseNoCode      = refusal{http.StatusBadRequest, "invalid_request", `No "code" parameter found`}
	refuseNoRefresh   = refusal{http.StatusBadRequest, "invalid_request", `No "refresh_token" parameter found`}
	refuseClient      = refusal{http.StatusOK, "wrong_client", ""}
	refuseSecret      = refusal{http.StatusBadRequest, "invalid_client", ""}
	refuseGrant       = refusal{http.StatusBadRequest, "invalid_grant", ""}
	refuseScope       = refusal{http.StatusForbidden, "invalid_scope", "Given scope exceeds permissions associated with given grant"}
	refusePayment     = refusal{http.StatusUnauthorized, "PAYMENT_REQUIRED", "Payment required"}
	refuseInstalled   = refusal{http.StatusUnauthorized, "NOT_INSTALLED", "Application not installed"}
)

// tokens looks at a request for tokens as the OAuth server does: at the application, at its state, at what it brings.
func (p *Portal) tokens(form url.Values, at addresses) reply {
	s := p.oauth
	s.mu.Lock()
	defer s.mu.Unlock()
	app, refused := s.client(form)
	if refused != nil {
		return refused.reply()
	}
	var brought *oneTime
	switch form.Get("grant_type") {
	case "authorization_code":
		if form.Get("code") == "" {
			return refuseNoCode.reply()
		}
		brought = s.codes[form.Get("code")]
	case "refresh_token":
		if form.Get("refresh_token") == "" {
			return refuseNoRefresh.reply()
		}
		brought = s.refreshes[form.Get("refresh_token")]
	default:
		return refuseNoGrantType.reply()
	}
	if !s.accept(app, brought) {
		return refuseGrant.reply()
	}
	if asked := form.Get("scope"); asked != "" {
		for scope := range strings.SplitSeq(asked, ",") {
			if !slices.Contains(app.Scopes, scope) {
				return refuseScope.reply()
			}
		}
	}
	grant := p.grant(app, at)
	brought.used, brought.successor = true, grant.RefreshToken
	return grantReply(grant)
}

// client returns the application that asks. The caller holds mu.
func (s *oauthServer) client(form url.Values) (*application, *refusal) {
	app, known := s.apps[form.Get("client_id")]
	switch {
	case !known:
		return nil, &refuseClient
	case form.Get("client_secret") != app.Secret:
		return nil, &refuseSecret
	case app.unpaid:
		return nil, &refusePayment
	case app.removed:
		return nil, &refuseInstalled
	default:
		return app, nil
	}
}

// accept tells whether a code or refresh token is good. Both work once. The caller holds mu.
func (s *oauthServer) accept(app *application, brought *oneTime) bool {
	if brought == nil || brought.app != app.ID || !s.works(app, brought, time.Now()) {
		return false
	}
	if brought.used {
		delete(s.refreshes, brought.successor) // whoever has it after all shall not have a pair beside the next one
		brought.used = false
	}
	return true
}

// works tells whether a code or refresh token of an application can still be used: for the first time, or once more
// because its successor was lost. The caller holds mu.
func (s *oauthServer) works(app *application, brought *oneTime, now time.Time) bool {
	if !now.Before(brought.expires) {
		return false
	}
	successor := s.refreshes[brought.successor]
	return !brought.used || app.ForgivesLoss && successor != nil && !successor.used
}

// forget drops the codes and refresh tokens that work no more, in a portal that has to live long. For whoever brings
// one that makes no difference: what is unknown is refused in the same way. It has a look once in a while, so that it
// costs little. The caller holds mu.
func (s *oauthServer) forget(now time.Time) {
	keep := s.calls.keep
	if keep == 0 || s.issued%keep != 0 {
		return
	}
	for _, issued := range []map[string]*oneTime{s.codes, s.refreshes} {
		for text, one := range issued {
			if app, known := s.apps[one.app]; !known || !s.works(app, one, now) {
				delete(issued, text)
			}
		}
	}
}

// forgetAccess drops the access tokens that have expired, but for the last ones: by their answer, expired_token, a
// client knows that it has to refresh. The caller holds the OAuth server's mu.
func (p *Portal) forgetAccess(now time.Time) {
	s := p.oauth
	keep := s.calls.keep
	if keep == 0 || s.issued%keep != 0 || len(s.access) <= keep {
		return
	}
	old := s.access[:len(s.access)-keep]
	s.access = append(p.world.dropExpired(old, now), s.access[len(old):]...)
}

func grantReply(grant Grant) reply {
	return newReply(http.StatusOK, contentTypeJSON, php.Encode(php.New().
		Set("access_token", grant.AccessToken).
		Set("expires", grant.Expiry.Unix()).
		Set("expires_in", int64(accessLifetime/time.Second)).
		Set("scope", grant.Scope).
		Set("domain", grant.Domain).
		Set("server_endpoint", grant.ServerEndpoint).
		Set("status", grant.Status).
		Set("client_endpoint", grant.ClientEndpoint).
		Set("member_id", grant.MemberID).
		Set("user_id", int64(grant.UserID)).
		Set("refresh_token", grant.RefreshToken)))
}
