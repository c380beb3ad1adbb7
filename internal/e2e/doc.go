// Package e2e holds the tests that need more than an importer should download: a proxy that spoils connections, a
// tracer, certificates, the official JavaScript SDK, and a minute of time.
package e2e
