// Package oauth gets, keeps and renews the tokens of a Bitrix24 application.
//
//	app := oauth.App{ID: "local.…", Secret: os.Getenv("BITRIX24_APP_SECRET")}
//	store := oauth.NewFileStore("/var/lib/bot/token.json")
//	client, err := imbot.NewClient(imbot.OAuth("https://portal.example/rest/", app.Source(store)))
//
// # Getting tokens
//
// An application that is installed from the portal is sent its first pair of tokens by the installation event. Any
// other sends its user to [App.AuthorizeURL] and exchanges the code that comes back by [App.Exchange]. Either way the
// pair goes into a [Store] first:
//
//	_, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return installed, nil })
//
// An application that runs in a frame of the portal is posted a pair each time it is opened: see [FromFrame]. Anybody
// can post an event or a frame; [App.Verify] asks the OAuth server whose tokens they brought.
//
// # Renewing them
//
// [App.Source] renews a pair when it is used in the last minutes before it expires, at a time that is drawn anew for
// each, or later, and when the portal refuses its access token. It does so never by a timer: Bitrix24 may block an
// application that renews more often than it has to. Until then the token comes from memory, and the store is not asked;
// a program that puts another pair into the store itself calls [Source.Reload]. The refresh token works once. So there is
// one request at a time for a store, whatever the number of goroutines, clients and processes; it begins by looking
// whether somebody else has made it meanwhile; and it is not cut short when the call that needed it is given up.
//
// The new pair is saved before it is used. Where that fails, the call fails with [ErrNotSaved], and the pair stays in
// memory until it is saved, also if the store loses its data meanwhile: a store that is empty is given the pair, and
// one that has another pair by then keeps that.
//
// # Ending
//
// A renewal goes on when the calls that needed it have been given up. So a program ends in this order: no new calls,
// the end of those that run, and [App.Wait] for each store, with a context that has not ended yet:
//
//	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
//	defer cancel()
//	err := app.Wait(ctx, store)
//
// A process that is killed in the moment between the answer and the save takes the new pair with it. Whether the old
// refresh token still works then, Bitrix24 does not say; [imbot.ErrInvalidGrant] means that the application has to be
// authorized again.
//
// # Errors
//
// What the OAuth server refuses is an [*Error]. It matches its code:
//
//	errors.Is(err, imbot.ErrInvalidGrant)       // authorize again
//	errors.Is(err, imbot.Code("NOT_INSTALLED")) // the application was removed
//	errors.Is(err, imbot.ErrPaymentRequired)    // somebody has to pay
//
// After such a refusal the server is not asked again for a minute, and neither is it where the portal refuses one new
// token after the other: see [Source.Refresh].
//
// A page, a cut connection or half an answer matches [imbot.ErrOutcomeUnknown] instead: the server may have renewed the
// pair. The stored one is kept, and the next call tries again with it. Only the outcome of the renewal is unknown then: the
// call that needed the new pair was not executed, so the error of that call does not match ErrOutcomeUnknown.
//
// # Secrets
//
// The secret of the application and the refresh token go to the OAuth server and nowhere else: to a host that is known
// to be Bitrix24's, unless [App.TokenURL] names another, over HTTPS, and never after a redirect. No type of this
// package prints a secret by itself. The JSON of a [Token] has them, because that is how it is stored; and an [App] or
// a [Token] in an unexported field of another struct is printed by fmt as it is.
package oauth
