package envelope

// MaxHead is how many bytes of an answer that is too large are kept.
const MaxHead = 1 << 10

// Head is how an answer begins that is too large, for errors.As. It never prints: what it has may hold anything.
type Head struct{ Text func() []byte }

// Error implements error, as errors.As asks for.
func (Head) Error() string { return "the beginning of an answer" }
