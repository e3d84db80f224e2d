package main

import "testing"

func TestScripted(t *testing.T) {
	if err := run(true); err != nil {
		t.Fatal(err)
	}
}
