//go:build mutations

// Package mutations plants bugs, one at a time, and expects the tests of the package to fail for each. It runs
// them anew for every bug, so it has a tag of its own: make mutations.
package mutations

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mutations are bugs that would break a promise. The text to replace stands once in its file.
var mutations = []struct {
	name, file, old, new string
}{
	{
		"drop BOT_ID", "imbot_chat_leave.go",
		"`json:\"BOT_ID,omitempty\"`", "`json:\"-\"`",
	},
	{
		"swap two codes", "errors.go",
		`ErrBotID Code = "BOT_ID_ERROR"`, `ErrBotID Code = "APP_ID_ERROR"`,
	},
	{
		"take a false for a success", "imbot_chat_leave.go",
		"	if result {\n", "	if result || true {\n",
	},
	{
		"send what can never be right", "method.go",
		"if m.Validate == nil {", "if true {",
	},
	{
		"hand nil pointers to Validate", "method.go",
		"m.Validate(orZero(req))", "m.Validate(req)",
	},
	{
		"print the address", "internal/exchange/credentials.go",
		"return nil, p.secrets.Error(err)", `return nil, fmt.Errorf("POST %s: %w", p.credentials.WebhookPath.Reveal(), err)`,
	},
	{
		"hand the Location to middleware", "internal/exchange/credentials.go",
		"if masked := secrets.Text(value); masked != value {", "if masked := value; masked != value {",
	},
	{
		"hand the body to middleware as it is", "internal/exchange/credentials.go",
		"resp.Body = &maskedBody{masked, resp.Body, resp, p.secrets}", "_ = masked",
	},
	{
		"give the caller what middleware is shown", "internal/exchange/exchange.go",
		"answer.Body = progress.shown(answer.Body)", "_ = progress.shown",
	},
	{
		"mask in codes what is a word of its own only", "internal/redact/match.go",
		"inCode = rule{anywhere: 8}", "inCode = rule{anywhere: 800}",
	},
	{
		"cut a text before its secrets are masked", "internal/redact/redact.go",
		"return Short(set.mask(s, inText, limit), limit)", "return set.mask(Short(s, limit), inText, limit)",
	},
	{
		"keep long codes", "internal/redact/redact.go",
		"return Short(set.mask(s, inCode, MaxCode), MaxCode)", "return set.mask(s, inCode, math.MaxInt)",
	},
	{
		"send credentials wherever middleware wants them", "internal/exchange/credentials.go",
		"if !ok || !p.asked(req) {", "if !ok {",
	},
	{
		"repeat after an unknown outcome", "send.go",
		"if (s.idempotent || s.persistent) && ran(err) == outcome.Unknown {", "if ran(err) == outcome.Unknown {",
	},
	{
		"let net/http repeat a token that works once", "internal/onerequest/onerequest.go",
		"		out.GetBody = nil\n", "		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }\n",
	},
	{
		"take any end of a connection for nothing written", "internal/onerequest/onerequest.go",
		"!plain || !nothingWritten(err)", "!plain",
	},
	{
		"send the token to whatever host an answer names", "oauth/endpoint.go",
		`case to == from, known == "",`, `case to != "", known == "",`,
	},
	{
		"renew for every call of a portal that refuses every token", "oauth/brake.go",
		"		return ErrNotAccepted\n", "		return nil\n",
	},
	{
		"ask again for what was refused a moment ago", "oauth/refresh.go",
		"case refused && refusal.isPlain():", "case false:",
	},
	{
		"ask for a pair that the file has no room for", "oauth/filestore_room.go",
		"		err = writeAt(r.second, 0, blank(roomSize))\n", "		err = writeAt(r.second, 0, nil)\n",
	},
	{
		"ask for a pair before the file can be replaced", "oauth/filestore_room.go",
		"	if held.data == nil || r.store.replaced", "	if true || r.store.replaced",
	},
	{
		"let half a pair pass for a whole one", "oauth/filestore_room.go",
		`{0, []byte{'!'}, "damaged"}`, `{0, whole[:1], "damaged"}`,
	},
	{
		"take a used-up code for another refusal", "oauth/errors.go",
		`	"bad_verification_code": imbot.ErrInvalidGrant,` + "\n", "",
	},
	{
		"repeat after an answer that contradicts itself", "send.go",
		"if e.ambiguous {", "if false {",
	},
	{
		"take an empty result for one", "internal/envelope/envelope.go",
		"p.hasData = p.hasData || HasData(value)", "p.hasData = true",
	},
	{
		"believe the last of two that differ", "internal/envelope/envelope.go",
		"*o = once{differs: true}", "o.value = value",
	},
	{
		"overlook an error in capitals", "internal/envelope/envelope.go",
		"if strings.EqualFold(meant, candidate) {", "if strings.Compare(meant, candidate) == 0 {",
	},
	{
		"take one of two results within a result", "method.go",
		" || envelope.SaysTwice(got.result) ||", " ||",
	},
	{
		"know a rate limit by its code alone", "errors.go",
		"return e.StatusCode == http.StatusTooManyRequests && !e.ambiguous &&", "return e.StatusCode == http.StatusTooManyRequests && false &&",
	},
	{
		"take a 429 that has a result for a refusal", "errors.go",
		"return e.StatusCode == http.StatusTooManyRequests && !e.ambiguous &&", "return e.StatusCode == http.StatusTooManyRequests &&",
	},
	{
		"take a manual block for the rate limit", "errors.go",
		" && !e.Code.Is(ErrOverloadLimit)", "",
	},
	{
		"take a 429 for the word of a method", "attempt.go",
		"if status == http.StatusTooManyRequests {", "if e.reason = c.recognize(status, Code(refusal.Code), refusal.Description); status == http.StatusTooManyRequests {",
	},
	{
		"decode any number of values", "attempt.go",
		" || env.Values > maxValues:", ":",
	},
	{
		"refresh after an answer that contradicts itself", "send.go",
		"return ok && !refused.ambiguous &&", "return ok &&",
	},
	{
		"follow a redirect beside a result", "attempt.go",
		"case isRedirect(raw.Status) && !env.HasResult():", "case isRedirect(raw.Status):",
	},
	{
		"move the credentials of others to where a token source says", "send.go",
		"s.client.credentials.told.Store(endpoint)", "s.client.core.moved.Store(s.client.credentials.endpoint.Host, endpoint)",
	},
	{
		"ask nobody where a portal is that cannot be found", "send.go",
		"if s.inquired || ", "if true || ",
	},
	{
		"repeat elsewhere what may have been executed", "send.go",
		" || ran(err) != outcome.NotExecuted {", " {",
	},
	{
		"show the credentials in the refusals of commands", "batch.go",
		"sync.OnceValue(sent.known)", "sync.OnceValue(call.hidden)",
	},
	{
		"let net/http repeat requests", "internal/exchange/credentials.go",
		"out.Header = withoutKeys(out.Header)", "_ = withoutKeys",
	},
	{
		"let net/http repeat requests over HTTP/2", "internal/exchange/credentials.go",
		"	out.GetBody = nil\n", "",
	},
	{
		"take what any transport says for net/http's own word", "internal/exchange/credentials.go",
		"case l.own != nil && outcome.Unprocessed(err):", "case outcome.Unprocessed(err):",
	},
	{
		"take any reset for one of a request that was not looked at", "internal/outcome/unprocessed.go",
		"REFUSED_STREAM;", "[A-Z_]+;",
	},
	{
		"fail for a kept connection that was closed", "internal/exchange/try.go",
		"t.closedBefore.Store(true)", "_ = protocol",
	},
	{
		"send again over HTTP/2 what net/http wants to", "internal/exchange/try.go",
		`protocol == "http/1.1")`, `protocol != "")`,
	},
	{
		"go on over a connection that does not answer", "internal/exchange/exchange.go",
		"d.own.giveUp(progress.over.Load())", "_ = d.own",
	},
	{
		"keep the host as it is spelled", "auth.go",
		"case !hostname.Normalize(u):", "case !hostname.Normalize(new(*u)):",
	},
	{
		"follow any redirect", "redirect.go",
		" || target.Host == from || !c.redirectPolicy(from, target.Host) {", " || from == \"-\" {",
	},
	{
		"follow a redirect to another path", "redirect.go",
		" || target.EscapedPath() != asked.Path() {", " {",
	},
	{
		"ask for a blocked method", "operating.go",
		"if !state.isBlocked(time.Now()) {", "if true {",
	},
	{
		"go on refusing after a block is over", "operating.go",
		"return s.blocked != nil && s.blocked.RetryAt.After(now)", "return s.blocked != nil && s.resetAt.After(now)",
	},
	{
		"believe in a block of a day", "operating.go",
		"err.RetryAt = earlier(err.RetryAt, now.Add(operatingWindow))", "_ = earlier",
	},
	{
		"believe in a reset in hours", "operating.go",
		"if resetAt.Sub(now) > operatingWindow+underway {", "if false {",
	},
	{
		"look for what is over at every call", "operating.go",
		"if now.Sub(b.swept) >= operatingWindow {", "if true {",
	},
	{
		"share the budgets of webhooks", "auth.go",
		"maphash.String(callerSeed, path)", `maphash.String(callerSeed, "")`,
	},
	{
		"share the budgets of portals", "operating.go",
		"operatingKey{portal: portal.Host, ", "operatingKey{portal: portal.Host[:0], ",
	},
	{
		"ignore when a blocked method may be asked for again", "attempt.go",
		"c.operating.refused(key, e)", "_ = key",
	},
	{
		"forget the refusal before a wait", "attempt.go",
		"if s.last != nil {", "if false {",
	},
	{
		"ignore Retry-After", "internal/exchange/exchange.go",
		`retryAfter(resp.Header["Retry-After"])`, `retryAfter(nil)`,
	},
	{
		"tell traces the path", "internal/exchange/credentials.go",
		`if key != ":path" {`, "if true {",
	},
	{
		"trust a dial error after a connection was made", "internal/exchange/try.go",
		"return outcome.Made", "return outcome.Unclear",
	},
	{
		"take the lack of a trace for a proof", "internal/exchange/try.go",
		"case t.asked.Load() && t.own != nil:", "case t.asked.Load():",
	},
	{
		"trust a dial error that is a part of another", "internal/outcome/outcome.go",
		"		err = post.Err\n	}\n", "		err = post.Err\n	}\n	if dial, ok := errors.AsType[*net.OpError](err); ok {\n		err = dial\n	}\n",
	},
	{
		"take the errors of a token source for the portal's", "call_errors.go",
		"return target != ErrOutcomeUnknown && errors.Is(e.error, target)", "return errors.Is(e.error, target)",
	},
	{
		"take a list that is null for an empty one", "imbot_chat_user_list.go",
		"	}) {\n		return errNoUsers", "	}) && string(data) != \"null\" {\n		return errNoUsers",
	},
	{
		"wait as long as a proxy says", "internal/retry/retry.go",
		"if !verdict.Free && pause > policy.MaxDelay {", "if false {",
	},
	{
		"leave bodies open", "internal/exchange/exchange.go",
		"defer func() { _ = resp.Body.Close() }()", "defer func() {}()",
	},
	{
		"lose an event for a field that goes too far", "events/parse.go",
		"	event.LeftOut = leftOut\n", "	if leftOut > 0 {\n		return nil, tooLarge()\n	}\n",
	},
	{
		"leave out what an event is proven by", "events/parse.go",
		", Reserve: reserve}", "}",
	},
	{
		"give one portal all workers", "events/pool.go",
		"return l.running < p.workers-p.running", "return p.running < p.workers",
	},
	{
		"give one portal the whole queue", "events/pool.go",
		"len(l.waiting) < p.capacity-p.waiting", "p.waiting < p.capacity",
	},
	{
		"trust the portal's clock", "operating.go",
		"now.Sub(t.Finish).Abs() > underway", "false",
	},
	{
		"drop the verification", "ensure_left.go",
		"case in:", "case in && false:",
	},
	{
		"take an answer that was lost for one that was given", "send.go",
		"	if s.lost == nil && err != nil && ran(err) == outcome.Unknown {", "	if false {",
	},
	{
		"take a 5xx page for a refusal", "internal/outcome/outcome.go",
		"case status >= http.StatusInternalServerError:\n		return Unknown", "case status >= http.StatusInternalServerError:\n		return NotExecuted",
	},
	{
		"refresh again and again", "send.go",
		"&& !s.refreshed &&", "&&",
	},
	{
		"number the commands of a batch", "batch.go",
		`names[i] = "c" + strconv.Itoa(i)`, "names[i] = strconv.Itoa(i)",
	},
	{
		"take silence for a success", "batch.go",
		`return answer{}, &notExecutedError{method: c.method, why: "the portal did not come to it"}`, `return answer{result: []byte("true")}, nil`,
	},
	{
		"say that a batch was not sent while it is at the portal", "batch.go",
		"		b.unsettle()\n", "",
	},
	{
		"overlook an error with an empty code", "internal/envelope/batch.go",
		"s.refusal.value != nil && !isNull(s.refusal.value) {", "s.refusal.value != nil && refusalOf(s.refusal.value).Code != \"\" {",
	},
	{
		"overlook what shows that a command ran", "internal/envelope/batch.go",
		"r.tried = max(r.tried, place+1)", "r.tried = max(r.tried, 0)",
	},
	{
		"overlook that a later command was tried", "internal/envelope/batch.go",
		"b.Items[i].Tried = i < r.tried", "b.Items[i].Tried = i == r.tried-1",
	},
	{
		"believe a refusal at the door beside a time", "batch.go",
		"refused.ambiguous = true", "refused.ambiguous = false",
	},
	{
		"let the portal put in results", "batch_command.go",
		"if hasReference(param.Name) || hasReference(param.Value) {", "if hasReference(param.Name) {",
	},
	{
		"let the portal put in results by a name", "batch_command.go",
		"if hasReference(param.Name) || hasReference(param.Value) {", "if hasReference(param.Value) {",
	},
	{
		"leave the CLIENT_ID out of commands", "method.go",
		"body = withClientID(body, m.Name, clientID.Reveal())", "_ = body",
	},
	{
		"make an empty text of null in a batch", "internal/phpquery/phpquery.go",
		"		return &Problem{name, \"is null, and would become an empty text\"}\n", "		s := w.literal()[:0]\n		text = s\n",
	},
	{
		"send false as a text that is true to PHP", "batch_command.go",
		`return yes, hasPrefixFold(c.method, botMethodsV2)`, `return yes, true || hasPrefixFold(c.method, botMethodsV2)`,
	},
	{
		"let an empty list vanish from a batch", "internal/phpquery/phpquery.go",
		"if len(members) == 0 && !isTop {", "if false {",
	},
	{
		"let PHP rename a parameter of a batch", "internal/phpquery/phpquery.go",
		`return strings.ContainsAny(name, " .")`, "return false",
	},
	{
		"take the first of equal names in a batch", "internal/phpquery/scan.go",
		"members[at].pos = s.pos", "_ = at",
	},
	{
		"send more than PHP reads of a command", "internal/phpquery/phpquery.go",
		"if len(w.query) == maxParams {", "if false {",
	},
	{
		"send botTokens under OAuth", "client_id.go",
		"byOAuth && hasPrefixFold(method, botMethodsV2)", `byOAuth && method == ""`,
	},
	{
		"never halt", "batch.go",
		"req.Halt = 1", "req.Halt = 0",
	},
	{
		"repeat a batch that acts", "batch.go",
		"return !c.idempotent })", "return false && !c.idempotent })",
	},
	{
		"leave again without looking", "leave_all_group.go",
		"case canLook(j.member):", "case canLook(j.member) && false:",
	},
	{
		"take anybody's word that the bot is not there", "ensure_left.go",
		"return refused != nil && errors.Is(refused, ErrNotInChat)", "return refused != nil || errors.Is(err, ErrNotInChat)",
	},
	{
		"take a code's word where nobody can look", "ensure_left.go",
		"return failed, &leaveError{ErrOutcomeUnknown, []error{err}}", "return outcome, nil",
	},
	{
		"leave the dialog with a user", "imbot_v2_chat_leave.go",
		"return cmp.Or(validateV2ChatLeave(r), firstProblem(wrong))", "_ = wrong; return cmp.Or(validateV2ChatLeave(r))",
	},
	{
		"take a bot that is not in an open chat for one that may not leave", "imbot_v2_chat_leave.go",
		`{code: "USER_NOT_FOUND", means: ErrNotInChat}`, `{code: "USER_NOT_FOUND", means: nil}`,
	},
	{
		"take a bot that is in the chat with its department for nothing that is known", "situations.go",
		`"USER_INVITED_FROM_STRUCTURE", means: ErrWrongRequest`, `"USER_INVITED_FROM_STRUCTURE", means: nil`,
	},
	{
		"give up what was one request too many", "leave_all_batch.go",
		"most = maxBlocks", "most = 0",
	},
	{
		"wait for a portal that takes nothing at every batch", "leave_all_group.go",
		"	g.run.refuse(blocked)\n", "",
	},
	{
		"learn from refusals what leaving costs", "leave_all_pace.go",
		"case m == &p.leaving && p.probing && accepted == 0:", "case m == &p.leaving && p.probing && accepted < 0:",
	},
	{
		"send all that is known at once", "leave_all_pace.go",
		"return min(max(int(p.target/each), 1), p.mostCommands)", "return p.mostCommands",
	},
	{
		"forget the working time", "leave_all_pace.go",
		"case b.used == 0: // nothing", "case b.used >= 0: // nothing",
	},
	{
		"lose what was taken when the loop is left", "leave_all_run.go",
		"		if w.unreported != nil {\n", "		if w.unreported != nil && j.err == nil {\n",
	},
	{
		"send what waits for its turn when LeaveAll is stopped", "leave_all_run.go",
		"			case <-cfg.stop:\n				w.endSends(errStopped)", "			case <-cfg.stop:\n				<-w.sends.Done()",
	},
	{
		"forget what was taken when the run ends", "leave_all_run.go",
		"		w.waiting = append(w.waiting, j)\n", "		if w.sends.Err() != nil {\n			return\n		}\n		w.waiting = append(w.waiting, j)\n",
	},
	{
		"lose what was at the portal when something panics", "leave_all_batch.go",
		"b.batch.requests > 0 && j.lost == nil {", "false {",
	},
	{
		"take what was not sent before a panic for lost", "leave_all_batch.go",
		"b.batch.requests > 0 && j.lost == nil {", "j.lost == nil {",
	},
	{
		"take what a token source waits for for the deadline of ctx", "leave_all_batch.go",
		"return !b.batch.hadTurn && errors.Is", "return errors.Is",
	},
	{
		"leave again after the word of a transport", "leave_all_batch.go",
		"_, ok := err.(*notExecutedError) //nolint:errorlint // as above", "ok := errors.Is(err, ErrNotExecuted)",
	},
	{
		"keep the panics of the caller", "leave_all_run.go",
		"defer func() { w.panicked.goOn() }()", "_ = w.panicked",
	},
	{
		"send a second probe before the first is answered", "leave_all_pace.go",
		"p.probed == 0 && p.atPortal > 0", "false",
	},
	{
		"leave the limiter as it was", "attempt.go",
		"limitExceeded(ctx, c.limiters.of(key.portal))", "_ = key",
	},
	{
		"pace all portals together", "limiter.go",
		"	now := time.Now()\n	l.mu.Lock()", "	now, portal := time.Now(), portal[:0]\n	l.mu.Lock()",
	},
	{
		"drop limiters that somebody waits for", "limiter.go",
		" && o.TokensAt(now) >= float64(o.Burst())", "",
	},
}

func TestMutations_areCaught(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			output, err := testWith(t, root, m.file, m.old, m.new)

			require.Error(t, err, "the bug was not noticed")
			assert.Contains(t, output, "--- FAIL: ", "the tests did not run")
		})
	}
}

// testWith runs the tests of a file's package and its inside with another text in that file.
func testWith(t *testing.T, root, name, before, after string) (string, error) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(source), before), "%s has changed: adapt the mutation", name)
	dir := t.TempDir()
	mutated := filepath.Join(dir, "mutated.go")
	require.NoError(t, os.WriteFile(mutated, []byte(strings.Replace(string(source), before, after, 1)), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: mutated}})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o600))

	packages := []string{".", "./internal/envelope", "./internal/exchange", "./internal/outcome", "./internal/redact", "./internal/retry"}
	switch {
	case strings.HasPrefix(name, "oauth/") || strings.HasPrefix(name, "internal/onerequest/"):
		packages = []string{"./oauth", "./internal/onerequest"}
	case strings.HasPrefix(name, "events/") || strings.HasPrefix(name, "internal/phpform/"):
		packages = []string{"./events", "./internal/phpform"}
	}
	args := []string{"test", "-short", "-failfast", "-vet=off", "-count=1", "-timeout=4m", "-overlay=" + overlayFile}
	cmd := exec.CommandContext(t.Context(), "go", append(args, packages...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "RAPID_NOFAILFILE=true") // these failures are no finding to keep
	output, err := cmd.CombinedOutput()
	return string(output), err
}
