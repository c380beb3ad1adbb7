package oauth

import (
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"unicode"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

var (
	// ErrNoToken is matched where a store has no token (yet): the application is not installed, or nobody has
	// authorized it.
	ErrNoToken = imbot.NewError("oauth: the store has no token", imbot.Advice{
		Meaning: "the store has no token: the application is not installed, or nobody has authorized it",
		Action:  "install or authorize the application",
	})
	// ErrDamaged is matched where a store holds something else than a token. It is not overwritten: somebody may want
	// to look at it first. Remove it, and authorize the application again.
	ErrDamaged = imbot.NewError("oauth: the store holds something else than a token; remove it and authorize the application again", imbot.Advice{
		Meaning: "the store holds something else than a token",
		Action:  "look at it, remove it, and authorize the application again",
	})
	// ErrNotSaved is matched where the OAuth server has handed out a new pair that the store would not take. The error
	// is a [*NotSavedError].
	ErrNotSaved = imbot.NewError("oauth: the new pair of tokens could not be saved", imbot.Advice{
		Meaning: "the OAuth server has handed out a new pair of tokens that the store did not take; the old one is used up",
		Action:  "see to the store; the source saves the pair when it is used again, and NotSavedError.Token has it",
	})
	// ErrNotAccepted is matched where the portal refuses token after token, also the one that was got just now, so that
	// another would hardly help. None is asked for within a minute, unless the store gets a new pair by other hands:
	// from another process, or when the application is installed or authorized anew.
	ErrNotAccepted = imbot.NewError("oauth: the portal refuses the token that was got just now, as it did the one before; "+
		"no other is asked for within a minute", imbot.Advice{
		Meaning: "the portal refuses also the token that was got just now",
		Action:  "wait a minute; if that does not help, check that the application is that of this portal, and authorize it again", Temporary: true,
	})
)

// Error is an answer of the OAuth server, or of something before it, that has no tokens.
//
// It matches, by [errors.Is], its code without regard to case, what the code is another name for, and
// [imbot.ErrOutcomeUnknown] where the answer does not prove that the code or refresh token is still unused. Other names
// are "bad_verification_code" for [imbot.ErrInvalidGrant], "insufficient_scope" for [imbot.ErrInvalidScope], and
// "NOT_INSTALLED" and "ERROR_OAUTH" for [imbot.ErrApplicationNotFound].
type Error struct {
	// StatusCode is the HTTP status. It never decides alone: some errors come with 200.
	StatusCode int
	// Code is what the server sent as "error", as it was spelled, and at most 200 bytes of it. It is empty where that
	// was empty, and where the answer was not the server's JSON.
	Code imbot.Code
	// Description is the text beside the code, which may be missing, and at most 2 KiB of it: for people, not for
	// decisions. Where there was nothing to read it says so in a few words; the answer itself is not repeated.
	Description string

	// unreadable is set where neither tokens nor a refusal could be read from the answer.
	unreadable bool
}

// Error names the code, the description and the status:
//
//	oauth: invalid_request: No "refresh_token" parameter found (HTTP 400)
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("oauth: ")
	for _, part := range []string{string(e.Code), e.Description} {
		if part != "" {
			b.WriteString(oneLine(part) + ": ")
		}
	}
	return strings.TrimSuffix(b.String(), ": ") + " (HTTP " + strconv.Itoa(e.StatusCode) + ")"
}

// isPlain reports whether the server itself has refused and surely done nothing.
func (e *Error) isPlain() bool { return !e.unreadable && !e.Is(imbot.ErrOutcomeUnknown) }

// otherNames has the codes, in lower case, that mean what another code of the OAuth server or of the portal means.
var otherNames = map[string]imbot.Code{
	"bad_verification_code": imbot.ErrInvalidGrant,
	"insufficient_scope":    imbot.ErrInvalidScope,
	"not_installed":         imbot.ErrApplicationNotFound,
	"error_oauth":           imbot.ErrApplicationNotFound,
}

// Is reports whether target is the code of the error, letter case aside, or what that is another name for, or
// [imbot.ErrOutcomeUnknown] and the answer left that open.
func (e *Error) Is(target error) bool {
	if target == imbot.ErrOutcomeUnknown {
		return outcome.OfAnswer(e.StatusCode, string(e.Code), !e.unreadable) == outcome.Unknown
	}
	same, found := otherNames[strings.ToLower(string(e.Code))]
	return !e.unreadable && (e.Code.Is(target) || found && same.Is(target))
}

// As gives errors.As the [imbot.Code] of the error, if it has one.
func (e *Error) As(target any) bool {
	code, ok := target.(*imbot.Code)
	if !ok || e.Code == "" {
		return false
	}
	*code = e.Code
	return true
}

// Advice is for [imbot.Explain].
func (e *Error) Advice() imbot.Advice {
	if e.Is(imbot.ErrOutcomeUnknown) {
		return unknownAdvice
	}
	if e.unreadable {
		return imbot.Advice{
			Meaning: "the answer was not one of the OAuth server: something before it gave it",
			Action:  "check App.TokenURL, and what stands before the server",
		}
	}
	if same, found := otherNames[strings.ToLower(string(e.Code))]; found {
		return imbot.Explain(same)
	}
	if known := imbot.Explain(e.Code); known != unknownCode {
		return known
	}
	return imbot.Advice{
		Meaning: "the OAuth server refused, for a reason that this library does not know",
		Action:  "read the code and the text of the error",
	}
}

// unknownCode is what is said of a code of a portal that nobody knows.
var unknownCode = imbot.Explain(imbot.Code(""))

var unknownAdvice = imbot.Advice{
	Meaning: "the answer of the OAuth server was lost, and the code or refresh token may be used up",
	Action:  "try again; if the server refuses it as used, authorize the application again",
}

// oneLine returns a text without line breaks and other control characters: a text of the server could pass for a line
// of its own in a log.
func oneLine(text string) string {
	if strings.IndexFunc(text, unicode.IsControl) < 0 {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || unicode.IsControl(r) }), " ")
}

// LogValue makes a log record of the error a group of its fields.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("status", e.StatusCode),
		slog.String("code", string(e.Code)),
		slog.String("description", e.Description),
	)
}

// requestError is the error of a request that got no answer. It wraps the error of the network, less what could show a
// secret.
type requestError struct {
	outcome outcome.Outcome
	err     error
}

// Error says what happened in one line: net/http quotes what a server sends instead of HTTP.
func (e *requestError) Error() string {
	what := oneLine(redact.Short(e.err.Error(), redact.MaxText))
	if e.outcome == outcome.Unknown {
		return "oauth: outcome unknown: " + what
	}
	return "oauth: not sent: " + what
}

// Is makes the error match ErrOutcomeUnknown where the request may have reached the server.
func (e *requestError) Is(target error) bool {
	return target == imbot.ErrOutcomeUnknown && e.outcome == outcome.Unknown
}

func (e *requestError) Unwrap() error { return e.err }

// Advice is for [imbot.Explain].
func (e *requestError) Advice() imbot.Advice {
	if e.outcome == outcome.Unknown {
		return unknownAdvice
	}
	return imbot.Explain(e.err)
}

// Format prints the message whatever the verb: what the error holds is the network's, and may hold anything.
func (e *requestError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

// NotSavedError is the error where the store failed to save a new pair of tokens. The refresh token in the store is
// used up. The source that returned the error keeps the pair, and tries to save it before anything else when it is used
// the next time; a program that is about to end can save it by itself.
//
// It matches [ErrNotSaved] and whatever the store's error matches.
type NotSavedError struct {
	token func() Token
	err   error
}

// Token returns the new pair.
func (e *NotSavedError) Token() Token {
	if e.token == nil {
		return Token{}
	}
	return e.token()
}

// Error says what happened, and what the store said.
func (e *NotSavedError) Error() string {
	if e.err == nil {
		return ErrNotSaved.Error()
	}
	return ErrNotSaved.Error() + ": " + e.err.Error()
}

// Is makes the error match [ErrNotSaved].
func (e *NotSavedError) Is(target error) bool { return target == ErrNotSaved }

// Unwrap returns the error of the store.
func (e *NotSavedError) Unwrap() error { return e.err }

// Advice is for [imbot.Explain].
func (e *NotSavedError) Advice() imbot.Advice { return imbot.Explain(ErrNotSaved) }

// Format prints the message whatever the verb: what a store puts into its errors may be anything.
func (e *NotSavedError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

// ExposedFileError is the error of a [FileStore] whose file others than its owner can get at. The file is not used.
// Make it private (chmod 600), and have the secret of the application and the tokens replaced if others may have read
// it.
type ExposedFileError struct {
	// Path is where the file is.
	Path string
	// Mode is the file's permissions.
	Mode fs.FileMode
}

// Error names the file and its permissions.
func (e *ExposedFileError) Error() string {
	return fmt.Sprintf("oauth: %s has the mode %#o: others can get at the tokens in it, want 0600", e.Path, e.Mode.Perm())
}

// Advice is for [imbot.Explain].
func (e *ExposedFileError) Advice() imbot.Advice {
	return imbot.Advice{
		Meaning: "others than its owner can get at the file with the tokens, so it was not used",
		Action:  "make it private (chmod 600); if others may have read it, have the secret of the application replaced",
	}
}
