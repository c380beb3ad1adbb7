package mutations

// callRows are bugs in a call: what is sent, repeated, followed and refreshed.
var callRows = []row{
	{
		"take a false for a success", "method.go", ". TestMustBeTrue",
		"	if result {\n", "	if result || true {\n",
	},
	{
		"take what nobody returned from for done", "call.go", "./internal/acceptance TestTrace_functionsThatDoNotReturn",
		"if !returned {", "if !returned && ended.Err != nil {",
	},
	{
		"report a batch without its commands", "batch.go", "./internal/acceptance TestTrace_batch",
		"		c.trace.begin(ctx)\n", "		c.trace = nil\n",
	},
	{
		"make requests with the context from before the trace", "call.go", "./internal/acceptance TestTrace_nested",
		"		ctx = t.begin(ctx)\n", "		t.begin(ctx)\n",
	},
	{
		"explain a refusal, though the outcome is unknown", "explain.go", "./internal/acceptance TestExplain_calls",
		"	if errors.Is(err, ErrOutcomeUnknown) && ", "	if false && ",
	},
	{
		"take a mistake for temporary", "explain.go", "./internal/acceptance TestExplain_others",
		"isMistake {", "isMistake && false {",
	},
	{
		"log an unknown outcome like any other", "call_trace.go", ". TestWithLogger_levels",
		"if err == nil || !c.isLogged(ctx, slog.LevelWarn) || !errors.Is(err, ErrOutcomeUnknown) ||", "if true ||",
	},
	{
		"warn of a lost answer that was found out about", "leave_ensure.go", ". TestWithLogger_levels",
		"_, leaving, err := by.Method.call(ctx, c, req, callOptions{repeatable: true, ofGoal: true})", "_, leaving, err := by.Method.call(ctx, c, req, callOptions{repeatable: true})",
	},
	{
		"warn of reads of a batch that were given up", "batch.go", ". TestWithLogger_givenUp",
		"if !opts.ofGoal && !isGivenUp(ctx, b.isIdempotent()) {", "if !opts.ofGoal {",
	},
	{
		"log the code of the portal in place of the one of the OAuth server", "call_trace.go", ". TestWithLogger_levels",
		"errors.AsType[Code](err)", "asType[Code](err)",
	},
	{
		"send what can never be right", "method.go", ". TestMethod_validatesNil",
		"if m.Validate == nil {", "if true {",
	},
	{
		"hand nil pointers to Validate", "method.go", ". TestMethod_validatesNil",
		"m.Validate(orZero(req))", "m.Validate(req)",
	},
	{
		"repeat after an unknown outcome", "call_repeat.go", ". TestRepeats",
		"if (call.idempotent || call.repeatable) && ran(err) == outcome.Unknown {", "if ran(err) == outcome.Unknown {",
	},
	{
		"repeat after an answer that contradicts itself", "call_repeat.go", ". TestRepeats",
		"case refused.ambiguous:", "case false:",
	},
	{
		"take one of two results within a result", "method.go", "./internal/acceptance TestAnswers_resultsThatContradictThemselves",
		" || envelope.SaysTwice(got.result) {", " {",
	},
	{
		"refresh after an answer that contradicts itself", "call_token.go", ". TestRefresh",
		"return ok && !refused.ambiguous &&", "return ok &&",
	},
	{
		"ask nobody where a portal is that cannot be found", "call_address.go", "./internal/acceptance TestTokenSource_movesTheWholeCall",
		"if a.asked || ", "if true || ",
	},
	{
		"repeat elsewhere what may have been executed", "call_address.go", "./internal/acceptance TestTokenSource_isAskedForNothingElse",
		" || ran(err) != outcome.NotExecuted {", " || ran(err) == outcome.Executed {",
	},
	{
		"take the address of a new token for a redirect", "call_address.go", "./internal/acceptance TestRefresh_movesNoOthers",
		"		a.redirects.known.Delete(endpoint.Host)\n		a.portal.reported.Store(endpoint)\n", "		a.redirects.known.Store(a.base.Host, endpoint)\n",
	},
	{
		"keep the host as it is spelled", "auth.go", ". TestRedirect_toTheUsualPort",
		"case !hostname.Normalize(u):", "case !hostname.Normalize(new(*u)):",
	},
	{
		"follow any redirect", "call_address.go", ". TestWithRedirectPolicy_asksForHosts",
		" || target.Host == from || !r.policy(from, target.Host) {", " || from == \"-\" {",
	},
	{
		"follow a redirect to another path", "call_address.go", ". TestRedirect_followsNothingElse",
		" || target.EscapedPath() != sent.Path() {", " {",
	},
	{
		"wait as long as a proxy says", "internal/retry/retry.go", "./internal/retry TestDo_waitsThatCountAreBounded",
		"if !verdict.Free && pause > policy.MaxDelay {", "if false {",
	},
	{
		"take an answer that was lost for one that was given", "call_repeat.go", ". TestEnsureLeft",
		"	if call.lost == nil && err != nil && ran(err) == outcome.Unknown {", "	if false {",
	},
	{
		"refresh again and again", "call_token.go", ". TestRefresh",
		"&& !call.token.refreshed &&", "&&",
	},
}
