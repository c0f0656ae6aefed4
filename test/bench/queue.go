package main

// queue is a binary heap of what happens when, soonest first.
type queue []planned

type planned struct {
	at float64
	id int32
}

func (q *queue) push(at float64, id int32) {
	h := append(*q, planned{})
	i := len(h) - 1
	for i > 0 && at < h[(i-1)/2].at {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = planned{at, id}
	*q = h
}

func (q *queue) pop() (at float64, id int32) {
	h := *q
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	for i := 0; len(h) > 0; {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1].at < h[child].at {
			child++
		}
		if child >= len(h) || last.at <= h[child].at {
			h[i] = last
			break
		}
		h[i] = h[child]
		i = child
	}
	*q = h
	return first.at, first.id
}
