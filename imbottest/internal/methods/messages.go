package methods

import (
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Message is what a user or a bot has written into a chat. What the portal itself writes there is only counted.
type Message struct {
	ID        int
	Previous  int // the id of the message before it in the chat, 0 if there is none
	Chat      imbot.ChatID
	Author    imbot.UserID
	Text      string
	System    bool
	Date      time.Time
	UUID      string
	Keyboard  *php.Array // its buttons, nil for none
	Attach    *php.Array // a list of one attachment, nil for none
	Menu      *php.Array // of version 1, nil for none
	ReplyTo   int        // 0 for none
	Files     []int64
	Forwarded *Forwarded // nil if it is no copy
	Reactions map[imbot.UserID][]string
	Edited    bool
	Deleted   bool
	Mentioned []imbot.BotID // besides those in the text
}

// Forwarded is where a message was copied from.
type Forwarded struct {
	ID     int
	UUID   string // the id that the copy shows
	Chat   imbot.ChatID
	Author imbot.UserID
	Date   time.Time
}

// File is a file in a chat.
type File struct {
	ID      int64
	Chat    imbot.ChatID
	Author  imbot.UserID
	Name    string
	Size    int64
	SHA256  [32]byte
	Content []byte // nil for a large file
	Date    time.Time
}

// Messages returns copies of what users and bots have written into a chat, the deleted messages included.
func (w *World) Messages(id imbot.ChatID) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []Message
	all := w.room(id).written
	if w.lastMessages > 0 && len(all) > w.lastMessages {
		all = all[len(all)-w.lastMessages:]
	}
	for _, message := range all {
		shown := *message
		shown.Files = slices.Clone(message.Files)
		shown.Reactions = make(map[imbot.UserID][]string)
		for user, list := range message.Reactions {
			shown.Reactions[user] = slices.Clone(list)
		}
		list = append(list, shown)
	}
	return list
}

// File finds a file by its id.
func (w *World) File(id int64) (File, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	file, known := w.files[id]
	if !known {
		return File{}, false
	}
	return *file, true
}

// write puts a message into a chat. The caller holds mu.
func (w *World) write(in *room, m Message) *Message {
	m.Previous = in.lastMessage
	m.ID, m.Chat, m.Date = w.say(in), in.ID, time.Now()
	written := &m
	w.trim(in)
	in.written = append(in.written, written)
	w.written[m.ID] = written
	w.added(in, written)
	return written
}

// uuidLife is how long a message is known by its UUID here. How long a real portal knows one has not been looked up; this
// one forgets it at all so that no test counts on a UUID for ever.
const uuidLife = 31 * 24 * time.Hour

// sent is a message that was sent with a UUID.
type sent struct {
	id       int
	at       time.Time
	isStored time.Time // when the call that sent it is done
}

// byUUID finds the message that was sent with a UUID. The caller holds mu.
func (w *World) byUUID(uuid string) (sent, bool) {
	found, known := w.uuids[uuid]
	if known && time.Since(found.at) > uuidLife {
		delete(w.uuids, uuid)
		return sent{}, false
	}
	return found, known
}

// trim forgets the oldest messages of a chat when there are twice as many as are kept. The caller holds mu.
func (w *World) trim(in *room) {
	if w.lastMessages == 0 || len(in.written) < 2*w.lastMessages {
		return
	}
	old := in.written[:len(in.written)-w.lastMessages]
	in.written = slices.Clone(in.written[len(old):])
	for _, message := range old {
		delete(w.written, message.ID)
		delete(w.uuids, message.UUID)
		for _, file := range message.Files {
			delete(w.files, file)
		}
	}
}

// message finds a message that is still there. The caller holds mu.
func (w *World) message(id int) (*Message, bool) {
	found, known := w.written[id]
	return found, known && !found.Deleted
}
