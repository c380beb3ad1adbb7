// Package acceptance tests imbot as a whole, by what it exports.
package acceptance
