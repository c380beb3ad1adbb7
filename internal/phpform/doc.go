// Package phpform reads the notation in which PHP takes nested parameters from a query or a form body:
//
//	data[BOT][571][BOT_ID]=571&data[USERS][]=1&data[USERS][]=27
//
// It follows PHP where PHP and net/url differ: brackets make arrays, of two equal names the later one wins, "[]" takes
// the next free index, a broken percent escape stands for itself, and dots and spaces in a name become underscores.
//
// What it reads may come from anybody, so it never panics, it stops at limits, and its errors repeat nothing of the
// input, which may hold tokens.
package phpform
