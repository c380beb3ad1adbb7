//go:build unix

package portals_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/portals"
)

// cpu is how much of the processors this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// What a request to one of 2,000 portals in turn costs of the processors, server and client together, beside the same
// over net/http's default transport: x/default is the ratio. It needs as many open files as twice the connections, as
// both ends are here. resumed is the share of new connections that resume a session.
func BenchmarkConnections_cpu(b *testing.B) {
	const portalsOfAll = 2000
	for name, http2 := range map[string]bool{"http1": false, "http2": true} {
		for bound, most := range map[string]int{"most=1024": 1024, "most=2048": 2048} {
			b.Run(name+"/"+bound, func(b *testing.B) {
				base := manyHosts(b, http2)
				base.ForceAttemptHTTP2 = true
				of, _ := portals.Transports(base, most)
				requests, resumed := 0, 0
				round := func(transport func(n int) *http.Transport) time.Duration {
					before := cpu(b)
					requests, resumed = 0, 0
					for n := range portalsOfAll {
						answer, err := get(b.Context(), transport(n), n)
						require.NoError(b, err)
						requests++
						if strings.HasSuffix(answer, "true") {
							resumed++
						}
					}
					return cpu(b) - before
				}
				own := func(n int) *http.Transport { return of(member(n)) }
				standard := base.Clone()
				b.Cleanup(standard.CloseIdleConnections)
				round(own)
				var took [2]time.Duration
				for b.Loop() {
					took[0] += round(func(int) *http.Transport { return standard })
					took[1] += round(own)
				}
				b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "x/default")
				b.ReportMetric(float64(resumed)/float64(requests), "resumed")
			})
		}
	}
}
