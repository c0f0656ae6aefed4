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

// retire is after how many events an instance is replaced. The platform does so when it likes; a cold start now and then
// is part of life.
const retire = 1000

// pool is the instances of the function.
type pool struct {
	slots chan struct{}

	mu     sync.Mutex
	binary string
	env    map[string]string
	age    int // counts swaps
	all    map[*instance]bool
	idle   []*instance
	closed bool
}

// instance is one process.
type instance struct {
	*scf.Function
	age    int
	events int
	shown  int // lines of its log that were shown, under log.mu
}

var errClosed = errors.New("the local cloud is shutting down")

func newPool(binary string, env map[string]string) *pool {
	return &pool{slots: make(chan struct{}, most), binary: binary, env: env, all: map[*instance]bool{}}
}

// take returns an instance that nobody else uses. It must be given back.
func (p *pool) take(ctx context.Context) (*instance, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	for len(p.idle) > 0 {
		i := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !i.Exited() {
			p.mu.Unlock()
			return i, nil
		}
		delete(p.all, i)
	}
	binary, env, age := p.binary, p.env, p.age
	p.mu.Unlock()
	i, err := p.start(ctx, binary, env, age)
	if err != nil {
		<-p.slots
	}
	return i, err
}

func (p *pool) start(ctx context.Context, binary string, env map[string]string, age int) (*instance, error) {
	f, err := scf.Start(ctx, binary, env)
	if err != nil {
		return nil, err
	}
	i := &instance{Function: f, age: age}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		f.Stop()
		return nil, errClosed
	}
	p.all[i] = true
	return i, nil
}

func (p *pool) give(i *instance) {
	p.mu.Lock()
	i.events++
	if i.Exited() || i.age != p.age || i.events >= retire || p.closed {
		delete(p.all, i)
		defer i.Stop()
	} else {
		p.idle = append(p.idle, i)
	}
	p.mu.Unlock()
	<-p.slots
}

// warm starts the first instance, so that a function that can't start is known at once.
func (p *pool) warm(ctx context.Context) error {
	i, err := p.take(ctx)
	if err == nil {
		p.give(i)
	}
	return err
}

// swap has the next events handled by another binary, once an instance of it runs.
func (p *pool) swap(ctx context.Context, binary string, env map[string]string) error {
	p.mu.Lock()
	next := p.age + 1
	p.mu.Unlock()
	first, err := p.start(ctx, binary, env, next)
	if err != nil {
		return err
	}
	p.mu.Lock()
	old := p.idle
	p.binary, p.env, p.age, p.idle = binary, env, next, []*instance{first}
	for _, i := range old {
		delete(p.all, i)
	}
	p.mu.Unlock()
	for _, i := range old {
		i.Stop()
	}
	return nil
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	all := p.all
	p.all, p.idle = map[*instance]bool{}, nil
	p.mu.Unlock()
	for i := range all {
		i.Stop()
	}
}
