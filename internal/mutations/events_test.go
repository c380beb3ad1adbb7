package mutations

// eventsRows are bugs in what a portal posts.
var eventsRows = []row{
	{
		"lose an event for a field that goes too far", "events/parse.go", "./events TestHandler_eventsWithTooMuchArrive",
		"	event.LeftOut = leftOut\n", "	if leftOut > 0 {\n		return nil, tooLarge()\n	}\n",
	},
	{
		"leave out what an event is proven by", "events/parse.go", "./events TestHandler_eventsWithTooMuchArrive",
		", Reserve: reserve}", "}",
	},
	{
		"give one portal all workers", "events/pool.go", "./events TestHandler_Shutdown_deadline",
		"return l.running < p.workers-p.running", "return p.running < p.workers",
	},
	{
		"give one portal the whole queue", "events/pool.go", "./events TestHandler_bounds",
		"len(l.waiting) < p.capacity-p.waiting", "p.waiting < p.capacity",
	},
}
