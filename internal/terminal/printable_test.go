package terminal

import "testing"

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://keystone.example.com/v3":              "https://keystone.example.com/v3",
		"http://[::1]:5000/identity/v3":                "http://[::1]:5000/identity/v3",
		"keystone.example.com:5000/v3":                 "keystone.example.com:5000/v3",
		"https://keystone.example.com/a%20b:c":         "https://keystone.example.com/a%20b:c",
		"keystone":                                     "keystone",
		"":                                             "",
		"https://user:hunter2@host/v3":                 "https://…",
		"HTTP://user@host":                             "HTTP://…",
		"https://user:hunter2%40host/v3":               "https://…",
		"https://user:hunter2%2540host/v3":             "https://…",
		"https://user%3ahunter2%40host":                "https://…",
		"https://user:hunter2%4":                       "https://…",
		"https://user:hunter2\uff20host/v3":            "https://…",
		"https://user:hunter2":                         "https://…",
		"https://host/v3?token=hunter2":                "https://…",
		"https://host/v3%3ftoken=hunter2":              "https://…",
		"https://host/v3#hunter2":                      "https://…",
		`https:\\user:hunter2@host`:                    "…",
		"https:/user:hunter2@host/v3":                  "…",
		"https:user:hunter2@host":                      "…",
		"//user:hunter2@host":                          "…",
		"user:hunter2@host/v3":                         "…",
		"user:hunter2%40host/v3":                       "…",
		"user:hunter2/v3":                              "…",
		"hunter2@host":                                 "…",
		"user:hunter2@host/https://keystone":           "…",
		"hunter2://user@host":                          "…",
		"https://[user:hunter2]/":                      "https://…",
		"https://user:hunter2@[::1]:5000/v3":           "https://…",
		"https://host:5000:hunter2@example.com":        "https://…",
		" https://user:hunter2@host":                   "…",
		"https://user:hunter2@host\x00/v3":             "https://…",
		"https://keystone.example.com/v3/\nhunter2@x/": "https://…",
	} {
		if got := Address(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
