package handover_test

import (
	"slices"
	"testing"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

func TestApply(t *testing.T) {
	env := []string{"A=1", "OS_CLOUD=x", "OS_TOKEN=old", "OS_TOKEN=older", "OS_CLOUDY=stays", "B=a=b", "=C:=odd"}
	before := slices.Clone(env)
	got := handover.Apply(env, []handover.Change{{Name: "OS_CLOUD"}, {Name: "OS_GONE"}, {Name: "OS_TOKEN", Value: "new"}})
	want := []string{"A=1", "OS_CLOUDY=stays", "B=a=b", "=C:=odd", "OS_TOKEN=new"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !slices.Equal(env, before) {
		t.Error("the environment given was changed")
	}
}
