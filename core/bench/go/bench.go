// bench: the same work as each program beside this folder, in Go. Prints one number.
//
//	GOMAXPROCS=1 bench pingpong
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What each name measures, and how often it does it.
var benchmarks = map[string]func() float64{
	"yield2":          func() float64 { return timed(1000000, yield2) },
	"pingpong":        func() float64 { return timed(200000, pingpong) },
	"buffered128":     func() float64 { return timed(2000000, buffered128) },
	"select2":         func() float64 { return timed(200000, func(n int) { selecting(2, n, select2) }) },
	"select8":         func() float64 { return timed(100000, func(n int) { selecting(8, n, select8) }) },
	"spawn_join":      func() float64 { return timed(200000, spawnJoin) },
	"spawn_batch":     func() float64 { return timed(100000, spawnBatch) },
	"fanin1000":       func() float64 { return timed(1000000, fanIn) },
	"mutex_free":      func() float64 { return timed(5000000, mutexFree) },
	"mutex_contended": func() float64 { return timed(200000, mutexContended) },
	"sleepers_1m":     sleepers,
	"parked_1m":       parked,
}

const times = 5

// ns per piece: the median of several times, after one to get warm.
func timed(n int, work func(int)) float64 {
	var ns []float64
	work(n)
	for i := 0; i < times; i++ {
		start := now()
		work(n)
		ns = append(ns, (now()-start)/float64(n))
	}
	sort.Float64s(ns)
	return ns[times/2]
}

// On one processor the CPU time, so that others on the machine hardly matter; on many, real time.
func now() float64 {
	if runtime.GOMAXPROCS(0) == 1 {
		return cpuTime()
	}
	return float64(time.Since(began))
}

var began = time.Now()

func cpuTime() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

func must(ok bool) {
	if !ok {
		panic("the work was not done right")
	}
}

func yield2(n int) {
	var wg sync.WaitGroup
	for t := 0; t < 2; t++ {
		wg.Add(1)
		go func() {
			for i := 0; i < n/2; i++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func pingpong(n int) {
	there, back := make(chan int), make(chan int)
	go func() {
		for v := range there {
			back <- v
		}
	}()
	sum := 0
	for i := 0; i < n; i++ {
		there <- i
		sum += <-back
	}
	close(there)
	must(sum == n*(n-1)/2)
}

func produce(c chan int, n int) {
	for i := 0; i < n; i++ {
		c <- i
	}
}

func buffered128(n int) {
	c := make(chan int, 128)
	go produce(c, n)
	sum := 0
	for i := 0; i < n; i++ {
		sum += <-c
	}
	must(sum == n*(n-1)/2)
}

func selecting(width, n int, consume func(c []chan int, n int) int) {
	c := make([]chan int, width)
	for i := range c {
		c[i] = make(chan int)
		go produce(c[i], n/width)
	}
	each := n / width
	must(consume(c, n) == width*each*(each-1)/2)
}

func select2(c []chan int, n int) (sum int) {
	for i := 0; i < n; i++ {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		}
	}
	return
}

func select8(c []chan int, n int) (sum int) {
	for i := 0; i < n; i++ {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		}
	}
	return
}

func spawnJoin(n int) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go wg.Done()
		wg.Wait()
	}
}

func spawnBatch(n int) {
	var wg sync.WaitGroup
	wg.Add(n)
	for i := 0; i < n; i++ {
		go wg.Done()
	}
	wg.Wait()
}

func fanIn(n int) {
	c := make(chan int)
	for t := 0; t < 1000; t++ {
		go produce(c, n/1000)
	}
	sum := 0
	for i := 0; i < n; i++ {
		sum += <-c
	}
	must(sum == n*(n/1000-1)/2)
}

func mutexFree(n int) {
	var mu sync.Mutex
	for i := 0; i < n; i++ {
		mu.Lock()
		mu.Unlock()
	}
}

// Whoever holds it gives way, so that the other always finds it locked.
func mutexContended(n int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for t := 0; t < 2; t++ {
		wg.Add(1)
		go func() {
			for i := 0; i < n/2; i++ {
				mu.Lock()
				runtime.Gosched()
				mu.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

const million = 1000000

// CPU time, not real time: most of it is spent asleep.
func sleepers() float64 {
	var wg sync.WaitGroup
	start := cpuTime()
	wg.Add(million)
	for i := 0; i < million; i++ {
		go func() {
			time.Sleep(time.Duration(i*7919%million) * time.Microsecond)
			wg.Done()
		}()
	}
	wg.Wait()
	return (cpuTime() - start) / million
}

func residentBytes() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	must(err == nil)
	pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	must(err == nil)
	return pages * float64(os.Getpagesize())
}

// Bytes, not ns.
func parked() float64 {
	c := make(chan int)
	before := residentBytes()
	for i := 0; i < million; i++ {
		go func() { <-c }()
	}
	time.Sleep(100 * time.Millisecond) // until all have come to rest
	bytes := (residentBytes() - before) / million
	close(c)
	return bytes
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		fmt.Println(runtime.Version())
		return
	}
	if len(os.Args) != 2 || benchmarks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench NAME|version")
		os.Exit(2)
	}
	fmt.Printf("%.3f\n", benchmarks[os.Args[1]]())
}
