package doctor

import "context"

// Examine makes all checks. It opens no browser and changes no setting.
func (p *Patient) Examine(ctx context.Context) []Finding {
	all := p.settings()
	if p.Err == nil {
		all = append(all, p.keystone(ctx)...)
	}
	all = append(all, p.port(ctx), p.browser(), p.cache())
	return append(all, python(ctx)...)
}
