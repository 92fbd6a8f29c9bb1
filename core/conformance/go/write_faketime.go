//go:build faketime

package main

import (
	"sync/atomic"
	"syscall"
)

const size = 1 << 16

// What is said goes to memory shared with whoever compares: in a system call a goroutine is for a moment
// neither running nor able to run, and the clock may take that for waiting.
var (
	said   = mapped()
	length atomic.Int64
)

func mapped() []byte {
	memory, err := syscall.Mmap(3, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return memory
}

func write(line string) {
	end := length.Add(int64(len(line)))
	copy(said[end-int64(len(line)):end], line)
}
