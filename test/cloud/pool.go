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

// pool is the instances of the function.
type pool struct {
	slots chan struct{} // one for each event that is handled

	mu     sync.Mutex
	build  *build             // what to start
	idle   map[*instance]bool // every instance, and whether it waits
	closed bool
}

// build is a binary and what it runs in.
type build struct {
	binary string
	env    map[string]string
}

// instance is one process.
type instance struct {
	*scf.Function
	build *build
	mu    sync.Mutex
	shown int // lines of its log that were shown
}

var errClosed = errors.New("the local cloud is shutting down")

func newPool(b *build) *pool {
	return &pool{slots: make(chan struct{}, most), build: b, idle: map[*instance]bool{}}
}

// take returns an instance that nobody else uses. It must be given back.
func (p *pool) take(ctx context.Context) (*instance, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	i, current := p.free()
	if i != nil {
		return i, nil
	}
	i, err := p.start(ctx, current)
	if err != nil {
		<-p.slots
	}
	return i, err
}

// free finds an instance that waits, or says what to start instead.
func (p *pool) free() (*instance, *build) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, idle := range p.idle {
		if idle && !i.Exited() {
			p.idle[i] = false
			return i, nil
		}
	}
	return nil, p.build
}

func (p *pool) start(ctx context.Context, b *build) (*instance, error) {
	f, err := scf.Start(ctx, b.binary, b.env)
	if err != nil {
		return nil, err
	}
	i := &instance{Function: f, build: b}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		f.Stop()
		return nil, errClosed
	}
	p.idle[i] = false
	return i, nil
}

func (p *pool) give(i *instance) {
	p.mu.Lock()
	p.idle[i] = true
	p.mu.Unlock()
	p.sweep()
	<-p.slots
}

// use has the next events handled by another build, once an instance of it runs.
func (p *pool) use(ctx context.Context, b *build) error {
	first, err := p.start(ctx, b)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.build, p.idle[first] = b, true
	p.mu.Unlock()
	p.sweep()
	return nil
}

// sweep stops the instances that are of no more use: those that wait and have ended, or are of another build, and all of
// them once the pool is closed.
func (p *pool) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, idle := range p.idle {
		if p.closed || idle && (i.Exited() || i.build != p.build) {
			delete(p.idle, i)
			i.Stop()
		}
	}
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.sweep()
}
