package portals_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

const appID, appSecret = "app.example", "EXAMPLE_SECRET"

// What happens to the application on a portal.
const actInstall, actRenew, actRemove, actRename = "install", "renew", "remove", "rename"

// world is Bitrix24's OAuth server and any number of portals, as a transport in memory.
type world struct {
	mu       sync.Mutex
	portals  map[string]*place // by member id
	access   map[string]grant
	refresh  map[string]string // member ids by the refresh tokens that are not used up
	issued   int
	renewals map[string]int // by member id
	verified int
	calls    int // of portals
	refused  int // for the age of a token
	atOnce   int // requests for tokens that are under way
	most     int // of these
	slow     time.Duration
	down     bool // the OAuth server is
}

type place struct{ host string }

// grant is for what an access token works.
type grant struct {
	memberID string
	until    time.Time
}

func newWorld() *world {
	return &world{portals: map[string]*place{}, access: map[string]grant{}, refresh: map[string]string{}, renewals: map[string]int{}}
}

// member returns the id of a portal of the world.
func member(n int) string { return fmt.Sprintf("%032x", n) }

// host returns where a portal is at first.
func host(memberID string) string {
	return "example-" + memberID[max(0, len(memberID)-8):] + ".bitrix24.com"
}

// add adds a portal.
func (w *world) add(memberID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.portals[memberID] = &place{host: host(memberID)}
}

// rename gives a portal another host.
func (w *world) rename(memberID, host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.portals[memberID].host = host
}

// issue hands out a pair for a portal. The caller holds mu.
func (w *world) issue(memberID string) oauth.Token {
	w.issued++
	token := oauth.Token{
		AccessToken: fmt.Sprintf("access-%d", w.issued), RefreshToken: fmt.Sprintf("refresh-%d", w.issued),
		Expiry:   time.Now().Add(time.Hour).Truncate(time.Second).UTC(),
		MemberID: memberID, ClientEndpoint: "https://" + w.portals[memberID].host + "/rest/",
		ServerEndpoint: "https://oauth.bitrix.info/rest/", Domain: w.portals[memberID].host,
	}
	w.access[token.AccessToken] = grant{memberID, token.Expiry}
	w.refresh[token.RefreshToken] = memberID
	return token
}

// install returns the event of an installation.
func (w *world) install(memberID string) *events.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &events.Event{
		Name: events.AppInstall, MemberID: memberID, Auth: w.issue(memberID), ApplicationToken: applicationToken(memberID),
		Time: time.Now().Truncate(time.Second).UTC(),
	}
}

func applicationToken(memberID string) string { return "EXAMPLE_APPLICATION_" + memberID }

// removal returns the event of a removal.
func removal(memberID string) *events.Event {
	return &events.Event{
		Name: events.AppUninstall, MemberID: memberID, ApplicationToken: applicationToken(memberID), Time: time.Now().Truncate(time.Second).UTC(),
	}
}

// expire makes an access token work no longer.
func (w *world) expire(accessToken string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.access[accessToken] = grant{w.access[accessToken].memberID, time.Now()}
}

// revoke makes all tokens of a portal work no longer, as a removal does.
func (w *world) revoke(memberID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.access, func(_ string, g grant) bool { return g.memberID == memberID })
	maps.DeleteFunc(w.refresh, func(_, of string) bool { return of == memberID })
}

// totals returns how many renewals there were, and for how many portals.
func (w *world) totals() (renewals, portals int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.renewals {
		renewals += n
	}
	return renewals, len(w.renewals)
}

func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var status int
	var answer string
	if strings.HasPrefix(req.URL.Host, "oauth.") {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		status, answer, err = w.serve(req, form)
		if err != nil {
			return nil, err
		}
	} else {
		status, answer = w.call(req.URL.Host, body)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)),
	}, nil
}

// serve is the OAuth server.
func (w *world) serve(req *http.Request, form url.Values) (status int, answer string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.atOnce++
	w.most = max(w.most, w.atOnce)
	defer func() { w.atOnce-- }()
	if w.slow > 0 {
		w.mu.Unlock()
		select {
		case <-time.After(w.slow): // fake clock
		case <-req.Context().Done():
		}
		w.mu.Lock()
		if err := req.Context().Err(); err != nil {
			return 0, "", err
		}
	}
	switch {
	case w.down:
		return http.StatusBadGateway, "<html>", nil
	case strings.HasSuffix(req.URL.Path, "/app.info"):
		w.verified++
		g, found := w.access[form.Get("auth")]
		if !found || !time.Now().Before(g.until) {
			return http.StatusUnauthorized, `{"error":"expired_token"}`, nil
		}
		return http.StatusOK, fmt.Sprintf(`{"result":{"client_id":%q,"install":{"installed":true,"member_id":%q,"domain":%q,`+
			`"client_endpoint":"https://%[3]s/rest/"}}}`, appID, g.memberID, w.portals[g.memberID].host), nil
	}
	memberID, found := w.refresh[form.Get("refresh_token")]
	if !found || form.Get("client_secret") != appSecret {
		return http.StatusBadRequest, `{"error":"invalid_grant"}`, nil
	}
	delete(w.refresh, form.Get("refresh_token"))
	w.renewals[memberID]++
	token := w.issue(memberID)
	return http.StatusOK, fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"expires_in":3600,"client_endpoint":%q,"member_id":%q}`,
		token.AccessToken, token.RefreshToken, token.ClientEndpoint, memberID), nil
}

// call is a portal.
func (w *world) call(host string, body []byte) (status int, answer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	var call struct{ Auth string }
	g, found := grant{}, false
	if json.Unmarshal(body, &call) == nil {
		g, found = w.access[call.Auth]
	}
	switch {
	case !found || w.portals[g.memberID].host != host:
		return http.StatusUnauthorized, `{"error":"invalid_token"}`
	case !time.Now().Before(g.until):
		w.refused++
		return http.StatusUnauthorized, `{"error":"expired_token"}`
	default:
		now := time.Now()
		return http.StatusOK, fmt.Sprintf(`{"result":[],"time":{"start":%d,"finish":%[1]d,"duration":0.1,"processing":0.1,`+
			`"operating_reset_at":%[2]d,"operating":0.2}}`, now.Unix(), now.Add(10*time.Minute).Unix())
	}
}

// registry returns a registry in the world.
func (w *world) registry(t testing.TB, store portals.Store, opts ...portals.Option) *portals.Registry {
	t.Helper()
	client := &http.Client{Transport: w}
	app := oauth.App{ID: appID, Secret: appSecret, HTTPClient: client}
	opts = append([]portals.Option{portals.WithClientOptions(imbot.WithHTTPClient(client))}, opts...)
	registry, err := portals.New(app, store, opts...)
	require.NoError(t, err)
	return registry
}

// bots is a call that does nothing but read.
var bots = imbot.Method[struct{}, any]{Name: "imbot.bot.list", Idempotent: true}

func callBots(ctx context.Context, client *imbot.Client) error {
	_, err := imbot.Call(ctx, client, bots, struct{}{})
	return err
}

// call calls a portal as a handler of events does.
func call(ctx context.Context, registry *portals.Registry, memberID string) error {
	client, err := registry.Client(ctx, memberID)
	if err != nil {
		return err
	}
	return callBots(ctx, client)
}

// load returns what a store has.
func load(t testing.TB, store portals.Store, memberID string) portals.Installation {
	t.Helper()
	found, err := store.Load(t.Context(), memberID)
	require.NoError(t, err)
	return found
}

// put replaces what a store has.
func put(t testing.TB, store portals.Store, i portals.Installation) {
	t.Helper()
	_, err := store.Update(t.Context(), i.MemberID, func(portals.Installation) (portals.Installation, error) { return i, nil })
	require.NoError(t, err)
}
