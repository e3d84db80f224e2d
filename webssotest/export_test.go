package webssotest

import "time"

// SetLimit changes how long a tab of b may take.
func (b *Browser) SetLimit(d time.Duration) { b.limit = d }
