package mutations

// storesRows are bugs in the stores that replicas share. Each names its tests: they are in modules of their own.
var storesRows = []row{
	{
		"let a process that was late replace what another has saved", "sqlstore/table.go", "./sqlstore TestPaused TestLost",
		"		case h.writer == found, t.keepsGone && h.writer == \"\":\n", "		case h.writer != found, h.writer == found:\n",
	},
	{
		"let two processes update one row", "sqlstore/table.go", "./sqlstore TestInstallations TestTokens_oneRenewalInTwoReplicas",
		" = $1 FOR UPDATE\"", " = $1\"",
	},
	{
		"say of a lost commit that nothing was saved", "sqlstore/table.go", "./sqlstore TestLost_uncertain",
		"uncertain: true", "uncertain: false",
	},
	{
		"save twice what a lost commit has saved", "sqlstore/table.go", "./sqlstore TestLost TestLost_deletion",
		"		case h.writer == writer, w.deletes && h.writer == \"\":\n", "		case false:\n",
	},
	{
		"quote what the database says", "sqlstore/errors.go", "./sqlstore TestSecrets_noErrorShowsOne",
		"	return text + reason(e.reach())", "	return text + e.reach().Error()",
	},
	{
		"let replicas migrate at the same time", "sqlstore/migrate.go", "./sqlstore TestMigrate_atTheSameTime",
		"\"SELECT pg_advisory_xact_lock($1)\"", "\"SELECT $1::bigint\"",
	},
	{
		"let a process whose lock has expired write to Redis", "redisstore/lock.go", "./redisstore TestInstallations_pausedHolder",
		"  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then", "  if false then",
	},
	{
		"leave a portal listed where it was", "redisstore/installations.go", "./redisstore TestInstallations_layout",
		"		links = append(links, link{\"SREM\", s.at(was), memberID})\n", "",
	},
	{
		"believe the list of a domain", "redisstore/installations.go", "./redisstore TestInstallations_listsAreVerified",
		"err == nil && found.Domain() != host:", "false:",
	},
	{
		"let all goroutines have the turn at once", "internal/turns/turns.go", "./internal/turns TestTake_oneAtATime TestTake_untilTheContextEnds",
		"make(chan struct{}, 1)", "make(chan struct{}, 100)",
	},
	{
		"remember every name that had a turn", "internal/turns/turns.go", "./internal/turns TestTake_forgetsNames TestTake_untilTheContextEnds",
		"		delete(t.busy, name)\n", "",
	},
}
