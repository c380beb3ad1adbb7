package mutations

// telemetryRows are bugs in the traces and metrics of module otelimbot.
var telemetryRows = []row{
	{
		"mark a bot that is out already as an error", "otelimbot/calls.go", "./otelimbot TestClient_status",
		"		return !isBenign(result.Err)\n", "		return true\n",
	},
	{
		"show any code of a portal", "otelimbot/labels.go", "./otelimbot TestSecrets TestClient_status",
		" || !codeForm.MatchString(string(code)) {", " {",
	},
	{
		"count the commands of batches twice", "otelimbot/calls.go", "./otelimbot TestDay",
		"	t.count(ctx, info, result)\n	if batch == nil {", "	t.count(ctx, info, result)\n	t.count(ctx, info, result)\n	if batch == nil {",
	},
	{
		"tell all methods apart", "otelimbot/methods.go", "./otelimbot TestMethods_areFew TestMethods_inABatch",
		"	if m[name] {", "	if name != \"\" {",
	},
	{
		"show any method", "otelimbot/methods.go", "./otelimbot TestMethods_areFew TestMethods_inABatch",
		"len(name) <= longestMethod && methodForm.MatchString(name)", "name != \"\"",
	},
	{
		"count a wait for each cause that there was none", "otelimbot/calls.go", "./otelimbot TestDay",
		"		if wait.took > 0 {\n", "		if wait.took >= 0 {\n",
	},
	{
		"observe the age of a queue as its depth", "otelimbot/others.go", "./otelimbot TestDay TestQueue",
		"to.ObserveInt64(depth, int64(held.Pending), labels)", "to.ObserveInt64(depth, int64(old), labels)",
	},
	{
		"count the unknown chats as failed, too", "otelimbot/goals.go", "./otelimbot TestGoals",
		"{outcomeFailed, result.Failed - result.Unknown},", "{outcomeFailed, result.Failed},",
	},
	{
		"count refused calls as done", "otelimbot/calls.go", "./otelimbot TestDay TestClient_status",
		"	attrs = append(attrs, outcomeKey.String(string(result.Outcome)))\n", "",
	},
	{
		"lose the waits between batches", "otelimbot/calls.go", "./otelimbot TestGoals",
		"{\"operating\", info.Waited.Operating + waited.Operating},", "{\"operating\", waited.Operating},",
	},
	{
		"leave the span of a renewal open", "otelimbot/others.go", "./otelimbot TestPanics_ofRenewalsAndEvents",
		"			if !returned { // it", "			if false && !returned { // it",
	},
	{
		"let a look at a queue end the program", "otelimbot/others.go", "./otelimbot TestQueue_panics",
		"		if value := recover(); value != nil {", "		if value := any(nil); value != nil {",
	},
	{
		"tell all events apart", "otelimbot/labels.go", "./otelimbot TestLabels_areFew",
		"	if knownEvents[name] {", "	if name != \"\" {",
	},
	{
		"name a metric otherwise than the page for operators", "otelimbot/otelimbot.go", "./otelimbot TestOperatingPage_metrics",
		"t.meter.Int64Counter(\"imbot.renewals\"", "t.meter.Int64Counter(\"imbot.renewed\"",
	},
}
