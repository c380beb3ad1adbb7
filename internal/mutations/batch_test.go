package mutations

// batchRows are bugs in batches, and the commands in them.
var batchRows = []row{
	{
		"number the commands of a batch", "batch.go", ". TestBatch_order",
		`names[i] = "c" + strconv.Itoa(i)`, "names[i] = strconv.Itoa(i)",
	},
	{
		"take silence for a success", "batch.go", ". TestBatch_halt",
		`return answer{}, &notExecutedError{method: c.method, why: "the portal did not come to it"}`, `return answer{result: []byte("true")}, nil`,
	},
	{
		"say that a batch was not sent while it is at the portal", "batch.go", "./internal/acceptance TestCallers_resultsThatDoNotReturn",
		"		b.unsettle()\n", "",
	},
	{
		"overlook an error with an empty code", "internal/envelope/batch.go", "./internal/envelope TestParseBatch_contradictions",
		"s.refusal.value != nil && !isNull(s.refusal.value) {", "s.refusal.value != nil && refusalOf(s.refusal.value).Code != \"\" {",
	},
	{
		"overlook what shows that a command ran", "internal/envelope/batch.go", "./internal/envelope TestParseBatch_tried",
		"r.tried = max(r.tried, place+1)", "r.tried = max(r.tried, 0)",
	},
	{
		"overlook that a later command was tried", "internal/envelope/batch.go", "./internal/envelope TestParseBatch_tried",
		"b.Items[i].Tried = i < r.tried", "b.Items[i].Tried = i == r.tried-1",
	},
	{
		"believe a refusal at the door beside a time", "batch.go", "./internal/acceptance TestBatch_answers",
		"refused.ambiguous = true", "refused.ambiguous = false",
	},
	{
		"let the portal put in results", "batch_command.go", ". TestBatch_mistakes",
		"if hasReference(param.Name) || hasReference(param.Value) {", "if hasReference(param.Name) {",
	},
	{
		"let the portal put in results by a name", "batch_command.go", "./internal/acceptance TestQueue_refusesWhatItCannotCarry",
		"if hasReference(param.Name) || hasReference(param.Value) {", "if hasReference(param.Value) {",
	},
	{
		"make an empty text of null in a batch", "internal/phpquery/phpquery.go", "./internal/phpquery TestRead_problems",
		"		return &Problem{name, \"is null, and would become an empty text\"}\n", "		s := w.literal()[:0]\n		text = s\n",
	},
	{
		"send false as a text that is true to PHP", "batch_command.go", "./internal/acceptance TestQueue_refusesWhatItCannotCarry",
		`return yes, hasPrefixFold(c.method, botMethodsV2)`, `return yes, true || hasPrefixFold(c.method, botMethodsV2)`,
	},
	{
		"let an empty list vanish from a batch", "internal/phpquery/phpquery.go", "./internal/phpquery TestRead_problems",
		"if len(members) == 0 && !isTop {", "if false {",
	},
	{
		"let PHP rename a parameter of a batch", "internal/phpquery/phpquery.go", "./internal/phpquery TestRead_problems",
		`return strings.ContainsAny(name, " .")`, "return false",
	},
	{
		"take the first of equal names in a batch", "internal/phpquery/scan.go", "./internal/phpquery TestRead",
		"members[at].pos = s.pos", "_ = at",
	},
	{
		"send more than PHP reads of a command", "internal/phpquery/phpquery.go", "./internal/acceptance TestQueue_refusesWhatItCannotCarry",
		"if len(w.query) == maxParams {", "if false {",
	},
	{
		"never halt", "batch_command.go", ". TestBatch_halt",
		`"halt":1`, `"halt":0`,
	},
	{
		"repeat a batch that acts", "batch.go", "./internal/acceptance TestLeaveAll_outcomes",
		"return !c.idempotent })", "return false && !c.idempotent })",
	},
	{
		"leave the ampersands of a command as they are", "batch_command.go", ". TestBatch_encoding",
		"strings.ReplaceAll(line, \"&\", `\\u0026`)", "line",
	},
	{
		"know no secrets of the commands", "method.go", "./internal/acceptance TestSecrets_refusedCommandsShowNone",
		"		others = redact.InJSON(params, others...)\n", "		_ = params\n",
	},
}
