package php

import (
	"math"
	"strconv"
	"strings"
)

// Intval is PHP's function of that name on a 64-bit build: the number that a text begins with, 1 for a filled array,
// and 0 for everything that is no number at all.
func Intval(value any) int64 {
	switch v := value.(type) {
	case bool:
		if v {
			return 1
		}
	case int64:
		return v
	case float64:
		return wrap(v)
	case string:
		return leadingNumber(v)
	case *Array:
		if v.Len() > 0 {
			return 1
		}
	}
	return 0
}

// wrap cuts a float to a whole number. What does not fit in 64 bits wraps around.
func wrap(f float64) int64 {
	const half = 1 << 63
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	if f < -half || f >= half {
		f = math.Mod(f, 2*half)
		switch {
		case f >= half:
			f -= 2 * half
		case f < -half:
			f += 2 * half
		}
	}
	return int64(f)
}

// leadingNumber reads the number at the beginning of a text, after white space. Other than a float, a text whose number
// does not fit stops at the nearest one that does.
func leadingNumber(text string) int64 {
	text = strings.TrimLeft(text, " \t\n\r\v\f")
	number, isFloat := numericPrefix(text)
	if !isFloat {
		n, _ := strconv.ParseInt(number, 10, 64) // out of range, it is the nearest number already
		return n
	}
	f, _ := strconv.ParseFloat(number, 64) // out of range, it is infinite, and cut below
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// numericPrefix returns the longest beginning of a text that is a decimal number, and whether it has a fraction or an
// exponent.
func numericPrefix(text string) (number string, isFloat bool) {
	end := sign(text)
	whole := Digits(text[end:])
	end += whole
	fraction := 0
	if strings.HasPrefix(text[end:], ".") {
		fraction = Digits(text[end+1:])
	}
	if whole == 0 && fraction == 0 {
		return "", false
	}
	if fraction > 0 {
		end += 1 + fraction
		isFloat = true
	}
	if end < len(text) && (text[end] == 'e' || text[end] == 'E') {
		exponent := text[end+1:]
		signed := sign(exponent)
		if n := Digits(exponent[signed:]); n > 0 {
			end += 1 + signed + n
			isFloat = true
		}
	}
	return text[:end], isFloat
}

func sign(text string) int {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return 1
	}
	return 0
}

// Digits returns how many decimal digits a text begins with.
func Digits(text string) int {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return i
		}
	}
	return len(text)
}

// IsEmpty is PHP's empty(): true for null, false, 0, "", "0" and an array without elements.
func IsEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case int64:
		return v == 0
	case float64:
		return v == 0
	case string:
		return v == "" || v == "0"
	case *Array:
		return v.Len() == 0
	}
	return false
}

// StringOf is PHP's conversion to a string.
func StringOf(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "1"
		}
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'G', -1, 64)
	case string:
		return v
	case *Array:
		return "Array"
	}
	return ""
}

// Trim is PHP's function of that name.
func Trim(value any) string { return strings.Trim(StringOf(value), " \t\n\r\x00\v") }
