package mutations

// eventsRows are bugs in what a portal posts.
var eventsRows = []row{
	{
		"report an event that was dropped as one that was done", "events/handler.go", "./events TestWithTrace_steps",
		"	called := false\n", "	called := true\n",
	},
	{
		"lose an event for a field that goes too far", "events/parse.go", "./events TestHandler_eventsWithTooMuchArrive",
		"	event.LeftOut += leftOut\n", "	if leftOut > 0 {\n		return nil, tooLarge()\n	}\n",
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
	{
		"leave a token in what an event has in the terms of the second generation", "events/fetched.go", "./events TestEvent_Fetched_noSecret",
		"		if isSecretKey(key) {", "		if isSecretKey(key) && len(key) > 20 {",
	},
	{
		"accept the beginning of a botToken", "events/event.go", "./events TestEvent_Verify",
		"custom = custom[:min(len(custom), longestCustom)]", "custom = custom[:min(len(custom), len(e.ApplicationToken))]",
	},
	{
		"say of an unknown portal that its token is another one", "events/handler.go", "./events TestHandler_saysWhyAnEventIsNotVerified",
		"		if stored == \"\" {\n			detail", "		if stored == event.ApplicationToken {\n			detail",
	},
	{
		"verify an event by the token of its bot", "events/decode.go", "./events TestHandler_sender",
		"ApplicationToken: d.text(\"auth\", \"application_token\"),",
		"ApplicationToken: cmp.Or(d.text(\"auth\", \"application_token\"), d.text(\"data\", \"bot\", \"auth\", \"application_token\")),",
	},
	{
		"drop the repeat of an event that was refused", "events/handler.go", "./events TestWithoutRepeats_busy",
		"	values := context.WithoutCancel(r.Context())\n",
		"	if h.repeats != nil && h.repeats.came(event.ID()) {\n		return \"\", nil\n	}\n	values := context.WithoutCancel(r.Context())\n",
	},
	{
		"answer before the work is done", "events/handler.go", "./events TestWithSynchronous",
		"status = statusOf(<-done)", "status = http.StatusOK",
	},
	{
		"serve the first bot of a post alone", "events/first.go", "./events TestEvent_FetchedAll TestWithMux_eachBot",
		"			if !yield(part) {\n				return\n			}\n		}\n		if len(e.Bots) == 0 {", "			yield(part)\n			return\n		}\n		if len(e.Bots) == 0 {",
	},
	{
		"answer 200 to an event that could not be kept", "events/enqueue.go", "./events TestWithEnqueue",
		"		refused = unavailable(ErrNotKept, masked(event, err))\n", "		refused = nil\n",
	},
	{
		"drop the repeat of an event that could not be kept", "events/enqueue.go", "./events TestWithEnqueue_repeats",
		"if !h.repeats.has(id) {", "if !h.repeats.came(id) {",
	},
	{
		"keep a token of a field", "events/rest.go", "./events TestEvent_MarshalBinary_secrets",
		"if !isAuth && isSecretKey(key) {", "if !isAuth && isSecretKey(key) && len(key) > 20 {",
	},
	{
		"keep a token that somebody wrote into a message", "events/rest.go", "./events TestEvent_MarshalBinary_masks TestEvent_MarshalBinary_secrets",
		"return bytes.Contains(", "return len(data) == 0 && bytes.Contains(",
	},
	{
		"take an event for another one for a token that was renewed", "events/identity.go", "./events TestEvent_ID_sameEvent",
		" || key == \"expires\" || key == \"expires_in\"", "",
	},
	{
		"take an event for another one for the order of its fields", "events/identity.go", "./events TestEvent_ID_sameEvent",
		"	slices.Sort(names)\n", "",
	},
	{
		"take an event that a queue repeats for one that came before", "events/handler.go", "./events TestHandler_Work",
		"case h.enqueue == nil && h.repeats != nil &&", "case h.repeats != nil &&",
	},
	{
		"give a field the texts of those before it", "internal/phpform/escape.go", "./internal/phpform TestParse",
		"return d.String()[start:]", "return d.String()[min(start, 1):]",
	},
	{
		"let a caller who appends to a value change the next one", "events/decode.go", "./events TestParse_valuesApart",
		"l.texts[at : at+1 : at+1]", "l.texts[at : at+1]",
	},
}
