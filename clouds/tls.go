package clouds

import (
	"fmt"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// tls returns the keys about TLS in the form that gophercloud reads.
func (c *cloud) tls(o *options) (cloudconf.Values, error) {
	v, err := c.values(o, "cacert", "cert", "key")
	if err != nil {
		return nil, err
	}
	verify := true
	if n, ok := c.top["verify"]; ok {
		if verify, err = n.truth(); err != nil {
			return nil, err
		}
	}
	// insecure wins: openstack/config/cloud_region.py, get_requests_verify_args. It
	// may be in quotes, because a variable can only have text.
	if n, ok := c.top["insecure"]; ok {
		insecure, err := n.insecure()
		if err != nil {
			return nil, err
		}
		verify = verify && !insecure
	}
	if set, ok := o.set["verify"]; ok {
		verify = set.Text == "true"
	}
	if !verify {
		delete(v, "cacert") // nobody needs the file now, so it may be missing
	}
	v["verify"] = cloudconf.Value{Text: fmt.Sprint(verify), From: c.where}
	// One file can hold both: requests, which openstacksdk uses, looks for the key
	// in the certificate's file if there is no other.
	if cert, ok := v["cert"]; ok {
		if _, ok := v["key"]; !ok {
			v["key"] = cert
		}
	}
	return v, nil
}
