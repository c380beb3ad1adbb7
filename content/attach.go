package content

// Attach is an attachment: a card of blocks below the text of a message. A portal lists the attachments of a message;
// a method takes one.
type Attach struct {
	ID         int64      `json:"ID,omitempty"`          // within the message; newer portals choose it themselves
	ColorToken ColorToken `json:"COLOR_TOKEN,omitempty"` // ColorBase when empty
	Color      string     `json:"COLOR,omitempty"`       // for old clients: "#RGB" or "#RRGGBB"
	Blocks     []Block    `json:"BLOCKS"`                // at least one, from top to bottom
}

// Block is a block of an attachment. Exactly one of its fields is set: portals ignore all but one.
type Block struct {
	Message   string           `json:"MESSAGE,omitempty"`   // text with codes, such as a Text has
	Links     []AttachLink     `json:"LINK,omitempty"`      // links, each with a text and a picture
	Users     []AttachUser     `json:"USER,omitempty"`      // names with avatars
	Grid      []AttachGridItem `json:"GRID,omitempty"`      // names and values
	Images    []AttachImage    `json:"IMAGE,omitempty"`     // pictures
	Files     []AttachFile     `json:"FILE,omitempty"`      // links to files
	Delimiter *AttachDelimiter `json:"DELIMITER,omitempty"` // a line
	RichLinks []AttachLink     `json:"RICH_LINK,omitempty"` // what portals make of an address in a text; not documented
}

// AttachLink is a link with a text and a picture. It leads to Link or, if it has a Name, to a user, a chat or a network
// user, of which at most one is set.
type AttachLink struct {
	Link      string `json:"LINK,omitempty"`       // http://, https:// or a path of the portal, as all addresses here
	Name      string `json:"NAME,omitempty"`       // Link is shown when empty
	Desc      string `json:"DESC,omitempty"`       // the text
	HTML      string `json:"HTML,omitempty"`       // instead of Desc, without Preview
	Preview   string `json:"PREVIEW,omitempty"`    // the address of the picture
	Width     int64  `json:"WIDTH,omitempty"`      // pixels, of Preview
	Height    int64  `json:"HEIGHT,omitempty"`     // pixels, of Preview
	UserID    int64  `json:"USER_ID,omitempty"`    // the user that it leads to
	ChatID    int64  `json:"CHAT_ID,omitempty"`    // the chat that it leads to
	NetworkID string `json:"NETWORK_ID,omitempty"` // the network user that it leads to
}

// AttachUser is a name with an avatar. It leads to one of Link, UserID, ChatID, BotID and NetworkID, or nowhere.
type AttachUser struct {
	Name       string     `json:"NAME,omitempty"`        // required
	Avatar     string     `json:"AVATAR,omitempty"`      // the address of the picture
	Link       string     `json:"LINK,omitempty"`        // the page that it leads to
	UserID     int64      `json:"USER_ID,omitempty"`     // the user that it leads to
	ChatID     int64      `json:"CHAT_ID,omitempty"`     // the chat that it leads to
	BotID      int64      `json:"BOT_ID,omitempty"`      // the bot that it leads to
	NetworkID  string     `json:"NETWORK_ID,omitempty"`  // the network user that it leads to
	AvatarType AvatarType `json:"AVATAR_TYPE,omitempty"` // shown without an Avatar; that of the id when empty
}

// AvatarType is whose avatar is shown where an [AttachUser] has none.
type AvatarType string

// The kinds of avatars.
const (
	AvatarUser AvatarType = "USER" // that of a user
	AvatarChat AvatarType = "CHAT" // that of a chat
	AvatarBot  AvatarType = "BOT"  // that of a bot
)

// AttachGridItem is a cell of a grid. All items of a grid should have the same Display.
type AttachGridItem struct {
	Display    Display    `json:"DISPLAY,omitempty"`     // DisplayBlock when empty
	Name       string     `json:"NAME,omitempty"`        // Name or Value is required, but for DisplayLine
	Value      string     `json:"VALUE,omitempty"`       // text with codes, such as a Text has
	Width      int64      `json:"WIDTH,omitempty"`       // pixels
	Height     int64      `json:"HEIGHT,omitempty"`      // pixels
	ColorToken ColorToken `json:"COLOR_TOKEN,omitempty"` // the color by its role
	Color      string     `json:"COLOR,omitempty"`       // the color: "#RGB" or "#RRGGBB"
	Link       string     `json:"LINK,omitempty"`        // the page that it leads to
	UserID     int64      `json:"USER_ID,omitempty"`     // the user that it leads to
	ChatID     int64      `json:"CHAT_ID,omitempty"`     // the chat that it leads to
}

// AttachImage is a picture.
type AttachImage struct {
	Link    string `json:"LINK,omitempty"`    // required; the address of the picture
	Name    string `json:"NAME,omitempty"`    // the name that is shown
	Preview string `json:"PREVIEW,omitempty"` // the address of a small one; Link when empty
	Width   int64  `json:"WIDTH,omitempty"`   // pixels
	Height  int64  `json:"HEIGHT,omitempty"`  // pixels
}

// AttachFile is a link to a file.
type AttachFile struct {
	Link string `json:"LINK,omitempty"` // required; the address of the file
	Name string `json:"NAME,omitempty"` // the name that is shown
	Size int64  `json:"SIZE,omitempty"` // in bytes
}

// AttachDelimiter is a line between blocks.
type AttachDelimiter struct {
	Size  int64  `json:"SIZE,omitempty"`  // width in pixels, 200 when zero
	Color string `json:"COLOR,omitempty"` // "#RGB" or "#RRGGBB"
}

// NewAttach returns an attachment of blocks, from top to bottom.
func NewAttach(blocks ...Block) *Attach { return &Attach{Blocks: blocks} }

// MessageBlock returns a block of text, of what [Join] takes: plain text, or text with codes.
func MessageBlock(parts ...any) Block { return Block{Message: Join(parts...).String()} }

// LinkBlock returns a block with a link. The name is plain text; without one the address is shown.
func LinkBlock(name, address string) Block {
	return Block{Links: []AttachLink{{Name: Escape(name).String(), Link: address}}}
}

// UserBlock returns a block with the name of a user, plain text that leads to the user.
func UserBlock(userID int64, name string) Block {
	return Block{Users: []AttachUser{{UserID: userID, Name: Escape(name).String()}}}
}

// GridBlock returns a block of names and values.
func GridBlock(items ...AttachGridItem) Block { return Block{Grid: items} }

// GridRow returns an item of a grid that shows a name, which is plain text, and a value, what [Join] takes, in one row.
func GridRow(name string, value ...any) AttachGridItem {
	return AttachGridItem{Display: DisplayRow, Name: Escape(name).String(), Value: Join(value...).String()}
}

// ImageBlock returns a block of pictures.
func ImageBlock(images ...AttachImage) Block { return Block{Images: images} }

// FileBlock returns a block of links to files.
func FileBlock(files ...AttachFile) Block { return Block{Files: files} }

// DelimiterBlock returns a line of 200 pixels.
func DelimiterBlock() Block { return Block{Delimiter: &AttachDelimiter{Size: 200}} }
