//go:build unix

package portals

import "syscall"

// mostFiles is how many files this process may have open at a time, connections among them; 0 if that is not known.
func mostFiles() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert,nolintlint // it is signed on some systems
}
