package webssotest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// What there is in every [Keystone].
const (
	IdentityProvider      = "acme"   // the one in AuthOptions
	OtherIdentityProvider = "citrus" // has the same users, who are other users to Keystone
	Protocol              = "openid" // both identity providers also have "mapped"
	Region                = "RegionOne"
)

const (
	otherProtocol    = "mapped"
	defaultDomain    = "Default"
	credentialID     = "c0ffee00c0ffee00c0ffee00c0ffee00" // admin's application credential, for demo
	credentialSecret = "application-secret"
)

// A Project is identified by its name and domain.
type Project struct {
	// ID is set by the Keystone, and is the same in every Keystone for the same name
	// and domain.
	ID string

	Name    string
	Domain  string   // name of the domain; "" means "Default"
	Servers []string // names of the servers that the compute service lists
}

// A User can sign in.
type User struct {
	Name     string
	Password string

	// Local users are known to Keystone itself, in the domain "Default", and sign in
	// with the method password. Others sign in on the identity providers' page, and
	// their domain is named after the identity provider.
	Local bool

	Projects []Project // on which the user has a role
	Domains  []string  // names of the domains on which the user has a role
	System   bool      // whether the user has a role on the system

	disabled bool
}

// firstUsers are the users of a new Keystone.
func firstUsers() []User {
	demo := Project{Name: "demo", Servers: []string{"web-1", "web-2", "database"}}
	lab := Project{Name: "lab", Servers: []string{"experiment"}}
	vault := Project{Name: "vault", Servers: []string{"safe"}}
	return []User{
		{Name: "alice", Password: "wonderland", Projects: []Project{demo, lab}},
		{Name: "bob", Password: "builder", Projects: []Project{demo, vault}},
		{Name: "carol", Password: "singer"},
		{Name: "admin", Password: "secret", Local: true, Projects: []Project{demo}, Domains: []string{defaultDomain}, System: true},
	}
}

// A trust lets a user act on a project without a role of their own.
type trust struct {
	id      string
	user    string
	project Project
}

func (c *cloud) setUser(u User) {
	u.Projects, u.Domains = slices.Clone(u.Projects), slices.Clone(u.Domains)
	for i := range u.Projects {
		u.Projects[i] = c.setProject(u.Projects[i])
	}
	if c.users[u.Name] == nil {
		c.names = append(c.names, u.Name)
	}
	c.users[u.Name] = &u
}

func (c *cloud) setProject(p Project) Project {
	if p.Domain == "" {
		p.Domain = defaultDomain
	}
	p.ID = idOf("project", p.Domain, p.Name)
	p.Servers = slices.Clone(p.Servers)
	known := c.projectByID(p.ID)
	if known == nil {
		c.projects = append(c.projects, p)
		return p
	}
	if p.Servers != nil {
		known.Servers = p.Servers
	}
	return *known
}

func (c *cloud) listUsers() []User {
	var users []User
	for _, name := range c.names {
		u := *c.users[name]
		u.Projects, u.Domains = slices.Clone(u.Projects), slices.Clone(u.Domains)
		users = append(users, u)
	}
	return users
}

// project returns the first project that matches, or nil.
func (c *cloud) project(matches func(*Project) bool) *Project {
	for i := range c.projects {
		if p := &c.projects[i]; matches(p) {
			return p
		}
	}
	return nil
}

func (c *cloud) projectByID(id string) *Project {
	return c.project(func(p *Project) bool { return p.ID == id })
}

// hasRole reports whether the user has a role on the project with that ID.
func (u *User) hasRole(projectID string) bool {
	return slices.ContainsFunc(u.Projects, func(p Project) bool { return p.ID == projectID })
}

// id returns Keystone's ID of the user who came through an identity provider, or of
// the local user if idp is "". Those of federated users are longer.
func (u *User) id(idp string) string {
	if idp == "" {
		return idOf("user", u.Name)
	}
	return idOf("user", idp, u.Name) + idOf("federated", u.Name)
}

func domainID(name string) string {
	if name == defaultDomain {
		return "default"
	}
	return idOf("domain", name)
}

func isIdentityProvider(name string) bool {
	return name == IdentityProvider || name == OtherIdentityProvider
}

func isProtocol(name string) bool { return name == Protocol || name == otherProtocol }

// idOf makes an ID that looks like Keystone's from parts, always the same one.
func idOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
