package reservation

import "strings"

// creditAlphabet is that of GB 32100-2015: no I, O, S, V, Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// NormalCreditCode is a unified social credit code in upper case, its check
// character tested (GB 32100-2015). It fails with ErrCreditCode.
func NormalCreditCode(s string) (string, error) {
	code := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.TrimSpace(s)))
	if n := len(code); n != 18 {
		return "", ErrCreditCode.Because("%q has %d characters; a unified social credit code has 18", s, n)
	}
	sum, weight := 0, 1
	for _, r := range code[:17] {
		value := strings.IndexRune(creditAlphabet, r)
		if value < 0 {
			return "", ErrCreditCode.Because("%q holds %q; a unified social credit code has digits and capital letters other than I, O, S, V, Z", s, string(r))
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	if want := creditAlphabet[(31-sum%31)%31]; code[17] != want {
		return "", ErrCreditCode.Because("the last character of %q does not check; for the others it would be %c", s, want)
	}
	return code, nil
}
