//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package privatefile

import "os"

// Open opens a regular file. It does not follow a link.
func Open(path string, flag int) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(path)
	}
	file, err := os.OpenFile(path, flag, Mode)
	if err != nil {
		return nil, err
	}
	return plain(file)
}
