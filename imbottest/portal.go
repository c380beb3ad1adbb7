package imbottest

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
)

// Portal is a fake Bitrix24 portal. Make one with [NewPortal] or [Start]; the zero value is of no use. It is safe for
// concurrent use. Bad arguments to its methods, such as a status outside 200 to 599 for an answer, fail the test; a
// program, which has none to fail, panics.
type Portal struct {
	config   config
	reporter *server.Reporter
	server   *server.Server
}

// NewPortal returns a portal for a test, which is closed when the test ends. A call of a method that the portal has no
// model of, and no answer by [Portal.On], fails the test by the method's name. So does a fault that no call has met, or
// an answer that no call has got, when the test ends: see [Portal.Unmet].
func NewPortal(t testing.TB, opts ...Option) *Portal {
	t.Helper()
	p := newPortal(t, opts)
	t.Cleanup(func() { p.end(t) })
	return p
}

// Start returns a portal for a program, which has to [Portal.Close] it. A call of a method that the portal does not
// know is answered as a real one would: there is no such method. Without a test to fail, bad arguments to the methods
// of the portal panic, and [Portal.Unmet] lists the faults that were not met.
func Start(opts ...Option) *Portal {
	return newPortal(nil, opts)
}

func newPortal(t testing.TB, opts []Option) *Portal {
	p := &Portal{config: newConfig(opts), reporter: server.NewReporter(t)}
	p.server = server.New(p.config.Config, p.reporter)
	p.populate()
	return p
}

// end is the end of the test. What it has prepared and not met is a mistake in it, unless it ended early anyway.
func (p *Portal) end(t testing.TB) {
	t.Helper()
	if !t.Failed() && !t.Skipped() {
		for _, unmet := range p.Unmet() {
			t.Errorf("imbottest: %s", unmet)
		}
	}
	p.Close()
}

// Close stops the server behind [Portal.URL], if it was started, and cuts its connections. From then on its addresses
// do not answer. A call that is in the portal at that moment, kept waiting by a fault or by its cost, ends by a reset
// connection when its wait is over, and what it had not done by the time of Close is never done. Closing twice does no
// harm.
func (p *Portal) Close() {
	p.reporter.Close()
	p.server.Close()
}

// ServeHTTP answers a request that came over a connection. Over plain HTTP webhooks work on this machine alone, as they
// do in [Portal.URL].
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.server.ServeHTTP(w, r) }

// RoundTripper returns a transport that reaches the portal in memory, at its host and at those that it had, and its
// OAuth server. All other hosts are unknown to it. It starts no goroutine, and waits only for faults and costs, until
// the request's context ends.
func (p *Portal) RoundTripper() http.RoundTripper { return p.server }

// HTTPClient returns a new client over [Portal.RoundTripper]. It follows redirects, as clients of net/http do.
func (p *Portal) HTTPClient() *http.Client { return &http.Client{Transport: p.RoundTripper()} }

// URL returns the address of the portal on this machine, such as http://127.0.0.1:12345, and starts its server, unless
// [WithAddress] gave one. Do not use it in a bubble of testing/synctest, where network connections make time stand still.
func (p *Portal) URL() string {
	address, err := p.server.Listen()
	if err != nil {
		p.reporter.Fatalf("imbottest: URL: %v", err)
	}
	return address
}

// WebhookURL returns the URL of the webhook [Secret] in memory.
func (p *Portal) WebhookURL() string { return "https://" + p.config.Host + webhookPath() }

// ServerWebhookURL returns the URL of the webhook [Secret] on this machine, and starts the server.
func (p *Portal) ServerWebhookURL() string {
	return p.URL() + webhookPath()
}

func webhookPath() string {
	return "/rest/" + strconv.FormatInt(int64(Employee), 10) + "/" + Secret + "/"
}

// Endpoint returns the URL for OAuth calls in memory, the client_endpoint of applications.
func (p *Portal) Endpoint() string { return "https://" + p.config.Host + "/rest/" }

// ServerEndpoint returns the URL for OAuth calls on this machine, and starts the server.
func (p *Portal) ServerEndpoint() string {
	return p.URL() + "/rest/"
}

// Client returns a client of the webhook [Secret], in memory. Calls for a bot need a CLIENT_ID: see [ClientID].
//
// Unless the portal limits the rate of requests, by [WithPlan] or [WithRateLimit], the client has no limiter, so that
// no test waits for its turn; otherwise it has that of every client. The options come after these and the portal's own
// HTTP client, so that they may replace them.
func (p *Portal) Client(opts ...imbot.Option) *imbot.Client {
	return p.client(imbot.Webhook(p.WebhookURL()), opts)
}

// OAuthClient returns a client with OAuth tokens, in memory. A ready one is imbot.StaticToken(imbottest.TokenOK). As
// for [Portal.Client], there is no limiter unless the portal limits the rate of requests, and the options come last and
// win.
func (p *Portal) OAuthClient(tokens imbot.TokenSource, opts ...imbot.Option) *imbot.Client {
	return p.client(imbot.OAuth(p.Endpoint(), tokens), opts)
}

func (p *Portal) client(auth imbot.Auth, opts []imbot.Option) *imbot.Client {
	own := []imbot.Option{imbot.WithHTTPClient(p.HTTPClient())}
	if p.config.Burst <= 0 {
		own = append(own, imbot.WithLimiter(nil))
	}
	client, err := imbot.NewClient(auth, append(own, opts...)...)
	if err != nil {
		p.reporter.Fatalf("imbottest: the client could not be made: %v", err)
	}
	return client
}

// Rename moves the portal to another host. From now on a request to any other host is answered by a redirect (302) to
// the same path and query at the new one, as long as it reaches the portal. [Portal.WebhookURL] and [Portal.Endpoint]
// stay what they were: clients do not know of the new name. For the server behind [Portal.URL], the new host needs a
// port, such as "localhost:8080".
func (p *Portal) Rename(newHost string) {
	p.server.Rename(newHost)
}

// CloseSite deletes the portal: every call is answered by PORTAL_DELETED. The status 0 stands for 403, which is the
// server's; 410 and 500 have been seen and documented, too. [Portal.Reopen] takes it back.
func (p *Portal) CloseSite(status int) {
	if status == 0 {
		status = http.StatusForbidden
	}
	if err := server.CheckStatus("CloseSite", status); err != nil {
		p.reporter.Fatalf("%v", err)
		return
	}
	p.server.CloseSite(status)
}

// Overload blocks applications and webhooks: every call with valid credentials is answered by OVERLOAD_LIMIT. The
// status 0 stands for 401, which is the server's; the documentation has 503. [Portal.Reopen] takes it back.
func (p *Portal) Overload(status int) {
	if status == 0 {
		status = http.StatusUnauthorized
	}
	if err := server.CheckStatus("Overload", status); err != nil {
		p.reporter.Fatalf("%v", err)
		return
	}
	p.server.Overload(status)
}

// Reopen takes [Portal.CloseSite] and [Portal.Overload] back.
func (p *Portal) Reopen() {
	p.server.CloseSite(0)
	p.server.Overload(0)
}
