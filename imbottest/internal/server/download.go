package server

import (
	"errors"
	"mime"
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// downloadName is the method behind the addresses of files, which have a token instead of parameters.
const downloadName = "download"

// downloadLink is the address of a file for the caller, up to the token of the file. Whoever has it has the credentials
// of the call.
func (s *Server) downloadLink(x *exchange) string {
	portal := s.addresses(x.request).Client
	if x.credentials.kind == AuthWebhook {
		return portal + x.credentials.user + "/" + x.credentials.secret + "/" + downloadName + "/?token="
	}
	return portal + downloadName + ".json?auth=" + x.credentials.token + "&token="
}

// download answers a request for a file. Of a large file only its size is known, and the portal has no more to give.
func (s *Server) download(x *exchange) Reply {
	file, known := s.World.Download(php.StringOf(x.params.Get("token")))
	if !known {
		return s.failureReply(errSignedLink)
	}
	x.signedLink = false
	var failed *methods.Failure
	if _, err := s.authorize(x, methods.Everybody); errors.As(err, &failed) {
		return s.failureReply(failed)
	}
	if file.Content == nil {
		return HTML(http.StatusNotFound)
	}
	rep := NewReply(http.StatusOK, "application/octet-stream", file.Content)
	rep.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	return rep
}
