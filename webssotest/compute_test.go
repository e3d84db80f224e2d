package webssotest_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestServersInPages(t *testing.T) {
	cloud := webssotest.NewKeystone(t)
	cloud.SetUser(webssotest.User{Name: "alice", Password: "wonderland", Projects: []webssotest.Project{
		{Name: "demo", Servers: []string{"a", "b", "c", "d", "e"}}, {Name: "empty"},
	}})
	for _, tt := range []struct {
		project string
		limit   int
		names   string
		pages   int
	}{
		{"demo", 0, "abcde", 1}, {"demo", 2, "abcde", 3}, {"demo", 5, "abcde", 1}, {"demo", 9, "abcde", 1}, {"empty", 2, "", 1},
	} {
		opts := cloud.AuthOptions()
		opts.Scope = &gophercloud.AuthScope{ProjectName: tt.project, DomainName: "Default"}
		client, err := websso.AuthenticatedClient(t.Context(), opts)
		must(t, err)
		compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
		must(t, err)
		cloud.ResetRequests()
		page, err := servers.List(compute, servers.ListOpts{Limit: tt.limit}).AllPages(t.Context())
		must(t, err)
		list, err := servers.ExtractServers(page)
		must(t, err)
		var names string
		for _, s := range list {
			names += s.Name
			if want := cloud.Project(tt.project).ID; s.TenantID != want || s.Status != "ACTIVE" {
				t.Errorf("got server %+v, want it active in project %s", s, want)
			}
		}
		if pages := len(cloud.Requests()); names != tt.names || pages != tt.pages {
			t.Errorf("%s with limit %d: got %q in %d pages, want %q in %d", tt.project, tt.limit, names, pages, tt.names, tt.pages)
		}
	}
	if got := cloud.APIRequests(); len(got) != 0 {
		t.Errorf("got requests %v to Keystone's API, want none", got)
	}
}
