package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

func sayLater() {
	sleep(5)
	say("task")
}

func panicAt(ms int) {
	sleep(ms)
	panic("out of ink")
}

func init() {
	rule("go_copies_arguments", func() {
		number := 1
		go say("%d", number)
		number = 2
		sleep(number)
	})
	rule("go_from_a_task", func() {
		var count atomic.Int32
		var wg sync.WaitGroup
		var countUp func(depth int)
		countUp = func(depth int) {
			count.Add(1)
			for i := 0; i < 2 && depth > 0; i++ {
				wg.Add(1)
				go countUp(depth - 1)
			}
			wg.Done()
		}
		wg.Add(1)
		go countUp(4)
		wg.Wait()
		say("%d", count.Load())
	})
	rule("yield_lets_others_run", func() {
		var flag atomic.Bool
		go flag.Store(true)
		for !flag.Load() {
			runtime.Gosched()
		}
		say("seen")
	})
	rule("root_ends_first", func() {
		go sayLater()
		say("root")
	})

	rule("deadlock_of_two", func() {
		var one, other sync.Mutex
		go func() {
			one.Lock()
			sleep(1)
			other.Lock()
		}()
		other.Lock()
		sleep(1)
		one.Lock()
	})
	rule("deadlock_after_others", func() {
		go sayLater()
		<-make(chan int)
	})

	rule("panic_ends_the_run", func() {
		say("before")
		panic(fmt.Sprintf("no such key: %d", 7))
	})
	rule("panic_in_a_task", func() {
		go panicAt(3)
		go sayLater()
		sleep(9)
		say("root")
	})
	rule("panic_first", func() {
		go panicAt(3)
		sleep(4)
		panic("too late")
	})
}
