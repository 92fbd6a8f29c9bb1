// panics: random programs of calls, deferred calls, panics, recovers and goexits, as Go runs them.
// core/tests/test_panic.c runs the same ones and must tell the same of each.
//
//	go run panics.go FIRST COUNT   what so many of them do as one number, after a line for each
//	go run panics.go SEED          what one of them does
package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

var (
	state   uint64
	fuel    = 40
	panics  = 0
	nowhere int
)

// splitmix64
func random(n uint64) int {
	state += 0x9e3779b97f4a7c15
	z := state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % n)
}

func say(format string, args ...any) {
	os.Stdout.WriteString(fmt.Sprintf(format, args...))
}

func sayRecovered(how string, r any) {
	if r == nil {
		r = "-"
	}
	say("%s%v ", how, r)
}

func helps() {
	sayRecovered("h", recover())
}

func f(depth int, up *int) (n int) {
	var last any
	say("( ")
	for i := random(7); i > 0 && fuel > 0; i-- {
		fuel--
		switch random(12) {
		case 0, 1:
			if depth < 8 {
				say("=%d ", f(depth+1, &n))
			}
		case 2, 3, 4:
			if depth < 8 {
				defer f(depth+1, &n)
			}
		case 5, 6:
			panics++
			panic(fmt.Sprintf("p%d", panics))
		case 7, 8:
			r := recover()
			sayRecovered("r", r)
			if r != nil {
				last = r
			}
		case 9:
			if random(2) == 0 {
				defer helps()
			} else {
				helps()
			}
		case 10:
			if last != nil {
				panic(last)
			}
			*up = random(100)
		case 11:
			if random(3) == 0 {
				say("x ")
				runtime.Goexit()
			}
		}
	}
	n = random(100)
	say(") ")
	return
}

func one(seed uint64) {
	state = seed
	done := make(chan bool)
	go func() {
		defer close(done)
		say("=%d ", f(0, &nowhere))
		say("ended")
	}()
	<-done
	time.Sleep(100 * time.Millisecond) // a panic has made its deferred calls and dies only now
}

// What it printed, and the words of its end.
func run(seed uint64) string {
	var out, err bytes.Buffer
	c := exec.Command(os.Args[0], fmt.Sprint(seed))
	c.Stdout, c.Stderr = &out, &err
	c.Run()
	words, _, _ := strings.Cut(err.String(), "\n\ngoroutine ")
	return out.String() + words
}

func main() {
	first, _ := strconv.ParseUint(os.Args[1], 0, 64)
	if len(os.Args) == 2 {
		one(first)
		return
	}
	count, _ := strconv.ParseUint(os.Args[2], 0, 64)
	all := fnv.New64a()
	for seed := first; seed < first+count; seed++ {
		did := run(seed)
		all.Write([]byte(did))
		one := fnv.New64a()
		one.Write([]byte(did))
		fmt.Printf("%d %#016x\n", seed, one.Sum64())
	}
	fmt.Printf("all %#016x\n", all.Sum64())
}
