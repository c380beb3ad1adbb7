package mutations

// oauthRows are bugs in tokens and their stores.
var oauthRows = []row{
	{
		"report a renewal that somebody else has made as one of our own", "oauth/renewal.go", "./oauth TestRenewing_outcomes",
		"case err == nil && asked:", "case err == nil && (asked || true):",
	},
	{
		"renew for every call of a portal that refuses every token", "oauth/shared.go", "./oauth TestLimit_portalRefusesEveryToken",
		"		return ErrNotAccepted\n", "		return nil\n",
	},
	{
		"ask again for what was refused a moment ago", "oauth/refresh.go", "./oauth TestLimit_anotherApplication",
		"case refused && refusal.isPlain():", "case false:",
	},
	{
		"ask for a pair that the file has no room for", "oauth/filestore_room.go", "./oauth TestFileStore_fullDisk",
		"		err = privatefile.WriteAt(r.second, 0, privatefile.Blank(roomSize))\n", "		err = privatefile.WriteAt(r.second, 0, nil)\n",
	},
	{
		"ask for a pair before the file can be replaced", "oauth/filestore_room.go", "./oauth TestFileStore_kill TestFileStore_mountedAlone",
		"	if held.data == nil || r.store.replaced", "	if true || r.store.replaced",
	},
	{
		"let half a pair pass for a whole one", "oauth/filestore_room.go", "./oauth TestFileStore_mountedAlone",
		`{0, []byte{'!'}, "damaged"}`, `{0, whole[:1], "damaged"}`,
	},
	{
		"take a used-up code for another refusal", "oauth/errors.go", "./oauth TestError_codes",
		`	"bad_verification_code": imbot.ErrInvalidGrant,` + "\n", "",
	},
}
