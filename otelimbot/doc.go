// Package otelimbot makes traces and metrics of what a bot does, by OpenTelemetry.
//
//	telemetry, err := otelimbot.New()
//	client, err := imbot.NewClient(auth, telemetry.Client())
//	source := telemetry.App(app).Source(store)
//	handler, err := events.NewHandler(applicationToken, telemetry.Events())
//
// Names are those of OpenTelemetry's semantic conventions 1.43.0, of calls (rpc), messaging and HTTP, and begin with
// "imbot." where these have none.
//
// # Spans
//
//   - ensure left, a goal: around its calls
//   - leave all, a goal: around its batches and their calls
//   - imbot.chat.leave, a client: a call; of a batch, with an event for each command
//   - POST imbot.chat.leave, a client: a request of a call; its address is that of the call, and it has no url.full, which
//     is a secret
//   - renew token, a client: a renewal of OAuth tokens
//   - receive ONIMBOTJOINCHAT, a server: the post of an event
//   - process ONIMBOTJOINCHAT, a consumer: the work for an event, with the calls that are made for it
//
// The code of a refusal is rpc.response.status_code, and error.type as well if imbot knows it. Without a code error.type
// is imbot.outcome, where that is not "done", for which a call has neither. The status of a span is an error where the
// outcome is unknown, or the call has failed. It is not where a refusal says that there is nothing to be done: the bot
// that is to leave is not in the chat, the message has the like. That of a goal is an error where a bot was not got out of a chat.
//
// # Metrics
//
//   - rpc.client.call.duration, a histogram in s: how long calls took, batches as a whole
//   - imbot.calls, a counter: calls, and the commands of batches, by outcome
//   - imbot.call.wait, a histogram in s: what calls have waited for, and the batches of LeaveAll have been kept back for:
//     rate_limit, operating or backoff
//   - imbot.leaves, a counter: chats that EnsureLeft and LeaveAll were to get bots out of, by outcome, when the goal ends
//   - imbot.operating.used, a histogram in s: the working time that a method had used up of its 480 s
//   - imbot.renewals, a counter: renewals of tokens, by outcome
//   - imbot.events, a counter: posts and the work for them, by outcome
//   - messaging.process.duration, a histogram in s: how long the work for events took
//   - imbot.queue.depth, imbot.queue.age in s, imbot.queue.dead_letters, gauges: what a queue holds, see [Telemetry.Queue]
//
// # Functions that panic
//
// A function of the program that panics within a call, a goal, a renewal or an event leaves no span open, and each of
// these is counted once: a call as unknown, if a request was made. What becomes of the panic is what imbot.WithTrace,
// App.Renewing and events.WithTrace say. A function of [Telemetry.Queue] that panics gives no value.
//
// # What is never recorded
//
// No chat, user, message, text, parameter, address with a path, token or webhook is recorded, and no text of an error.
// The values of each label are few: methods are those of this SDK and of [WithMethods], codes those that imbot knows,
// events those that Bitrix24 documents, and all others are "_OTHER". Names of spans are made of these. A method or a code
// that is not known stands on a span, as rpc.method_original and rpc.response.status_code, only if it can be neither an
// id nor a secret: it is short, and of letters. The host of the portal is on spans alone, unless [WithPortals] puts it on
// metrics, too.
package otelimbot
