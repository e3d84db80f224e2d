package tab

// Sealer is a sealer for the tests of this package.
type Sealer struct{ s *sealer }

// NewSealer returns a Sealer with a key of its own.
func NewSealer() (Sealer, error) {
	s, err := newSealer()
	return Sealer{s}, err
}

func (s Sealer) Seal(token string) string { return s.s.seal(sealedToken, token) }
func (s Sealer) Ticket() string           { return s.s.seal(sealedTicket, "") }
func (s Sealer) Open(sealed string) (string, bool) {
	token, _, ok := s.s.open(sealedToken, sealed)
	return token, ok
}
func (s Sealer) Code(sealed string) string          { return s.s.code(sealed) }
func (s Sealer) IsCode(sealed, entered string) bool { return s.s.isCode(sealed, entered) }
