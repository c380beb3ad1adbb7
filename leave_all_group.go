package imbot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// leaveJob is one request of LeaveAll, and what is known of it.
type leaveJob struct {
	request   any                               // as it was given
	member    ChatLeaveRequest                  // the bot that leaves, and its chat
	queue     func(*Batch) func() (Time, error) // adds the request to a batch, and returns how to learn what came of it
	ambiguous func(error) bool                  // whether an error may, or may not, mean that the bot is not in the chat

	settled bool
	outcome LeaveOutcome
	err     error

	last    error // what the last answer was
	lost    error // the first error after which the portal may have acted
	repeats int   // commands to leave after the first, but for those that surely did nothing
	looks   int   // commands to list the members after the first, likewise
}

// newLeaveJob returns the job of a request. One that cannot be right is settled already.
func newLeaveJob[Req, Res any](c *Client, by LeaveBy[Req, Res], req Req) *leaveJob {
	j := &leaveJob{request: req, member: by.Member(req), ambiguous: by.isAmbiguous}
	j.queue = func(b *Batch) func() (Time, error) { return Queue(b, by.Method, req).outcome }
	if _, err := by.Method.command(c, req); err != nil {
		j.settled, j.err = true, err
	}
	return j
}

// cause is what the answers came to: the last one, and the first that was lost.
func (j *leaveJob) cause() error {
	if j.lost == nil || errors.Is(j.last, j.lost) {
		return j.last
	}
	return &callError{outcome: outcome.Unknown, cause: j.last, before: j.lost}
}

// out is the outcome where the bot is not in the chat.
func (j *leaveJob) out() LeaveOutcome {
	if j.lost != nil {
		return LeaveOutcome{State: Out, Attempts: j.outcome.Attempts}
	}
	return LeaveOutcome{State: AlreadyOut, Attempts: j.outcome.Attempts}
}

// leaveGroup is some requests of a run that go to the portal together: their chats are left, the bots are looked for
// where the answers do not tell where they are, and those that are still there leave again.
type leaveGroup struct {
	run  *leaveAll
	jobs []*leaveJob
	back bool // a batch came back, and what comes of it is not decided; guarded by the lock of the run
	done bool // all of them are settled; likewise

	toLeave  []*leaveJob
	toLook   []*leaveJob
	admitted int       // how many of toLeave may be sent at once
	goOnAt   time.Time // when to send the next batch
	failed   error     // why not before
	kept     keptBack  // what the next batch was kept back for
}

// begin takes requests from those that wait, n of them that can be sent or all, and lets the next group be made of the
// others. It is called under the lock of the run.
func (g *leaveGroup) begin(n int, all bool) {
	g.admitted = n
	taken := 0
	for open := 0; taken < len(g.run.waiting) && (all || open < n); taken++ {
		if !g.run.waiting[taken].settled {
			open++
		}
	}
	g.take(taken)
	g.run.forming = false
	g.run.formGroup()
}

// take makes the first n of those that wait the jobs of the group. It is called under the lock of the run.
func (g *leaveGroup) take(n int) {
	g.jobs, g.run.waiting = g.run.waiting[:n:n], g.run.waiting[n:]
	g.run.groups = append(g.run.groups, g)
	for _, j := range g.jobs {
		if j.settled {
			g.run.count(j)
		}
	}
	g.toLeave = unsettled(g.jobs)
	g.run.sendable -= len(g.toLeave)
}

// work sends one batch after the other until all jobs are settled. Bots are looked for first, as results wait for that.
func (g *leaveGroup) work() {
	for len(g.toLook)+len(g.toLeave) > 0 {
		send := g.leave
		if len(g.toLook) > 0 {
			send = g.look
		}
		if err := send(); err != nil {
			g.giveUp(err)
			return
		}
	}
}

// admit waits until the next batch of so many commands may go, and returns how many of them.
func (g *leaveGroup) admit(m *methodPace, commands int) (int, error) {
	if n := g.admitted; n > 0 {
		g.admitted = 0
		return n, nil
	}
	g.run.change(func() { g.back = false })
	end := g.kept.begin(g.kept.of(g.failed))
	err := g.run.pause(g.goOnAt)
	end()
	if err != nil {
		return 0, err
	}
	return g.run.admit(m, &g.kept, func() int { return commands })
}

// leave sends a batch of commands to leave.
func (g *leaveGroup) leave() error {
	m := &g.run.pace.leaving
	n, err := g.admit(m, len(g.toLeave))
	if err != nil {
		return err
	}
	b := newLeaveBatch(g, m, g.toLeave[:n:n])
	for _, j := range b.jobs {
		b.results = append(b.results, j.queue(b.batch))
	}
	b.send()
	g.toLeave = g.toLeave[n:]
	for i, j := range b.jobs {
		_, err := b.results[i]()
		g.concludeLeave(b, j, err)
	}
	return nil
}

// concludeLeave goes on with a job by the answer to its command.
func (g *leaveGroup) concludeLeave(b *leaveBatch, j *leaveJob, err error) {
	if err != nil && (j.lost == nil || !isNotExecuted(err)) { // what was lost before may have been executed
		j.last = err
	}
	refused := lastRefusal(err)
	switch {
	case err == nil:
		g.run.settle(j, LeaveOutcome{State: Left, Attempts: j.outcome.Attempts}, nil)
		return
	case b.undone, isRefusal(err, ErrOperationTimeLimit) && g.goesOn(b, j, err):
		g.toLeave = append(g.toLeave, j)
		return
	case (isRefusal(err, ErrQueryLimitExceeded) || isNotExecuted(err)) && g.mayRepeat(&j.repeats, 0, err):
		g.toLeave = append(g.toLeave, j)
		return
	case errors.Is(err, ErrOutcomeUnknown) || isUnexpected(err):
		j.lost = cmp.Or(j.lost, err)
	}
	ambiguous, stranger := j.ambiguous(err), saidNotInChat(err)
	switch {
	case j.lost == nil && !ambiguous && !stranger:
		g.run.settle(j, LeaveOutcome{Attempts: j.outcome.Attempts}, err)
	case canLook(j.member):
		g.toLook = append(g.toLook, j)
	case refused == nil && g.mayRepeat(&j.repeats, 0, err):
		g.toLeave = append(g.toLeave, j)
	default:
		outcome, err := unseen(j.member, j.out(), j.cause(), ambiguous)
		g.run.settle(j, outcome, err)
	}
}

// goesOn reports whether a job whose method has used up its working time is not at its end: the block is waited for, or
// the job was not sent. A block that is not waited for ends the run.
func (g *leaveGroup) goesOn(b *leaveBatch, j *leaveJob, blocked error) bool {
	if g.run.waitsForBlock(b.method) {
		return true
	}
	g.run.refuse(blocked)
	return j.outcome.Attempts == 0
}

// look sends a batch of commands that list the members of chats.
func (g *leaveGroup) look() error {
	m := &g.run.pace.looking
	n, err := g.admit(m, len(g.toLook))
	if err != nil {
		return err
	}
	b := newLeaveBatch(g, m, g.toLook[:n:n])
	b.batch.once = true // what is repeated is decided below
	members := make([]*Queued[UserIDs], n)
	for i, j := range b.jobs {
		members[i] = Queue(b.batch, MethodChatUserList, ChatUserListRequest(j.member))
		b.results = append(b.results, members[i].outcome)
	}
	b.send()
	g.toLook = g.toLook[n:]
	for i, j := range b.jobs {
		g.concludeLook(b, j, members[i])
	}
	return nil
}

// concludeLook goes on with a job by the members of its chat.
func (g *leaveGroup) concludeLook(b *leaveBatch, j *leaveJob, members *Queued[UserIDs]) {
	err := members.err
	switch {
	case err == nil:
	case b.undone, isRefusal(err, ErrOperationTimeLimit) && g.run.waitsForBlock(b.method),
		(isRefusal(err, ErrQueryLimitExceeded) || isNotExecuted(err) || errors.Is(err, ErrOutcomeUnknown)) && g.mayRepeat(&j.looks, 1, err):
		g.toLook = append(g.toLook, j)
		return
	}
	in := err == nil && slices.Contains(members.response.Result, UserID(j.member.BotID))
	if in && lastRefusal(j.last) == nil && g.mayRepeat(&j.repeats, 0, j.last) {
		g.toLeave = append(g.toLeave, j)
		return
	}
	outcome, err := seen(j.out(), j.cause(), j.ambiguous(j.last), in, err)
	g.run.settle(j, outcome, err)
}

// mayRepeat reports whether a command may be sent once more after so many repeats, and counts it. The first atOnce of
// them come without a pause, the others after one because of an error.
func (g *leaveGroup) mayRepeat(repeats *int, atOnce int, after error) bool {
	retries := g.run.client.core.retry
	if g.run.ended() != nil || *repeats+1 >= retries.MaxAttempts {
		return false
	}
	if *repeats++; *repeats > atOnce {
		g.pauseFor(*repeats-atOnce, after)
	}
	return true
}

// pauseFor lets the next batch of the group wait as the policy has it after so many failures, the last of which was err.
func (g *leaveGroup) pauseFor(failures int, err error) {
	if now := time.Now(); !g.goOnAt.After(now) {
		g.goOnAt, g.failed = now.Add(g.run.client.core.retry.bounds().Pause(failures)), err
	}
}

// giveUp settles what is open when nothing more is sent, for a reason.
func (g *leaveGroup) giveUp(reason error) {
	for _, j := range g.toLook {
		g.run.settle(j, LeaveOutcome{Attempts: j.outcome.Attempts}, unknownAfter(j.cause(), MethodChatUserList.Name, reason))
	}
	for _, j := range g.toLeave {
		err := error(&notExecutedError{method: g.run.method, why: "it was not sent", cause: reason})
		switch {
		case j.lost != nil:
			err = unknownAfter(j.cause(), g.run.method, reason)
		case j.last != nil && !errors.Is(j.last, reason):
			err = &notExecutedError{method: g.run.method, why: "it was not sent", cause: &retry.WaitError{Last: j.last, Cause: reason}}
		}
		g.run.settle(j, LeaveOutcome{Attempts: j.outcome.Attempts}, err)
	}
	for _, j := range unsettled(g.jobs) { // of the batch whose answers were read when a function of the caller panicked
		err := &callError{method: g.run.method, outcome: outcome.Unknown, cause: reason}
		g.run.settle(j, LeaveOutcome{Attempts: j.outcome.Attempts}, err)
	}
}

// unknownAfter is the error of a job that answers left open, and that could not be gone on with for a reason.
func unknownAfter(answers error, method string, reason error) error {
	return fmt.Errorf("%w; %w; %w", ErrOutcomeUnknown, answers, &callError{method: method, outcome: outcome.NotExecuted, cause: reason})
}

func unsettled(jobs []*leaveJob) []*leaveJob {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *leaveJob) bool { return j.settled })
}
