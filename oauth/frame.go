package oauth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// maxFrame is how much of the request for a frame is read, in bytes. A placement may post options of its own.
const maxFrame = 1 << 20

// FromFrame returns the tokens that a portal posts when it opens an application in a frame: AUTH_ID, REFRESH_ID,
// AUTH_EXPIRES, member_id and what is beside them. Domain is the DOMAIN of the request, and ClientEndpoint follows from
// it and from PROTOCOL; both are empty where that is no host. The placement, its options and APPLICATION_TOKEN are read
// by r.PostFormValue.
//
// Anybody can post such a request. Ask [App.Verify] whose tokens these are before anything is stored by their MemberID,
// and take the endpoint from its answer.
//
// The secrets are read from the body alone: an address is written to logs. Where the body has no AUTH_ID, REFRESH_ID or
// member_id, or one of more than 4 KiB, the error is an [*imbot.ParamError] that names it and matches
// [imbot.ErrInvalidRequest]. It matches that, too, where the request is no POST or its body is no form, or has more than
// 1 MiB.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/settings/oauth/simple-way.html
func FromFrame(r *http.Request) (Token, error) {
	if r.Method != http.MethodPost {
		return Token{}, missing("request", "is not a POST")
	}
	if r.Body != nil && r.PostForm == nil {
		r.Body = http.MaxBytesReader(nil, r.Body, maxFrame)
	}
	if err := r.ParseForm(); err != nil { // it may quote what it could not read
		return Token{}, missing("request", "has a body that is not a form, or that is too large")
	}
	access, refresh, member := r.PostForm.Get("AUTH_ID"), r.PostForm.Get("REFRESH_ID"), r.PostForm.Get("member_id")
	for _, required := range []struct{ name, value string }{{"AUTH_ID", access}, {"REFRESH_ID", refresh}, {"member_id", member}} {
		switch {
		case required.value == "":
			return Token{}, missing(required.name, "is missing in the body")
		case len(required.value) > maxText:
			return Token{}, &imbot.ParamError{Param: required.name, Err: fmt.Errorf("%w: %w", errTooLong, imbot.ErrInvalidRequest)}
		}
	}
	text := func(name string) string {
		if value := r.Form.Get(name); len(value) <= maxText {
			return value
		}
		return ""
	}
	token := Token{
		AccessToken:    access,
		RefreshToken:   refresh,
		ServerEndpoint: normalEndpoint(text("SERVER_ENDPOINT")),
		MemberID:       member,
		Scope:          text("APPLICATION_SCOPE"),
		Status:         text("status"),
	}
	if expires, ok := parseNumber(text("AUTH_EXPIRES")); ok && expires > 0 && expires <= maxLifetime {
		token.Expiry = time.Now().Add(time.Duration(expires) * time.Second).Truncate(time.Second).UTC()
	}
	scheme := "https"
	if text("PROTOCOL") == "0" {
		scheme = "http"
	}
	if domain := text("DOMAIN"); !strings.ContainsAny(domain, "/?#@") {
		token.ClientEndpoint = normalEndpoint(scheme + "://" + domain + "/rest/")
	}
	token.Domain = hostOf(token.ClientEndpoint)
	return token, nil
}

var errTooLong = errors.New("is longer than 4 KiB")
