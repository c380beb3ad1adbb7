// Package imbot is a typed client for the chat-bot methods of Bitrix24's REST API. It gets a bot out of a chat, and
// says afterwards for certain whether it is out. Package imbotv2 has the second generation of these methods, and bots
// that hear and answer.
//
//	client, err := imbot.NewClient(imbot.Webhook(os.Getenv("BITRIX24_WEBHOOK_URL")), imbot.WithClientID(clientID))
//	if err != nil {
//		return err
//	}
//	outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
//
// # Outcomes
//
// A call is done (a nil error), refused, or unknown. A refusal is an [*APIError] that matches its code ([ErrAccess], or
// any other as Code("…")) and the situation behind it ([ErrNotInChat]). What can never be right is found before
// anything is sent: a [*ParamError]. Whatever leaves open whether the portal acted matches [ErrOutcomeUnknown]: a cut
// connection, a timeout, an answer that cannot be read, a 5xx without a code that proves otherwise. Any other error
// means that the portal did nothing. [context.Canceled], [context.DeadlineExceeded] and Timeout are visible through
// every error.
//
// [ChatService.Leave] reports what one request came to. [ChatService.EnsureLeft] returns no error only if the bot is
// out: it repeats the request after a lost answer, and looks among the members of the chat where there is doubt.
// [ChatService.LeaveAll] does that for any number of chats, a [Batch] makes up to fifty calls in one request.
//
// # Repeats and limits
//
// A call is repeated where it surely was not executed and may be the next time: after a rate limit, without a
// connection, after an HTTP/2 request that was not looked at. After a lost answer, what cannot act twice is repeated too:
// reads, EnsureLeft, and the methods whose Idempotent is set, such as the registrations of bots and commands, which find
// what is there. Nothing else is, also by net/http.
// [WithRetry] sets how often; compatibility does not cover that.
//
// Each portal has a limiter of 50 requests at once, and then 2 a second; see [WithLimiter]. A method that has used up
// its working time ([ErrOperationTimeLimit]) fails without a request until APIError.RetryAt. A request may take 65 s;
// of an answer 10 MiB and 250,000 values are read. Every wait ends with the context of the call.
//
// net/http follows no redirect here, as it would make a GET of the POST and hand the webhook's secret on. A renamed
// portal of the cloud is followed by a POST; see [RenamedPortal].
//
// # Secrets
//
// A webhook, a token and a CLIENT_ID leave the program in requests to the portal and nowhere else: no error, log record
// or printed value shows them. A [StaticToken] and the ClientID of a request are plain values, and visible to what
// reads structs by reflection (a test's diff, or %p); a request encoded as JSON has its ClientID, as it is what is
// sent. A transport of [WithHTTPClient] sees everything, middleware of [WithMiddleware] no credentials.
//
// # Around it
//
// Package oauth gets, keeps and renews tokens; events receives what a portal posts to a bot; imbottest is a portal for
// tests; modules redisstore and sqlstore let replicas share tokens and installations, eventqueue keeps events, and
// otelimbot makes traces and metrics. docs/policy.md says what versions promise.
package imbot
