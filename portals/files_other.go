//go:build !unix

package portals

// mostFiles is how many files this process may have open at a time, connections among them; 0 if that is not known.
func mostFiles() uint64 { return 0 }
