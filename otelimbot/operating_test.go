package otelimbot_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// instruments is a meter that remembers what is made by it: the name of each, with what Prometheus makes of it.
type instruments struct {
	noop.Meter

	names  map[string]bool
	series map[string]bool
}

// provider hands out a meter.
type provider struct {
	noop.MeterProvider

	meter metric.Meter
}

func (p provider) Meter(string, ...metric.MeterOption) metric.Meter { return p.meter }

// note notes an instrument: Prometheus writes underscores, and appends the unit and what kind it is.
func (i *instruments) note(name, unit string, suffixes ...string) {
	i.names[name] = true
	series := strings.ReplaceAll(name, ".", "_")
	if unit == "s" {
		series += "_seconds"
	}
	for _, suffix := range suffixes {
		i.series[series+suffix] = true
	}
}

func (i *instruments) Int64Counter(name string, opts ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	i.note(name, metric.NewInt64CounterConfig(opts...).Unit(), "_total")
	return noop.Int64Counter{}, nil
}

func (i *instruments) Float64Histogram(name string, opts ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	i.note(name, metric.NewFloat64HistogramConfig(opts...).Unit(), "_bucket", "_sum", "_count")
	return noop.Float64Histogram{}, nil
}

func (i *instruments) Int64ObservableGauge(name string, opts ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	i.note(name, metric.NewInt64ObservableGaugeConfig(opts...).Unit(), "")
	return noop.Int64ObservableGauge{}, nil
}

func (i *instruments) Float64ObservableGauge(name string, opts ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	i.note(name, metric.NewFloat64ObservableGaugeConfig(opts...).Unit(), "")
	return noop.Float64ObservableGauge{}, nil
}

// labelsOfRules are the labels that rules may use, with the values that are compared with them; nil where any may be.
func labelsOfRules(t *testing.T) map[string]map[string]bool {
	t.Helper()
	outcomes := map[string]bool{}
	for _, outcome := range []string{
		string(imbot.CallDone), string(imbot.CallRefused), string(imbot.CallNotSent), string(imbot.CallUnexpected), string(imbot.CallUnknown),
		string(oauth.Renewed), string(oauth.RenewedElsewhere), string(oauth.RenewalRefused), string(oauth.RenewalNotSaved),
		string(oauth.RenewalUnknown), string(oauth.RenewalFailed),
		string(events.EventAccepted), string(events.EventRefused), string(events.EventDone), string(events.EventFailed), string(events.EventDropped),
	} {
		outcomes[outcome] = true
	}
	codes := map[string]bool{}
	for _, code := range []imbot.Code{imbot.ErrInvalidCredentials, imbot.ErrInsufficientScope, imbot.ErrOverloadLimit, imbot.ErrPortalDeleted} {
		codes[string(code)] = true
	}
	return map[string]map[string]bool{
		"imbot_outcome": outcomes, "error_type": codes, "imbot_wait_cause": literalsOf(t, "calls.go"), "imbot_queue_name": nil, "rpc_method": nil, "le": nil,
	}
}

// literalsOf returns the texts that are written down in a file.
func literalsOf(t *testing.T, name string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	found := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, isLiteral := node.(*ast.BasicLit); isLiteral && literal.Kind == token.STRING {
			text, _ := strconv.Unquote(literal.Value)
			found[text] = true
		}
		return true
	})
	return found
}

var (
	metricRow = regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\|")
	labelName = regexp.MustCompile("`((?:imbot|rpc|error)\\.[a-z_.]+)`")
	matcher   = regexp.MustCompile(`([a-z_]+)(=~?)"([^"]*)"`)
	word      = regexp.MustCompile(`[a-z_][a-z0-9_]*`)
	ranges    = regexp.MustCompile(`\[[0-9]+[smhd]\]`)
)

// ofPromQL are the words of the language in which the rules are written.
var ofPromQL = []string{"sum", "max", "by", "rate", "increase", "histogram_quantile", "or"}

// docs/operating.md lists all metrics and no other, its labels are those of the code, and its rules name what there is.
func TestOperatingPage_metrics(t *testing.T) {
	t.Parallel()
	made := &instruments{names: map[string]bool{}, series: map[string]bool{}}
	telemetry, err := otelimbot.New(otelimbot.WithMeterProvider(provider{meter: made}))
	require.NoError(t, err)
	stop, err := telemetry.Queue("events", func(context.Context) (otelimbot.Backlog, error) {
		return otelimbot.Backlog{Oldest: time.Unix(0, 0)}, nil
	})
	require.NoError(t, err)
	require.NoError(t, stop())
	text, err := os.ReadFile(filepath.FromSlash("../docs/operating.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Metrics and spans\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")

	listed := map[string]bool{}
	for _, row := range metricRow.FindAllStringSubmatch(section, -1) {
		listed[row[1]] = true
	}
	assert.Equal(t, made.names, listed)

	keys := literalsOf(t, "labels.go")
	maps.Copy(keys, map[string]bool{"rpc.method": true, "error.type": true}) // of the conventions
	for _, name := range labelName.FindAllStringSubmatch(string(text), -1) {
		assert.True(t, made.names[name[1]] || keys[name[1]] || isMethod(name[1]), "what is %s?", name[1])
	}

	labels, rules := labelsOfRules(t), 0
	for _, block := range docs.ReadPage("docs/operating.md", string(text)).Blocks {
		if block.Language != "promql" {
			continue
		}
		for _, rule := range strings.Split(strings.TrimSpace(block.Text), "\n\n") {
			rules++
			for _, match := range matcher.FindAllStringSubmatch(rule, -1) {
				values, isLabel := labels[match[1]]
				assert.True(t, isLabel, "there is no label %s: %s", match[1], rule)
				for value := range strings.SplitSeq(match[3], "|") {
					assert.True(t, values == nil || values[value], "%s is never %q: %s", match[1], value, rule)
				}
			}
			for _, name := range word.FindAllString(ranges.ReplaceAllString(matcher.ReplaceAllString(rule, ""), ""), -1) {
				_, isLabel := labels[name]
				assert.True(t, made.series[name] || isLabel || slices.Contains(ofPromQL, name), "what is %s? %s", name, rule)
			}
		}
	}
	assert.GreaterOrEqual(t, rules, 5)
}

var (
	spanInText = regexp.MustCompile("`([^`]+)`")
	spanInDoc  = regexp.MustCompile(`(?m)^//   - ([^,\n]+), an? (?:client|server|consumer|goal):`)
)

// docs/operating.md names the spans that the package documents.
func TestOperatingPage_spans(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.FromSlash("../docs/operating.md"))
	require.NoError(t, err)
	_, spans, found := strings.Cut(string(page), "\nSpans are named after what they are: ")
	require.True(t, found)
	spans, _, _ = strings.Cut(spans, ". ")
	own, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	named := func(in string, by *regexp.Regexp) (names []string) {
		for _, match := range by.FindAllStringSubmatch(in, -1) {
			names = append(names, match[1])
		}
		return names
	}
	assert.Equal(t, named(string(own), spanInDoc), named(strings.ReplaceAll(spans, "\n", " "), spanInText))
}

// isMethod tells whether a name is that of a REST method.
func isMethod(name string) bool {
	table, err := os.ReadFile(filepath.FromSlash("../methods.csv"))
	return err == nil && strings.Contains("\n"+string(table), "\n"+name+",")
}
