package imbottest

import "github.com/seed-a6e4e5a4/imbot"

// Client returns a client of the webhook [Secret], in memory. Calls for a bot need a CLIENT_ID: see [ClientID].
//
// Unless the portal limits the rate of requests, by [WithPlan] or [WithRateLimit], the client has no limiter, so that
// no test waits for its turn; otherwise it has that of every client. The options come after these and the portal's own
// HTTP client, so that they may replace them.
func (p *Portal) Client(opts ...imbot.Option) *imbot.Client {
	p.reporter.helper()
	return p.client(imbot.Webhook(p.WebhookURL()), opts)
}

// OAuthClient returns a client with OAuth tokens, in memory. A ready one is imbot.StaticToken(imbottest.TokenOK). As
// for [Portal.Client], there is no limiter unless the portal limits the rate of requests, and the options come last and
// win.
func (p *Portal) OAuthClient(tokens imbot.TokenSource, opts ...imbot.Option) *imbot.Client {
	p.reporter.helper()
	return p.client(imbot.OAuth(p.Endpoint(), tokens), opts)
}

func (p *Portal) client(auth imbot.Auth, opts []imbot.Option) *imbot.Client {
	p.reporter.helper()
	own := []imbot.Option{imbot.WithHTTPClient(p.HTTPClient())}
	if p.config.burst <= 0 {
		own = append(own, imbot.WithLimiter(nil))
	}
	client, err := imbot.NewClient(auth, append(own, opts...)...)
	if err != nil {
		p.reporter.fatalf("imbottest: the client could not be made: %v", err)
	}
	return client
}
