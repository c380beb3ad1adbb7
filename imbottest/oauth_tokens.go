package imbottest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// refusal is an answer of the OAuth server that has no tokens.
type refusal struct {
	status            int
	code, description string
}

func (r refusal) reply() reply {
	answer := newArray().set("error", r.code)
	if r.description != "" {
		answer.set("error_description", r.description)
	}
	return newReply(r.status, contentTypeJSON, encodePHP(answer))
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
	if brought == nil || brought.app != app.ID || !time.Now().Before(brought.expires) {
		return false
	}
	if !brought.used {
		return true
	}
	successor := s.refreshes[brought.successor]
	if !app.ForgivesLoss || successor == nil || successor.used {
		return false
	}
	delete(s.refreshes, brought.successor) // whoever has it after all shall not have a pair beside the next one
	return true
}

func grantReply(grant Grant) reply {
	return newReply(http.StatusOK, contentTypeJSON, encodePHP(newArray().
		set("access_token", grant.AccessToken).
		set("expires", grant.Expiry.Unix()).
		set("expires_in", int64(accessLifetime/time.Second)).
		set("scope", grant.Scope).
		set("domain", grant.Domain).
		set("server_endpoint", grant.ServerEndpoint).
		set("status", grant.Status).
		set("client_endpoint", grant.ClientEndpoint).
		set("member_id", grant.MemberID).
		set("user_id", int64(grant.UserID)).
		set("refresh_token", grant.RefreshToken)))
}
