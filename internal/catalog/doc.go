// Package catalog holds the types of this module against the documentation of Bitrix24: every method, parameter, result,
// error code and event of the documentation has to be there, and nothing else. It has tests alone.
package catalog
