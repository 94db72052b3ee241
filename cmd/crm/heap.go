package main

import (
	"os"
	"runtime"
)

// heapFloor is how much memory may be used before it is looked through for what
// is free. A server whose records fill 50 MB would otherwise stop to look a dozen
// times a second, which costs a tenth of its processor time.
const heapFloor = 256 << 20

// raiseHeap holds memory that is never touched, so it takes addresses and no
// memory, until release is called; the garbage collector just counts it. The
// operator's own settings go first.
func raiseHeap() (release func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	held := make([]byte, heapFloor)
	return func() { runtime.KeepAlive(held) }
}

// heapTaken is how much memory is taken from the system before it is needed: that
// of a hundred large answers.
const heapTaken = 64 << 20

// takeHeap takes memory in the background, for the first answers. The system hands
// out a page when it is first touched, which takes up to 15 µs on a virtual
// machine, and a large answer needs hundreds. If nothing is asked for minutes it
// goes back. The operator's own settings go first.
func takeHeap() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	go func() {
		taken := make([]byte, heapTaken)
		for at := 0; at < len(taken); at += os.Getpagesize() {
			taken[at] = 1
		}
		runtime.GC() // it is free from now on
	}()
}
