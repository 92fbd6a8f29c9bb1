package main

import (
	"runtime"
	"sync"
)

// enterThrice notes how many are inside at most.
func enterThrice(l sync.Locker, inside, most *int, wg *sync.WaitGroup) {
	for range 3 {
		l.Lock()
		*inside++
		*most = max(*most, *inside)
		runtime.Gosched()
		*inside--
		l.Unlock()
	}
	wg.Done()
}

func holdAt(l sync.Locker, who string, ms, holds int) {
	sleep(ms)
	l.Lock()
	say("%s at %d ms", who, since()/millisecond)
	sleep(holds)
	l.Unlock()
}

func tryBoth(rw *sync.RWMutex) {
	write := rw.TryLock()
	if write {
		rw.Unlock()
	}
	read := rw.TryRLock()
	if read {
		rw.RUnlock()
	}
	say("write %v, read %v", write, read)
}

func init() {
	rule("mutex_excludes", func() {
		var mu sync.Mutex
		var wg sync.WaitGroup
		inside, most := 0, 0
		wg.Add(4)
		for range 4 {
			go enterThrice(&mu, &inside, &most, &wg)
		}
		wg.Wait()
		say("%d", most)
	})
	rule("mutex_try", func() {
		var mu sync.Mutex
		free, held := mu.TryLock(), mu.TryLock()
		mu.Unlock()
		say("%v %v %v", free, held, mu.TryLock())
	})
	rule("mutex_lock_twice", func() {
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
	})
	rule("mutex_of_one_who_ended", func() {
		var mu sync.Mutex
		go mu.Lock()
		sleep(1)
		mu.Lock()
	})
	rule("mutex_unlocked_by_another", func() {
		var mu sync.Mutex
		mu.Lock()
		go mu.Unlock()
		mu.Lock()
		say("locked again")
	})
	rule("mutex_unlock_unlocked", func() {
		var mu sync.Mutex
		mu.Unlock()
	})
	rule("mutex_unlock_twice", func() {
		var mu sync.Mutex
		mu.Lock()
		mu.Unlock()
		mu.Unlock()
	})

	rule("rwmutex_readers_together", func() {
		var rw sync.RWMutex
		entered := make(chan int, 3)
		for range 3 {
			go func() {
				rw.RLock()
				entered <- 1
				sleep(5)
				rw.RUnlock()
			}()
		}
		for range 3 {
			<-entered
		}
		say("3 at %d ms", since()/millisecond)
		sleep(10)
	})
	rule("rwmutex_writer_alone", func() {
		var rw sync.RWMutex
		var wg sync.WaitGroup
		met := make(chan int, 20)
		inside, most := 0, 0
		wg.Add(4)
		for range 2 {
			go enterThrice(&rw, &inside, &most, &wg)
			go func() {
				for range 3 {
					rw.RLock()
					runtime.Gosched()
					if inside > 0 {
						met <- 1
					}
					rw.RUnlock()
				}
				wg.Done()
			}()
		}
		wg.Wait()
		say("%d writer, %d readers with it", most, len(met))
	})
	rule("rwmutex_writer_waits_for_readers", func() {
		var rw sync.RWMutex
		go holdAt(rw.RLocker(), "reader", 1, 8)
		go holdAt(rw.RLocker(), "reader", 2, 3)
		go holdAt(&rw, "writer", 3, 1)
		sleep(20)
	})
	rule("rwmutex_queued_writer_first", func() {
		var rw sync.RWMutex
		go holdAt(rw.RLocker(), "reader", 1, 5)
		go holdAt(&rw, "writer", 2, 2)
		go holdAt(rw.RLocker(), "reader", 3, 1)
		sleep(20)
	})
	rule("rwmutex_waiting_readers_first", func() {
		var rw sync.RWMutex
		go holdAt(&rw, "writer", 1, 5)
		go holdAt(&rw, "writer", 2, 1)
		go holdAt(rw.RLocker(), "reader", 3, 2)
		go holdAt(rw.RLocker(), "reader", 4, 2)
		sleep(20)
	})

	rule("rwmutex_read_twice", func() {
		var rw sync.RWMutex
		rw.RLock()
		rw.RLock()
		say("twice")
	})
	rule("rwmutex_read_twice_around_writer", func() {
		var rw sync.RWMutex
		rw.RLock()
		go holdAt(&rw, "writer", 1, 0)
		sleep(2)
		rw.RLock()
	})
	rule("rwmutex_write_twice", func() {
		var rw sync.RWMutex
		rw.Lock()
		rw.Lock()
	})
	rule("rwmutex_upgrade", func() {
		var rw sync.RWMutex
		rw.RLock()
		rw.Lock()
	})
	rule("rwmutex_downgrade", func() {
		var rw sync.RWMutex
		rw.Lock()
		rw.RLock()
	})

	rule("rwmutex_try_free", func() {
		var rw sync.RWMutex
		tryBoth(&rw)
	})
	rule("rwmutex_try_read", func() {
		var rw sync.RWMutex
		rw.RLock()
		tryBoth(&rw)
	})
	rule("rwmutex_try_written", func() {
		var rw sync.RWMutex
		rw.Lock()
		tryBoth(&rw)
	})
	rule("rwmutex_try_awaited", func() {
		var rw sync.RWMutex
		rw.RLock()
		go holdAt(&rw, "writer", 1, 0)
		sleep(2)
		tryBoth(&rw)
		rw.RUnlock()
		sleep(1)
	})

	rule("rwmutex_runlock_unlocked", func() {
		var rw sync.RWMutex
		rw.RUnlock()
	})
	rule("rwmutex_runlock_too_often", func() {
		var rw sync.RWMutex
		rw.RLock()
		rw.RUnlock()
		rw.RUnlock()
	})
	rule("rwmutex_runlock_written", func() {
		var rw sync.RWMutex
		rw.Lock()
		rw.RUnlock()
	})
	rule("rwmutex_unlock_unlocked", func() {
		var rw sync.RWMutex
		rw.Unlock()
	})
	rule("rwmutex_unlock_read", func() {
		var rw sync.RWMutex
		rw.RLock()
		rw.Unlock()
	})
	rule("rwmutex_unlocked_by_another", func() {
		var read, written sync.RWMutex
		read.RLock()
		written.Lock()
		go func() {
			read.RUnlock()
			written.Unlock()
		}()
		written.Lock()
		written.Unlock()
		tryBoth(&read)
	})
}
