package tokens

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

func (r refusal) answer() (status int, answer *php.Array) {
	return r.status, Refusal(r.code, r.description)
}

// Refusal is the answer of the OAuth server to a request that gets no tokens. An empty description is missing there.
func Refusal(code, description string) *php.Array {
	answer := php.New().Set("error", code)
	if description != "" {
		answer.Set("error_description", description)
	}
	return answer
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

// Exchange answers a request for tokens. It looks at the application, then at its state, then at what it brings.
func (s *Server) Exchange(form url.Values, at Addresses) (status int, answer *php.Array) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, refused := s.client(form)
	if refused != nil {
		return refused.answer()
	}
	var brought *oneTime
	switch form.Get("grant_type") {
	case "authorization_code":
		if form.Get("code") == "" {
			return refuseNoCode.answer()
		}
		brought = s.codes[form.Get("code")]
	case "refresh_token":
		if form.Get("refresh_token") == "" {
			return refuseNoRefresh.answer()
		}
		brought = s.refreshes[form.Get("refresh_token")]
	default:
		return refuseNoGrantType.answer()
	}
	if !s.accept(app, brought) {
		return refuseGrant.answer()
	}
	if asked := form.Get("scope"); asked != "" {
		for scope := range strings.SplitSeq(asked, ",") {
			if !slices.Contains(app.Scopes, scope) {
				return refuseScope.answer()
			}
		}
	}
	grant := s.grant(app, at)
	brought.used, brought.successor = true, grant.RefreshToken
	return http.StatusOK, answerOf(grant)
}

// client returns the application that asks. The caller holds mu.
func (s *Server) client(form url.Values) (*application, *refusal) {
	app, known := s.apps[form.Get("client_id")]
	switch {
	case !known:
		return nil, &refuseClient
	case form.Get("client_secret") != app.Secret:
		return nil, &refuseSecret
	}
	refused := app.refused()
	return app, refused
}

// refused is why an application is refused everything, nil if it is not.
func (a *application) refused() *refusal {
	switch {
	case a.unpaid:
		return &refusePayment
	case a.removed:
		return &refuseInstalled
	default:
		return nil
	}
}

// accept reports whether a code or refresh token is good. Both work once. The caller holds mu.
func (s *Server) accept(app *application, brought *oneTime) bool {
	if brought == nil || brought.app != app.ID || !s.works(app, brought, time.Now()) {
		return false
	}
	if brought.used {
		delete(s.refreshes, brought.successor) // if it was not lost after all, there must not be two pairs that work
		brought.used = false
	}
	return true
}

// works reports whether a code or refresh token of an application can still be used: for the first time, or once more
// because its successor was lost. The caller holds mu.
func (s *Server) works(app *application, brought *oneTime, now time.Time) bool {
	if !now.Before(brought.expires) {
		return false
	}
	successor := s.refreshes[brought.successor]
	return !brought.used || app.ForgivesLoss && successor != nil && !successor.used
}

func answerOf(grant Grant) *php.Array {
	return php.New().
		Set("access_token", grant.AccessToken).
		Set("expires", grant.Expiry.Unix()).
		Set("expires_in", int64(Lifetime/time.Second)).
		Set("scope", grant.Scope).
		Set("domain", grant.Domain).
		Set("server_endpoint", grant.ServerEndpoint).
		Set("status", grant.Status).
		Set("client_endpoint", grant.ClientEndpoint).
		Set("member_id", grant.MemberID).
		Set("user_id", int64(grant.UserID)).
		Set("refresh_token", grant.RefreshToken)
}
