//go:build !unix

package sqlstore_test

import (
	"errors"
	"syscall"
)

// unprivileged is not needed where no server is started.
func unprivileged(string) (*syscall.SysProcAttr, error) {
	return nil, errors.New("these tests start no PostgreSQL on this system")
}
