package mutations

// programRows are bugs in the program for operators, whose module is its own, and in the portal that it serves.
var programRows = []row{
	{
		"print a bad argument that has a secret", "cmd/imbot/credentials.go", "./cmd/imbot TestSecrets_arguments",
		"func hasWebhook(args []string) bool { return", "func hasWebhook(args []string) bool { return len(args) > 99 &&",
	},
	{
		"confirm events that were only to be shown", "cmd/imbot/events.go", "./cmd/imbot TestEvents_follow",
		"		if w.confirm {\n", "		if true {\n",
	},
	{
		"let a portal control the terminal by JSON", "cmd/imbot/output.go", "./cmd/imbot TestHostile",
		"		case unicode.IsPrint(r):", "		case unicode.IsPrint(r), r > unicode.MaxASCII:",
	},
	{
		"lose digits of the numbers in events", "cmd/imbot/events.go", "./cmd/imbot TestEvents_json",
		"	decoder.UseNumber()\n", "",
	},
	{
		"take an unknown outcome for a refusal", "cmd/imbot/output.go", "./cmd/imbot TestCommands",
		"		return \"unknown\", exitUnknown\n\tcase !isAnswer", "		return \"refused\", exitRefused\n\tcase !isAnswer",
	},
	{
		"control the portal of tests from a page in a browser", "cmd/imbot/internal/control/control.go", "./cmd/imbot/internal/control TestMistakes",
		"		if !isHere(r.Host) ||", "		if",
	},
	{
		"let a page of another site change the portal of tests", "cmd/imbot/internal/control/control.go", "./cmd/imbot/internal/control TestElsewhere",
		"|| fromElsewhere.Check(r) != nil {", "{",
	},
	{
		"delete events that could not be printed", "cmd/imbot/events.go", "./cmd/imbot TestEvents_lost",
		"		if p.out.lost() != nil {", "		if false {",
	},
	{
		"take a bot's number from the environment alone", "cmd/imbot/credentials.go", "./cmd/imbot TestSecrets_file",
		"	case found.bot == \"\":", "	case true:",
	},
	{
		"let the first portal answer for another name of this machine", "cmd/imbot/internal/control/control.go", "./cmd/imbot/internal/control TestServer_otherNames",
		"		case port != wanted || !isHere(host):", "		case port != wanted || isHere(host):",
	},
	{
		"count the columns of a text by its characters", "cmd/imbot/text.go", "./cmd/imbot TestTable_wide TestCommands_wide",
		"return uniseg.StringWidth(text)", "return len([]rune(text))",
	},
	{
		"look for the bot where nobody can be asked", "cmd/imbot/bulk.go", "./cmd/imbot TestRun_usage",
		"&& !s.canConfirm() { //", "&& false { //",
	},
	{
		"let the time run while a person is asked", "cmd/imbot/unregister.go", "./cmd/imbot TestUnregister_late",
		"p.bounded(ctx, 0)", "p.bounded(ctx, c.Timeout)",
	},
	{
		"show what was not sent as done after an interrupt", "cmd/imbot/progress.go", "./cmd/imbot TestProgress_interrupted",
		"if l.isEnding == nil || !l.isEnding() {", "if true {",
	},
	{
		"advise who writes to do nothing where the bot is not", "explain.go", "./internal/acceptance TestExplain_calls",
		"!isLeaving(refused.Method)", "false && !isLeaving(refused.Method)",
	},
	{
		"let no command of a batch meet a fault", "imbottest/internal/server/batch.go", "./imbottest TestFault_command",
		"	if !found {\n		return s.answerCommand(ctx, x)", "	if found || !found {\n		return s.answerCommand(ctx, x)",
	},
	{
		"issue the same tokens on all portals of a cloud", "imbottest/options.go", "./imbottest TestCloud",
		"			c.Mark = c.MemberID + \"-\"", "			c.Mark = \"\"",
	},
	{
		"believe in any flag that a page shows", "internal/docs/commands.go", "./internal/docs TestCheckCommands",
		"return slices.Contains(c.flags[folder], flag)", "return flag != \"\"",
	},
	{
		"look at no command that stands in a sentence", "internal/docs/commands.go", "./internal/docs TestCheckCommands",
		"			if inTextBegins.MatchString(match[1]) {", "			if false {",
	},
}
