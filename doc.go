// Package imbot is a typed client for the chat-bot methods of Bitrix24's REST API. Its first concern is to get a bot
// out of a chat and to know afterwards, for certain, whether it is out.
//
//	client, err := imbot.NewClient(imbot.Webhook(os.Getenv("BITRIX24_WEBHOOK_URL")), imbot.WithClientID(clientID))
//	if err != nil {
//		return err
//	}
//	_, err = client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
//
// # Authorization
//
// A client holds an incoming webhook ([Webhook]) or an OAuth token ([OAuth], with [StaticToken] or a [TokenSource]).
// Bots that were registered by a webhook belong to a CLIENT_ID, which each call has to name ([WithClientID]).
// [Client.With] makes a client with other credentials on the same connections.
//
// Webhook, token and CLIENT_ID leave the program in requests to the portal and nowhere else: no error, log record or
// printed value shows them, whatever the verb. The exception is what a caller asks for by converting a [StaticToken]
// to a string, by reading a request's ClientID, or by encoding a request as JSON. A transport given by
// [WithHTTPClient] makes the requests and so sees all; middleware given by [WithMiddleware] does not see the
// credentials.
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
// # Redirects
//
// net/http makes a GET of a redirected POST, drops its parameters, and repeats the webhook's secret to the new host.
// So no redirect is followed; it is a [*RedirectError], with the host to look at.
//
// # Limits
//
// A request may take 65 s, as the cloud cuts it at 60 s. Of an answer 10 MiB are read.
//
// # Testing
//
// Package imbottest is a portal for tests: bots, chats, owners and the answers of a real one, in memory or on a
// loopback port.
//
// # Compatibility
//
// Before version 1.0 a minor version may change the interface; CHANGELOG.md says what. Error texts are for people
// and may change at any time.
package imbot
