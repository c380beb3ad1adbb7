package methods

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

const (
	// Everybody stands where a permission does for methods that need none.
	Everybody = ""
	// Batch is the method that runs others. It is the server's.
	Batch = "batch"
)

const (
	licensed     = language + "_" // what stands before the license
	cloudLicense = "std"
)

// Card is what the portal knows of the OAuth application of the caller.
type Card struct {
	Number    int // of the application on the portal
	Status    string
	Installed bool
	Unpaid    bool
}

var everybody = []string{Everybody}

// common are the methods that need no permission. They describe the portal and the caller.
var common = []Method{
	{name: "scope", scopes: everybody, act: func(c *call) any {
		if !php.IsEmpty(c.params.Get("FULL")) {
			return php.ListOf(scopesOf(c.known))
		}
		return c.scopes()
	}},

	{name: "methods", scopes: everybody, act: listMethods},

	{name: "server.time", scopes: everybody, act: func(*call) any { return dateOf(time.Now()) }},

	{name: "app.info", scopes: everybody, act: func(c *call) any {
		if c.caller.App == "" {
			return php.New().Set("SCOPE", c.scopes()).Set("LICENSE", c.license())
		}
		card, expired := c.caller.Card, "N"
		if card.Unpaid {
			expired = "Y"
		}
		info := php.New().Set("ID", strconv.Itoa(card.Number)).Set("CODE", c.caller.App).Set("VERSION", 1).
			Set("STATUS", card.Status).Set("INSTALLED", card.Installed).Set("PAYMENT_EXPIRED", expired).
			Set("DAYS", nil).Set("LANGUAGE_ID", language).Set("LICENSE", c.license())
		if !c.caller.SelfHosted {
			info.Set("LICENSE_TYPE", cloudLicense).Set("LICENSE_FAMILY", cloudLicense)
		}
		return info
	}},

	{name: "profile", scopes: everybody, act: showProfile},
}

// scopes are the permissions of the caller. The server splits a text at its commas, and an empty text has one part.
func (c *call) scopes() *php.Array {
	if len(c.caller.Scopes) == 0 {
		return php.ListOf([]string{""})
	}
	return php.ListOf(c.caller.Scopes)
}

// license is what the customer has, after the language.
func (c *call) license() string {
	if c.caller.SelfHosted {
		return licensed + "selfhosted"
	}
	return licensed + cloudLicense
}

// scopesOf returns the permissions that there are for several methods.
func scopesOf(all []Method) []string {
	var scopes []string
	for i := range all {
		for _, scope := range all[i].Scopes() {
			if scope != Everybody && !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes
}

// listMethods names the methods of the caller's permissions and those for everybody, of a SCOPE alone, or all if FULL
// is set. Those of version 2 are found by their names and are in no list.
func listMethods(c *call) any {
	scopes := append(slices.Clone(everybody), c.caller.Scopes...)
	switch scope := c.params.Get("SCOPE"); {
	case scope != nil:
		scopes = []string{php.StringOf(scope)}
	case !php.IsEmpty(c.params.Get("FULL")):
		scopes = append(slices.Clone(everybody), scopesOf(c.known)...)
	}
	names := php.New()
	for _, scope := range slices.Concat(everybody, scopesOf(c.known)) {
		if !slices.Contains(scopes, scope) {
			continue
		}
		if scope == Everybody {
			names.Append(Batch)
		}
		for i := range c.known {
			if method := &c.known[i]; slices.Contains(method.Scopes(), scope) && !strings.Contains(method.name, ".v2.") {
				names.Append(strings.ToLower(method.name))
			}
		}
	}
	return names
}
