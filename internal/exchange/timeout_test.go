package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

type contextKey struct{}

// state is what can be seen of a context.
func state(ctx context.Context) string {
	done := false
	select {
	case <-ctx.Done():
		done = true
	default:
	}
	deadline, has := ctx.Deadline()
	return fmt.Sprint(done, ctx.Err(), context.Cause(ctx), has, deadline.UTC(), ctx.Value(contextKey{}))
}

// derived is what can be seen of contexts that are made of another, now and after more than a minute.
func derived(ctx context.Context) string {
	child, cancel := context.WithCancel(ctx)
	defer cancel()
	value := context.WithValue(ctx, contextKey{}, "another")
	var called atomic.Bool
	stop := context.AfterFunc(ctx, func() { called.Store(true) })
	before := state(child) + state(value)
	time.Sleep(61 * time.Second) // fake clock
	synctest.Wait()
	return fmt.Sprint(before, state(child), state(value), called.Load(), stop())
}

// A transport sees the context that context.WithTimeout would give it, whatever it asks first, and after the exchange.
func TestDo_contextOfTheTransport(t *testing.T) {
	t.Parallel()
	errGone := errors.New("gone")
	parents := map[string]func(context.Context) context.Context{
		"of nobody": func(ctx context.Context) context.Context { return ctx },
		"with a value": func(ctx context.Context) context.Context {
			return context.WithValue(ctx, contextKey{}, "a value")
		},
		"that ends before": func(ctx context.Context) context.Context {
			ctx, cancel := context.WithTimeoutCause(ctx, 40*time.Second, errGone)
			context.AfterFunc(ctx, cancel)
			return ctx
		},
		"that ends after": func(ctx context.Context) context.Context {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			context.AfterFunc(ctx, cancel)
			return ctx
		},
		"that is canceled": func(ctx context.Context) context.Context {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(20*time.Second, func() { cancel(errGone) })
			return ctx
		},
	}
	uses := map[string]func(context.Context) string{
		"nothing":              func(context.Context) string { return "" },
		"Err":                  func(ctx context.Context) string { return fmt.Sprint(ctx.Err()) },
		"all":                  state,
		"Done, and Err later":  func(ctx context.Context) string { <-ctx.Done(); return fmt.Sprint(ctx.Err()) },
		"Err later":            func(ctx context.Context) string { time.Sleep(50 * time.Second); return fmt.Sprint(ctx.Err()) }, // fake clock
		"Err too late":         func(ctx context.Context) string { time.Sleep(61 * time.Second); return fmt.Sprint(ctx.Err()) }, // fake clock
		"all too late":         func(ctx context.Context) string { time.Sleep(61 * time.Second); return state(ctx) },            // fake clock
		"contexts made of it":  derived,
		"the end of the child": func(ctx context.Context) string { return derived(context.WithValue(ctx, contextKey{}, "x")) },
	}
	for ofParent, parent := range parents {
		for used, use := range uses {
			t.Run(ofParent+"/"+used, func(t *testing.T) {
				t.Parallel()
				run := func(with func(context.Context) (context.Context, func())) (text string) {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancel(parent(t.Context()))
						defer cancel()
						began := time.Now()
						made, end := with(ctx)
						text = use(made)
						end()
						text += state(made) + derived(made) + fmt.Sprint(time.Since(began))
					})
					return text
				}
				want := run(func(ctx context.Context) (context.Context, func()) { return context.WithTimeout(ctx, time.Minute) })
				assert.Equal(t, want, run(func(ctx context.Context) (context.Context, func()) { return contextOf(ctx, t) }))
			})
		}
	}
}

// contextOf returns the context of an exchange with a timeout of a minute, and what lets it end.
func contextOf(ctx context.Context, t *testing.T) (of context.Context, end func()) {
	t.Helper()
	began, goOn, ended := make(chan context.Context), make(chan struct{}), make(chan struct{})
	transport := roundTrip(func(req *http.Request) (*http.Response, error) {
		began <- req.Context()
		<-goOn
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	})
	doer, err := exchange.New(onerequest.New(transport), time.Minute)
	require.NoError(t, err)
	go func() {
		defer close(ended)
		doer.Do(ctx, exchange.Request{Endpoint: &url.URL{Scheme: "https", Host: "portal.example", Path: "/rest/"}, Body: payload.Body{Text: []byte("{}")}})
	}()
	return <-began, func() {
		close(goOn)
		<-ended
	}
}

// Nothing is done for somebody who has gone.
func TestDo_contextHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, middleware := range [][]exchange.Middleware{nil, {changing(func(*http.Request) { assert.Fail(t, "the middleware was asked") })}} {
		doer, err := exchange.New(onerequest.New(roundTrip(func(*http.Request) (*http.Response, error) {
			assert.Fail(t, "a request was made")
			return nil, io.EOF
		})), time.Minute, middleware...)
		require.NoError(t, err)
		_, failure := doer.Do(ctx, exchange.Request{Endpoint: &url.URL{Scheme: "https", Host: "portal.example", Path: "/rest/"}, Body: payload.Body{Text: []byte("{}")}})
		require.NotNil(t, failure)
		assert.Equal(t, outcome.NotExecuted, failure.Outcome)
		require.ErrorIs(t, failure.Err, context.Canceled)
	}
}

// Nor is a request made whose context a middleware has ended.
func TestDo_contextOfMiddlewareHasEnded(t *testing.T) {
	t.Parallel()
	_, failure := exchanged(t, func(*http.Request) (*http.Response, error) {
		assert.Fail(t, "a request was made")
		return nil, io.EOF
	}, func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithCancel(req.Context())
			cancel()
			return next.RoundTrip(req.WithContext(ctx))
		})
	})
	require.NotNil(t, failure)
	assert.Equal(t, outcome.NotExecuted, failure.Outcome)
	require.ErrorIs(t, failure.Err, context.Canceled)
}
