// Command websso signs you in to OpenStack through your browser and hands the sign-in
// to tools that don't speak WebSSO: openstackclient, Terraform, Packer, kubectl, shell
// scripts.
//
//	websso login --cloud mycloud
//	websso exec --cloud mycloud -- openstack server list
//
// Messages go to standard error. Standard output carries the result and nothing else.
// See websso --help, and docs/command.md for a tour.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso/command"
)

// release is set by the linker in released binaries (.goreleaser.yaml).
var release string

func main() {
	// On Windows, cobra shows this and ends if the program was started with the mouse.
	cobra.MousetrapHelpText = ""
	os.Exit(command.ExitStatus(command.New(command.Config{Version: release}).Execute()))
}
