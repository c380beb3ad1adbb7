package mutations

// portalsRows are bugs in what many portals need.
var portalsRows = []row{
	{
		"take the tokens of another portal for an installation", "oauth/verify.go", "./portals TestInstall_refused",
		"	case token.MemberID != \"\" && info.MemberID != token.MemberID:", "	case false:",
	},
	{
		"let an installation replace a pair that was renewed since", "portals/state.go", "./portals TestInstall_keepsWhatWasRenewed",
		"		i.Token = current.Token\n", "",
	},
	{
		"lose an installation whose portal hangs up", "portals/install.go", "./portals TestInstall_hangsUp",
		"r.app().Verify(context.WithoutCancel(ctx), token)", "r.app().Verify(ctx, token)",
	},
	{
		"let installations wait for ever", "portals/install.go", "./portals TestInstall_waits",
		"context.WithTimeout(ctx, timeForTurn)", "context.WithCancel(ctx)",
	},
	{
		"let a removal that comes late undo an installation", "portals/state.go", "./portals TestOrder",
		"	if !at.After(i.InstalledAt) || !at.After(i.RemovedAt) {", "	if !at.After(i.RemovedAt) {",
	},
	{
		"let an installation that comes late undo a removal", "portals/state.go", "./portals TestOrder",
		"	if i.InstalledAt.Before(current.RemovedAt) || i", "	if i",
	},
	{
		"drop a client that is used", "portals/portal.go", "./portals TestRegistry_drops",
		"	t.portal.use()\n", "",
	},
	{
		"make a second client where somebody has the first", "portals/registry.go", "./portals TestRegistry_drops",
		"		k.inUse = k.left.Value()\n", "",
	},
	{
		"keep the memory of a client for ever", "portals/portal.go", "./portals TestRegistry_collected",
		"k != nil && k.left == left {", "k != nil && k.left == left && p != nil {",
	},
	{
		"keep the client of a portal that is removed while it is made", "portals/registry.go", "./portals TestUninstall_whileOpening",
		"		r.opened[memberID] = true\n", "		r.opened[memberID] = false\n",
	},
	{
		"renew the pairs of all portals at the same time", "oauth/memory.go", "./oauth TestMemory_renewsBeforeTheEnd",
		"rand.N(earliest-latest)", "rand.N(time.Second)",
	},
	{
		"ask the store for the token of each request", "oauth/memory.go", "./oauth TestMemory_storeIsAskedOnce",
		"		r.shared.memory.learn(token, version)\n", "		_ = version\n",
	},
	{
		"forget connections over HTTP/2 when there are too many", "portals/transport.go", "./portals TestConnections",
		"		c.shards[next].CloseIdleConnections()\n", "",
	},
	{
		"save half an installation", "portals/dirstore_write.go", "./portals TestDirStore_kill",
		"	if err := s.write(second, data); err != nil {", "	if err := s.write(second, data[:len(data)/2]); err != nil {",
	},
	{
		"send a token that has expired", "oauth/source.go", "./portals TestRegistry_tenThousand",
		"	if err == nil && r.shared.memory.isOver(token) {", "	if false {",
	},
	{
		"make a client of whatever portal the store returns", "portals/registry.go", "./portals TestRegistry_oddStores",
		"		err = i.isOf(memberID)\n", "",
	},
	{
		"let a removal be believed though it was installed later, in any order", "portals/state.go", "./portals TestOrder_random",
		"	if !at.After(i.InstalledAt) || !at.After(i.RemovedAt) {", "	if !at.After(i.RemovedAt) {",
	},
	{
		"ask a removal that comes from a queue for the application token", "portals/install.go", "./portals TestUninstall_fromQueue",
		"!event.Kept() && ", "",
	},
	{
		"take a removal for verified that comes from no queue", "portals/install.go", "./portals TestUninstall_fromQueue",
		"!event.Kept() && !event.Verify(current.ApplicationToken)", "!event.Kept() && event.ApplicationToken != \"\" && !event.Verify(current.ApplicationToken)",
	},
}
