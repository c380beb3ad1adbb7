// Package docs reads the documentation of this repository and holds it to the code: what stands there as Go has to
// compile, and every link within the repository has to lead somewhere.
//
// It is for tests: those of this package, and those of the nested modules, which alone can compile what uses them.
package docs
