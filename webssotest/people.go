package webssotest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// A Project is known by its name and domain.
type Project struct {
	// ID is given by the Keystone: the same for the same name and domain.
	ID string

	Name    string
	Domain  string   // its name; "" means "Default"
	Servers []string // names of what the compute service lists
}

// A User can sign in.
type User struct {
	Name     string
	Password string

	// Local users are known to Keystone itself and sign in there, with the method
	// password; the others, through the identity providers' page.
	Local bool

	// Domain is the name of a local user's domain; "" means "Default". That of others
	// is called as the identity provider that they came through.
	Domain string

	Projects []Project // with a role on each
	Domains  []string  // names of domains with a role on each
	System   bool      // with a role on the system

	disabled bool
}

// CredentialID and CredentialSecret are admin's application credential, for demo.
const (
	CredentialID     = "c0ffee00c0ffee00c0ffee00c0ffee00"
	CredentialSecret = "application-secret"
)

type trust struct {
	id      string
	user    string
	project Project
}

// people are those of every Keystone.
func people() []User {
	demo := Project{Name: "demo", Servers: []string{"web-1", "web-2", "database"}}
	lab := Project{Name: "lab", Servers: []string{"experiment"}}
	vault := Project{Name: "vault", Servers: []string{"safe"}}
	return []User{
		{Name: "alice", Password: "wonderland", Projects: []Project{demo, lab}},
		{Name: "bob", Password: "builder", Projects: []Project{demo, vault}},
		{Name: "carol", Password: "singer"},
		{Name: "admin", Password: "secret", Local: true, Projects: []Project{demo}, Domains: []string{"Default"}, System: true},
	}
}

// SetUser adds a user, or replaces the one of that name, and adds the projects that
// are new. A project that is there already takes the servers of u's, where it has any.
func (k *Keystone) SetUser(u User) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if u.Local && u.Domain == "" {
		u.Domain = defaultDomain
	}
	u.Projects, u.Domains = slices.Clone(u.Projects), slices.Clone(u.Domains)
	for i := range u.Projects {
		u.Projects[i] = k.setProject(u.Projects[i])
	}
	if k.users[u.Name] == nil {
		k.names = append(k.names, u.Name)
	}
	k.users[u.Name] = &u
}

// setProject is called with k.mu held, as are all that return a pointer or an index.
func (k *Keystone) setProject(p Project) Project {
	if p.Domain == "" {
		p.Domain = defaultDomain
	}
	p.ID = idOf("project", p.Domain, p.Name)
	p.Servers = slices.Clone(p.Servers)
	i := slices.IndexFunc(k.projects, func(q Project) bool { return q.ID == p.ID })
	if i < 0 {
		k.projects = append(k.projects, p)
		return p
	}
	if p.Servers != nil {
		k.projects[i].Servers = p.Servers
	}
	return k.projects[i]
}

// user returns the user of that name.
func (k *Keystone) user(name string) User {
	k.mu.Lock()
	defer k.mu.Unlock()
	return *k.users[name]
}

// Users are the users, in the order in which they came.
func (k *Keystone) Users() []User {
	k.mu.Lock()
	defer k.mu.Unlock()
	var users []User
	for _, name := range k.names {
		u := *k.users[name]
		u.Projects, u.Domains = slices.Clone(u.Projects), slices.Clone(u.Domains)
		users = append(users, u)
	}
	return users
}

// Project returns the first project of that name. It is zero where there is none.
func (k *Keystone) Project(name string) Project {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.projects, func(p Project) bool { return p.Name == name })
	if i < 0 {
		return Project{}
	}
	return k.projects[i]
}

// DisableUser makes Keystone refuse the user and every token of theirs. The identity
// providers know nothing of it: they sign the user in as before.
func (k *Keystone) DisableUser(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if u := k.users[name]; u != nil {
		u.disabled = true
	}
}

// RemoveRole takes everybody's role on the projects of that name. Tokens for them die.
func (k *Keystone) RemoveRole(project string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, u := range k.users {
		u.Projects = slices.DeleteFunc(u.Projects, func(p Project) bool { return p.Name == project })
	}
}

// AddTrust lets user act on the first project of that name without a role of theirs,
// and returns the trust's ID.
func (k *Keystone) AddTrust(user, project string) string {
	p := k.Project(project)
	k.mu.Lock()
	defer k.mu.Unlock()
	t := trust{id: idOf("trust", user, p.ID), user: user, project: p}
	k.trusts[t.id] = t
	return t.id
}

// role says whether the user has one on the project with that ID.
func (u *User) role(projectID string) bool {
	return slices.ContainsFunc(u.Projects, func(p Project) bool { return p.ID == projectID })
}

const defaultDomain = "Default"

func domainID(name string) string {
	if name == defaultDomain {
		return "default"
	}
	return idOf("domain", name)
}

// idOf makes an ID as Keystone's look, the same one each time.
func idOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
