package oauth

// OnStep has a store call passed after each step of an update.
func OnStep(s *FileStore, passed func(step string)) { s.passed = passed }

// SharedStores is how many stores have a source.
func SharedStores(of ...Store) (n int) {
	stores.mu.Lock()
	defer stores.mu.Unlock()
	for _, store := range of {
		if _, found := stores.shared[store]; found {
			n++
		}
	}
	return n
}
