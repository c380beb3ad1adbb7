package mutations

// eventqueueRows are bugs in what is kept until it is worked on.
var eventqueueRows = []row{
	{
		"take a portal that was quiet for long for one that another replica works on", "eventqueue/starts.go", "./eventqueue TestConnect_startForgotten",
		"jetstream.ErrKeyNotFound) && last != 0 {", "jetstream.ErrKeyNotFound) && last < 0 {",
	},
	{
		"begin an event again that was done after the grace", "eventqueue/shard.go", "./eventqueue TestQueue_doneAfterGrace",
		"	if s.ctx.Err() == nil {\n		return s.insist(s.ctx, failure, take)\n	}\n", "	if s.ctx != nil {\n		return s.insist(s.ctx, failure, take)\n	}\n",
	},
	{
		"hold up a portal for ever by an event that leaves no room for a reason", "eventqueue/dead.go", "./eventqueue TestConnect_largeDeadLetter",
		"			letter.Header.Del(headerError)\n", "",
	},
	{
		"begin an event without a note of it", "eventqueue/shard.go", "./eventqueue TestPoison",
		"		if !s.note(portal, sequence, attempt) {", "		if false {",
	},
	{
		"let what died with an event die with it again", "eventqueue/starts.go", "./eventqueue TestPoison",
		"	case s.alone <- struct{}{}:\n		return true\n", "	case s.alone <- struct{}{}:\n		<-s.alone\n",
	},
	{
		"begin what another replica works on", "eventqueue/starts.go", "./eventqueue TestConnect_leaseLostUnknown",
		"		s.cancel(ErrLeaseLost)\n		return errors.New(\"another replica has begun with the portal\")\n", "		return nil\n",
	},
	{
		"count a callback that was told to end as a failure", "eventqueue/starts.go", "./eventqueue TestQueue_grace",
		"	last.count--\n", "",
	},
	{
		"count as a replica until the last callback has returned", "eventqueue/lease.go", "./eventqueue TestConnect_drain",
		"			w.leave(context.WithoutCancel(ctx)) // so that the others take all that is given back from now on\n", "",
	},
	{
		"believe the server's clock about leases", "eventqueue/lease.go", "./eventqueue TestConnect_clockSetBack",
		"		if time.Since(last.at) <= 2*w.lease {", "		if true {",
	},
	{
		"leave again what was left", "eventqueue/shard.go", "./eventqueue TestWithLeaves_failures",
		"		msg.Data = todo.rest(failed.Err, msg.Data)\n", "",
	},
}
