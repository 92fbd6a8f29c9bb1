package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var shared int

const (
	capacity = 3
	values   = 10
)

var received [values]int

func sleep(n int) {
	time.Sleep(time.Duration(n) * millisecond)
}

// --- tasks

func init() {
	rule("mem_go_before_start", func() {
		shared = 1
		go func() { say("%d", shared) }()
		sleep(1)
	})
	rule("mem_exit_orders_nothing", func() {
		go func() { shared = 1 }()
		sleep(1)
		shared = 2
		say("done")
	})
	rule("mem_sleep_orders_nothing", func() {
		go func() { shared = 1 }()
		sleep(5)
		shared++
		say("done")
	})
}

// --- channels

func receiveThenRead(capacity int) {
	c := make(chan int, capacity)
	go func() {
		shared = 1
		c <- 1
	}()
	<-c
	say("%d", shared)
}

func writeThenReceive(c chan int) {
	shared = 1
	<-c
}

func writeThenSend(c chan int) {
	shared = 1
	c <- 1
}

func sendAndCount(lag int) int {
	c := make(chan int, capacity)
	go func() {
		for k := range values {
			received[k] = 1
			<-c
		}
	}()
	marked := 0
	for k := range values {
		c <- k
		if k >= lag {
			marked += received[k-lag]
		}
	}
	sleep(1)
	return marked
}

func countWithSlots(slots, rounds int) {
	c := make(chan int, slots)
	for range 3 {
		go func() {
			for range rounds {
				c <- 1
				shared++
				<-c
			}
		}()
	}
	sleep(5)
	c <- 1
}

func init() {
	rule("mem_send_before_receive", func() { receiveThenRead(0) })
	rule("mem_send_before_receive_buffered", func() { receiveThenRead(1) })
	rule("mem_close_before_receive", func() {
		c := make(chan int, 1)
		go func() {
			shared = 1
			close(c)
		}()
		<-c
		say("%d", shared)
	})
	rule("mem_receive_before_send_returns", func() {
		c := make(chan int)
		go writeThenReceive(c)
		c <- 1
		say("%d", shared)
	})
	rule("mem_receive_from_buffer_orders_nothing", func() {
		c := make(chan int, 1)
		go writeThenReceive(c)
		c <- 1
		shared = 2
		say("done")
	})
	rule("mem_kth_receive_before_k_plus_cth_send", func() { say("%d", sendAndCount(capacity)) })
	rule("mem_kth_receive_orders_no_earlier_send", func() {
		sendAndCount(capacity - 1)
		say("done")
	})
	rule("mem_buffer_of_one_is_a_lock", func() {
		countWithSlots(1, 3)
		say("%d", shared)
	})
	rule("mem_buffer_of_two_is_no_lock", func() {
		countWithSlots(2, 1)
		say("done")
	})
	rule("mem_senders_to_a_buffer_are_unordered", func() {
		c := make(chan int, 2)
		go writeThenSend(c)
		go writeThenSend(c)
		sleep(1)
		say("done")
	})
	rule("mem_send_arm_orders", func() {
		c := make(chan int)
		go writeThenReceive(c)
		var never chan int
		select {
		case c <- 1:
		case <-never:
		}
		say("%d", shared)
	})
	rule("mem_receive_arm_orders", func() {
		c := make(chan int, 1)
		go writeThenSend(c)
		var never chan int
		select {
		case <-c:
		case <-never:
		}
		say("%d", shared)
	})
	rule("mem_default_orders_nothing", func() {
		c := make(chan int)
		go func() {
			shared = 1
			close(c)
		}()
		var never chan int
		select {
		case never <- 1:
		case <-never:
		default:
		}
		shared = 2
		sleep(1)
		say("done")
	})
	rule("mem_len_orders_nothing", func() {
		c := make(chan int, 1)
		go writeThenSend(c)
		for len(c) == 0 {
			runtime.Gosched()
		}
		shared = 2
		say("done")
	})
}

// --- locks

func countIn(l sync.Locker) {
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			for range 4 {
				l.Lock()
				shared++
				l.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	say("%d", shared)
}

// writeIn holds the lock until the other has tried.
func writeIn(l sync.Locker) {
	l.Lock()
	sleep(2)
	shared = 1
	l.Unlock()
}

func init() {
	rule("mem_unlock_before_lock", func() { countIn(&sync.Mutex{}) })
	rule("mem_rwmutex_unlock_before_lock", func() { countIn(&sync.RWMutex{}) })
	rule("mem_rwmutex_unlock_before_rlock", func() {
		var rw sync.RWMutex
		rw.Lock()
		for range 2 {
			go func() {
				rw.RLock()
				say("%d", shared)
				rw.RUnlock()
			}()
		}
		sleep(1)
		shared = 1
		rw.Unlock()
		sleep(1)
	})
	rule("mem_runlock_before_lock", func() {
		var rw sync.RWMutex
		go writeIn(rw.RLocker())
		sleep(1)
		rw.Lock()
		say("%d", shared)
		rw.Unlock()
	})
	rule("mem_readers_are_unordered", func() {
		var rw sync.RWMutex
		go writeIn(rw.RLocker())
		sleep(5)
		rw.RLock()
		shared = 2
		rw.RUnlock()
		say("done")
	})
	rule("mem_trylock_taken_orders", func() {
		var mu sync.Mutex
		go writeIn(&mu)
		sleep(1)
		for !mu.TryLock() {
			sleep(1)
		}
		say("%d", shared)
		mu.Unlock()
	})
	rule("mem_trylock_failed_orders_nothing", func() {
		var mu sync.Mutex
		go func() {
			shared = 1
			mu.Lock()
		}()
		sleep(1)
		taken := mu.TryLock()
		shared = 2
		say("%v", taken)
	})
	rule("mem_rwmutex_trylock_taken_orders", func() {
		var rw sync.RWMutex
		go writeIn(rw.RLocker())
		sleep(1)
		for !rw.TryLock() {
			sleep(1)
		}
		say("%d", shared)
		rw.Unlock()
	})
	rule("mem_tryrlock_taken_orders", func() {
		var rw sync.RWMutex
		go writeIn(&rw)
		sleep(1)
		for !rw.TryRLock() {
			sleep(1)
		}
		say("%d", shared)
		rw.RUnlock()
	})
	rule("mem_rwmutex_trylock_failed_orders_nothing", func() {
		var rw sync.RWMutex
		go func() {
			shared = 1
			rw.Lock()
		}()
		sleep(1)
		taken, takenForReading := rw.TryLock(), rw.TryRLock()
		shared = 2
		say("%v %v", taken, takenForReading)
	})
}

// --- once, cond, wait group

func waitThenRead(changed *sync.Cond) {
	changed.L.Lock()
	changed.Wait()
	say("%d", shared)
	changed.L.Unlock()
}

func init() {
	rule("mem_once_before_return", func() {
		var once sync.Once
		ask := func() {
			once.Do(func() {
				sleep(1)
				shared = 1
			})
			say("%d", shared)
		}
		go ask()
		go ask()
		sleep(5)
		ask()
	})
	rule("mem_signal_before_wait_returns", func() {
		changed := sync.NewCond(&sync.Mutex{})
		go waitThenRead(changed)
		sleep(1)
		shared = 1
		changed.Signal()
		sleep(1)
	})
	rule("mem_broadcast_before_waits_return", func() {
		changed := sync.NewCond(&sync.Mutex{})
		go waitThenRead(changed)
		go waitThenRead(changed)
		sleep(1)
		shared = 1
		changed.Broadcast()
		sleep(1)
	})
	rule("mem_done_before_wait_returns", func() {
		var wg sync.WaitGroup
		wg.Add(values)
		for k := range values {
			go func() {
				received[k] = 1
				wg.Done()
			}()
		}
		wg.Wait()
		marked := 0
		for k := range values {
			marked += received[k]
		}
		say("%d", marked)
	})
}

// --- atomics

func init() {
	rule("mem_atomic_store_before_load", func() {
		var flag atomic.Int32
		go func() {
			shared = 1
			flag.Store(1)
		}()
		for flag.Load() == 0 {
			runtime.Gosched()
		}
		say("%d", shared)
	})
	rule("mem_plain_flag_orders_nothing", func() {
		go func() { shared = 1 }()
		for shared == 0 {
			runtime.Gosched()
		}
		say("done")
	})
}

// --- time

func init() {
	read := func() { say("%d", shared) }
	rule("mem_after_func_before_task", func() {
		shared = 1
		time.AfterFunc(millisecond, read)
		sleep(5)
	})
	rule("mem_reset_before_task", func() {
		t := time.AfterFunc(time.Hour, read)
		shared = 1
		t.Reset(millisecond)
		sleep(5)
	})
	rule("mem_timer_before_receive", func() {
		t := time.NewTimer(time.Hour)
		go func() {
			<-t.C
			read()
		}()
		sleep(1)
		shared = 1
		t.Reset(millisecond)
		sleep(5)
	})
}

// --- contexts

func writeThenCancel(cancel func()) {
	shared = 1
	cancel()
}

func init() {
	rule("mem_cancel_before_done", func() {
		ctx, cancel := context.WithCancel(context.Background())
		go writeThenCancel(cancel)
		<-ctx.Done()
		say("%d", shared)
	})
	rule("mem_cancel_before_done_of_child", func() {
		ctx, cancel := context.WithCancel(context.Background())
		child, stop := context.WithTimeout(ctx, time.Hour)
		defer stop()
		go writeThenCancel(cancel)
		<-child.Done()
		say("%d", shared)
	})
	rule("mem_cancel_before_err", func() {
		ctx, cancel := context.WithCancel(context.Background())
		go writeThenCancel(cancel)
		for ctx.Err() == nil {
			runtime.Gosched()
		}
		say("%d", shared)
	})
	rule("mem_cancel_before_after_func", func() {
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, func() { say("%d", shared) })
		go writeThenCancel(cancel)
		sleep(5)
	})
}

// --- pools and maps

func init() {
	rule("mem_put_before_get", func() {
		var pool sync.Pool
		go func() {
			for range 100 { // a pool may forget what it was given, and does under the race detector
				item := new(int)
				*item = 1
				pool.Put(item)
			}
		}()
		item := pool.Get()
		for item == nil {
			runtime.Gosched()
			item = pool.Get()
		}
		say("%d", *item.(*int))
	})
	rule("mem_store_before_load", func() {
		var m sync.Map
		go func() {
			shared = 1
			m.Store(1, 1)
		}()
		for {
			if _, ok := m.Load(1); ok {
				break
			}
			runtime.Gosched()
		}
		say("%d", shared)
	})
}
