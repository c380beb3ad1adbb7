package imbotv2

import (
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// UserType is what kind of user somebody is.
type UserType string

// The kinds of users. A portal may have others.
const (
	UserEmployee UserType = "employee"
	UserExtranet UserType = "extranet" // from outside the company
	UserEmail    UserType = "email"    // known by an e-mail address alone
	UserCollaber UserType = "collaber" // invited to a collaboration
	UserBot      UserType = "bot"
)

// Gender is the gender of a user.
type Gender string

// The genders that Bitrix24 knows, of bots and people.
const (
	GenderMale   Gender = "M" // a man, or a bot with a male name
	GenderFemale Gender = "F" // a woman, or a bot with a female name
)

// User is a user of a portal, or a bot. What the portal left out, or does not know, is zero; in events these are usually
// Idle and the dates of activity.
type User struct {
	ID               imbot.UserID      `json:"id"`               // the user
	Active           bool              `json:"active"`           // the account can be used
	Name             string            `json:"name"`             // first and last name
	FirstName        string            `json:"firstName"`        // the first name
	LastName         string            `json:"lastName"`         // the last name
	WorkPosition     string            `json:"workPosition"`     // the position in the company
	Color            string            `json:"color"`            // behind the initials, as "#df532d"
	Avatar           string            `json:"avatar"`           // the address of the picture; empty without one
	Gender           Gender            `json:"gender"`           // empty where it is not known
	Birthday         string            `json:"birthday"`         // day and month, as "15-03"; empty where it is not known
	Extranet         bool              `json:"extranet"`         // somebody from outside the company
	Bot              bool              `json:"bot"`              // a bot
	Connector        bool              `json:"connector"`        // a customer who writes by an open line
	ExternalAuthID   string            `json:"externalAuthId"`   // how the user signs in: "default", "bot", "email", …
	Status           string            `json:"status"`           // such as "online" or "dnd"
	Idle             time.Time         `json:"idle"`             // since when the user does nothing; zero if busy
	LastActivityDate time.Time         `json:"lastActivityDate"` // when the user last did something
	MobileLastDate   time.Time         `json:"mobileLastDate"`   // the same in the mobile application
	DesktopLastDate  time.Time         `json:"desktopLastDate"`  // the same in the desktop application
	Absent           time.Time         `json:"absent"`           // since when the user is absent; zero if present
	Departments      []int64           `json:"departments"`      // the departments
	Phones           map[string]string `json:"phones"`           // by kind, such as "workPhone"; nil without any
	Type             UserType          `json:"type"`             // the kind of user
	Website          string            `json:"website"`          // a web site
	Email            string            `json:"email"`            // the e-mail address
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (u *User) UnmarshalJSON(data []byte) error {
	type plain User
	return loose.Unmarshal(data, (*plain)(u))
}
