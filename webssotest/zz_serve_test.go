package webssotest_test
import ("testing";"os";"time";"github.com/gophercloud-websso/websso/webssotest")
func TestServe(t *testing.T){ k:=webssotest.NewKeystone(t); os.WriteFile("/tmp/shot/url",[]byte(k.LogoutURL("acme")),0o600); time.Sleep(60*time.Second)}
