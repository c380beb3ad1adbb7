// Package acceptance tests the client as a whole, by its exported names alone: that what it reports is true of the
// portal, that it shows no secret, that every method sends and reads what its page documents, and that a LeaveAll comes
// to its end. What a single file of the package imbot promises is tested next to that file.
package acceptance
