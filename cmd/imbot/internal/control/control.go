// Package control serves fake portals over HTTP, together with a small interface of their own by which a program in any
// language sets them up, makes calls fail, causes events and looks at what was called.
package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// Prefix is what the paths of the interface begin with.
const Prefix = "/_imbottest/"

// Spec is a portal to be served.
type Spec struct {
	MemberID string // of the portal; empty: [imbottest.MemberID]
	Address  string // where it is on this machine, as http://127.0.0.1:8024
}

// Settings are what all portals have in common.
type Settings struct {
	Options []imbottest.Option
	Chats   int    // how many more chats each has, from 1001 on, all with the main bot
	Events  string // where events are posted; empty: nowhere
}

// Server serves portals and their interface. It is an [http.Handler], and safe for concurrent use.
type Server struct {
	specs    []Spec
	settings Settings
	mux      *http.ServeMux

	mu      sync.RWMutex
	portals []*imbottest.Portal
	cloud   *imbottest.Cloud
}

// New returns a server of these portals, of which there has to be one.
func New(settings Settings, specs ...Spec) *Server {
	s := &Server{specs: specs, settings: settings}
	s.Reset()
	s.mux = s.routes()
	return s
}

// Reset makes all portals anew.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
	s.portals = nil
	for _, spec := range s.specs {
		opts := append([]imbottest.Option{imbottest.WithMemberID(spec.MemberID), imbottest.WithAddress(spec.Address)}, s.settings.Options...)
		portal := imbottest.Start(opts...)
		for i := range s.settings.Chats {
			portal.AddChat(imbottest.Chat{
				ID: imbot.ChatID(1001 + i), Title: fmt.Sprintf("Chat %d", i+1), Owner: imbottest.Employee,
				Members: []imbot.UserID{imbottest.Employee, imbot.UserID(imbottest.BotMain)},
			})
		}
		if s.settings.Events != "" {
			portal.SendEvents(s.settings.Events)
		}
		s.portals = append(s.portals, portal)
	}
	s.cloud = imbottest.NewCloud(s.portals...)
}

// Close ends all portals.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

func (s *Server) close() {
	for _, portal := range s.portals {
		portal.Close()
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, Prefix) {
		s.mux.ServeHTTP(w, r)
		return
	}
	s.mu.RLock()
	cloud := s.cloud
	if i := s.at(r.Host); i >= 0 {
		r = r.WithContext(r.Context()) // a copy
		r.Host = s.specs[i].host()
	}
	s.mu.RUnlock()
	cloud.ServeHTTP(w, r)
}

// host is the address without its scheme.
func (s Spec) host() string { return strings.TrimPrefix(s.Address, "http://") }

// at returns which portal is at a host, or at the port of it where this machine is named otherwise: localhost instead of
// 127.0.0.1. It is -1 if there is none, or if several share the port.
func (s *Server) at(host string) int {
	found := -1
	_, wanted, _ := net.SplitHostPort(host)
	for i, spec := range s.specs {
		_, port, _ := net.SplitHostPort(spec.host())
		switch {
		case strings.EqualFold(spec.host(), host):
			return i
		case port != wanted || !isHere(host):
		case found >= 0:
			found = len(s.specs) // several
		default:
			found = i
		}
	}
	if found == len(s.specs) {
		return -1
	}
	return found
}

// problem is a request that cannot be done.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

func badf(format string, args ...any) error {
	return &problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// action does what a request of the interface asks for, and returns what is answered: nil for nothing.
type action func(p *imbottest.Portal, r *http.Request) (any, error)

// on is an action as a handler. What a portal says of bad arguments, by a panic, is the answer.
func (s *Server) on(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if said := recover(); said != nil {
				text, isText := said.(string)
				if !isText {
					panic(said) //nolint:forbidigo // it is none of the portal's, and net/http has its own way with it
				}
				answer(w, http.StatusBadRequest, map[string]string{"error": inWords(text)})
			}
		}()
		if !isHere(r.Host) || fromElsewhere.Check(r) != nil {
			answer(w, http.StatusForbidden, map[string]string{"error": "this is for programs on this machine"})
			return
		}
		portal, err := s.portal(r)
		var result any
		if err == nil {
			result, err = do(portal, r)
		}
		var wrong *problem
		switch {
		case errors.As(err, &wrong):
			answer(w, wrong.status, map[string]string{"error": wrong.text})
		case err != nil:
			answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		case result == nil:
			answer(w, http.StatusOK, map[string]bool{"ok": true})
		default:
			answer(w, http.StatusOK, result)
		}
	}
}

// inWords is what a portal says of bad arguments, in the words of this interface instead of those of package imbottest.
func inWords(text string) string {
	return words.Replace(functionName.ReplaceAllString(text, ""))
}

var (
	functionName = regexp.MustCompile(`^imbottest: [A-Z]\w*: `)
	words        = strings.NewReplacer("imbottest: ", "",
		"add it by AddChat first", "make it by PUT chats/ID first", "add it by AddBot first", "make it by PUT bots/ID first",
		"add it by AddApplication first", "make it by PUT applications first", "add it by AddToken first", "POST tokens issues one",
		"ClientID", "client_id", "an App", "an app", ", App ", ", app ", "UserID", "user", "Secret", "secret", "a Type", "a type",
		"EventMode", "event_mode", "a Kind of this package", "a kind", "ID ", "id ", " ID", " id")
)

// answer writes an answer.
func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) //nolint:errchkjson // all values are of this package, and the client may have gone
}

// portal returns the portal that a request is about: that of the parameter portal, a member id, or else that of the
// host, or else the first.
func (s *Server) portal(r *http.Request) (*imbottest.Portal, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if wanted := r.URL.Query().Get("portal"); wanted != "" {
		for i, spec := range s.specs {
			if cmp.Or(spec.MemberID, imbottest.MemberID) == wanted {
				return s.portals[i], nil
			}
		}
		return nil, &problem{http.StatusNotFound, "no portal has this member id"}
	}
	if i := s.at(r.Host); i >= 0 {
		return s.portals[i], nil
	}
	return s.portals[0], nil
}

// isHere tells whether a host is this machine: a page in a browser that reaches this by a name of its own is not to
// control it.
func isHere(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// fromElsewhere finds requests that change something and that a page of another origin has a browser make. Such a page
// needs no answer to do harm.
var fromElsewhere = http.NewCrossOriginProtection()

// mostBody bounds a request of the interface.
const mostBody = 1 << 20

// read reads the body of a request, which has no other fields than those that are known.
func read[T any](r *http.Request) (T, error) {
	var value T
	decoder := json.NewDecoder(io.LimitReader(r.Body, mostBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&value)
	if errors.Is(err, io.EOF) {
		return value, badf("the body is empty: want JSON, {} at the least")
	}
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows it")
		}
	}
	if err != nil {
		return value, badf("the body is not the JSON that this takes: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return value, nil
}

// id reads the number in the path.
func id[T ~int64](r *http.Request) (T, error) {
	number, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || number <= 0 {
		return 0, badf("%q is no id: want a positive number", r.PathValue("id"))
	}
	return T(number), nil
}
