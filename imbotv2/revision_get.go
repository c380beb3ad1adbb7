package imbotv2

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// RevisionGetRequest has no parameters: the method takes none.
type RevisionGetRequest struct{}

// RevisionGetResult has the revisions of what a portal offers: each is greater on a newer portal.
type RevisionGetResult struct {
	REST    int64 `json:"rest"`    // the revision of these methods, the one to compare
	Web     int64 `json:"web"`     // that of the page in the browser
	Mobile  int64 `json:"mobile"`  // that of the mobile application
	Desktop int64 `json:"desktop"` // that of the desktop application
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *RevisionGetResult) UnmarshalJSON(data []byte) error {
	type plain RevisionGetResult
	return loose.Unmarshal(data, (*plain)(r))
}

// RevisionGetResponse is the answer to [RevisionService.Get].
type RevisionGetResponse = imbot.Response[RevisionGetResult]

// MethodRevisionGet is the method of [RevisionService.Get].
var MethodRevisionGet = imbot.Method[RevisionGetRequest, RevisionGetResult]{
	Name: "imbot.v2.Revision.get", Idempotent: true,
	Check: func(r RevisionGetResult) error { return requireResult("rest", r.REST > 0) },
}

// Get returns the revisions that the portal has, which show whether newer methods and fields are there. A portal
// older than revision 33 does not have the method ([imbot.ErrMethodNotFound]). No bot is needed.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/revision-get.html
func (s *RevisionService) Get(ctx context.Context, req RevisionGetRequest) (*RevisionGetResponse, error) {
	return imbot.Call(ctx, s.caller(), MethodRevisionGet, req)
}
