package oauth

import "context"

// LockFile is the lock of this system.
func LockFile(ctx context.Context, path string) (unlock func(), err error) {
	return lockFile(ctx, path)
}

// OnStep has a store call passed after each step of an update.
func OnStep(s *FileStore, passed func(step string)) { s.passed = passed }

// SharedStores is how many stores have a source.
func SharedStores(stores ...Store) (n int) {
	sharing.mu.Lock()
	defer sharing.mu.Unlock()
	for _, store := range stores {
		if _, found := sharing.stores[store]; found {
			n++
		}
	}
	return n
}
