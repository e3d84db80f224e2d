// Command tidy ends with status 7: at once, or, with an argument, when Ctrl-C tells it
// to, as a program does that has something to tidy up first.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		interrupt := make(chan os.Signal, 1)
		signal.Notify(interrupt, os.Interrupt)
		fmt.Println("started")
		select {
		case <-interrupt:
		case <-time.After(time.Minute):
			os.Exit(1)
		}
		// Whoever started this must wait, however long it takes.
		time.Sleep(time.Second)
		fmt.Println("tidied up")
	}
	os.Exit(7)
}
