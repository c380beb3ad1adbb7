package mutations

// secretsRows are bugs in secrets, and where credentials go.
var secretsRows = []row{
	{
		"print the address", "internal/exchange/credentials.go", "./internal/acceptance TestFailures",
		"return p.request.Secrets.Error(failure.Err)", "return errors.New(p.request.Path() + failure.Err.Error())",
	},
	{
		"hand the Location to middleware", "internal/exchange/middleware.go", "./internal/acceptance TestSecrets_whatComesBeforeAndAfterAnAnswer",
		"if masked := secrets.Text(value); masked != value {", "if masked := value; masked != value {",
	},
	{
		"hand the body to middleware as it is", "internal/exchange/middleware.go", "./internal/acceptance TestSecrets_middlewareChangesNoResult",
		"resp.Body = &maskedBody{masked, resp.Body, resp, p.request.Secrets}", "_ = masked",
	},
	{
		"give the caller what middleware is shown", "internal/exchange/exchange.go", "./internal/acceptance TestSecrets_middlewareChangesNoResult",
		"answer.Body = p.shown(body)", "answer.Body = body",
	},
	{
		"mask in codes what is a word of its own only", "internal/redact/match.go", "./internal/redact TestCode",
		"inCode = rule{anywhere: 8}", "inCode = rule{anywhere: 800}",
	},
	{
		"cut a text before its secrets are masked", "internal/redact/redact.go", "./internal/redact TestBounded",
		"return Short(set.mask(s, inText, limit), limit)", "return set.mask(Short(s, limit), inText, limit)",
	},
	{
		"keep long codes", "internal/redact/redact.go", "./internal/redact TestCode",
		"return Short(set.mask(s, inCode, MaxCode), MaxCode)", "return set.mask(s, inCode, math.MaxInt)",
	},
	{
		"send credentials wherever middleware wants them", "internal/exchange/middleware.go", "./internal/exchange TestDo_foreignRequests",
		"if !ok || !progressOf().isRequest(req) {", "if !ok {",
	},
	{
		"send the token to whatever host an answer names", "oauth/endpoint.go", "./oauth TestAnswers_whereThePortalIs",
		`case to == from, known == "",`, `case to != "", known == "",`,
	},
	{
		"move the credentials of others to where a token source says", "call_address.go", "./internal/acceptance TestTokenSource_movesTheWholeCall",
		"	a.portal.reported.Store(endpoint)\n	if ", "	a.redirects.known.Store(a.base.Host, endpoint)\n	if ",
	},
	{
		"show the credentials in the refusals of commands", "batch.go", "./internal/acceptance TestSecrets_refusedCommandsShowNone",
		"sync.OnceValue(sent.known)", "sync.OnceValue(func() redact.Set { return call.hidden(nil) })",
	},
	{
		"tell traces the path", "internal/exchange/middleware.go", "./internal/acceptance TestSecrets_tracesSeeNone",
		`if key != ":path" {`, "if true {",
	},
	{
		"leave the CLIENT_ID out of commands", "method.go", ". TestBatch_halt",
		"if body.Text, err = c.withClientID(m.Name, body.Text, reflect.TypeFor[Req]()); err != nil {", "if _, err = c.withClientID(m.Name, body.Text, reflect.TypeFor[Req]()); err != nil {",
	},
	{
		"send botTokens under OAuth", "client.go", ". TestWithClientID_ofGoalsUnderOAuth",
		"c.IsOAuth() && hasPrefixFold(method, botMethodsV2)", `c.IsOAuth() && method == ""`,
	},
	{
		"print the query of the address of a handler", "internal/redact/print.go", "./internal/acceptance TestSecrets_noValueShowsOne",
		"		place += \"?\" + Mask", "		place = address",
	},
	{
		"print a token beside its field", "internal/redact/print.go", "./internal/redact TestFormat_addresses",
		"return inFields(request).Text(b.String())", "return b.String()",
	},
}
