package redact

import (
	"bytes"
	"io"
	"slices"
	"sync"
)

// Reader hands on what it reads with the secrets masked: asterisks stand for each of their characters, so that lengths
// stay what they were. Those who may know can have the original back. It is safe for concurrent use: middleware may
// make several requests at once.
type Reader struct {
	mu     sync.Mutex
	from   io.Reader
	set    Set
	starts [256]bool

	buf    []byte // what was read and not handed on
	masked int    // how much of it has its secrets masked, or has none
	before []byte // the last byte before buf, which may make a short secret a part of a word
	err    error  // that reading ended with

	handed int // bytes that were handed on
	hidden []hidden
}

// hidden is a secret that was masked.
type hidden struct {
	at   int
	text Secret
}

// NewReader returns a Reader of what r has.
func NewReader(r io.Reader, set Set) *Reader {
	masked := &Reader{from: r, set: set}
	set.starts(inText, &masked.starts)
	return masked
}

// Read reads what is certain to have no secret, which may take several reads of what is behind it.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.masked == 0 && r.err == nil {
		const chunk = 4 << 10
		r.buf = slices.Grow(r.buf, chunk)
		n, err := r.from.Read(r.buf[len(r.buf) : len(r.buf)+chunk])
		r.buf, r.err = r.buf[:len(r.buf)+n], err
		r.mask()
	}
	if r.masked == 0 {
		return 0, r.err
	}
	n := copy(p, r.buf[:r.masked])
	r.before = append(r.before[:0], r.buf[n-1])
	r.buf = slices.Delete(r.buf, 0, n)
	r.masked -= n
	r.handed += n
	if r.masked == 0 && len(r.buf) == 0 {
		return n, r.err
	}
	return n, nil
}

// mask masks the secrets in what was read, as far as they have come whole.
func (r *Reader) mask() {
	context := len(r.before)
	s := string(r.before) + string(r.buf)
	for i := context + r.masked; i < len(s); i = context + r.masked {
		if !r.starts[s[i]] {
			r.masked++
			continue
		}
		n, partial := r.set.at(s, i, inText, r.err != nil)
		switch {
		case partial:
			return
		case n == 0:
			r.masked++
		default:
			r.hidden = append(r.hidden, hidden{r.handed + r.masked, NewSecret(s[i : i+n])})
			copy(r.buf[r.masked:], bytes.Repeat([]byte{'*'}, n))
			r.masked += n
		}
	}
}

// Original returns what was read as it was before the secrets were masked, or what is given where that is something
// else: somebody has changed it on the way.
func (r *Reader) Original(read []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.hidden) == 0 || len(read) != r.handed {
		return read
	}
	original := bytes.Clone(read)
	for _, secret := range r.hidden {
		text := secret.text.Reveal()
		place := original[secret.at : secret.at+len(text)]
		if !bytes.Equal(place, bytes.Repeat([]byte{'*'}, len(text))) {
			return read
		}
		copy(place, text)
	}
	return original
}
