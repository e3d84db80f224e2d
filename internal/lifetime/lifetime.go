// Package lifetime bounds work that goes on for others when the request that began it is
// canceled: it still ends when the program that it is done for says so.
package lifetime

import "context"

type key struct{}

// With returns a copy of ctx whose detached work ends with life.
func With(ctx, life context.Context) context.Context {
	return context.WithValue(ctx, key{}, life)
}

// Detach returns a copy of ctx that is not canceled with it, but with its life if it has
// one.
func Detach(ctx context.Context) (context.Context, context.CancelFunc) {
	detached, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	life, ok := ctx.Value(key{}).(context.Context)
	if !ok {
		return detached, func() { cancel(nil) }
	}
	stop := context.AfterFunc(life, func() { cancel(context.Cause(life)) })
	return detached, func() { stop(); cancel(nil) }
}
