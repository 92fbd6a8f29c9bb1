package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	workers = 3
	items   = 12
)

func produceAndConsume(capacity int) {
	c, sums := make(chan int, capacity), make(chan int, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			for range items {
				c <- 1
			}
			wg.Done()
		}()
		go func() {
			sum := 0
			for v := range c {
				sum += v
			}
			sums <- sum
		}()
	}
	wg.Wait()
	close(c)
	all := 0
	for range workers {
		all += <-sums
	}
	say("%d", all)
}

func passTokens(locked bool) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	changed, tokens := sync.NewCond(&mu), 0
	for range workers {
		wg.Add(1)
		go func() {
			for range items {
				mu.Lock()
				for tokens == 0 {
					changed.Wait()
				}
				tokens--
				mu.Unlock()
			}
			wg.Done()
		}()
		go func() {
			for range items {
				mu.Lock()
				tokens++
				if locked {
					changed.Signal()
				}
				mu.Unlock()
				if !locked {
					changed.Signal()
				}
			}
		}()
	}
	wg.Wait()
	sleep(1)
	say("%d left", tokens)
}

// allDone starts so many and says when they have returned.
func allDone(n int, each func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			each(i)
			wg.Done()
		}()
	}
	wg.Wait()
}

func init() {
	rule("wakeup_by_send", func() { produceAndConsume(0) })
	rule("wakeup_by_send_buffered", func() { produceAndConsume(2) })
	rule("wakeup_of_selects", func() {
		one, other := make(chan int), make(chan int, 1)
		allDone(2*workers, func(i int) {
			for range items {
				if i%2 == 0 {
					select {
					case one <- 1:
					case other <- 1:
					}
				} else {
					select {
					case <-other:
					case <-one:
					}
				}
			}
		})
		say("all done")
	})
	rule("wakeup_by_close", func() {
		c, never := make(chan int), make(chan int)
		var wg sync.WaitGroup
		for range workers {
			wg.Add(1)
			go func() {
				runtime.Gosched()
				<-c
				select {
				case <-c:
				case <-never:
				}
				wg.Done()
			}()
		}
		close(c)
		wg.Wait()
		say("all done")
	})

	lockOften := func(l sync.Locker, count *int) {
		for range items {
			l.Lock()
			*count++
			runtime.Gosched()
			l.Unlock()
		}
	}
	rule("wakeup_by_unlock", func() {
		var mu sync.Mutex
		count := 0
		allDone(workers, func(int) { lockOften(&mu, &count) })
		say("%d", count)
	})
	rule("wakeup_by_rwmutex", func() {
		var rw sync.RWMutex
		count := 0
		allDone(4, func(i int) {
			if i%2 == 0 {
				lockOften(&rw, &count)
				return
			}
			for range items {
				rw.RLock()
				runtime.Gosched()
				rw.RUnlock()
			}
		})
		say("%d", count)
	})
	rule("wakeup_by_signal", func() { passTokens(true) })
	rule("wakeup_by_signal_unlocked", func() { passTokens(false) })

	rule("wakeup_by_done", func() {
		var wg sync.WaitGroup
		told := make(chan int, workers)
		wg.Add(workers)
		for range workers {
			go waitAndTell(&wg, told)
			go wg.Done()
		}
		for range workers {
			<-told
		}
		say("%d", workers)
	})
	rule("wakeup_by_once", func() {
		var once sync.Once
		allDone(5, func(int) {
			once.Do(func() {
				runtime.Gosched()
				runtime.Gosched()
			})
		})
		say("all done")
	})
	rule("wakeup_by_cancel", func() {
		ctx, cancel := context.WithCancel(background)
		var wg sync.WaitGroup
		for range workers {
			wg.Add(1)
			go func() {
				child, stop := context.WithCancel(ctx)
				defer stop()
				<-child.Done()
				wg.Done()
			}()
		}
		cancel()
		wg.Wait()
		say("all done")
	})
	rule("wakeup_by_reset_timer", func() {
		t := time.NewTimer(ms(3))
		go func() {
			for range 10 {
				sleep(1)
				t.Reset(ms(3))
			}
		}()
		<-t.C
		say("%d ms", milliseconds())
	})
}
