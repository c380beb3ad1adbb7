// Package outcome answers the question behind every failed call: did the portal act?
package outcome

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Outcome is what is known of a call's execution.
type Outcome int

// The three outcomes.
const (
	// Unknown: the portal may have acted.
	Unknown Outcome = iota
	// NotExecuted: the portal surely did not act.
	NotExecuted
	// Executed: the portal acted and said so.
	Executed
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case NotExecuted:
		return "not executed"
	case Executed:
		return "executed"
	case Unknown:
	}
	return "unknown"
}

// OfAnswer judges an answer that carries no result, by its status and, where refusal is true, by the code that could
// be read from it (which may be empty).
//
// The code decides wherever there is one, because the portal's documentation and its code disagree about the status
// of a dozen errors. Without a code, or with one that nobody has described, the status tells: by the rules of HTTP a
// 4xx is a request that was not acted on, whether by the portal or by a firewall before it, but for the two that tell
// of waiting in vain; a 5xx may come from anywhere, and a 2xx that is no refusal is an answer that was lost.
//
// A 429 was stopped at the door by whoever sent it, whatever else it says.
func OfAnswer(status int, code string, refusal bool) Outcome {
	if status == http.StatusTooManyRequests {
		return NotExecuted
	}
	if refusal {
		if known, ok := ofCode(code); ok {
			return known
		}
	}
	switch {
	case status >= http.StatusInternalServerError:
		return Unknown
	case !refusal && (status == http.StatusRequestTimeout || status == statusClientClosedRequest):
		return Unknown // a proxy that lost patience with one of the two sides
	case status >= http.StatusMultipleChoices:
		return NotExecuted // a redirect or a 4xx, whether the portal's own or of a firewall before it
	case refusal:
		return NotExecuted // an error inside a 200 is the method's own refusal
	default:
		return Unknown
	}
}

// statusClientClosedRequest is what nginx and its kin have for a client that did not wait.
const statusClientClosedRequest = 499

// afterTheAct has the codes that say nothing of whether the method ran, whatever their status.
var afterTheAct = []string{
	"INTERNAL_SERVER_ERROR",
	"ERROR_UNEXPECTED_ANSWER",
	"ERROR_CORE",     // the database failed, perhaps in the middle
	"WRONG_ENCODING", // the method ran, its answer could not be written
	// An earlier request with this UUID is at work, or it died: its message is there, will be, or never will.
	"MESSAGE_DUPLICATED_BY_UUID",
}

// beforeTheAct has the codes that the portal gives before it runs the method, so that even a 5xx proves that nothing
// was done. The codes of the methods are not among them: the portal may put one that is left over from an earlier
// failure on a later one, whose status then is all there is to go by.
var beforeTheAct = []string{
	// Limits, checked at the door.
	"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT",
	// Who is calling, and may they.
	"NO_AUTH_FOUND", "expired_token", "invalid_token", "INVALID_CREDENTIALS", "insufficient_scope",
	"user_access_error", "authorization_error", "APPLICATION_NOT_FOUND", "ERROR_OAUTH", "CONNECTION_ERROR",
	"PAYMENT_REQUIRED", "INVALID_REQUEST", "ACCESS_DENIED", "WRONG_AUTH_TYPE", "WRONG_LICENSE",
	"METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED", "ALLOWED_ONLY_INTRANET_USER",
	// What is called.
	"ERROR_METHOD_NOT_FOUND", "ERROR_MANIFEST_IS_NOT_AVAILABLE", "INTERNAL_WRONG_TRANSPORT",
	"ERROR_BATCH_LENGTH_EXCEEDED", "ERROR_BATCH_METHOD_NOT_ALLOWED", "PORTAL_DELETED",
}

// byCode is what these codes prove. They are in lower case.
var byCode = func() map[string]Outcome {
	m := make(map[string]Outcome, len(afterTheAct)+len(beforeTheAct))
	for _, code := range afterTheAct {
		m[strings.ToLower(code)] = Unknown
	}
	for _, code := range beforeTheAct {
		m[strings.ToLower(code)] = NotExecuted
	}
	return m
}()

// AtTheDoor reports whether the portal gives a code before it runs the method.
func AtTheDoor(code string) bool {
	known, _ := ofCode(code)
	return known == NotExecuted
}

// ofCode looks a code up, letter case aside.
func ofCode(code string) (known Outcome, ok bool) {
	var buf [48]byte // none is as long
	if len(code) > len(buf) {
		return Unknown, false
	}
	lower := buf[:len(code)]
	for i := range lower {
		lower[i] = code[i]
		if 'A' <= code[i] && code[i] <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	known, ok = byCode[string(lower)]
	return known, ok
}

// Contact is what is known of the connection that a request was to go over.
type Contact int

// What may be known of it.
const (
	// Unclear: the transport does not tell, so that its error has to.
	Unclear Contact = iota
	// None: the transport looked for a connection and got none, and it is one that makes no other way.
	None
	// Made: the transport had a connection at some time, whatever it failed with in the end.
	Made
)

// OfFailure judges a call that ended in err, without an answer.
func OfFailure(err error, contact Contact) Outcome {
	if contact == None || contact == Unclear && neverConnected(err) {
		return NotExecuted
	}
	return Unknown // a cut connection, a timeout, an answer that stopped half way
}

// neverConnected reports whether err can only come from before a connection stood: no address, nobody listening, a
// certificate that was not accepted. An alert of the other side is not among them: in TLS 1.3 it may come after the
// request was sent.
//
// It has to be that error, and not one that has it in its chain: there it may be what became of the first of two tries,
// the second of which went further. A transport that hides a second try behind the bare error of the first is beyond
// this.
func neverConnected(err error) bool {
	if post, ok := err.(*url.Error); ok { //nolint:errorlint // see above
		err = post.Err
	}
	switch err := err.(type) { //nolint:errorlint // see above
	case *net.OpError:
		return err.Op == "dial"
	case *net.DNSError,
		*tls.CertificateVerificationError, tls.RecordHeaderError,
		x509.UnknownAuthorityError, x509.HostnameError, x509.CertificateInvalidError:
		return true
	default:
		return false
	}
}

// IsCertificate reports whether there was no connection because of what the two sides are: this one does not accept
// the other's certificate, or the other does not speak TLS. Another try changes nothing.
func IsCertificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok
}
