package main

import (
	"context"
	"fmt"
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

func closedChan() chan int {
	c := make(chan int, 1)
	close(c)
	return c
}

func init() {
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
	rule("recover_each_time", func() {
		recovered := 0
		for range rounds {
			func() {
				defer func() { recovered += one(recover() != nil) }()
				panic("out of ink")
			}()
		}
		say("%d", recovered)
	})
	rule("recover_in_task", func() {
		thenRoot(func() {
			defer recovers()
			panic("out of ink")
		})
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
	rule("panic_again_recovered", func() {
		payload := new(int)
		defer func() {
			if recover() == any(payload) {
				say("the value")
			}
		}()
		defer func() { panic(recover()) }()
		panic(payload)
	})
	rule("panic_after_recover", func() {
		defer func() {
			recover()
			panic("second")
		}()
		panic("first")
	})
	rule("panic_three_times", func() {
		defer panic("third")
		defer panic("second")
		panic("first")
	})
	rule("panic_while_returning", func() {
		defer say("older")
		defer panic("out of ink")
		say("body")
	})
	rule("recover_while_returning", func() {
		named := func() (n int) {
			defer recovers()
			defer panic("out of ink")
			return 5
		}
		say("%d", named())
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
}
