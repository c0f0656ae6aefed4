package cloud

import (
	"context"
	"errors"
	"sync"

	"cos-credentials/test/scf"
)

// most instances run at a time: an event function handles one event at a time, and the platform starts another instance
// for each event that finds none free. Here the next event waits, because a laptop is no region.
const most = 8

// build is a binary and what it runs in.
type build struct {
	binary string
	env    map[string]string
}

// instance is one process.
type instance struct {
	*scf.Function
	build *build
}

// pool is the instances of the function.
type pool struct {
	slots chan struct{} // one for each event that is handled
	log   *log

	mu    sync.Mutex
	build *build             // what to start; nil once the pool is closed
	idle  map[*instance]bool // every instance, and whether it waits
}

func newPool(l *log) *pool {
	return &pool{slots: make(chan struct{}, most), log: l, idle: map[*instance]bool{}}
}

// take returns an instance that nobody else uses. It must be given back.
func (p *pool) take(ctx context.Context) (*instance, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep()
	for i, idle := range p.idle {
		if idle {
			p.idle[i] = false
			return i, nil
		}
	}
	i, err := p.start(ctx, p.build)
	if err != nil {
		<-p.slots
	}
	return i, err
}

func (p *pool) start(ctx context.Context, b *build) (*instance, error) {
	if b == nil {
		return nil, errors.New("the local cloud is shutting down")
	}
	f, err := scf.Start(ctx, b.binary, b.env)
	if err != nil {
		return nil, err
	}
	f.Log.Copy(p.log)
	i := &instance{f, b}
	p.idle[i] = false
	return i, nil
}

func (p *pool) give(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle[i] = true
	p.sweep()
	<-p.slots
}

// use has the next events handled by another build, once an instance of it runs.
func (p *pool) use(ctx context.Context, b *build) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, err := p.start(ctx, b)
	if err != nil {
		return err
	}
	p.build, p.idle[first] = b, true
	p.sweep()
	return nil
}

// close stops every instance, busy or not.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.build = nil
	p.sweep()
}

// sweep stops the instances that are of no more use.
func (p *pool) sweep() {
	for i, idle := range p.idle {
		if p.build == nil || idle && (i.Exited() || i.build != p.build) {
			delete(p.idle, i)
			i.Stop()
		}
	}
}
