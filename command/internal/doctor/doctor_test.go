package doctor_test

import (
	"testing"

	"github.com/gophercloud-websso/websso/command/internal/doctor"
)

// TestText shows findings on a terminal, which must not obey what comes from the network.
func TestText(t *testing.T) {
	d := doctor.New([]doctor.Finding{
		{Check: "keystone.conf", State: doctor.Unchecked, Found: "only a sign-in shows", Copy: "trusted_dashboard = x"},
		{Check: "port", State: doctor.Fault, Found: "it is \x1b[31mtaken", Advice: "free it"},
		{Check: "clock", State: doctor.OK, Found: "right"},
	})
	want := `! keystone.conf only a sign-in shows:
    trusted_dashboard = x
✗ port          it is \x1b[31mtaken: free it
✓ clock         right
`
	if got := d.Text(); got != want || d.Faults != 1 {
		t.Errorf("got %d faults and\n%s\nwant\n%s", d.Faults, got, want)
	}
}
