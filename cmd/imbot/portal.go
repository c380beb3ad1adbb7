package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/cmd/imbot/internal/control"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// portalCommand serves portals for tests.
type portalCommand struct {
	printing
	Listen         string        `help:"Where, on this machine, unless --portal says that; port 0 takes a free one." default:"127.0.0.1:8024" placeholder:"HOST:PORT"`
	Portal         []portalPlace `help:"A portal with a member id of its own, and where it is; may be repeated. Names that end with .localhost may share a port." placeholder:"MEMBER_ID@HOST:PORT" sep:"none"`
	Chats          int           `help:"How many more chats the bot 39 is in, from chat 1001 on."`
	Empty          bool          `help:"Begin without bots, chats and tokens."`
	Plan           string        `help:"Limit the rate of requests: standard is 2 a second after 50 at once, enterprise 5 after 250." enum:"none,standard,enterprise" default:"none"`
	OperatingLimit time.Duration `help:"The time that a method may use in ten minutes, 8m on a real portal." placeholder:"DURATION"`
	Cost           time.Duration `help:"What a call uses of that; up to 0.1s counts as nothing." placeholder:"DURATION"`
	Slow           bool          `help:"Let a call last as long as it costs."`
	Documented     bool          `help:"Word errors as the documentation does, not as servers do."`
	SelfHosted     bool          `help:"Answer as older portals that are not in the cloud."`
	Events         string        `help:"Post events to this address." placeholder:"URL"`
	Keep           int           `help:"How many calls, events and messages of a chat are remembered." default:"10000"`
}

// Help implements kong.HelpProvider.
func (*portalCommand) Help() string {
	return "It answers the methods for bots of both generations as a portal does, with a webhook, OAuth tokens, an OAuth server and events, until it is interrupted. Nothing is kept on disk. What is in it, and what goes wrong, is changed while it runs by requests to " + control.Prefix + ", which docs/portal.md describes. It listens on this machine only, as its secrets are known to everybody.\n\nWith --json, the first line says where everything is. Exit code 0 when it is interrupted, 2 when it cannot listen."
}

// Validate is called by kong.
func (c *portalCommand) Validate() error {
	to, err := url.Parse(c.Events)
	switch {
	case c.Chats < 0 || c.Keep < 0 || c.OperatingLimit < 0 || c.Cost < 0:
		return errors.New("--chats, --keep, --operating-limit and --cost may not be negative")
	case c.Slow && c.Cost == 0:
		return errors.New("--slow lets a call last as long as it costs: name that, too, by --cost")
	case c.Events != "" && (err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https"):
		return errors.New("--events: want an address such as http://127.0.0.1:8080/")
	}
	for i, place := range c.Portal {
		for _, other := range c.Portal[:i] {
			if place.memberID == other.memberID {
				return errors.New("--portal: two portals have the same member id")
			}
			if place.address == other.address && !strings.HasSuffix(place.address, ":0") {
				return errors.New("--portal: two portals have the same address")
			}
		}
	}
	return nil
}

// portalPlace is a portal, and where it is.
type portalPlace struct{ memberID, address string }

// UnmarshalText reads MEMBER_ID@HOST:PORT.
func (p *portalPlace) UnmarshalText(text []byte) error {
	memberID, address, found := strings.Cut(string(text), "@")
	if !found || memberID == "" {
		return errors.New("want MEMBER_ID@HOST:PORT, such as first@127.0.0.1:8024")
	}
	*p = portalPlace{memberID, address}
	return nil
}

func (c *portalCommand) run(ctx context.Context, p *process) (int, error) {
	ctx, cancel := p.bounded(ctx, 0)
	defer cancel()
	places := c.Portal
	if len(places) == 0 {
		places = []portalPlace{{"", c.Listen}}
	}
	listeners := map[string]net.Listener{} // by where they listen
	defer func() {
		for _, listener := range listeners {
			_ = listener.Close()
		}
	}()
	var specs []control.Spec
	for _, place := range places {
		address, err := listen(ctx, listeners, place.address)
		if err != nil {
			return exitUsage, err
		}
		specs = append(specs, control.Spec{MemberID: place.memberID, Address: "http://" + address})
	}
	served := control.New(c.settings(), specs...)
	defer served.Close()
	if p.isJSON {
		about := served.About() // of all portals; what follows is of the first one
		about["url"], about["control"] = specs[0].Address, specs[0].Address+control.Prefix
		about["webhook"], about["endpoint"] = webhookAt(specs[0].Address), specs[0].Address+"/rest/"
		p.printJSON(about)
	} else {
		printPortals(p, specs, served.TokenURL(), c.Empty)
	}
	return exitDone, serve(ctx, listeners, served)
}

// settings are what all portals have in common.
func (c *portalCommand) settings() control.Settings {
	settings := control.Settings{Chats: c.Chats, Events: c.Events, Options: []imbottest.Option{imbottest.KeepCalls(c.Keep), imbottest.WithOperatingLimit(c.OperatingLimit)}}
	add := func(when bool, opt imbottest.Option) {
		if when {
			settings.Options = append(settings.Options, opt)
		}
	}
	add(c.Empty, imbottest.Empty())
	add(c.Plan == "standard", imbottest.WithPlan(imbottest.Standard))
	add(c.Plan == "enterprise", imbottest.WithPlan(imbottest.Enterprise))
	add(c.Cost > 0, imbottest.WithCost(imbottest.ConstantCost(c.Cost)))
	add(c.Slow, imbottest.CostTakesTime())
	add(c.Documented, imbottest.WithWire(imbottest.Documented))
	add(c.SelfHosted, imbottest.SelfHosted())
	return settings
}

// listen opens an address of this machine and no other, unless that was done, and returns what a client has to name. The
// portal's secrets are printed in its documentation.
func listen(ctx context.Context, listeners map[string]net.Listener, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", usagef("%q is no address: want one such as 127.0.0.1:8024", address)
	}
	on := host
	if strings.HasSuffix(host, ".localhost") {
		on = "127.0.0.1" // which is what such a name means
	} else if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return "", usagef("this listens on this machine only: name 127.0.0.1, [::1], localhost or a name that ends with .localhost")
	}
	at := net.JoinHostPort(on, port)
	listener, isShared := listeners[at], on != host
	if listener == nil || port == "0" && !isShared {
		var config net.ListenConfig
		if listener, err = config.Listen(ctx, "tcp", at); err != nil {
			return "", usagef("%v; is it taken? Port 0 takes a free one", err)
		}
		if !isShared {
			at = listener.Addr().String()
		}
		listeners[at] = listener
	}
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return net.JoinHostPort(host, port), nil
}

// serve answers until ctx ends.
func serve(ctx context.Context, listeners map[string]net.Listener, handler http.Handler) error {
	const patience = 5 * time.Second
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: patience,
		BaseContext: func(net.Listener) context.Context { return ctx }, // so that no fault keeps a call waiting any more
	}
	ended := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { ended <- server.Serve(listener) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if stopped := server.Shutdown(last); stopped != nil {
		_ = server.Close()
	}
	return err
}

func webhookAt(address string) string {
	return fmt.Sprintf("%s/rest/%d/%s/", address, imbottest.Employee, imbottest.Secret)
}

// printPortals says where the portals are, and what to try where there is something in them.
func printPortals(p *process, specs []control.Spec, tokenURL string, isEmpty bool) {
	say(p.out, "A Bitrix24 portal for tests, until Ctrl-C. What a call changes stays changed until then.")
	for _, spec := range specs {
		fmt.Fprintln(p.out)
		rows := [][]string{
			{"webhook", webhookAt(spec.Address)},
			{"CLIENT_ID", imbottest.ClientID + ", of bot 39"},
			{"OAuth endpoint", spec.Address + "/rest/"},
			{"OAuth token", imbottest.TokenOK + ", for bot 50"},
			{"OAuth server", tokenURL},
			{"application", imbottest.App + ", whose secret is " + imbottest.AppSecret},
			{"control", spec.Address + control.Prefix},
		}
		if isEmpty {
			rows = slices.Delete(slices.Delete(rows, 3, 4), 1, 2) // there is neither a bot nor a token
		}
		if spec.MemberID != "" {
			rows = append([][]string{{"member id", spec.MemberID}}, rows...)
		}
		for _, row := range rows {
			fmt.Fprintf(p.out, "%-16s%s\n", row[0], row[1])
		}
	}
	if isEmpty {
		return
	}
	address := specs[0].Address
	fmt.Fprintf(p.out, "\nTo try this program on it, in another terminal:\n\n    export BITRIX24_WEBHOOK_URL=%s\n    export BITRIX24_CLIENT_ID=%s BITRIX24_BOT_ID=%d\n    imbot members %d\n", webhookAt(address), imbottest.ClientID, imbottest.BotMain, imbottest.ChatGroup)
	fmt.Fprintf(p.out, "\nOr by curl:\n\n    curl -H 'Content-Type: application/json' \\\n      -d '{\"CHAT_ID\":%d,\"BOT_ID\":%d,\"CLIENT_ID\":%q}' \\\n      %simbot.chat.leave\n", imbottest.ChatGroup, imbottest.BotMain, imbottest.ClientID, webhookAt(address))
	fmt.Fprintf(p.out, "    curl %s%schats/%d\n", address, control.Prefix, imbottest.ChatGroup)
}
