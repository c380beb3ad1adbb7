package mutations

// limitsRows are bugs in rate limits and operating budgets.
var limitsRows = []row{
	{
		"ask for a blocked method", "operating.go", ". TestOperatingLimit_stopsThoseWhoWait",
		"if !state.isBlocked(time.Now()) {", "if true {",
	},
	{
		"go on refusing after a block is over", "operating.go", "",
		"return s.blocked != nil && s.blocked.RetryAt.After(now)", "return s.blocked != nil && s.resetAt.After(now)",
	},
	{
		"believe in a block of a day", "operating.go", "",
		"err.RetryAt = earlier(err.RetryAt, now.Add(operatingWindow))", "_ = earlier",
	},
	{
		"believe in a reset in hours", "operating.go", "",
		"if resetAt.Sub(now) > operatingWindow+underway {", "if false {",
	},
	{
		"look for what is over at every call", "operating.go", "",
		"if now.Sub(b.swept) >= operatingWindow {", "if true {",
	},
	{
		"share the budgets of webhooks", "auth.go", "",
		"maphash.String(callerSeed, path)", `maphash.String(callerSeed, "")`,
	},
	{
		"share the budgets of portals", "operating.go", "",
		"operatingKey{portal: portal.Host, ", "operatingKey{portal: portal.Host[:0], ",
	},
	{
		"ignore when a blocked method may be asked for again", "call_limits.go", "",
		"c.operating.refused(key, e)", "_ = key",
	},
	{
		"forget the refusal before a wait", "call_limits.go", "",
		"if c.last != nil {", "if false {",
	},
	{
		"trust the portal's clock", "operating.go", "",
		"now.Sub(t.Finish).Abs() > underway", "false",
	},
	{
		"leave the limiter as it was", "call_limits.go", "",
		"limitExceeded(ctx, c.limiters.of(key.portal))", "_ = key",
	},
	{
		"pace all portals together", "call_limits.go", "",
		"	now := time.Now()\n	l.mu.Lock()", "	now, portal := time.Now(), portal[:0]\n	l.mu.Lock()",
	},
	{
		"drop limiters that somebody waits for", "call_limits.go", "",
		" && o.TokensAt(now) >= float64(o.Burst())", "",
	},
}
