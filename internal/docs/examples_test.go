package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shows has the Examples that show more than what they are named after. The list may only shrink.
var shows = map[string]string{
	"Queue":                              "Batch.Do Client.NewBatch Queued.Result",
	"NewFileContent":                     "FileContent.IsZero FileContent.Size",
	"WithProgress":                       "LeaveProgress.Done",
	"LeaveBy":                            "EnsureLeft LeaveAll",
	"WithBatchSize":                      "WithConcurrency",
	"Client_As":                          "Client.IsOAuth",
	"Client_With":                        "Client.Portal",
	"imbotv2.DownloadURL_Reveal":         "HiddenJSON.Reveal",
	"imbotv2.New":                        "Bot.ID Client.As",
	"imbotv2.BotService_Register":        "BotRegisterResult.Differs",
	"imbotv2.Bot_Say":                    "AsReplyTo WithAttach WithKeyboard WithoutPreview",
	"imbotv2.Bot_Events":                 "Event.Done MemoryOffsets.Load NewMemoryOffsets WithOffsets",
	"imbotv2.FileOffsets":                "FileOffsets.Load FileOffsets.Save NewFileOffsets",
	"imbotv2.Mux":                        "Mux.Command Mux.Errors Mux.Failed Mux.JoinChat Mux.Message Mux.Run NewMux WithCallbackTimeout WithPageSize WithPauses WithTries WithWorkers",
	"imbotv2.Mux_Handle":                 "Mux.BotDelete Mux.Context Mux.MessageDelete Mux.MessageUpdate Mux.Other Mux.Reaction",
	"imbotv2.WithUserEvents":             "WithSkipTooLarge",
	"content.NewKeyboard":                "ActionButton CommandButton Keyboard.Check LinkButton Row",
	"content.NewAttach":                  "Attach.Check DelimiterBlock GridBlock GridRow LinkBlock MessageBlock",
	"content.NewMenu":                    "ActionItem CommandItem LinkItem Menu.Check",
	"content.Join":                       "Bold Link Mention Quote Send",
	"content.Escape":                     "CheckText",
	"content.Code":                       "Italic Strike Underline",
	"content.Put":                        "Call ChatLink Raw",
	"content.UserBlock":                  "FileBlock ImageBlock",
	"oauth.FileStore":                    "FileStore.Load FileStore.Update NewFileStore",
	"oauth.MemoryStore":                  "MemoryStore.Load MemoryStore.Update NewMemoryStore",
	"oauth.NotSavedError":                "NotSavedError.Token",
	"oauth.App_Source":                   "Source.Refresh Source.Token",
	"events.Handler":                     "Event.LeaveRequest Handler.Shutdown",
	"events.Parse":                       "Event.Param Event.Verify",
	"events.Event_FetchedAll":            "Event.Fetched",
	"events.Event_Message":               "Event.Command Event.Context Event.Reaction",
	"events.NewHandler":                  "OnAppInstall OnAppUninstall OnBotDelete OnJoinChat OnMessageAdd OnOther",
	"eventqueue.Open":                    "Queue.Put",
	"eventqueue.Connect":                 "WithName WithReplicas",
	"eventqueue.Queue_PutBack":           "Queue.DeadLetters Queue.Discard WithDead WithMaxDeliver",
	"eventqueue.Queue_PutLeave":          "ForClients WithLeaves",
	"eventqueue.Queue_Work":              "Queue.Close WithConcurrency WithDuplicateWindow WithErrorHandler WithGrace WithSyncAlways",
	"events.WithEnqueue":                 "Event.Kept Event.MarshalBinary Event.UnmarshalBinary Handler.Work",
	"events.WithQueue":                   "WithWorkers",
	"portals.Registry":                   "New NewMemoryStore Registry.Client Registry.Install Registry.Lookup Registry.Uninstall Registry.Wait WithClientOptions",
	"portals.WithLimiter":                "WithMaxConnections WithMaxRenewals",
	"portals.Installation_Domain":        "CheckMemberID Installation.IsInstalled NormalDomain",
	"portals.DirStore":                   "DirStore.Delete DirStore.Find DirStore.List DirStore.Load DirStore.Update NewDirStore",
	"portals.MemoryStore":                "MemoryStore.Delete MemoryStore.Find MemoryStore.List MemoryStore.Load MemoryStore.Update",
	"imbottest.Cloud":                    "Cloud.HTTPClient NewCloud WithHost WithMemberID",
	"imbottest.Raw":                      "Broken",
	"imbottest.WithOperatingLimit":       "ConstantCost WithCost",
	"imbottest.WithRequestLimit":         "CostTakesTime",
	"imbottest.Portal_Authorize":         "Portal.AddApplication Portal.Endpoint",
	"imbottest.Empty":                    "Portal.AddBot Portal.AddChat Portal.AddUser Portal.Removals",
	"imbottest.Portal_SendEventsTo":      "Portal.AddMember Portal.DeleteBot Portal.Deliveries Portal.PostMessage",
	"imbottest.Portal_AddWebhook":        "Portal.AddToken Portal.HTTPClient",
	"imbottest.Start":                    "Portal.Client Portal.Close Portal.Members",
	"imbottest.Portal_RemoveApplication": "Portal.EndSubscription",
	"imbottest.RefuseTokens":             "Portal.FaultTokens",
	"imbottest.Portal_Fault":             "Portal.Has",
	"imbottest.Portal_Expire":            "Portal.IssueTokens Portal.OAuthClient Portal.TokenCalls",
	"imbottest.Portal_CloseSite":         "Portal.Overload Portal.Reopen",
	"imbottest.Portal_InstallApp":        "Portal.SendEvents Portal.UninstallApp",
	"imbottest.Portal_RoundTripper":      "Portal.TokenURL Portal.WebhookURL",
	"imbottest.Portal_URL":               "Portal.ServerEndpoint Portal.ServerTokenURL",
	"imbottest.Portal_On":                "Refuse Result",
	"imbottest.Portal_PostReply":         "Portal.AddReaction Portal.DeleteMessage Portal.EditMessage Portal.OpenDialog Portal.PostFile Portal.RemoveReaction",
	"imbottest.Portal_Messages":          "Portal.PrivateChat",
	"otelimbot.New":                      "WithMeterProvider WithMethods WithPortals",
	"otelimbot.Telemetry_Client":         "WithTracerProvider",
	"redisstore.Installations":           "Installations.Delete Installations.Find Installations.List Installations.Load Installations.Update NewInstallations",
	"redisstore.Limiter":                 "Limiter.Empty Limiter.Wait NewLimiter",
	"sqlstore.Installations":             "Installations.Delete Installations.Find Installations.List Installations.Load Installations.Update NewInstallations",
	"sqlstore.Migrate":                   "WithSchema",
	"sqlstore.Offsets":                   "NewOffsets Offsets.Load Offsets.Save",
	"sqlstore.Tokens":                    "NewTokens Tokens.Load Tokens.Update WithLockExpiry",
	"redisstore.Store":                   "NewStore Store.Load Store.Update WithLockExpiry",
}

// noExample has what no Example shows, and why. The list may only shrink.
var noExample = map[string]string{
	"imbottest.NewPortal":         "takes the *testing.T of a test, which no Example has; docs/testing.md shows it",
	"imbottest.StaleCodes":        "a quirk of servers that the tests of the library look for",
	"oauth.Source.ClientEndpoint": "is called by the client, after a refresh",
	"imbotv2.MemoryOffsets.Save":  "is called by what fetches",
}

// calledByOthers matches the methods that other packages call: errors, fmt, log/slog, encoding/json, net/http, and imbot
// for Explain.
var calledByOthers = regexp.MustCompile(`\.(Error|Is|As|Advice|Unwrap|Format|String|LogValue|(Unm|M)arshal(JSON|Text)|ServeHTTP)$`)

// Whoever looks a func or a method up finds an Example there, with output that is checked; or it is listed here.
func TestExamples(t *testing.T) {
	t.Parallel()
	unused := maps.Clone(noExample)
	for _, folder := range []string{".", "content", "imbotv2", "oauth", "events", "portals", "imbottest", "redisstore", "sqlstore", "eventqueue", "otelimbot", "content/markdown"} {
		prefix := strings.TrimPrefix(folder+".", "..")
		pkg, used := parsePackage(t, folder)
		shown := map[string]bool{}
		for example, names := range shows {
			if name, ok := strings.CutPrefix(example, prefix); ok && (prefix != "" || !strings.Contains(example, ".")) {
				for own := range strings.FieldsSeq(names) {
					assert.True(t, used[name][own[strings.Index(own, ".")+1:]], "Example%s of %q does not show %s", name, folder, own)
					shown[own] = true
				}
			}
		}
		check := func(name string, examples []*doc.Example) {
			hasOwn := slices.ContainsFunc(examples, func(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput })
			isExempt := noExample[prefix+name] != "" || calledByOthers.MatchString(name)
			assert.True(t, hasOwn || shown[name] || isExempt, "%s%s has no Example with output", prefix, name)
			assert.False(t, hasOwn && (shown[name] || noExample[prefix+name] != ""), "%s%s has an Example: take it off the list", prefix, name)
			delete(shown, name)
			delete(unused, prefix+name)
		}
		for _, f := range pkg.Funcs {
			check(f.Name, f.Examples)
		}
		for _, typ := range pkg.Types {
			for _, f := range typ.Funcs {
				check(f.Name, f.Examples)
			}
			for _, f := range typ.Methods {
				check(typ.Name+"."+f.Name, f.Examples)
			}
		}
		assert.Empty(t, shown, "%q has none of them any more", folder)
	}
	assert.Empty(t, unused)
}

// parsePackage parses a package, and returns with it the identifiers that each of its Examples uses.
func parsePackage(t *testing.T, folder string) (pkg *doc.Package, used map[string]map[string]bool) {
	t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob(path.Join(root, folder, "*.go"))
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	used = map[string]map[string]bool{}
	for _, example := range doc.Examples(files...) {
		idents := map[string]bool{}
		ast.Inspect(example.Code, func(node ast.Node) bool {
			if ident, ok := node.(*ast.Ident); ok {
				idents[ident.Name] = true
			}
			return true
		})
		used[example.Name] = idents
	}
	pkg, err = doc.NewFromFiles(fset, files, path.Join(modulePath, folder))
	require.NoError(t, err)
	return pkg, used
}
