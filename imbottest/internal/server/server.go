// Package server is the HTTP side of the fake portal: how requests come in and are authorized, what limits and faults
// they meet, batches, prepared answers, and the events that the portal posts.
package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

// Config is how a portal is made.
type Config struct {
	Host      string // of the portal in memory
	OAuthHost string // of its OAuth server in memory
	Address   string // where a program serves it on this machine; "": it serves itself
	MemberID  string
	Mark      string       // in the text of the tokens that are issued
	User      imbot.UserID // for whom tokens act
	// ApplicationTokens is what stands before the name of an application in the proof of its events.
	ApplicationTokens string

	Documented     bool    // errors are those of the documentation
	SelfHosted     bool    // answers lack what only the cloud has
	PerSecond      float64 // 0: no limit of the rate
	Burst          float64
	OperatingLimit time.Duration // 0: no limit
	Cost           func(method string) time.Duration
	CostTakesTime  bool
	ChargeBatch    bool
	RequestLimit   time.Duration // 0: no limit
	StaleCodes     bool
	DoubleEvents   bool
	MaxFile        int // how many bytes a file may have; 0: as many as a real portal takes
	Keep           int // how many calls, token calls, deliveries and messages of a chat are known; 0: all
}

// Server answers requests for a portal and its OAuth server. It is an [http.Handler].
type Server struct {
	World *methods.World
	Store *tokens.Store
	OAuth *tokens.Server

	config      Config
	reporter    *Reporter
	calls       calls
	tokenCalls  journal[TokenCall]
	scripts     scripts
	faults      faults
	tokenFaults faults
	site        site
	bucket      *bucket
	budget      *budget
	listener    listener
	outbox      outbox
}

// New returns a portal without bots, chats and credentials.
func New(config Config, reporter *Reporter) *Server {
	store := tokens.NewStore()
	s := &Server{
		World:    methods.NewWorld(config.Host, config.MaxFile, config.Keep),
		Store:    store,
		OAuth:    tokens.NewServer(tokens.Config{MemberID: config.MemberID, UserID: config.User, Keep: config.Keep, Mark: config.Mark}, store),
		config:   config,
		reporter: reporter,
		site:     site{is: siteState{host: config.Host}},
		bucket:   newBucket(config.PerSecond, config.Burst),
		budget:   newBudget(config.OperatingLimit),
	}
	s.listener.url, s.listener.elsewhere = config.Address, config.Address != ""
	s.outbox.twice = config.DoubleEvents
	s.calls.keep, s.tokenCalls.keep, s.outbox.deliveries.keep = config.Keep, config.Keep, config.Keep
	return s
}

// Close makes the portal unreachable for good.
func (s *Server) Close() {
	s.site.change(func(is *siteState) { is.gone = true })
	s.listener.close()
}

// serve answers a request and writes it down. An error means that nothing reached the portal, or that ctx or the portal
// ended before there was an answer.
func (s *Server) serve(ctx context.Context, req request) (Reply, error) {
	if s.receives(req) {
		return s.serveOAuth(ctx, req)
	}
	x := readExchange(req)
	call := x.call()
	fault := s.faults.next(call)
	if fault.Err != nil { // by the function of the user: all others were looked at before
		s.reporter.Errorf("%v", fault.Err)
	}
	if fault.Dial != nil {
		return Reply{}, fault.Dial
	}
	recorded := s.calls.record(call)
	act := func() (Reply, error) { return s.answer(ctx, x) }
	rep, err := fault.around(ctx, act)
	if err == nil && s.site.now().gone {
		err = ErrReset()
	}
	if err != nil {
		return Reply{}, err
	}
	if rep.Cut == nil {
		s.calls.answered(recorded, rep.Status, errorCode(rep.Body))
	}
	return rep, nil
}

// answer is what a portal without faults says. The order is that of a real one: what stands before the REST server, the
// portal as a whole, the method's name, the authorization, the method. A portal that was closed while a fault kept the
// request waiting does not act any more. That is asked here and not waited for: a channel that was made with the portal
// may belong to another bubble of testing/synctest than the request.
func (s *Server) answer(ctx context.Context, x *exchange) (Reply, error) {
	site := s.site.now()
	if site.gone {
		return Reply{}, ErrReset()
	}
	if location, redirected := site.redirected(x.request); redirected {
		return Redirect(location), nil
	}
	if !x.route.rest {
		return HTML(http.StatusNotFound), nil
	}
	if x.request.httpMethod == http.MethodOptions {
		return REST(http.StatusOK, nil), nil
	}
	if !s.bucket.take(time.Now()) {
		return s.failureReply(errQueryLimit), nil
	}
	if x.route.format != "json" {
		return s.failureReply(errTransport), nil
	}
	if site.closed != 0 {
		return s.failureReply(errClosed(site.closed)), nil
	}
	if script, found := s.scripts.next(x.route.name()); found {
		return s.scriptReply(script, x), nil
	}
	if x.route.name() == downloadName {
		return s.download(x), nil
	}
	x.work = s.newWork(time.Now())
	rep, err := s.runReply(ctx, x)
	for _, spoil := range x.work.spoils {
		rep, err = spoil(rep, err)
	}
	return rep, err
}

// runReply runs the method and answers by what it comes to.
func (s *Server) runReply(ctx context.Context, x *exchange) (Reply, error) {
	result, err := s.run(ctx, x)
	if x.work.gone != nil {
		return Reply{}, x.work.gone
	}
	var failed *methods.Failure
	var whole *wholeAnswer
	switch {
	case errors.As(err, &failed):
		return s.failureReply(failed), nil
	case errors.As(err, &whole):
		return whole.reply, nil
	case errors.Is(err, errCut):
		return HTML(http.StatusGatewayTimeout), nil
	case err != nil:
		return Reply{}, err
	}
	return s.resultReply(x, result), nil
}

// run looks the method up, then at the caller, then calls the method: a wrong name is a 404 for strangers, too.
func (s *Server) run(ctx context.Context, x *exchange) (any, error) {
	name := x.route.name()
	if name == batchName {
		return s.runBatch(ctx, x)
	}
	method, known := methods.Find(name)
	if !known {
		s.reporter.Unexpected(x.route.method)
		return nil, errMethod
	}
	who, err := s.authorize(x, method.Scopes()...)
	if err != nil {
		return nil, err
	}
	if s.budget.exhausted(budgetKey{account: who.account, method: name}, time.Now()) {
		return nil, errOperating
	}
	began := time.Now()
	cost, isKnown := s.cost(name)
	caller := methods.Caller{
		User: who.user, App: who.app, Scopes: who.scopes, Link: s.downloadLink(x), SelfHosted: s.config.SelfHosted,
	}
	if who.app != "" {
		caller.Card = methods.Card(s.OAuth.Card(who.app))
	}
	if s.config.CostTakesTime {
		caller.WorksFor = max(0, cost)
	}
	done, err := method.Run(s.World, caller, x.params)
	if !isKnown {
		cost = time.Since(began)
	}
	if cut := s.charge(ctx, x, began, cost); cut != nil {
		done.Result, err = nil, cut
	}
	s.post(context.WithoutCancel(ctx), done.Raised) // for a caller who has gone, too
	return done.Result, err
}
