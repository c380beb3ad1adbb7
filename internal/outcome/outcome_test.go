package outcome_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

func TestOfAnswer(t *testing.T) {
	t.Parallel()
	const (
		refusal = true
		page    = false
	)
	tests := []struct {
		status int
		code   string
		is     bool
		want   outcome.Outcome
		why    string
	}{
		// Every status that is documented or was seen for a code: the code decides.
		{401, "NO_AUTH_FOUND", refusal, outcome.NotExecuted, "checked before the method"},
		{401, "expired_token", refusal, outcome.NotExecuted, "checked before the method"},
		{401, "EXPIRED_TOKEN", refusal, outcome.NotExecuted, "codes come in any case"},
		{401, "invalid_token", refusal, outcome.NotExecuted, "passed on from the OAuth server, before the method"},
		{403, "INVALID_CREDENTIALS", refusal, outcome.NotExecuted, "the webhook was not accepted, status as documented"},
		{401, "INVALID_CREDENTIALS", refusal, outcome.NotExecuted, "the same, status as measured"},
		{403, "insufficient_scope", refusal, outcome.NotExecuted, "scope is checked before the method"},
		{401, "insufficient_scope", refusal, outcome.NotExecuted, "the same, status as sent"},
		{403, "user_access_error", refusal, outcome.NotExecuted, "checked before the method"},
		{401, "authorization_error", refusal, outcome.NotExecuted, "the user behind the credentials is gone"},
		{401, "APPLICATION_NOT_FOUND", refusal, outcome.NotExecuted, "checked before the method"},
		{401, "ERROR_OAUTH", refusal, outcome.NotExecuted, "the application is not installed"},
		{401, "CONNECTION_ERROR", refusal, outcome.NotExecuted, "the portal could not ask the OAuth server who calls"},
		{500, "CONNECTION_ERROR", refusal, outcome.NotExecuted, "whatever the status"},
		{401, "PAYMENT_REQUIRED", refusal, outcome.NotExecuted, "checked before the method"},
		{400, "INVALID_REQUEST", refusal, outcome.NotExecuted, "plain http is refused at the door"},
		{401, "INVALID_REQUEST", refusal, outcome.NotExecuted, "the same, status as sent"},
		{403, "ACCESS_DENIED", refusal, outcome.NotExecuted, "the plan, or no CLIENT_ID: both before the act"},
		{503, "OVERLOAD_LIMIT", refusal, outcome.NotExecuted, "a block by hand, before the method, status as documented"},
		{401, "OVERLOAD_LIMIT", refusal, outcome.NotExecuted, "the same, status as sent"},
		{503, "QUERY_LIMIT_EXCEEDED", refusal, outcome.NotExecuted, "refused by the front, before everything"},
		{200, "QUERY_LIMIT_EXCEEDED", refusal, outcome.NotExecuted, "inside a 200 too"},
		{429, "OPERATION_TIME_LIMIT", refusal, outcome.NotExecuted, "checked before the method"},
		{200, "OPERATION_TIME_LIMIT", refusal, outcome.NotExecuted, "inside a batch"},
		{404, "ERROR_METHOD_NOT_FOUND", refusal, outcome.NotExecuted, "there is nothing to run"},
		{404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", refusal, outcome.NotExecuted, "there is nothing to run"},
		{400, "ERROR_BATCH_LENGTH_EXCEEDED", refusal, outcome.NotExecuted, "the command is beyond the fiftieth"},
		{405, "ERROR_BATCH_METHOD_NOT_ALLOWED", refusal, outcome.NotExecuted, "the command is not run in a batch"},
		{403, "PORTAL_DELETED", refusal, outcome.NotExecuted, "the site is stopped"},
		{410, "PORTAL_DELETED", refusal, outcome.NotExecuted, "the same, status as seen by others"},
		{500, "PORTAL_DELETED", refusal, outcome.NotExecuted, "the same, status as documented"},
		{500, "INTERNAL_WRONG_TRANSPORT", refusal, outcome.NotExecuted, "the suffix of the address is checked first"},
		{403, "WRONG_AUTH_TYPE", refusal, outcome.NotExecuted, "the first line of the method"},
		{403, "WRONG_LICENSE", refusal, outcome.NotExecuted, "checked before the method"},
		{401, "METHOD_CONFIRM_WAITING", refusal, outcome.NotExecuted, "somebody has to agree first"},
		{403, "METHOD_CONFIRM_DENIED", refusal, outcome.NotExecuted, "somebody did not agree"},
		{403, "ALLOWED_ONLY_INTRANET_USER", refusal, outcome.NotExecuted, "checked before the method"},
		{500, "INTERNAL_SERVER_ERROR", refusal, outcome.Unknown, "says nothing of how far the method got"},
		{400, "INTERNAL_SERVER_ERROR", refusal, outcome.Unknown, "whatever the status"},
		{500, "ERROR_UNEXPECTED_ANSWER", refusal, outcome.Unknown, "the front does not know what happened behind it"},
		{500, "ERROR_CORE", refusal, outcome.Unknown, "the database failed, perhaps after the act"},
		{400, "ERROR_CORE", refusal, outcome.Unknown, "an exception without an id, perhaps after the act"},
		{400, "MESSAGE_DUPLICATED_BY_UUID", refusal, outcome.Unknown, "an earlier request may have sent the message"},
		{200, "WRONG_ENCODING", refusal, outcome.Unknown, "the method ran, its answer could not be written"},
		{400, "ERROR_ARGUMENT", refusal, outcome.NotExecuted, "a 4xx is a refusal"},
		{500, "ERROR_ARGUMENT", refusal, outcome.Unknown, "thrown anywhere"},

		// The methods' own refusals.
		{400, "CHAT_ID_EMPTY", refusal, outcome.NotExecuted, "a parameter is missing"},
		{500, "CHAT_ID_EMPTY", refusal, outcome.Unknown, "perhaps left over from an earlier failure"},
		{403, "ACCESS_ERROR", refusal, outcome.NotExecuted, "not allowed"},
		{400, "WRONG_REQUEST", refusal, outcome.NotExecuted, "a 4xx is a refusal"},
		{500, "WRONG_REQUEST", refusal, outcome.Unknown, "thrown after the attempt to act"},
		{400, "", refusal, outcome.NotExecuted, "an empty code is a refusal too"},
		{500, "", refusal, outcome.Unknown, "an empty code proves nothing"},
		{200, "internal", refusal, outcome.NotExecuted, "a method's own error inside a 200"},
		{200, "", refusal, outcome.NotExecuted, "the same, without a code"},
		{500, "NEW_CODE", refusal, outcome.Unknown, "a code that nobody has described proves nothing"},
		{400, "100", refusal, outcome.NotExecuted, "a parameter is missing, in the second generation"},

		// Answers without Bitrix24's JSON.
		{302, "", page, outcome.NotExecuted, "the portal is elsewhere"},
		{403, "", page, outcome.NotExecuted, "a firewall"},
		{404, "", page, outcome.NotExecuted, "another server"},
		{429, "", page, outcome.NotExecuted, "a limit before the portal"},
		{408, "", page, outcome.Unknown, "a proxy that waited for one of the two sides"},
		{499, "", page, outcome.Unknown, "the same"},
		{408, "CHAT_ID_EMPTY", refusal, outcome.NotExecuted, "the code decides"},
		{500, "", page, outcome.Unknown, "PHP died, perhaps after the act"},
		{502, "", page, outcome.Unknown, "the front lost what is behind it"},
		{503, "", page, outcome.Unknown, "a page, not the rate limit"},
		{504, "", page, outcome.Unknown, "the act may have taken too long"},
		{200, "", page, outcome.Unknown, "an answer that can't be read"},
		{204, "", page, outcome.Unknown, "an answer with nothing in it"},
		{200, "OVERLOAD_LIMIT", page, outcome.Unknown, "a code counts only where one was read"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %s %s", tt.status, tt.code, tt.why), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, outcome.OfAnswer(tt.status, tt.code, tt.is))
			if tt.is {
				assert.Equal(t, tt.want, outcome.OfAnswer(tt.status, strings.ToLower(tt.code), tt.is))
			}
		})
	}
}

func TestOfFailure(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	cut := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	tests := []struct {
		err     error
		contact outcome.Contact
		want    outcome.Outcome
		why     string
	}{
		{errors.New("anything"), outcome.None, outcome.NotExecuted, "it is known that nothing left"},
		{context.Canceled, outcome.None, outcome.NotExecuted, "canceled before there was a connection"},
		{context.DeadlineExceeded, outcome.None, outcome.NotExecuted, "no connection in time"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, outcome.Unclear, outcome.NotExecuted, "nobody listens"},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, outcome.Unclear, outcome.NotExecuted, "nobody answers the dial"},
		{&net.DNSError{Err: "no such host"}, outcome.Unclear, outcome.NotExecuted, "no address"},
		{&url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}}, outcome.Unclear, outcome.NotExecuted, "wrapped"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, outcome.Unclear, outcome.NotExecuted, "this side hung up before the request"},
		{x509.UnknownAuthorityError{}, outcome.Unclear, outcome.NotExecuted, "the same, from another transport"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, outcome.Unclear, outcome.NotExecuted, "the same"},
		{x509.CertificateInvalidError{}, outcome.Unclear, outcome.NotExecuted, "the same"},
		{tls.RecordHeaderError{}, outcome.Unclear, outcome.NotExecuted, "the other side does not speak TLS"},
		{tls.AlertError(42), outcome.Unclear, outcome.Unknown, "in TLS 1.3 an alert may come after the request"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, outcome.Unclear, outcome.Unknown, "cut while waiting for the answer"},
		{&net.OpError{Op: "write", Err: syscall.EPIPE}, outcome.Unclear, outcome.Unknown, "a partial write: the portal may have had all it needs"},
		{&net.OpError{Op: "proxyconnect", Err: syscall.ECONNRESET}, outcome.Unclear, outcome.Unknown, "nothing is known of what a proxy did, unless nothing was sent"},
		{io.EOF, outcome.Unclear, outcome.Unknown, "closed instead of an answer"},
		{io.ErrUnexpectedEOF, outcome.Unclear, outcome.Unknown, "closed in the middle of the answer"},
		{context.DeadlineExceeded, outcome.Unclear, outcome.Unknown, "no answer in time"},
		{context.Canceled, outcome.Unclear, outcome.Unknown, "the caller did not wait for the answer"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, outcome.Made, outcome.Unknown, "a transport that tried again by itself, after a connection that may have carried the request"},
		{errors.Join(refused, cut), outcome.Unclear, outcome.Unknown, "two tries, of which the second was sent"},
		{fmt.Errorf("%w; and then: %w", refused, cut), outcome.Unclear, outcome.Unknown, "the same"},
		{fmt.Errorf("%w; and then: %v", refused, cut), outcome.Unclear, outcome.Unknown, "the same, of which only the first is in the chain"}, //nolint:errorlint // so transports do
		{fmt.Errorf("after 2 tries: %w", refused), outcome.Unclear, outcome.Unknown, "nothing is said of the first"},
		{&url.Error{Op: "Post", Err: errors.Join(refused, cut)}, outcome.Unclear, outcome.Unknown, "two tries, wrapped"},
		{&net.OpError{Op: "read", Err: refused}, outcome.Unclear, outcome.Unknown, "a dial inside something else"},
		{errors.New("unheard of"), outcome.Unclear, outcome.Unknown, "when in doubt"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v %s", tt.err, tt.why), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, outcome.OfFailure(tt.err, tt.contact))
		})
	}
}

func TestOutcome_String(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "unknown", outcome.Unknown.String())
	assert.Equal(t, "not executed", outcome.NotExecuted.String())
	assert.Equal(t, "executed", outcome.Executed.String())
}
