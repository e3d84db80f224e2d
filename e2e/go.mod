module github.com/gophercloud-websso/websso/e2e

go 1.25.0

require (
	github.com/gofrs/uuid/v5 v5.4.0 // indirect
	github.com/pkg/browser v0.0.0-20240102092130-5ac0b6a4141c // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.41.0 // indirect
	golang.org/x/tools v0.48.0 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

require (
	github.com/adrg/xdg v0.5.3
	github.com/creack/pty v1.1.24
	github.com/godbus/dbus/v5 v5.2.2
	github.com/gophercloud-websso/websso v0.0.0
	github.com/gophercloud/gophercloud/v2 v2.15.0
	github.com/gophercloud/utils/v2 v2.0.0-20260626221802-4ae35253ac13
	github.com/rogpeppe/go-internal v1.16.0
	github.com/terraform-provider-openstack/utils/v2 v2.0.0-20251008071556-6ca14d74255d
)

replace github.com/gophercloud-websso/websso => ../
