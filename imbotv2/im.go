package imbotv2

import "github.com/seed-a6e4e5a4/imbot"

// IMService has the methods im.v2.*, as [Client.IM]. They act for the user of the webhook or token, need no bot and the
// scope im, and fail as [imbot.Call] says; their comments name what else they fail with. A value that its field does
// not allow is a [*imbot.ParamError], and nothing is sent.
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-IMEventService.Get
type IMService struct {
	Event *IMEventService // the methods im.v2.Event.*
	File  *IMFileService  // the methods im.v2.File.*
}

// IMEventService has the methods im.v2.Event.*, as [IMService.Event].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-IMEventService.Get
type IMEventService struct{ client *imbot.Client }

// IMFileService has the methods im.v2.File.*, as [IMService.File].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-IMFileService.Upload
type IMFileService struct{ client *imbot.Client }
