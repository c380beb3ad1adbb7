package oauth

import (
	"fmt"
	"runtime"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// crashError is the error of a store, a transport or an [App.Moved] that did not return. It is a text and wraps
// nothing: the value of a panic may hold anything.
type crashError string

func (e crashError) Error() string { return "oauth: " + string(e) }

// guarded calls code that the caller of this package has written. A panic, or the end of its goroutine, becomes an
// error like any other: the program goes on, and every waiting caller gets it. The error has the text of the panic,
// less the secrets. Where it is not known which secrets the text could have, secrets is nil, and the error names only
// the type of the panic's value, unless that is an error of the runtime.
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
