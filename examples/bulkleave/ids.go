package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
)

// span is a range of ids, both ends included.
type span struct{ from, to int64 }

// UnmarshalText reads "1-500".
func (s *span) UnmarshalText(text []byte) error {
	from, to, found := strings.Cut(string(text), "-")
	var err error
	if s.from, err = strconv.ParseInt(strings.TrimSpace(from), 10, 64); err == nil && found {
		s.to, err = strconv.ParseInt(strings.TrimSpace(to), 10, 64)
	}
	if err != nil || !found || s.from < 1 || s.to < s.from {
		return errors.New("want two positive numbers such as 1-500")
	}
	return nil
}

// chats returns the chats to leave, each once, in the order in which they are named.
func (s *settings) chats(ctx context.Context, client *imbot.Client) ([]imbot.ChatID, error) {
	var ids []imbot.ChatID
	switch {
	case s.Chats == "-":
		read, err := unless(ctx, func() ([]imbot.ChatID, error) { return readIDs("standard input", s.streams.in) })
		if err != nil {
			return nil, err
		}
		ids = read
	case s.Chats != "":
		file, err := os.Open(s.Chats)
		if err != nil {
			return nil, noFile("--chats", err)
		}
		defer func() { _ = file.Close() }()
		if ids, err = readIDs(s.Chats, file); err != nil {
			return nil, err
		}
	}
	if s.Probe != (span{}) {
		found, err := s.probe(ctx, client)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return unique(ids), nil
}

// noFile says why a file could not be opened, and not what was taken for its name.
func noFile(flag string, err error) error {
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		err = failed.Err
	}
	return usagef("%s: %v", flag, err)
}

// readIDs reads a chat id from each line. What follows a # is a remark.
func readIDs(name string, r io.Reader) ([]imbot.ChatID, error) {
	var ids []imbot.ChatID
	var mistakes []error
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		id, err := imbot.ParseChatID(text)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s:%d: %w", name, number, err))
		}
		ids = append(ids, id)
	}
	if err := errors.Join(append(mistakes, lines.Err())...); err != nil {
		return nil, &usageError{err.Error()}
	}
	return ids, nil
}

func unique(ids []imbot.ChatID) []imbot.ChatID {
	seen := make(map[imbot.ChatID]bool, len(ids))
	return slices.DeleteFunc(ids, func(id imbot.ChatID) bool {
		known := seen[id]
		seen[id] = true
		return known
	})
}

// probe looks for the bot in a range of chats, fifty in a request. A chat that the bot is not in, and one that does not
// exist, have an empty list for it.
func (s *settings) probe(ctx context.Context, client *imbot.Client) ([]imbot.ChatID, error) {
	if s.Bot == 0 {
		return nil, usagef("to look for a bot, name it by --bot")
	}
	fmt.Fprintf(s.streams.err, "Looking for bot %d in the chats %d to %d.\n", s.Bot, s.Probe.from, s.Probe.to)
	var found []imbot.ChatID
	for from := s.Probe.from; ; from += 50 {
		batch := client.NewBatch()
		var lists []*imbot.Queued[imbot.UserIDs]
		last := from + min(49, s.Probe.to-from)
		for id := from; id <= last; id++ {
			lists = append(lists, imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: imbot.ChatID(id), BotID: imbot.BotID(s.Bot)}))
		}
		if err := batch.Do(ctx); err != nil {
			return nil, fmt.Errorf("looking for the bot: %w", err)
		}
		for i, list := range lists {
			members, err := list.Result()
			switch {
			case errors.Is(err, imbot.ErrAccess): // a chat of a kind that nobody leaves
			case err != nil:
				return nil, fmt.Errorf("looking for the bot in chat %d: %w", from+int64(i), err)
			case slices.Contains(members.Result, imbot.UserID(s.Bot)):
				found = append(found, imbot.ChatID(from+int64(i)))
			}
		}
		if last == s.Probe.to {
			return found, nil
		}
	}
}
