package webssotest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// catalog lists the services. The caller holds k.mu.
func (k *Keystone) catalog(r *http.Request) []object {
	services := []object{
		service("identity", "keystone", k.base(r)+"/v3"),
		service("compute", "nova", k.url+"/compute/v2.1"),
	}
	size := func(v any) int {
		text, _ := json.Marshal(v)
		return len(text)
	}
	for n, have := 1, size(services); have < k.config.CatalogSize; n++ {
		s := service(fmt.Sprintf("padding-%d", n), "padding", fmt.Sprintf("%s/padding/%d", k.url, n))
		services = append(services, s)
		have += size(s)
	}
	return services
}

func service(kind, name, url string) object {
	endpoints := []object{}
	for _, face := range []string{"public", "internal", "admin"} {
		endpoints = append(endpoints, object{
			"id": idOf("endpoint", kind, face), "interface": face, "region": Region, "region_id": Region, "url": url,
		})
	}
	return object{"id": idOf("service", kind), "type": kind, "name": name, "endpoints": endpoints}
}
