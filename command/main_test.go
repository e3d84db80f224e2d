package command

import (
	"testing"

	"github.com/gophercloud-websso/websso/internal/testcache"
)

func TestMain(m *testing.M) { testcache.Main(m) }
