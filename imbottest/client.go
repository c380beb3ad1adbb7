package imbottest

import "github.com/seed-a6e4e5a4/imbot"

// Client returns a client of the webhook [Secret], in memory. The options come after the portal's own HTTP client, so that
// they may replace it. Calls for a bot need a CLIENT_ID: see [ClientID].
func (p *Portal) Client(opts ...imbot.Option) *imbot.Client {
	p.reporter.helper()
	return p.client(imbot.Webhook(p.WebhookURL()), opts)
}

// OAuthClient returns a client with OAuth tokens, in memory. A ready one is imbot.StaticToken(imbottest.TokenOK).
func (p *Portal) OAuthClient(tokens imbot.TokenSource, opts ...imbot.Option) *imbot.Client {
	p.reporter.helper()
	return p.client(imbot.OAuth(p.Endpoint(), tokens), opts)
}

func (p *Portal) client(auth imbot.Auth, opts []imbot.Option) *imbot.Client {
	p.reporter.helper()
	client, err := imbot.NewClient(auth, append([]imbot.Option{imbot.WithHTTPClient(p.HTTPClient())}, opts...)...)
	if err != nil {
		p.reporter.fatalf("imbottest: the client could not be made: %v", err)
	}
	return client
}
