package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

func words1(r any) string {
	if r == nil {
		return "nothing"
	}
	return fmt.Sprint(r)
}

func recovers() {
	say("recovered %s", words1(recover()))
}

func sayNumber(n int) {
	say("%d", n)
}

func callAndDefer(depth int) {
	defer sayNumber(depth)
	if depth == 3 {
		panic("too deep")
	}
	callAndDefer(depth + 1)
}

func exitDeep(depth int) {
	defer sayNumber(depth)
	if depth == 3 {
		runtime.Goexit()
	}
	exitDeep(depth + 1)
}

func panicAndRecover() {
	defer say("the rest")
	defer recovers()
	panic(fmt.Sprintf("no such key: %d", 7))
}

func recoverFrom(fails func()) {
	defer recovers()
	fails()
}

func help() any {
	return recover()
}

// thenRoot runs the task, and the root after it.
func thenRoot(task func()) {
	go task()
	sleep(1)
	say("root")
}

func closedChan() chan int {
	c := make(chan int, 1)
	close(c)
	return c
}

func init() {
	rule("defer_newest_first", func() {
		for i := range 3 {
			defer sayNumber(i + 1)
		}
		say("body")
	})
	rule("defer_arguments_at_once", func() {
		number := 1
		defer sayNumber(number)
		number = 2
		sleep(number)
	})
	rule("defer_at_end_of_block", func() {
		{
			defer say("left")
			say("in")
		}
		say("out")
	})
	rule("defer_sees_named_result", func() {
		named := func() (n int) {
			defer func() { n *= 2 }()
			return 5
		}
		say("%d", named())
	})
	rule("defer_after_result", func() {
		unnamed := func() int {
			n := 5
			defer func() { n *= 2 }()
			return n
		}
		say("%d", unnamed())
	})
	rule("defer_on_panic", func() { callAndDefer(1) })
	rule("defer_not_of_others", func() {
		defer say("deferred")
		go panicAt(1)
		sleep(9)
	})
	rule("defer_not_in_deadlock", func() {
		defer say("deferred")
		<-make(chan int)
	})

	rule("recover_stops", func() {
		panicAndRecover()
		say("caller")
	})
	rule("recover_with_result", func() {
		failWith := func(value int) (result int) {
			defer func() {
				if recover() != nil {
					result = value
				}
			}()
			panic("failed")
		}
		say("%d", failWith(42))
	})
	rule("recover_from_callees", func() {
		recoverFrom(func() {
			callAndDefer(1)
			say("not reached")
		})
		say("caller")
	})
	rule("recover_without_panic", func() {
		defer say("also nothing")
		defer recovers()
		if recover() != nil {
			say("something")
		}
	})
	rule("recover_in_helper", func() {
		defer func() { say("%s", words1(help())) }()
		panic("out of ink")
	})
	rule("recover_once", func() {
		defer recovers()
		defer func() {
			first, second := recover(), recover()
			say("%s, %s", words1(first), words1(second))
		}()
		panic("out of ink")
	})
	rule("recover_gets_value", func() {
		payload := new(int)
		defer func() {
			if recover() == any(payload) {
				say("the value")
			}
		}()
		panic(payload)
	})

	rule("recover_from_misuse", func() {
		recoverFrom(func() { closedChan() <- 1 })
		recoverFrom(func() {
			select {
			case closedChan() <- 1:
			case <-never:
			}
		})
		recoverFrom(func() { close(closedChan()) })
		recoverFrom(func() { close(never) })
		recoverFrom(func() { new(sync.WaitGroup).Done() })
		recoverFrom(func() { time.NewTicker(0) })
		recoverFrom(func() { context.WithoutCancel(nil) })
	})
	rule("recover_waiting_sender", func() {
		c := make(chan int, 1)
		c <- 1
		go recoverFrom(func() { c <- 2 })
		sleep(1)
		close(c)
		sleep(1)
		for range 2 {
			v, ok := <-c
			say("%d %v", v, ok)
		}
	})
	rule("recover_not_from_fatal", func() {
		defer recovers()
		new(sync.Mutex).Unlock()
	})

	rule("panic_unlocks", func() {
		var mu sync.Mutex
		recoverFrom(func() {
			mu.Lock()
			defer mu.Unlock()
			panic("out of ink")
		})
		say("%v", mu.TryLock())
	})
	rule("panic_is_done", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		go recoverFrom(func() {
			defer wg.Done()
			panic("out of ink")
		})
		wg.Wait()
		sleep(1)
		say("waited")
	})
	rule("once_that_panics", func() {
		var once sync.Once
		for range 2 {
			recoverFrom(func() { once.Do(func() { panic("out of ink") }) })
		}
	})
	rule("once_others_go_on", func() {
		var once sync.Once
		slowly := func() {
			sleep(5)
			panic("out of ink")
		}
		waited := make(chan bool)
		go func() {
			sleep(1)
			once.Do(slowly)
			<-waited
			recovers()
		}()
		recoverFrom(func() { once.Do(slowly) })
		waited <- true
		sleep(1)
	})

	rule("panic_in_deferred_call", func() {
		defer func() { panic("second") }()
		panic("first")
	})
	rule("recover_from_the_newest", func() {
		recoverFrom(func() {
			defer func() { panic("second") }()
			panic("first")
		})
		say("caller")
	})
	rule("recover_inside_deferred_call", func() {
		defer func() { panicAndRecover() }()
		panic("first")
	})
	rule("panic_again_after_recover", func() {
		defer func() { panic(recover()) }()
		panic("first")
	})
	rule("panic_waits_for_calls", func() {
		go func() {
			defer sleep(5)
			panic("out of ink")
		}()
		sleep(2)
		say("others at %d ms", milliseconds())
		sleep(9)
		say("not reached")
	})

	rule("goexit_ends_task", func() {
		thenRoot(func() {
			exitDeep(1)
			say("not reached")
		})
	})
	rule("goexit_not_recovered", func() {
		thenRoot(func() {
			defer recovers()
			exitDeep(3)
			say("not reached")
		})
	})
	rule("goexit_of_root", func() {
		go sayLater()
		runtime.Goexit()
	})
	rule("goexit_forgets_panic", func() {
		thenRoot(func() {
			defer say("the rest")
			defer runtime.Goexit()
			panic("out of ink")
		})
	})
	rule("panic_during_goexit", func() {
		thenRoot(func() {
			defer panic("out of ink")
			runtime.Goexit()
		})
	})
	rule("goexit_after_recover", func() {
		thenRoot(func() {
			defer say("outer")
			func() {
				defer recovers()
				defer panic("out of ink")
				runtime.Goexit()
			}()
			say("not reached")
		})
	})
}
