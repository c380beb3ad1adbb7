package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// header is the first line of the file of outcomes.
var header = []string{"chat_id", "bot_id", "outcome", "verified", "attempts", "code", "error", "time"}

// outcomes is the file of what came of each chat. It is written line by line, so that a program that is killed loses no
// more than the line that it was about to write.
type outcomes struct {
	file   *os.File
	out    io.Writer // the file
	size   int64     // up to the end of its last whole line
	bot    imbot.BotID
	last   map[imbot.ChatID]entry // of this bot
	synced time.Time
}

var (
	errLocked      = errors.New("another bulkleave is at work on this file")
	errNoOutcomes  = errors.New("this is no file of outcomes")
	errUnwritable  = errors.New("the outcome could not be written down")
	withoutNewline = strings.NewReplacer("\r", " ", "\n", " ")
)

// openOutcomes opens the file, or makes it, and reads what it has about a bot. It changes no file but one of outcomes.
func openOutcomes(name string, bot imbot.BotID) (*outcomes, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, noFile("--outcomes", err)
	}
	o := &outcomes{file: file, out: file, bot: bot, last: map[imbot.ChatID]entry{}}
	if err := o.read(); err != nil {
		return nil, errors.Join(&usageError{fmt.Sprintf("%s: %v", name, err)}, file.Close())
	}
	return o, nil
}

func (o *outcomes) read() error {
	if err := lock(o.file); err != nil {
		return err
	}
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
	if err := o.cut(); err != nil {
		return err
	}
	if o.size == 0 {
		return o.write(header)
	}
	return nil
}

// parse reads the lines of a file, the last of which may be torn.
func (o *outcomes) parse(whole, torn []byte) error {
	if len(whole) == 0 {
		if !strings.HasPrefix(strings.Join(header, ","), string(torn)) {
			return errNoOutcomes
		}
		return nil
	}
	records, err := csv.NewReader(bytes.NewReader(whole)).ReadAll()
	if err != nil || len(records) == 0 || !slices.Equal(records[0], header) {
		return errNoOutcomes
	}
	for _, record := range records[1:] {
		id, err := imbot.ParseChatID(record[0])
		if err != nil {
			return errNoOutcomes
		}
		if record[1] == strconv.FormatInt(int64(o.bot), 10) {
			o.last[id] = entry{outcome: record[2], code: record[5]}
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

// add writes a line, unless the result says that there is nothing to tell.
func (o *outcomes) add(result imbot.LeaveResult) error {
	if errors.Is(result.Err, imbot.ErrNotExecuted) {
		return nil // as if it had not been taken
	}
	e := entryOf(result)
	text := ""
	if result.Err != nil {
		text = withoutNewline.Replace(result.Err.Error())
	}
	o.last[result.Request.ChatID] = e
	return o.write([]string{
		strconv.FormatInt(int64(result.Request.ChatID), 10),
		strconv.FormatInt(int64(result.Request.BotID), 10),
		e.outcome,
		strconv.FormatBool(result.Outcome.Verified),
		strconv.Itoa(result.Outcome.Attempts),
		e.code,
		text,
		time.Now().UTC().Format(time.RFC3339),
	})
}

// write writes a line, and sees to it now and then that it survives the machine, too.
func (o *outcomes) write(record []string) error {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	if err := w.Write(record); err != nil {
		return err
	}
	w.Flush()
	if _, err := o.out.Write(line.Bytes()); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", errUnwritable, err), o.cut()) // or the next line would begin in this one
	}
	o.size += int64(line.Len())
	if time.Since(o.synced) < time.Second {
		return nil
	}
	o.synced = time.Now()
	return o.file.Sync()
}

// Close writes what is left, and lets others at the file.
func (o *outcomes) Close() error { return errors.Join(o.file.Sync(), o.file.Close()) }
