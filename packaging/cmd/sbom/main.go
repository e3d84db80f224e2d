// Command sbom writes the CycloneDX bill of materials of a binary of websso.
//
//	sbom -version v0.1.0 -date 2026-11-24T12:00:00Z -modules modules.json BINARY DOCUMENT
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gophercloud-websso/websso/packaging/bill"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("sbom: ")
	list := flag.String("modules", "modules.json", "what notices -json wrote")
	version := flag.String("version", "devel", "version of websso")
	date := flag.String("date", "", "when the release was made (RFC 3339)")
	flag.Parse()
	if flag.NArg() != 2 {
		log.Fatal("give the binary, and the file to write")
	}
	if err := write(*list, *version, *date, flag.Arg(0), flag.Arg(1)); err != nil {
		log.Fatal(err)
	}
}

func write(list, version, date, binary, document string) error {
	made, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return fmt.Errorf("-date: %w", err)
	}
	known, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	var modules []bill.Module
	if err := json.Unmarshal(known, &modules); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	text, err := bill.SBOM(binary, version, made, modules)
	if err != nil {
		return err
	}
	return os.WriteFile(document, text, 0o644)
}
