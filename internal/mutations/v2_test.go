package mutations

// v2Rows are bugs in fetching, in what bots do about events, and in what they send.
var v2Rows = []row{
	{
		"confirm an event that nobody has worked on", "imbotv2/feed_line.go", "./imbotv2 TestMux_Run_slowDialog",
		"for len(f.line) > 0 && f.line[0].done {", "for len(f.line) > 0 {",
	},
	{
		"forget what was done as the run ended", "imbotv2/feed.go", "./imbotv2 TestMux_Run_again TestMux_Run_stops",
		"	_ = f.save(ctx) // there is nobody to tell", "	_ = ctx // there is nobody to tell",
	},
	{
		"tell the portal a stored offset", "imbotv2/feed.go", "./imbotv2 TestEvents_leavingConfirmsNothing",
		"req.Offset, req.Limit = offset, min(open+f.limit, mostEvents)", "req.Offset, req.Limit = max(offset, f.stored.EventID+1), min(open+f.limit, mostEvents)",
	},
	{
		"confirm the event after the last that is done", "imbotv2/feed_line.go", "./imbotv2 TestEvents_offsetsAndPauses",
		"f.offset = last.id + 1", "f.offset = last.id + 2",
	},
	{
		"skip events by their numbers alone", "imbotv2/feed_line.go", "./imbotv2 TestEvents_sameSecond",
		"return !event.Date.IsZero() && !event.Date.After(f.stored.Date)", "return true",
	},
	{
		"let a stored offset fall back", "imbotv2/feed.go", "./imbotv2 TestEvents_storeDoesNotFallBack",
		"if done.EventID < f.stored.EventID {", "if done.EventID == 0 {",
	},
	{
		"hand out an event again that is open", "imbotv2/feed_line.go", "./imbotv2 TestMux_Run_slowDialog",
		"if event.EventID < f.offset || !f.insert(lined{event.EventID, event.Date, isDone}) {", "if event.EventID < f.offset || !f.insert(lined{event.EventID, event.Date, isDone}) && isDone {",
	},
	{
		"end with the sequence for an error that passes", "imbotv2/events.go", "./imbotv2 TestEvents_errors",
		"if err == nil || errors.Is(err, imbot.ErrOutcomeUnknown) {\n		return false", "if err == nil || errors.Is(err, imbot.ErrOutcomeUnknown) {\n		return err != nil",
	},
	{
		"go past an event that always fails", "imbotv2/mux_fail.go", "./imbotv2 TestMux_Run_endsWithAFailure",
		"	default:\n		return about(event, err)\n", "	default:\n		return nil\n",
	},
	{
		"answer a message again whose answer was lost", "imbotv2/mux_run.go", "./imbotv2 TestMux_Run_answersOnce",
		"		case isUnknown(err):\n", "",
	},
	{
		"begin again with a message whose answer was lost", "imbotv2/mux_run.go", "./imbotv2 TestMux_Run_endsWithAnUnknownOutcome",
		"return failed == nil || isUnknown(err)", "return failed == nil",
	},
	{
		"forget a posted event that failed", "imbotv2/mux.go", "./imbotv2 TestMux_Handle_fails",
		"if failed := m.giveUp(ctx, event, err); failed != nil && !errors.Is(failed, err) {", "if failed := error(nil); failed != nil && !errors.Is(failed, err) {",
	},
	{
		"work on the events of a dialog at the same time", "imbotv2/mux_run.go", "./imbotv2 TestMux_Run_slowDialog",
		"	return string(event.DialogID)\n", "	return string(event.DialogID) + event.ID()\n",
	},
	{
		"drop the buttons of an answer", "imbotv2/command_answer.go", "./imbotv2 TestCommandAnswer_keyboard",
		"	named.BotID = int64(bot)\n", "",
	},
	{
		"let a portal cut a text", "content/check.go", "./content TestCheckText",
		"n > MaxTextLength {", "n > 2*MaxTextLength {",
	},
	{
		"let what people write be a code", "content/escape.go", "./content FuzzEscape",
		"	case '[':\n		return true\n", "	case '[':\n		return false\n",
	},
	{
		"read a list of members without one that cannot be read", "internal/loose/unmarshal.go", "./internal/loose TestUnmarshal_errors",
		"		return errElement\n", "		return nil\n",
	},
	{
		"register a bot with a token under OAuth", "client.go", ". TestBotRegister_noTokenUnderOAuth",
		"if c.IsOAuth() && (isRegister ||", "if c.IsOAuth() && false && (isRegister ||",
	},
	{
		"take a bot without the right for one that is not in the chat", "imbotv2/check_chats.go", "./imbotv2 TestErrNotPermitted_onlyOfTheChat",
		"refusedAccess(ErrNotPermitted)", "refusedAccess(imbot.ErrNotInChat)",
	},
	{
		"send the null for a background that portals ignore", "imbotv2/background.go", "./imbotv2 TestBot_Update_background",
		"return []byte(`\"\"`), nil", "return []byte(`null`), nil",
	},
	{
		"end a list of bots without a word", "imbotv2/bot_list.go", "./imbotv2 TestBotService_All",
		"yield(BotInfo{}, fmt.Errorf(\"%s: %w: %w\", MethodBotList.Name, imbot.ErrUnexpectedResult, errSamePage))", "_ = errSamePage",
	},
	{
		"list a bot twice", "imbotv2/bot_list.go", "./imbotv2 TestBotService_All",
		"if !known[bot.ID] && !yield(bot, nil) {", "if !yield(bot, nil) {",
	},
	{
		"repeat that a bot removes itself", "imbotv2/chat_user_delete.go", "./imbotv2 TestValidate_botsAndChats",
		"if r.UserID == imbot.UserID(r.BotID) {", "if false {",
	},
	{
		"give a bot of an application a token", "client.go", ". TestBotRegister_noTokenUnderOAuth",
		"|| strings.EqualFold(method, botUpdateV2)) && namesToken(body)", ") && namesToken(body)",
	},
	{
		"print the address of a file", "imbotv2/print.go", "./imbotv2 TestNoSecretIsPrinted",
		"	if u == \"\" {\n		return \"\"\n	}\n	return redact.Mask", "	return string(u)",
	},
}
