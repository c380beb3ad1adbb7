package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// header is the first line of the file of outcomes.
var header = []string{"chat_id", "bot_id", "portal", "outcome", "verified", "attempts", "code", "error", "time"}

// The columns that are read.
const (
	columnChat = iota
	columnBot
	columnPortal
	columnOutcome
	columnCode = 6
)

// byteOrderMark is what some programs put in front of a text that they save.
const byteOrderMark = "\ufeff"

// outcomes is the file of what came of each chat. A result is written in one piece as soon as LeaveAll yields it. It
// yields them in the order of the requests, so at any moment some chats may have been left that the file does not have:
// those at the portal, and those that wait for an earlier one. The next run finds them to be already out.
type outcomes struct {
	name   string
	portal string
	bot    imbot.BotID
	file   *os.File               // nil before there is one
	out    io.Writer              // the file
	size   int64                  // up to the end of its last whole line
	last   map[imbot.ChatID]entry // of this bot
	synced time.Time
}

var (
	errLocked     = errors.New("another imbot bulk is at work on this file")
	errNoOutcomes = errors.New("this is no file of outcomes")
	errNoFile     = errors.New("this is no regular file")
	errUnwritable = errors.New("the outcome could not be written down")
)

// openOutcomes opens the file and reads what it has about a bot of a portal. It changes nothing yet, and makes no file:
// that is for begin.
func openOutcomes(name, portal string, bot imbot.BotID) (*outcomes, error) {
	o := &outcomes{name: name, portal: portal, bot: bot, last: map[imbot.ChatID]entry{}}
	info, err := os.Stat(name) // opening what is no file may take for ever
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Dir(name))
		if err != nil {
			return nil, noFile("--outcomes", err)
		}
		return o, nil
	}
	switch {
	case err != nil:
		return nil, noFile("--outcomes", err)
	case !info.Mode().IsRegular():
		return nil, noFile("--outcomes", errNoFile)
	}
	if err := o.open(0); err != nil {
		return nil, err
	}
	if err := o.read(); err != nil {
		return nil, errors.Join(usagef("%s: %v", name, err), o.Close())
	}
	return o, nil
}

// open opens the file and keeps others from it.
func (o *outcomes) open(flags int) error {
	file, err := os.OpenFile(o.name, os.O_RDWR|flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		err = errLocked // there was none a moment ago
	}
	if err != nil {
		return noFile("--outcomes", err)
	}
	if err := lock(file); err != nil {
		return errors.Join(usagef("%s: %v", o.name, err), file.Close())
	}
	o.file, o.out = file, file
	return nil
}

// begin makes the file ready to be written to, and writes down the chats that were looked for and found: when they are
// left, nobody can look for them any more.
func (o *outcomes) begin(found []imbot.ChatID) error {
	if o.file == nil {
		if err := o.open(os.O_CREATE | os.O_EXCL); err != nil {
			return err
		}
	}
	if err := o.cut(); err != nil {
		return fmt.Errorf("%w: %w", errUnwritable, err)
	}
	records := make([][]string, 0, len(found))
	for _, id := range found {
		records = append(records, o.record(id, entry{outcome: isThere}, imbot.LeaveResult{}))
	}
	if err := o.write(records...); err != nil {
		return err
	}
	for _, id := range found {
		o.last[id] = entry{outcome: isThere}
	}
	return nil
}

func (o *outcomes) read() error {
	content, err := io.ReadAll(o.file)
	if err != nil {
		return err
	}
	// A line that was being written when the program was killed has no end.
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if err := o.parse(whole, content[len(whole):]); err != nil {
		return err
	}
	o.size = int64(len(whole))
	return nil
}

// parse reads the lines of a file, the last of which may be torn.
func (o *outcomes) parse(whole, torn []byte) error {
	if len(whole) == 0 {
		if !bytes.HasPrefix(line(header), bytes.TrimPrefix(torn, []byte(byteOrderMark))) {
			return errNoOutcomes
		}
		return nil
	}
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(whole, []byte(byteOrderMark)))).ReadAll()
	if err != nil || len(records) == 0 || !slices.Equal(records[0], header) {
		return errNoOutcomes
	}
	for _, record := range records[1:] {
		id, err := imbot.ParseChatID(record[columnChat])
		if err != nil {
			return errNoOutcomes
		}
		if record[columnPortal] != o.portal {
			return fmt.Errorf("this file is of the portal %s, and not of %s: name another by --outcomes", few(record[columnPortal], 60), o.portal)
		}
		if record[columnBot] == strconv.FormatInt(int64(o.bot), 10) {
			o.last[id] = entry{outcome: record[columnOutcome], code: record[columnCode]}
		}
	}
	return nil
}

// cut ends the file after its last whole line.
func (o *outcomes) cut() error {
	_, err := o.file.Seek(o.size, io.SeekStart)
	return errors.Join(o.file.Truncate(o.size), err)
}

// missing returns the chats whose outcome is not final, and maybe those that were refused.
func (o *outcomes) missing(chats []imbot.ChatID, andRefused bool) []imbot.ChatID {
	var todo []imbot.ChatID
	for _, id := range chats {
		if e := o.last[id]; !e.isFinal() || andRefused && e.outcome == refused {
			todo = append(todo, id)
		}
	}
	return todo
}

// within returns the chats of the bot that the file has in a range, in order.
func (o *outcomes) within(ids span) []imbot.ChatID {
	var known []imbot.ChatID
	for id := range o.last {
		if ids.from <= int64(id) && int64(id) <= ids.to {
			known = append(known, id)
		}
	}
	slices.Sort(known)
	return known
}

// add writes a line, unless the result says that there is nothing to tell. What could not be written has not happened,
// as far as the table goes: the next run will do it again.
func (o *outcomes) add(result imbot.LeaveResult, e entry) error {
	if errors.Is(result.Err, imbot.ErrNotExecuted) {
		return nil // as if it had not been taken
	}
	if err := o.write(o.record(result.Request.ChatID, e, result)); err != nil {
		return err
	}
	o.last[result.Request.ChatID] = e
	return nil
}

func (o *outcomes) record(id imbot.ChatID, e entry, result imbot.LeaveResult) []string {
	text := ""
	if result.Err != nil {
		text = printable(result.Err.Error())
	}
	return []string{
		strconv.FormatInt(int64(id), 10),
		strconv.FormatInt(int64(o.bot), 10),
		o.portal,
		e.outcome,
		strconv.FormatBool(result.Outcome.Verified),
		strconv.Itoa(result.Outcome.Attempts),
		e.code,
		text,
		time.Now().UTC().Format(time.RFC3339),
	}
}

// line is a record as the file has it.
func line(record []string) []byte {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	_ = w.Write(record) // a buffer takes everything
	w.Flush()
	return line.Bytes()
}

// write writes lines, the first ones after the header, and sees to it now and then that they survive the machine, too.
func (o *outcomes) write(records ...[]string) error {
	var lines []byte
	for _, record := range records {
		if o.size == 0 && len(lines) == 0 {
			lines = line(header)
		}
		lines = append(lines, line(record)...)
	}
	if _, err := o.out.Write(lines); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", errUnwritable, err), o.cut()) // or the next line would begin in this one
	}
	o.size += int64(len(lines))
	if len(records) < 2 && time.Since(o.synced) < time.Second {
		return nil
	}
	o.synced = time.Now()
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("%w: %w", errUnwritable, err)
	}
	return nil
}

// Close writes what is left, and lets others at the file.
func (o *outcomes) Close() error {
	if o.file == nil {
		return nil
	}
	return errors.Join(o.file.Sync(), unlock(o.file), o.file.Close())
}
