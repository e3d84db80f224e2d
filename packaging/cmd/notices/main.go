// Command notices prints the licenses of everything that is compiled into websso, and
// fails if one is unknown or not allowed.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/gophercloud-websso/websso/packaging/bill"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("notices: ")
	root := flag.String("root", "..", "the work tree")
	list := flag.String("json", "", "write the list of modules to this file as well, for sbom -modules")
	flag.Parse()
	modules, err := bill.Modules(context.Background(), *root)
	if err != nil {
		log.Fatal(err)
	}
	if *list != "" {
		text, err := json.MarshalIndent(modules, "", "  ")
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(*list, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Print(bill.Notices(modules))
}
