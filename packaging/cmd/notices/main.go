// Command notices prints the licenses of everything that is compiled into websso, and
// fails if one is unknown or not allowed.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/gophercloud-websso/websso/packaging/bill"
)

func main() {
	modules, err := bill.Modules(context.Background(), "..")
	if err != nil {
		log.Fatalf("notices: %v", err)
	}
	fmt.Print(bill.Notices(modules))
}
