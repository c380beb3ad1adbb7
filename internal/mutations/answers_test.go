package mutations

// answersRows are bugs in how answers and refusals are read.
var answersRows = []row{
	{
		"swap two codes", "errors.go", "./imbottest TestDeleteBot",
		`Code = "BOT_ID_ERROR" `, `Code = "APP_ID_ERROR" `,
	},
	{
		"take an empty result for one", "internal/envelope/envelope.go", "./internal/envelope TestParse_contradictions",
		"p.hasData = p.hasData || HasData(value)", "p.hasData = true",
	},
	{
		"believe the last of two that differ", "internal/envelope/envelope.go", "./internal/envelope TestParseBatch_contradictions",
		"*o = once{differs: true}", "o.value = value",
	},
	{
		"overlook an error in capitals", "internal/envelope/envelope.go", "./internal/envelope TestParseBatch_contradictions",
		"if strings.EqualFold(meant, candidate) {", "if strings.Compare(meant, candidate) == 0 {",
	},
	{
		"know a rate limit by its code alone", "errors.go", ". TestRepeats",
		"return e.StatusCode == http.StatusTooManyRequests && !e.ambiguous &&", "return e.StatusCode == http.StatusTooManyRequests && false &&",
	},
	{
		"take a 429 that has a result for a refusal", "errors.go", "./internal/acceptance TestAnswers_tooManyRequests",
		"return e.StatusCode == http.StatusTooManyRequests && !e.ambiguous &&", "return e.StatusCode == http.StatusTooManyRequests &&",
	},
	{
		"take a manual block for the rate limit", "errors.go", ". TestRepeats",
		" && !e.Code.Is(ErrOverloadLimit)", "",
	},
	{
		"take a 429 for the word of a method", "call_exchange.go", ". TestRepeats",
		"if status == http.StatusTooManyRequests {", "if e.reason = c.recognize(status, Code(refusal.Code), refusal.Description); status == http.StatusTooManyRequests {",
	},
	{
		"decode any number of values", "call_exchange.go", "./internal/acceptance TestAnswers_valuesAreCounted",
		" || env.Values > maxValues:", ":",
	},
	{
		"follow a redirect beside a result", "call_exchange.go", ". TestRedirect_besideAResultIsNotFollowed",
		"case isRedirect(raw.Status) && !env.HasResult():", "case isRedirect(raw.Status):",
	},
	{
		"take the errors of a token source for the portal's", "call_errors.go", ". TestRefresh_failuresAreItsOwn",
		"return target != ErrOutcomeUnknown && errors.Is(e.error, target)", "return errors.Is(e.error, target)",
	},
	{
		"take a bot that is in the chat with its department for nothing that is known", "errors.go", "./internal/acceptance TestLeave_refusals",
		`"USER_INVITED_FROM_STRUCTURE", Means: ErrWrongRequest`, `"USER_INVITED_FROM_STRUCTURE", Means: nil`,
	},
	{
		"name what the portal sent in a result that does not fit", "internal/envelope/misfit.go", "./internal/envelope TestMisfit_namesFieldsAlone",
		"\tif name == \"\" {\n\t\treturn kind\n\t}\n", "\tname = misfit.Field\n",
	},
	{
		"say nothing of the field that does not fit", "method.go", "./internal/acceptance TestCallers_typesThatDoNotFit",
		"envelope.Misfit(got.result, reflect.TypeFor[Res](), err)", "envelope.Kind(got.result)",
	},
}
