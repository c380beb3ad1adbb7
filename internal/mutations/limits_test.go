package mutations

// limitsRows are bugs in rate limits and operating budgets.
var limitsRows = []row{
	{
		"ask for a blocked method", "internal/operating/blocks.go", "./internal/operating TestBlocks",
		"b != nil && b.until.After(now) }", "false }",
	},
	{
		"go on refusing after a block is over", "internal/operating/blocks.go", "./internal/operating TestBlocks",
		"b != nil && b.until.After(now) }", "b != nil && !b.until.IsZero() }",
	},
	{
		"believe in a block of a day", "call_limits.go", ". TestOperatingLimit_isOverInTenMinutes",
		"e.RetryAt = operating.Earlier(e.RetryAt, time.Now().Add(operating.Window))", "_ = operating.Earlier",
	},
	{
		"believe in a reset in hours", "internal/operating/operating.go", "./internal/operating TestBlocks_resetAt",
		"if at.Sub(now) > Window+underway {", "if false {",
	},
	{
		"look for what is over at every call", "internal/operating/blocks.go", ". TestOperatingLimit_manyBudgets",
		"if now.Sub(b.swept) >= Window {", "if true {",
	},
	{
		"share the budgets of webhooks", "auth.go", ". TestOperatingLimit_ofWhom",
		"maphash.String(callerSeed, path)", `maphash.String(callerSeed, "")`,
	},
	{
		"share the budgets of portals", "call_limits.go", ". TestOperatingLimit_ofWhom",
		"operating.Key{Portal: portal.Host, ", "operating.Key{Portal: portal.Host[:0], ",
	},
	{
		"ignore when a blocked method may be asked for again", "call_limits.go", ". TestOperatingLimit_outlivesEarlierCalls",
		"c.operating.Refused(key, *e, until)", "_ = key",
	},
	{
		"forget the refusal before a wait", "call_limits.go", "./internal/acceptance TestLimiter_keepsTheRefusalBeforeTheWait",
		"if call.last != nil {", "if false {",
	},
	{
		"trust the portal's clock", "internal/operating/operating.go", "./internal/operating TestBlocks_resetAt",
		"now.Sub(r.Finish).Abs() > underway", "false",
	},
	{
		"leave the limiter as it was", "call_limits.go", "./internal/acceptance TestLimiter_ofTheUserIsEmptiedToo",
		"limitExceeded(ctx, c.limiters.of(key.Portal))", "_ = key",
	},
	{
		"pace all portals together", "call_limits.go", ". TestLimiter_isForgottenWhenItIsIdle",
		"	now := time.Now()\n	l.mu.Lock()", "	now, portal := time.Now(), portal[:0]\n	l.mu.Lock()",
	},
	{
		"drop limiters that somebody waits for", "call_limits.go", ". TestLimiter_isForgottenWhenItIsIdle",
		" && o.TokensAt(now) >= float64(o.Burst())", "",
	},
}
