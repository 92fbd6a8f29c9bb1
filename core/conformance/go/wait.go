package main

import (
	"runtime"
	"sync"
)

func waitAndTell(wg *sync.WaitGroup, told chan int) {
	wg.Wait()
	told <- 1
}

func waitInTurn(changed *sync.Cond, number int) {
	changed.L.Lock()
	changed.Wait()
	say("%d", number)
	changed.L.Unlock()
}

// threeWait has three wait, who came in this order.
func threeWait() *sync.Cond {
	changed := sync.NewCond(&sync.Mutex{})
	for i := range 3 {
		go waitInTurn(changed, i+1)
		apart()
	}
	return changed
}

func init() {
	rule("waitgroup_empty", func() {
		var wg sync.WaitGroup
		wg.Wait()
		say("returned")
	})
	rule("waitgroup_waits_for_all", func() {
		var wg sync.WaitGroup
		wg.Add(3)
		for i := range 3 {
			go func() {
				sleep(i + 1)
				wg.Done()
			}()
		}
		wg.Wait()
		say("%d ms", since()/millisecond)
	})
	rule("waitgroup_wakes_all", func() {
		var wg sync.WaitGroup
		told := make(chan int, 3)
		wg.Add(1)
		for range 3 {
			go waitAndTell(&wg, told)
		}
		apart()
		say("%d", len(told))
		wg.Done()
		apart()
		say("%d", len(told))
	})
	rule("waitgroup_add_while_waiting", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			sleep(1)
			wg.Add(1)
			go func() {
				sleep(2)
				wg.Done()
			}()
			wg.Done()
		}()
		wg.Wait()
		say("%d ms", since()/millisecond)
	})
	rule("waitgroup_add_negative", func() {
		var wg sync.WaitGroup
		wg.Add(2)
		wg.Add(-2)
		wg.Wait()
		say("returned")
	})
	rule("waitgroup_negative", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Add(-2)
	})
	rule("waitgroup_done_too_often", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Done()
		wg.Done()
	})
	rule("waitgroup_overflow", func() {
		var wg sync.WaitGroup
		wg.Add(1<<31 - 1)
		wg.Add(1)
	})
	rule("waitgroup_never_done", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Wait()
	})
	rule("waitgroup_reused", func() {
		var wg sync.WaitGroup
		for round := range 3 {
			for range 2 {
				wg.Add(1)
				go wg.Done()
			}
			wg.Wait()
			say("round %d", round+1)
		}
	})
	rule("waitgroup_reused_too_early", func() {
		var wg sync.WaitGroup
		told := make(chan int, 1)
		wg.Add(1)
		go waitAndTell(&wg, told)
		apart()
		wg.Done()
		wg.Add(1)
		<-told
		say("returned")
	})

	rule("once_runs_once", func() {
		var once sync.Once
		ran := 0
		var wg sync.WaitGroup
		for range 5 {
			wg.Add(1)
			go func() {
				once.Do(func() { ran++ })
				wg.Done()
			}()
		}
		wg.Wait()
		say("%d", ran)
	})
	rule("once_others_wait", func() {
		var once sync.Once
		slowly := func() { sleep(5) }
		go once.Do(slowly)
		sleep(1)
		once.Do(slowly)
		say("%d ms", since()/millisecond)
	})
	rule("once_first_function", func() {
		var once sync.Once
		once.Do(func() { say("first") })
		once.Do(func() { say("second") })
	})
	rule("once_within_itself", func() {
		var once sync.Once
		once.Do(func() { once.Do(func() {}) })
	})

	rule("cond_signal_wakes_one", func() {
		changed := threeWait()
		changed.Signal()
		apart()
		say("one signal")
	})
	rule("cond_signals_in_turn", func() {
		changed := threeWait()
		for range 3 {
			changed.Signal()
			apart()
		}
	})
	rule("cond_broadcast_wakes_all", func() {
		changed := sync.NewCond(&sync.Mutex{})
		woken := make(chan int, 3)
		for range 3 {
			go func() {
				changed.L.Lock()
				changed.Wait()
				changed.L.Unlock()
				woken <- 1
			}()
		}
		apart()
		changed.Broadcast()
		apart()
		say("%d", len(woken))
	})
	rule("cond_signal_lost", func() {
		changed := sync.NewCond(&sync.Mutex{})
		changed.Signal()
		waitInTurn(changed, 1)
	})
	rule("cond_broadcast_lost", func() {
		changed := sync.NewCond(&sync.Mutex{})
		changed.Broadcast()
		waitInTurn(changed, 1)
	})
	rule("cond_wait_unlocks", func() {
		mu := &sync.Mutex{}
		go waitInTurn(sync.NewCond(mu), 1)
		apart()
		say("%v", mu.TryLock())
	})
	rule("cond_wait_locks_again", func() {
		mu := &sync.Mutex{}
		changed := sync.NewCond(mu)
		go func() {
			mu.Lock()
			changed.Wait()
			say("locked by others: %v", !mu.TryLock())
			mu.Unlock()
		}()
		apart()
		mu.Lock()
		changed.Signal()
		apart()
		say("woken, but locked out")
		mu.Unlock()
		apart()
	})
	rule("cond_not_woken_by_unlock", func() {
		mu := &sync.Mutex{}
		go waitInTurn(sync.NewCond(mu), 1)
		apart()
		for range 3 {
			mu.Lock()
			runtime.Gosched()
			mu.Unlock()
		}
		apart()
		say("still waiting")
	})
	rule("cond_wait_unlocked", func() {
		sync.NewCond(&sync.Mutex{}).Wait()
	})
	rule("cond_bounded_queue", func() {
		mu := &sync.Mutex{}
		notFull, notEmpty := sync.NewCond(mu), sync.NewCond(mu)
		length, sum := 0, make(chan int, 10)
		for range 2 {
			go func() {
				for range 5 {
					mu.Lock()
					for length == 2 {
						notFull.Wait()
					}
					length++
					notEmpty.Signal()
					mu.Unlock()
				}
			}()
			go func() {
				for range 5 {
					mu.Lock()
					for length == 0 {
						notEmpty.Wait()
					}
					length--
					notFull.Signal()
					mu.Unlock()
					sum <- 1
				}
			}()
		}
		apart()
		say("%d", len(sum))
	})
}
