// Package docs reads the documentation of this repository and holds it to the code: what stands there as Go has to
// compile, every link within the repository has to lead somewhere, and what a command names has to be there.
//
// It is for tests: those of this package, and those of the nested modules, which alone can compile what uses them.
package docs
