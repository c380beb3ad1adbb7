package imbottest

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// ScopeBots is the permission that the methods for bots need.
const ScopeBots = "imbot"

// Webhook is an incoming webhook. It acts for its user, within its scopes, and never expires.
type Webhook struct {
	// UserID is the user who made the webhook and for whom it acts. It is positive, and stands in the webhook's path.
	UserID imbot.UserID
	// Secret is the part of the path that nobody else knows. No two webhooks have the same.
	Secret string
	// Scopes are the permissions, such as [ScopeBots]. Without any, the webhook may call no method of a bot.
	Scopes []string
}

// Token is an OAuth access token of an application. It acts for its user, within its scopes.
type Token struct {
	// AccessToken is the token itself. No two have the same text.
	AccessToken string
	// App is the client_id of the application, for whose bots the token acts.
	App string
	// UserID is the user for whom the token acts, who sees dialogs by it.
	UserID imbot.UserID
	// Scopes are the permissions, such as [ScopeBots]. Without any, the token may call no method of a bot.
	Scopes []string
	// Expires is when the token stops working. The zero time stands for never.
	Expires time.Time
}

// AuthKind tells how a call was authorized.
type AuthKind int

// The kinds of authorization.
const (
	AuthNone    AuthKind = iota // neither a webhook's path nor a token
	AuthWebhook                 // the path of a webhook
	AuthOAuth                   // a token, wherever it stood
)

// String returns the name of the constant.
func (k AuthKind) String() string {
	switch k {
	case AuthNone:
		return "AuthNone"
	case AuthWebhook:
		return "AuthWebhook"
	case AuthOAuth:
		return "AuthOAuth"
	default:
		return "AuthKind(" + strconv.Itoa(int(k)) + ")"
	}
}

// credentials are what a call shows of itself, before anything of it was checked.
type credentials struct {
	kind         AuthKind
	user, secret string // of a webhook
	token        string // of OAuth
}

// identity is whom the portal takes the caller for.
type identity struct {
	user    imbot.UserID // for whom the call acts
	app     string       // OAuth application, "" for a webhook
	account string       // whose operating time is counted: the application or the webhook
	scopes  []string
}

func (id identity) may(scope string) bool { return scope == "" || slices.Contains(id.scopes, scope) }
