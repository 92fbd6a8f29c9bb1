package main

import (
	"runtime"
	"sync"
)

func exitDeep(depth int) {
	defer sayNumber(depth)
	if depth == 3 {
		runtime.Goexit()
	}
	exitDeep(depth + 1)
}

// thenRoot runs the task, and the root after it.
func thenRoot(task func()) {
	go task()
	sleep(1)
	say("root")
}

func init() {
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
	rule("goexit_when_recovered", func() {
		thenRoot(func() {
			defer say("the rest")
			defer func() {
				recover()
				runtime.Goexit()
			}()
			panic("out of ink")
		})
	})
	rule("goexit_while_returning", func() {
		thenRoot(func() {
			defer say("caller")
			func() {
				defer say("older")
				defer runtime.Goexit()
				say("body")
			}()
			say("not reached")
		})
	})
	rule("goexit_during_goexit", func() {
		thenRoot(func() {
			defer say("older")
			defer runtime.Goexit()
			runtime.Goexit()
		})
	})
	rule("goexit_unlocks", func() {
		var mu sync.Mutex
		go func() {
			mu.Lock()
			defer mu.Unlock()
			runtime.Goexit()
		}()
		sleep(1)
		say("%v", mu.TryLock())
	})
	rule("goexit_is_done", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			defer wg.Done()
			runtime.Goexit()
		}()
		wg.Wait()
		say("waited")
	})
	rule("once_that_exits", func() {
		var once sync.Once
		for i := range 2 {
			go func() {
				sleep(i)
				once.Do(func() {
					sleep(5)
					runtime.Goexit()
				})
				say("went on")
			}()
		}
		sleep(9)
		say("root")
	})
	rule("goexit_of_root_leaves_waiting", func() {
		go func() { <-never }()
		runtime.Goexit()
	})
}
