package mutations

// leaveAllRows are bugs in leaving many chats.
var leaveAllRows = []row{
	{
		"leave again without looking", "leave_all_group.go", "./internal/acceptance TestLeaveAll_commandsNotComeTo",
		"case canLook(j.member):", "case canLook(j.member) && false:",
	},
	{
		"give up what was one request too many", "leave_all_batch.go", "./internal/acceptance TestLeaveAll_getsThroughEveryLimit",
		"most = maxBlocks", "most = 0",
	},
	{
		"wait for a portal that takes nothing at every batch", "leave_all_group.go", "./internal/acceptance TestLeaveAll_operatingLimitForGood",
		"	g.run.refuse(blocked)\n", "",
	},
	{
		"learn from refusals what leaving costs", "leave_all_pace.go", "./internal/acceptance TestLeaveAll_refusalsFirst",
		"case m == &p.leaving && p.probing && accepted == 0:", "case m == &p.leaving && p.probing && accepted < 0:",
	},
	{
		"send all that is known at once", "leave_all_pace.go", "./internal/acceptance TestLeaveAll_slowPortals",
		"return min(max(int(p.target/each), 1), p.mostCommands)", "return p.mostCommands",
	},
	{
		"forget the working time", "internal/operating/budget.go", "./internal/operating TestBudget",
		"case b.used == 0: // nothing", "case b.used >= 0: // nothing",
	},
	{
		"lose what was taken when the loop is left", "leave_all_run.go", "./internal/acceptance TestLeaveAll_break",
		"		if w.unreported != nil {\n", "		if w.unreported != nil && j.err == nil {\n",
	},
	{
		"send what waits for its turn when LeaveAll is stopped", "leave_all_run.go", "./internal/acceptance TestLeaveAll_stopBeforeARepeat",
		"			case <-cfg.stop:\n				w.endSends(errStopped)", "			case <-cfg.stop:\n				<-w.sends.Done()",
	},
	{
		"forget what was taken when the run ends", "leave_all_run.go", "./internal/acceptance TestLeaveAll_badOptions",
		"		w.waiting = append(w.waiting, j)\n", "		if w.sends.Err() != nil {\n			return\n		}\n		w.waiting = append(w.waiting, j)\n",
	},
	{
		"lose what was at the portal when something panics", "leave_all_batch.go", "./internal/acceptance TestLeaveAll_callerPanicsOutcomes",
		"b.batch.requests > 0 && j.lost == nil {", "false {",
	},
	{
		"take what was not sent before a panic for lost", "leave_all_batch.go", "./internal/acceptance TestLeaveAll_limiterPanicsOutcomes",
		"b.batch.requests > 0 && j.lost == nil {", "j.lost == nil {",
	},
	{
		"take what a token source waits for for the deadline of ctx", "leave_all_batch.go", "./internal/acceptance TestLeaveAll_tokenSourceFailsWithAnything",
		"return !b.batch.admitted && errors.Is", "return errors.Is",
	},
	{
		"leave again after the word of a transport", "leave_all_batch.go", "./internal/acceptance TestLeaveAll_answersLostWithAnything",
		"_, ok := asType[*notExecutedError](err)", "ok := errors.Is(err, ErrNotExecuted)",
	},
	{
		"report no error where a function panicked over an answer", "leave_all_group.go", "./internal/acceptance TestLeaveBy_panics",
		"for _, j := range unsettled(g.jobs) {", "for _, j := range unsettled(nil) {",
	},
	{
		"lose the result of which a logger panics", "leave_all_run.go", "./internal/acceptance TestLeaveAll_loggerPanics",
		"	defer func() { goOn = w.report(j) }()\n	w.client.logUnknown(w.ctx, w.method, j.outcome.Attempts, j.err)\n	return true\n",
		"	w.client.logUnknown(w.ctx, w.method, j.outcome.Attempts, j.err)\n	return w.report(j)\n",
	},
	{
		"warn of commands whose bots are looked for", "leave_all_batch.go", "./internal/acceptance TestLeaveAll_warnsOnceEach",
		"callOptions{ofGoal: true, waitCtx: w.sends", "callOptions{waitCtx: w.sends",
	},
	{
		"keep the panics of the caller", "leave_all_run.go", "./internal/acceptance TestLeaveAll_limiterPanicsOutcomes",
		"defer func() { w.panicked.goOn() }()", "_ = w.panicked",
	},
	{
		"send a second probe before the first is answered", "leave_all_pace.go", "./internal/acceptance TestLeaveAll_stopBeforeTheLimiter",
		"p.probed == 0 && p.atPortal > 0", "false",
	},
	{
		"keep no time that a batch was kept back", "leave_all_batch.go", "./internal/acceptance TestGoalTrace_waits TestGoalTrace_waitsForItsTurn",
		"	batch.keptBack = g.kept.take()\n", "	g.kept.take()\n",
	},
	{
		"take every pause for one after a failure", "goal_trace.go", "./internal/acceptance TestGoalTrace_waits",
		"	return func() { *kind += k.core.now().Sub(began) }\n", "	return func() { k.Backoff += k.core.now().Sub(began) }\n",
	},
	{
		"make the calls of a goal beside it", "leave_ensure.go", "./internal/acceptance TestGoalTrace_ensureLeft",
		"	ended, err = by.ensureLeft(t.begin(ctx), c, req)\n", "	_ = t.begin(ctx)\n	ended, err = by.ensureLeft(ctx, c, req)\n",
	},
}
