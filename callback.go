package websso

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
)

const (
	// maxForm is the largest form read; Keystone's is a few hundred bytes.
	maxForm = 64 << 10

	// maxAsked is how often, in one sign-in, a tab that is not ours may have
	// Keystone asked whose token it has.
	maxAsked = 5

	// maxWrongCodes closes that way. 40 bits and five tries leave nothing to guess.
	maxWrongCodes = 5
)

// callback is what the listener does in one sign-in: it sends the browser to
// Keystone, and takes the token that comes back through the same tab.
//
// Keystone's form post carries nothing that was sent along (it compares the origin
// letter by letter), and its headers are those of any other site's form post. So the
// tab itself carries the proof, in sessionStorage, which no other tab can read: a
// secret, made on the start page and shown on the page that a token comes back to.
type callback struct {
	settings
	key    string // names the start page; 130 random bits
	sealer *sealer
	output *output

	arrivals chan arrival    // tokens that Keystone is to be asked about
	appeared func()          // a browser asked for the start page
	came     <-chan struct{} // closed by appeared
	shown    chan struct{}   // closed when the outcome is on its way to the page
	gone     chan struct{}   // closed when nobody waits any more

	mu         sync.Mutex
	secret     string // the first one registered
	over       bool   // a token was taken, whatever became of it
	asked      int
	wrongCodes int
	told       map[string]bool
}

// arrival is a token that the listener takes to the one who waits for it.
type arrival struct {
	token string
	// proven: it came through our tab, or the person brought the code. What comes
	// of it is the outcome of the sign-in. Otherwise it is only looked at.
	proven bool
	code   string // where it isn't proven: what would prove it
	answer chan outcome
}

// outcome is what the page says in the end.
type outcome struct {
	OK    bool   `json:"ok"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

func newCallback(s settings, out *output) (*callback, error) {
	sealer, err := newSealer()
	if err != nil {
		return nil, fmt.Errorf("websso: %w", err)
	}
	came := make(chan struct{})
	return &callback{
		settings: s,
		key:      rand.Text(),
		sealer:   sealer,
		output:   out,
		arrivals: make(chan arrival),
		appeared: sync.OnceFunc(func() { close(came) }),
		came:     came,
		shown:    make(chan struct{}),
		gone:     make(chan struct{}),
		told:     make(map[string]bool),
	}, nil
}

// startURL is where the person's browser is sent.
func (cb *callback) startURL() string { return cb.callbackURL() + cb.key }

// ServeHTTP checks what holds for every request, and reads the whole of it before
// anything is done.
func (cb *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("X-Frame-Options", "DENY")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	form, status := readForm(w, r)
	if status == 0 {
		panic(http.ErrAbortHandler) // the rest of the request never came
	}
	if g := guestOf(r.Context()); g != nil {
		g.serve()
		cb.refuseStranger(g)
	}
	if !cb.rightHost(w, r) {
		return
	}
	post := cb.forms(r.URL.Path)
	switch {
	case r.Method == http.MethodGet && cb.isStart(r.URL.Path):
		cb.serveStart(w, r)
	case r.Method != http.MethodPost || post == nil:
		http.Error(w, "Nothing here.", http.StatusNotFound)
	case status != http.StatusOK:
		http.Error(w, http.StatusText(status), status)
	default:
		post(w, r, form)
	}
}

// forms is what takes the form posts to path, if any.
func (cb *callback) forms(path string) func(http.ResponseWriter, *http.Request, url.Values) {
	switch {
	case path == callbackPath:
		return cb.serveCallback
	case path == callbackPath+"confirm":
		return cb.serveConfirm
	case path == callbackPath+"ask":
		return cb.serveAsk
	case path == callbackPath+"code":
		return cb.serveCode
	case cb.isStart(path):
		return cb.serveRegister
	}
	return nil
}

// refuseStranger hangs up on another user of this computer. The look at whose a
// connection is takes milliseconds where the machine has many, so those who never
// bring a whole request don't get one.
func (cb *callback) refuseStranger(g *guest) {
	uid, stranger := strangerUID(g.Conn)
	if !stranger {
		return
	}
	if uid != 0 {
		cb.tell(fmt.Sprintf("a connection of another user of this computer (user %d) was refused; only you (user %d) can sign in here", uid, os.Getuid()))
	}
	panic(http.ErrAbortHandler)
}

// rightHost keeps out names that an attacker's DNS points here, and brings the other
// spellings of this machine to the one whose sessionStorage has the secret.
func (cb *callback) rightHost(w http.ResponseWriter, r *http.Request) bool {
	own := &url.URL{Host: strings.TrimPrefix(cb.origin(), "http://")}
	asked := &url.URL{Host: strings.ToLower(r.Host)}
	port := asked.Port()
	if port == "" {
		port = "80" // a browser leaves out the port that its scheme implies
	}
	switch {
	case r.Host == "" || !isLoopbackName(asked.Hostname()):
		http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
	case port != own.Port():
		cb.outcomePage(w, http.StatusMisdirectedRequest, outcome{
			Title: "Wrong port",
			Text: "This sign-in listens on port " + own.Port() + ", and your browser came through port " + printable(port) +
				". The cloud sends people back to port " + own.Port() + " alone, so forward that one under its own number: " +
				cb.sshCommand("HOST"),
		})
	case asked.Hostname() != own.Hostname():
		http.Redirect(w, r, cb.origin()+r.URL.EscapedPath(), http.StatusTemporaryRedirect)
	default:
		return true
	}
	return false
}

func (cb *callback) isStart(path string) bool {
	key, ok := strings.CutPrefix(path, callbackPath)
	return ok && subtle.ConstantTimeCompare([]byte(key), []byte(cb.key)) == 1
}

// readForm reads a request's form, if it has one, and says what is wrong with it by
// a status: 0 where it did not come whole.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, int) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return nil, http.StatusRequestEntityTooLarge
		}
		return nil, 0
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, http.StatusUnsupportedMediaType
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, http.StatusBadRequest
	}
	return form, http.StatusOK
}

// one is a form's only value of that name; a form with several was not made here and
// not by Keystone.
func one(form url.Values, name string) string {
	if values := form[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// metadata tells whether the Fetch metadata that a request has, if any, are among
// those wanted. Safari before 16.4 sends none (Fetch Metadata Request Headers, W3C).
func metadata(r *http.Request, site, mode, dest string) bool {
	for name, want := range map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest} {
		if got := r.Header.Get(name); want != "" && got != "" && got != want {
			return false
		}
	}
	return true
}

// fromOurScript tells whether a request may be the fetch of a page of ours.
func (cb *callback) fromOurScript(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return (origin == "" || cb.isOwnOrigin(origin)) && metadata(r, "same-origin", "", "empty")
}

// isOwnOrigin compares an Origin header, in which the port 80 is left out (RFC 6454, 6.2).
func (cb *callback) isOwnOrigin(origin string) bool {
	return origin == cb.origin() || origin+":80" == cb.origin()
}

// serveStart answers with the start page. Whoever merely fetches it, a scanner or an
// extension, uses nothing up: that takes its script.
func (cb *callback) serveStart(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Service-Worker") == "script":
		cb.tell("another program left a service worker on " + cb.origin() + " in your browser; if the sign-in does not work, clear that site's data there and try again")
		fallthrough
	case !metadata(r, "", "", "document"), r.Header.Get("Sec-Purpose") != "":
		http.Error(w, "Not for this.", http.StatusForbidden)
		return
	}
	cb.mu.Lock()
	over, registered := cb.over, cb.secret != ""
	cb.mu.Unlock()
	if over {
		cb.outcomePage(w, http.StatusGone, finished)
		return
	}
	cb.appeared()
	// A service worker that another program left on this port would see the token.
	// The tab that asks keeps its sessionStorage through this; another tab loses its
	// own, so the one that has the secret must be left alone.
	if !registered {
		w.Header().Set("Clear-Site-Data", `"storage"`)
	}
	cb.page(w, http.StatusOK, "start", pageData{Next: cb.webssoURL(), Endpoint: cb.endpoint})
}

// serveRegister takes the secret that the start page made. The first one counts; the
// same one again is a reload, another one is a second tab.
func (cb *callback) serveRegister(w http.ResponseWriter, r *http.Request, form url.Values) {
	secret := one(form, "secret")
	made, ok := strings.CutPrefix(secret, cb.key+".")
	if !cb.fromOurScript(r) || !ok || len(made) < 22 || len(made) > 128 {
		http.Error(w, "Not for this.", http.StatusForbidden)
		return
	}
	cb.mu.Lock()
	if cb.secret == "" {
		cb.secret = secret
	}
	first := subtle.ConstantTimeCompare([]byte(secret), []byte(cb.secret)) == 1
	cb.mu.Unlock()
	if !first {
		cb.tell("the address above was opened a second time; only the tab that was first can finish the sign-in. If that was not you, stop this program")
		http.Error(w, "This address was used before.", http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// serveCallback answers Keystone's form post, or anybody's: these can't be told
// apart yet. So nothing is kept and nobody is asked; the page has the token, sealed.
func (cb *callback) serveCallback(w http.ResponseWriter, r *http.Request, form url.Values) {
	if !metadata(r, "", "navigate", "document") {
		http.Error(w, "Not for this.", http.StatusForbidden)
		return
	}
	token := one(form, "token")
	if !isToken(token) {
		cb.outcomePage(w, http.StatusBadRequest, outcome{
			Title: "No token came",
			Text:  "This page is for what Keystone sends after a sign-in. Start again from your program.",
		})
		return
	}
	// "no-referrer" would have the page's own forms send "Origin: null".
	w.Header().Set("Referrer-Policy", "same-origin")
	cb.page(w, http.StatusOK, "finish", pageData{Sealed: cb.sealer.seal(token), Endpoint: cb.endpoint})
}

// serveConfirm takes the token that comes with the secret: the tab is ours.
func (cb *callback) serveConfirm(w http.ResponseWriter, r *http.Request, form url.Values) {
	if !cb.fromOurScript(r) {
		writeOutcome(w, http.StatusForbidden, notOurs)
		return
	}
	token, ok := cb.sealer.open(one(form, "sealed"))
	cb.mu.Lock()
	ours := cb.secret != "" && subtle.ConstantTimeCompare([]byte(one(form, "secret")), []byte(cb.secret)) == 1
	first := ours && ok && !cb.over
	if first {
		cb.over = true
	}
	cb.mu.Unlock()
	switch {
	case !ours || !ok:
		writeOutcome(w, http.StatusForbidden, notOurs)
	case !first:
		writeOutcome(w, http.StatusGone, finished)
	default:
		o := cb.take(arrival{token: token, proven: true})
		writeOutcome(w, http.StatusOK, o)
		cb.finish(w)
	}
}

// serveAsk has Keystone asked whose token a tab brought that can't prove to be ours,
// and shows the answer and a code in the terminal. It takes a click on our own page:
// browsers send the Origin of a form post (Fetch, "append a request Origin header").
func (cb *callback) serveAsk(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed := one(form, "sealed")
	token, ok := cb.sealer.open(sealed)
	if !ok || !cb.fromOurForm(r) {
		cb.outcomePage(w, http.StatusForbidden, notOurs)
		return
	}
	cb.mu.Lock()
	over, tooMany := cb.over, cb.asked >= maxAsked || cb.wrongCodes >= maxWrongCodes
	if !over && !tooMany {
		cb.asked++
	}
	cb.mu.Unlock()
	switch {
	case over:
		cb.outcomePage(w, http.StatusGone, finished)
	case tooMany:
		cb.outcomePage(w, http.StatusTooManyRequests, tooOften)
	default:
		o := cb.take(arrival{token: token, code: cb.sealer.code(sealed)})
		if !o.OK {
			cb.outcomePage(w, http.StatusForbidden, o)
			return
		}
		cb.codePage(w, sealed, "")
	}
}

// serveCode takes the token whose code the person typed.
func (cb *callback) serveCode(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed := one(form, "sealed")
	token, ok := cb.sealer.open(sealed)
	if !ok || !cb.fromOurForm(r) {
		cb.outcomePage(w, http.StatusForbidden, notOurs)
		return
	}
	right := cb.sealer.isCode(sealed, one(form, "code"))
	cb.mu.Lock()
	over, tooMany := cb.over, cb.wrongCodes >= maxWrongCodes
	switch {
	case over || tooMany:
	case right:
		cb.over = true
	default:
		cb.wrongCodes++
	}
	left := maxWrongCodes - cb.wrongCodes
	cb.mu.Unlock()
	switch {
	case over:
		cb.outcomePage(w, http.StatusGone, finished)
	case tooMany || left == 0:
		cb.outcomePage(w, http.StatusTooManyRequests, tooOften)
	case !right:
		cb.codePage(w, sealed, "That is not the code. Tries left: "+strconv.Itoa(left)+".")
	default:
		cb.outcomePage(w, http.StatusOK, cb.take(arrival{token: token, proven: true}))
		cb.finish(w)
	}
}

func (cb *callback) fromOurForm(r *http.Request) bool {
	return cb.isOwnOrigin(r.Header.Get("Origin")) && metadata(r, "same-origin", "navigate", "document")
}

func (cb *callback) codePage(w http.ResponseWriter, sealed, problem string) {
	w.Header().Set("Referrer-Policy", "same-origin")
	cb.page(w, http.StatusOK, "code", pageData{Sealed: sealed, Problem: problem})
}

// take brings a token to the one who waits, and waits for what comes of it.
// A browser that hangs up does not take back what it brought.
func (cb *callback) take(a arrival) outcome {
	a.answer = make(chan outcome, 1)
	select {
	case cb.arrivals <- a:
	case <-cb.gone:
		return timedOut
	}
	select {
	case o := <-a.answer:
		return o
	case <-cb.gone:
		return timedOut
	}
}

// finish lets the one who waits close the listener: the page is written.
func (cb *callback) finish(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush()
	close(cb.shown)
}

// tell says something in the terminal once, however often it is met.
func (cb *callback) tell(text string) {
	cb.mu.Lock()
	again := cb.told[text]
	cb.told[text] = true
	cb.mu.Unlock()
	if !again {
		cb.output.say("%s", text)
	}
}

func writeOutcome(w http.ResponseWriter, status int, o outcome) {
	body, err := json.Marshal(o)
	if err != nil {
		http.Error(w, "The outcome could not be written.", http.StatusInternalServerError)
		return
	}
	send(w, status, "application/json", body)
}

// send writes an answer of known length, so that it is whole once it is flushed:
// the last chunk of one without would be lost when the listener closes.
func send(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// What pages say that need nothing of this sign-in.
var (
	notOurs = outcome{
		Title: "This tab did not start the sign-in",
		Text:  "Nothing was accepted. Go on in the tab that your program opened, or start again from your program.",
	}
	finished = outcome{
		Title: "This sign-in is over",
		Text:  "It has been finished already. Your program says how it went; to sign in again, start again from there.",
	}
	timedOut = outcome{
		Title: "Nobody is waiting any more",
		Text:  "The program gave up waiting, or was stopped, before this page came. Start again from there.",
	}
	tooOften = outcome{
		Title: "Too many tries",
		Text:  "This way to finish the sign-in is closed. Start again from your program.",
	}
)
