//go:build !faketime

package main

import "syscall"

// write is no method of an os.File, whose lock would order those who say something.
func write(line string) {
	if _, err := syscall.Write(3, []byte(line)); err != nil {
		panic(err)
	}
}
