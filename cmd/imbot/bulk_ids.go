package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
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

// chats returns the chats to leave, each once, in the order in which they are named, and those of them that probing has
// found and the file does not have yet.
func (s *bulkCommand) chats(ctx context.Context, client *imbot.Client, file *outcomes) (all, found []imbot.ChatID, err error) {
	if s.Chats != "" {
		all, err = unless(ctx, s.readChats)
		if err != nil {
			return nil, nil, err
		}
	}
	if s.Probe != (span{}) {
		known := file.within(s.Probe)
		found, err = s.probe(ctx, client, known)
		if err != nil {
			return nil, nil, err
		}
		all = slices.Concat(all, known, found)
		if len(known)+len(found) == 0 {
			fmt.Fprintf(s.p.err, "Bot %d is in none of the chats %d to %d.\n", s.Bot, s.Probe.from, s.Probe.to)
		}
	}
	return unique(all), found, nil
}

// readChats reads the ids of --chats. It may wait for somebody to write them, already when it opens the file.
func (s *bulkCommand) readChats() ([]imbot.ChatID, error) {
	if s.Chats == "-" {
		return readIDs("standard input", s.p.in)
	}
	file, err := os.Open(s.Chats)
	if err != nil {
		return nil, noFile("--chats", err)
	}
	defer func() { _ = file.Close() }()
	return readIDs(s.Chats, file)
}

// mostMistakes is how many wrong lines of a file are reported.
const mostMistakes = 10

// readIDs reads a chat id from each line. What follows a # is a remark. Of wrong lines it tells little: it may be a
// file of secrets that was taken for another.
func readIDs(name string, r io.Reader) ([]imbot.ChatID, error) {
	var ids []imbot.ChatID
	var mistakes []string
	wrong, number := 0, 0
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		number++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), byteOrderMark), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		id, err := imbot.ParseChatID(text)
		if err != nil {
			if wrong++; wrong <= mostMistakes {
				mistakes = append(mistakes, fmt.Sprintf("%s:%d: %q is no chat id: want 13 or chat13", name, number, few(text, 4)))
			}
			continue
		}
		ids = append(ids, id)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, usagef("%s:%d: a line this long is no chat id", name, number+1)
	case err != nil:
		return nil, noFile(fmt.Sprintf("%s:%d", name, number+1), err)
	case wrong > mostMistakes:
		mistakes = append(mistakes, fmt.Sprintf("and %d more wrong lines", wrong-mostMistakes))
	case wrong == 0 && len(ids) == 0:
		return nil, usagef("no chat ids in %s", name)
	}
	if wrong > 0 {
		return nil, &usageError{text: strings.Join(mistakes, "\n")}
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

// probe looks for the bot in a range of chats, fifty in a request, but for those of which the file knows that the bot
// is or was there. A chat that the bot is not in, and one that does not exist, have an empty list for it.
func (s *bulkCommand) probe(ctx context.Context, client *imbot.Client, known []imbot.ChatID) ([]imbot.ChatID, error) {
	fmt.Fprintf(s.p.err, "Looking for bot %d in the chats %d to %d.\n", s.Bot, s.Probe.from, s.Probe.to)
	s.probed = true
	ctx, cancel := s.clock.limit(ctx)
	defer cancel()
	const most = 50 // in a batch
	ids := int(min(s.Probe.to-s.Probe.from, math.MaxInt-1)) + 1
	show := newProgress(s.p.err, "looking", "id", ids-len(known))
	defer show.end()
	var found []imbot.ChatID
	asked := 0
	batch := make([]imbot.ChatID, 0, most)
	for id := s.Probe.from; ; id++ {
		if _, isKnown := slices.BinarySearch(known, imbot.ChatID(id)); !isKnown {
			batch = append(batch, imbot.ChatID(id))
		}
		if isLast := id == s.Probe.to; isLast || len(batch) == most {
			in, err := s.look(ctx, client, batch)
			switch {
			case s.clock.isUp(ctx):
				return nil, errTimeUp
			case err != nil:
				return nil, err
			}
			found = append(found, in...)
			asked += len(batch)
			show.at(asked, fmt.Sprintf(", in %d", len(found)))
			if isLast {
				return found, nil
			}
			batch = batch[:0]
		}
	}
}

// look returns the chats that the bot is in, of up to fifty.
func (s *bulkCommand) look(ctx context.Context, client *imbot.Client, chats []imbot.ChatID) ([]imbot.ChatID, error) {
	if len(chats) == 0 {
		return nil, nil
	}
	batch := client.NewBatch()
	lists := make([]*imbot.Queued[imbot.UserIDs], 0, len(chats))
	for _, id := range chats {
		lists = append(lists, imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: id, BotID: imbot.BotID(s.Bot)}))
	}
	if err := batch.Do(ctx); err != nil {
		return nil, fmt.Errorf("looking for the bot: %w", err)
	}
	var found []imbot.ChatID
	for i, list := range lists {
		members, err := list.Result()
		switch {
		case errors.Is(err, imbot.ErrAccess): // the general chat, which this program does not leave
		case err != nil:
			return nil, fmt.Errorf("looking for the bot in chat %d: %w", chats[i], err)
		case slices.Contains(members.Result, imbot.UserID(s.Bot)):
			found = append(found, chats[i])
		}
	}
	return found, nil
}
