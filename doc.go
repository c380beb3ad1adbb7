// Package imbot is a typed client for the chat-bot methods of Bitrix24's REST API. Its first concern is to get a bot
// out of a chat and to know afterwards, for certain, whether it is out.
//
//	client, err := imbot.NewClient(imbot.Webhook(os.Getenv("BITRIX24_WEBHOOK_URL")), imbot.WithClientID(clientID))
//	if err != nil {
//		return err
//	}
//	outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
//
// # Authorization
//
// A client holds an incoming webhook ([Webhook]) or an OAuth token ([OAuth], with [StaticToken] or a [TokenSource]).
// Bots that were registered by a webhook belong to a CLIENT_ID, which each call has to name ([WithClientID]).
// [Client.With] makes a client with other credentials on the same connections.
//
// Webhook, token and CLIENT_ID leave the program in requests to the portal and nowhere else: no error, log record or
// printed value shows them, whatever the verb that fmt asks a value about. What a caller asks for is another thing:
// converting a [StaticToken] to a string, reading a request's ClientID, encoding a request as JSON. And as these two
// are plain values, whatever prints a struct by reflection (fmt with an unexported field, or with %p, about which, as
// about %T, it asks no value; a test's diff) shows those that are in it; an [Auth] and a [Client] hide theirs even
// there. A transport given by [WithHTTPClient] makes the requests and so sees all; middleware given by [WithMiddleware]
// does not see the credentials.
//
// # Errors
//
// A call ends in one of three ways: done (a nil error), refused, or unknown.
//
// A refusal is an [*APIError]. It matches its code, such as [ErrAccess] or [Code]("ANY_OTHER"), without regard to
// case; where Bitrix24 has one code for several reasons, or several for one, it matches the reason as well, such as
// [ErrLeaveOwnerForbidden] or [ErrNotInChat]. What could never be right is found before anything is sent and is a
// [*ParamError] that matches the code which the portal would have answered with.
//
// Whatever leaves open whether the portal acted matches [ErrOutcomeUnknown]: a connection cut half way, a timeout, an
// answer that cannot be read, a 5xx without a code that proves otherwise. An error that does not match it means that
// the portal did nothing. [context.Canceled], [context.DeadlineExceeded] and the Timeout method of [net.Error] can be
// asked for through every error.
//
// # Outcomes
//
// [ChatService.Leave] reports what one request came to. [ChatService.EnsureLeft] is for the goal: it repeats the
// request after a lost answer, looks for the bot among the members of the chat where there is doubt, and returns no
// error only if the bot is out.
//
// # Repeats
//
// A call is repeated where it surely was not executed and may be the next time: when it was one request too many (the
// portal's rate limit, or HTTP 429 from whatever stands before it), there was no connection, or the portal ended an
// HTTP/2 request without looking at it. Reads and EnsureLeft are repeated after a lost answer too. A token that has
// expired is refreshed once a call, where its source is a [TokenRefresher]. Nothing else is repeated, above all no call
// that acts after its outcome became unknown. net/http is kept from sending a request again by itself. [WithRetry] sets
// how often and with which pauses; these are not covered by compatibility and may change in any version.
//
// # Limits
//
// A limiter stands before every request: 2 a second, after 50 at once, unless [WithLimiter] says otherwise. Each portal
// has one, which clients made by [Client.With] share. A method that has used up its working time
// ([ErrOperationTimeLimit]) is not asked for again before APIError.RetryAt, in ten minutes at most; until then its
// calls fail with the same error, without a request. A request may take 65 s, as the cloud cuts it at 60 s. Of an
// answer 10 MiB are read, and its result may consist of 250,000 values. Every wait ends with the context of the call,
// and one that would outlast its deadline is not begun.
//
// # Many at once
//
// A [Batch] makes up to fifty calls in one request, each with a result or an error of its own. [ChatService.LeaveAll]
// gets bots out of any number of chats, as fast as these limits allow.
//
// # Redirects
//
// net/http makes a GET of a redirected POST, drops its parameters, and repeats the webhook's secret to the new host.
// So it follows none here. A portal of the cloud that was renamed is followed by repeating the POST, once, to the
// same path over https; see [RenamedPortal]. Every other redirect is a [*RedirectError], with the host to look at.
// Where no portal is found at all, a token source is asked for the address, if it can tell; see [TokenRefresher].
//
// # Watching
//
// Nothing is logged unless [WithLogger] asks for it. [WithObserver] hands each request to metrics. For tracing, wrap
// the transport by [WithMiddleware]: it sits where no credentials are.
//
// # Around it
//
// Package oauth gets, keeps and renews tokens. Package events receives what a portal posts to a bot. Module redisstore
// lets the replicas of a bot share tokens and a limiter.
//
// # Testing
//
// Package imbottest is a portal for tests: bots, chats, owners and the answers of a real one, in memory or on a
// loopback port.
//
// # Compatibility
//
// Before version 1.0 a minor version may change the interface; CHANGELOG.md says what. Error texts are for people
// and may change at any time. What else is promised, and what is not, is in docs/policy.md.
package imbot
