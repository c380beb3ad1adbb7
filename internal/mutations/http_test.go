package mutations

// httpRows are bugs in one HTTP request: what net/http may do, and what is known of its failures.
var httpRows = []row{
	{
		"let net/http repeat a token that works once", "internal/onerequest/attempt.go", "./internal/onerequest TestRoundTrip_cannotBeRepeated",
		"		ContentLength: r.Body.Length(),\n",
		"		ContentLength: r.Body.Length(),\n		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body.Text)), nil },\n",
	},
	{
		"send what middleware has left of a body", "internal/exchange/middleware.go", "./internal/acceptance TestWithMiddleware_lostBody",
		"case len(body) == 0, req.ContentLength > 0 && req.ContentLength != int64(len(body)):", "case false:",
	},
	{
		"leave open what a closed connection was sent", "internal/onerequest/onerequest.go", "./internal/exchange TestTransport_closedConnections",
		"case isOwn && (a.wasClosed.Load() || nothingWritten(err)):", "case false:",
	},
	{
		"take any end of a connection for nothing written", "internal/onerequest/onerequest.go", "./internal/onerequest TestRoundTrip_keptConnection",
		"case isOwn && (a.wasClosed.Load() || nothingWritten(err)):", "case isOwn:",
	},
	{
		"let net/http repeat requests", "internal/onerequest/attempt.go", "./internal/onerequest TestRoundTrip_cannotBeRepeated",
		"withoutKeys(r.Header),", "r.Header,",
	},
	{
		"keep a connection over HTTP/2 that did not answer in time", "internal/onerequest/onerequest.go", "./internal/exchange TestTransport_connectionsThatFallSilent",
		"		b.transport.giveUp(b.used)\n", "		_ = b.used\n",
	},
	{
		"take what any transport says for net/http's own word", "internal/onerequest/onerequest.go", "./internal/acceptance TestHTTP2_wordsOfOthers",
		"case isOwn && unprocessed(err):", "case unprocessed(err):",
	},
	{
		"take any reset for one of a request that was not looked at", "internal/onerequest/attempt.go", "./internal/acceptance TestHTTP2_requestsAreSentOnce",
		"REFUSED_STREAM;", "[A-Z_]+;",
	},
	{
		"fail for a kept connection that was closed", "internal/onerequest/onerequest.go", "./internal/onerequest TestRoundTrip_allAreDead",
		"ctx.Err() == nil}, a.kept.Load()", "ctx.Err() == nil}, false",
	},
	{
		"send again over HTTP/2 what net/http wants to", "internal/onerequest/onerequest.go", "./internal/onerequest TestRoundTrip_http2",
		"Unprocessed: true}, false", "Unprocessed: true}, true",
	},
	{
		"go on over a connection that does not answer", "internal/onerequest/onerequest.go", "./internal/exchange TestTransport_connectionsThatFallSilent",
		"if t.current.Load() != used {", "if true {",
	},
	{
		"ignore Retry-After", "internal/exchange/exchange.go", "./internal/exchange TestDo_retryAfter",
		`retryAfter(resp.Header["Retry-After"])`, `retryAfter(nil)`,
	},
	{
		"trust a dial error after a connection was made", "internal/onerequest/attempt.go", "./internal/acceptance TestFailures_ofATransportThatRepeats",
		"return outcome.Made", "return outcome.Unclear",
	},
	{
		"take the lack of a trace for a proof", "internal/onerequest/attempt.go", "./oauth TestRequest_noTraceIsNoProof",
		"case a.asked.Load() && isOwn:", "case a.asked.Load():",
	},
	{
		"trust a dial error that is a part of another", "internal/outcome/outcome.go", "./internal/outcome TestOfFailure",
		"		err = post.Err\n	}\n", "		err = post.Err\n	}\n	if dial, ok := errors.AsType[*net.OpError](err); ok {\n		err = dial\n	}\n",
	},
	{
		"leave bodies open", "internal/exchange/exchange.go", "./internal/exchange TestDo_switchingProtocols",
		"defer func() { _ = resp.Body.Close() }()", "defer func() {}()",
	},
	{
		"cut uploads that get on", "internal/exchange/upload.go", "./internal/exchange TestUpload_slow",
		"	r.u.timer.Reset(r.u.timeout)\n", "",
	},
	{
		"read a file when its call has returned", "internal/exchange/upload.go", "./internal/exchange TestUpload_readAfterTheEnd",
		"if r.u.ended {", "if false {",
	},
	{
		"blame the connection for the error of a file", "internal/onerequest/onerequest.go", "./internal/onerequest TestSend_bodyThatCannotBeRead",
		"broken != nil {", "broken != nil && false {",
	},
	{
		"hold files in memory", "file_content.go", "./internal/acceptance TestFileContent_isNotHeldInMemory",
		"if !hasFile(reflect.TypeOf(req)) {", "if true {",
	},
	{
		"take a 5xx page for a refusal", "internal/outcome/outcome.go", "./internal/outcome TestOfAnswer",
		"case status >= http.StatusInternalServerError:\n		return Unknown", "case status >= http.StatusInternalServerError:\n		return NotExecuted",
	},
	{
		"look at no clock where nobody waits", "internal/exchange/timeout.go", "./internal/exchange TestDo_contextOfTheTransport",
		" && time.Now().Before(t.deadline) {", " {",
	},
	{
		"leave a context open after its exchange", "internal/exchange/timeout.go", "./internal/exchange TestDo_contextOfTheTransport",
		"	t.ended = true\n", "",
	},
	{
		"send a request for somebody who has gone", "internal/exchange/exchange.go", "./internal/exchange TestDo_contextHasEnded",
		"	if err := ctx.Err(); err != nil {\n", "	if err := ctx.Err(); false {\n",
	},
	{
		"send a request whose context middleware has ended", "internal/exchange/middleware.go", "./internal/exchange TestDo_contextOfMiddlewareHasEnded",
		"		err = req.Context().Err()\n", "		err = nil\n",
	},
}
