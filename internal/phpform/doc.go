// Package phpform reads the notation in which PHP takes nested parameters from a query or a form body:
//
//	data[BOT][571][BOT_ID]=571&data[USERS][]=1&data[USERS][]=27
//
// It follows PHP where PHP and net/url differ: brackets make arrays, of two equal names the later one wins, "[]" takes
// the next free index, a broken percent escape stands for itself, and dots and spaces in a name become underscores.
//
// It differs from PHP in one thing: of a field that is nested too deep PHP drops all that has the same first name, this
// package the field alone.
//
// What it reads may come from anybody. It never panics or fails, and what goes beyond its limits is left out.
package phpform
