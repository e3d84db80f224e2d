//go:build !unix

package browser_test

func uid() string { return "-1" }
