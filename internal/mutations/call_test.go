package mutations

// callRows are bugs in a call: what is sent, repeated, followed and refreshed.
var callRows = []row{
	{
		"take a false for a success", "method.go", ". TestMustBeTrue",
		"	if result {\n", "	if result || true {\n",
	},
	{
		"send what can never be right", "method.go", "",
		"if m.Validate == nil {", "if true {",
	},
	{
		"hand nil pointers to Validate", "method.go", "",
		"m.Validate(orZero(req))", "m.Validate(req)",
	},
	{
		"repeat after an unknown outcome", "call_repeat.go", "",
		"if (call.idempotent || call.repeatable) && ran(err) == outcome.Unknown {", "if ran(err) == outcome.Unknown {",
	},
	{
		"repeat after an answer that contradicts itself", "call_repeat.go", "",
		"case refused.ambiguous:", "case false:",
	},
	{
		"take one of two results within a result", "method.go", "",
		" || envelope.SaysTwice(got.result) ||", " ||",
	},
	{
		"refresh after an answer that contradicts itself", "call_token.go", "",
		"return ok && !refused.ambiguous &&", "return ok &&",
	},
	{
		"ask nobody where a portal is that cannot be found", "call_address.go", "",
		"if a.asked || ", "if true || ",
	},
	{
		"repeat elsewhere what may have been executed", "call_address.go", "",
		" || ran(err) != outcome.NotExecuted {", " || ran(err) == outcome.Executed {",
	},
	{
		"take the address of a new token for a redirect", "call_address.go", "",
		"		a.redirects.known.Delete(endpoint.Host)\n		a.portal.reported.Store(endpoint)\n", "		a.redirects.known.Store(a.base.Host, endpoint)\n",
	},
	{
		"keep the host as it is spelled", "auth.go", "",
		"case !hostname.Normalize(u):", "case !hostname.Normalize(new(*u)):",
	},
	{
		"follow any redirect", "call_address.go", "",
		" || target.Host == from || !r.policy(from, target.Host) {", " || from == \"-\" {",
	},
	{
		"follow a redirect to another path", "call_address.go", "",
		" || target.EscapedPath() != sent.Path() {", " {",
	},
	{
		"wait as long as a proxy says", "internal/retry/retry.go", "./internal/retry TestDo_waitsThatCountAreBounded",
		"if !verdict.Free && pause > policy.MaxDelay {", "if false {",
	},
	{
		"take an answer that was lost for one that was given", "call_repeat.go", "",
		"	if call.lost == nil && err != nil && ran(err) == outcome.Unknown {", "	if false {",
	},
	{
		"refresh again and again", "call_token.go", "",
		"&& !call.token.refreshed &&", "&&",
	},
}
