package oauth

import (
	"fmt"
	"runtime"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// crashError says that a store, a transport or [App.Moved] did not return. It is a text and nothing else: what somebody
// panicked with may hold anything.
type crashError string

func (e crashError) Error() string { return "oauth: " + string(e) }

// guarded calls what somebody else has written. If that panics or ends its goroutine, the result is an error like any
// other: the program goes on, and nobody waits in vain. The error says what the panic said, less the secrets. Where it
// is not known which secrets that could have, secrets is nil, and what the runtime has not said itself is named by its
// type.
func guarded[T any](who string, secrets func() redact.Set, work func() (T, error)) (result T, err error) {
	err = crashError(who + " ended its goroutine")
	ended := make(chan struct{})
	go func() { // a goroutine that ends has to be another than the one that reports it
		defer close(ended)
		defer func() {
			reason := recover()
			_, ofRuntime := reason.(runtime.Error)
			switch {
			case reason == nil:
			case ofRuntime:
				err = crashError(fmt.Sprintf("%s panicked: %v", who, reason))
			case secrets != nil:
				err = crashError(fmt.Sprintf("%s panicked: %s", who, secrets().Text(fmt.Sprint(reason))))
			default:
				err = crashError(fmt.Sprintf("%s panicked with a %T", who, reason))
			}
		}()
		result, err = work()
	}()
	<-ended
	return result, err
}
