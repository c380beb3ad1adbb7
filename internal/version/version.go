// Package version has the version of this module, for the User-Agent of what it sends.
package version

// Version is that of the module, as CHANGELOG.md has it.
const Version = "0.2.0"

// UserAgent is the product and its version.
const UserAgent = "imbot/" + Version
