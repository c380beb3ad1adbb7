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
	Message   string           `json:"MESSAGE,omitempty"` // text with codes, such as a Text has
	Links     []AttachLink     `json:"LINK,omitempty"`
	Users     []AttachUser     `json:"USER,omitempty"`
	Grid      []AttachGridItem `json:"GRID,omitempty"`
	Images    []AttachImage    `json:"IMAGE,omitempty"`
	Files     []AttachFile     `json:"FILE,omitempty"`
	Delimiter *AttachDelimiter `json:"DELIMITER,omitempty"`
	RichLinks []AttachLink     `json:"RICH_LINK,omitempty"` // what portals make of an address in a text; not documented
}

// AttachLink is a link with a text and a picture. It leads to Link or, if it has a Name, to a user, a chat or a network
// user, of which at most one is set.
type AttachLink struct {
	Link      string `json:"LINK,omitempty"` // http://, https:// or a path of the portal, as all addresses here
	Name      string `json:"NAME,omitempty"` // Link is shown when empty
	Desc      string `json:"DESC,omitempty"`
	HTML      string `json:"HTML,omitempty"` // instead of Desc, without Preview
	Preview   string `json:"PREVIEW,omitempty"`
	Width     int64  `json:"WIDTH,omitempty"`  // pixels, of Preview
	Height    int64  `json:"HEIGHT,omitempty"` // pixels, of Preview
	UserID    int64  `json:"USER_ID,omitempty"`
	ChatID    int64  `json:"CHAT_ID,omitempty"`
	NetworkID string `json:"NETWORK_ID,omitempty"`
}

// AttachUser is a name with an avatar. It leads to one of Link, UserID, ChatID, BotID and NetworkID, or nowhere.
type AttachUser struct {
	Name       string     `json:"NAME,omitempty"` // required
	Avatar     string     `json:"AVATAR,omitempty"`
	Link       string     `json:"LINK,omitempty"`
	UserID     int64      `json:"USER_ID,omitempty"`
	ChatID     int64      `json:"CHAT_ID,omitempty"`
	BotID      int64      `json:"BOT_ID,omitempty"`
	NetworkID  string     `json:"NETWORK_ID,omitempty"`
	AvatarType AvatarType `json:"AVATAR_TYPE,omitempty"` // by the id when empty
}

// AvatarType is whose avatar is shown where an [AttachUser] has none.
type AvatarType string

// The kinds of avatars.
const (
	AvatarUser AvatarType = "USER"
	AvatarChat AvatarType = "CHAT"
	AvatarBot  AvatarType = "BOT"
)

// AttachGridItem is a cell of a grid. All items of a grid should have the same Display.
type AttachGridItem struct {
	Display    Display    `json:"DISPLAY,omitempty"` // DisplayBlock when empty
	Name       string     `json:"NAME,omitempty"`    // Name or Value is required, but for DisplayLine
	Value      string     `json:"VALUE,omitempty"`   // text with codes, such as a Text has
	Width      int64      `json:"WIDTH,omitempty"`   // pixels
	Height     int64      `json:"HEIGHT,omitempty"`  // pixels
	ColorToken ColorToken `json:"COLOR_TOKEN,omitempty"`
	Color      string     `json:"COLOR,omitempty"` // "#RGB" or "#RRGGBB"
	Link       string     `json:"LINK,omitempty"`
	UserID     int64      `json:"USER_ID,omitempty"`
	ChatID     int64      `json:"CHAT_ID,omitempty"`
}

// AttachImage is a picture.
type AttachImage struct {
	Link    string `json:"LINK,omitempty"` // required
	Name    string `json:"NAME,omitempty"`
	Preview string `json:"PREVIEW,omitempty"` // Link when empty
	Width   int64  `json:"WIDTH,omitempty"`   // pixels
	Height  int64  `json:"HEIGHT,omitempty"`  // pixels
}

// AttachFile is a link to a file.
type AttachFile struct {
	Link string `json:"LINK,omitempty"` // required
	Name string `json:"NAME,omitempty"`
	Size int64  `json:"SIZE,omitempty"` // bytes
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
