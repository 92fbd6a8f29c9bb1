package main

import "time"

func milliseconds() int {
	return int(since() / millisecond)
}

func sinceStart(t time.Time) int {
	return int(t.Sub(start) / millisecond)
}

func ms(n int) time.Duration {
	return time.Duration(n) * millisecond
}

func sayTime(c <-chan time.Time) {
	say("%d ms", sinceStart(<-c))
}

func sayTimeNow(c <-chan time.Time) {
	select {
	case t := <-c:
		say("%d ms", sinceStart(t))
	default:
		say("nothing")
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func receiveTime(c <-chan time.Time, told chan int) {
	<-c
	told <- 1
}

func stopAt(t *time.Timer, at int, told chan int) {
	sleep(at)
	told <- one(t.Stop())
}

func sayCalled() {
	say("called at %d ms", milliseconds())
}

func init() {
	rule("sleep_takes_its_time", func() {
		sleep(5)
		say("%d ms", milliseconds())
	})
	rule("sleep_of_nothing", func() {
		time.Sleep(0)
		time.Sleep(-second)
		say("%d ms", milliseconds())
	})
	rule("sleep_in_order", func() {
		for _, n := range []int{3, 1, 2} {
			go func() {
				sleep(n)
				say("%d", n)
			}()
		}
		sleep(5)
	})
	rule("sleep_at_once", func() {
		slept := make(chan int)
		for range 100 {
			go func() {
				sleep(5)
				slept <- 1
			}()
		}
		for range 100 {
			<-slept
		}
		say("%d ms", milliseconds())
	})
	rule("time_stands_still", func() {
		there, back := make(chan int), make(chan int)
		go func() {
			for v := range there {
				back <- v
			}
		}()
		for i := range rounds {
			there <- i
			<-back
		}
		close(there)
		say("%d ms", milliseconds())
	})

	rule("timer_fires", func() { sayTime(time.NewTimer(ms(5)).C) })
	rule("timer_fires_once", func() {
		t := time.NewTimer(ms(5))
		sayTime(t.C)
		<-t.C
	})
	rule("timer_received_late", func() {
		t := time.NewTimer(ms(5))
		sleep(9)
		sayTime(t.C)
		say("%d ms", milliseconds())
	})
	rule("timer_of_nothing", func() {
		sayTimeNow(time.NewTimer(0).C)
		sayTimeNow(time.NewTimer(-second).C)
	})
	rule("timer_not_yet", func() {
		t := time.NewTimer(ms(5))
		sleep(4)
		sayTimeNow(t.C)
		sleep(2)
		sayTimeNow(t.C)
	})
	rule("timer_has_no_buffer", func() {
		t := time.NewTimer(ms(1))
		sleep(2)
		say("%d of %d", len(t.C), cap(t.C))
	})
	rule("timer_for_nobody", func() {
		time.NewTimer(time.Hour)
		<-make(chan int)
	})
	rule("timer_for_one", func() {
		t, told := time.NewTimer(ms(5)), make(chan int, 2)
		go receiveTime(t.C, told)
		go receiveTime(t.C, told)
		sleep(9)
		say("%d", len(told))
	})
	rule("after_gives_a_time", func() { sayTime(time.After(ms(5))) })

	rule("timer_stopped", func() {
		t := time.NewTimer(ms(5))
		say("%v", t.Stop())
		<-t.C
	})
	rule("timer_stopped_when_due", func() {
		t := time.NewTimer(ms(5))
		sleep(9)
		say("%v", t.Stop())
		sayTimeNow(t.C)
	})
	rule("timer_stopped_when_received", func() {
		t := time.NewTimer(ms(5))
		sayTime(t.C)
		say("%v", t.Stop())
	})
	rule("timer_stopped_twice", func() {
		t := time.NewTimer(ms(5))
		first := t.Stop()
		say("%v %v", first, t.Stop())
	})
	rule("timer_stopped_under_receiver", func() {
		t, told := time.NewTimer(ms(5)), make(chan int, 1)
		go receiveTime(t.C, told)
		sleep(1)
		say("%v", t.Stop())
		sleep(9)
		say("%d", len(told))
	})
	rule("timer_stop_uninitialized", func() { new(time.Timer).Stop() })

	rule("timer_reset_running", func() {
		t := time.NewTimer(ms(5))
		sleep(2)
		say("%v", t.Reset(ms(6)))
		sayTime(t.C)
		<-t.C
	})
	rule("timer_reset_earlier", func() {
		t := time.NewTimer(time.Hour)
		sleep(1)
		say("%v", t.Reset(ms(2)))
		sayTime(t.C)
	})
	rule("timer_reset_when_due", func() {
		t := time.NewTimer(ms(5))
		sleep(9)
		say("%v", t.Reset(ms(3)))
		sayTimeNow(t.C)
		sayTime(t.C)
	})
	rule("timer_reset_when_received", func() {
		t := time.NewTimer(ms(5))
		sayTime(t.C)
		say("%v", t.Reset(ms(3)))
		sayTime(t.C)
	})
	rule("timer_reset_when_stopped", func() {
		t := time.NewTimer(ms(5))
		say("%v", t.Stop())
		say("%v", t.Reset(ms(3)))
		sayTime(t.C)
	})
	rule("timer_reset_under_receiver", func() {
		t, told := time.NewTimer(ms(5)), make(chan int, 1)
		go receiveTime(t.C, told)
		sleep(1)
		say("%v", t.Reset(ms(7)))
		<-told
		say("%d ms", milliseconds())
	})
	rule("timer_reset_uninitialized", func() { new(time.Timer).Reset(second) })

	rule("timer_stop_races", func() {
		t := time.NewTimer(ms(5))
		told, stopped := make(chan int, 1), make(chan int, 1)
		go receiveTime(t.C, told)
		go stopAt(t, 5, stopped)
		did := <-stopped
		sleep(1)
		say("stopped %d, received %d", did, len(told))
	})
	rule("timer_reset_races", func() {
		t, reset := time.NewTimer(ms(5)), make(chan int, 1)
		go func() {
			sleep(5)
			reset <- one(t.Reset(ms(3)))
		}()
		first := sinceStart(<-t.C)
		if <-reset == 1 {
			say("ran 1: %d ms", first)
		} else {
			say("ran 0: %d ms %d ms", first, sinceStart(<-t.C))
		}
	})

	rule("after_func_calls", func() {
		time.AfterFunc(ms(5), sayCalled)
		sleep(9)
		say("root at %d ms", milliseconds())
	})
	rule("after_func_of_nothing", func() {
		time.AfterFunc(0, sayCalled)
		time.AfterFunc(-second, sayCalled)
		sleep(1)
	})
	rule("after_func_stopped", func() {
		t := time.AfterFunc(ms(5), sayCalled)
		sleep(4)
		say("%v", t.Stop())
		sleep(9)
	})
	rule("after_func_stopped_late", func() {
		t := time.AfterFunc(ms(5), sayCalled)
		sleep(6)
		say("%v", t.Stop())
	})
	rule("after_func_reset", func() {
		t := time.AfterFunc(time.Hour, sayCalled)
		say("%v", t.Reset(ms(5)))
		sleep(6)
		say("%v", t.Reset(ms(3)))
		sleep(6)
	})
	rule("after_func_has_no_channel", func() {
		t := time.AfterFunc(time.Hour, sayCalled)
		t.Stop()
		sayTimeNow(t.C)
	})
	rule("after_func_stop_races", func() {
		told, stopped := make(chan int, 1), make(chan int, 1)
		t := time.AfterFunc(ms(5), func() { told <- 1 })
		go stopAt(t, 5, stopped)
		did := <-stopped
		sleep(1)
		say("stopped %d, called %d", did, len(told))
	})

	rule("ticker_ticks", func() {
		t := time.NewTicker(ms(5))
		for range 3 {
			sayTime(t.C)
		}
	})
	rule("ticker_drops", func() {
		t := time.NewTicker(ms(5))
		sleep(18)
		sayTimeNow(t.C)
		sayTimeNow(t.C)
		sayTime(t.C)
	})
	rule("ticker_stopped", func() {
		t := time.NewTicker(ms(5))
		sayTime(t.C)
		t.Stop()
		<-t.C
	})
	rule("ticker_stopped_when_due", func() {
		t := time.NewTicker(ms(5))
		sleep(9)
		t.Stop()
		t.Stop()
		sayTimeNow(t.C)
	})
	rule("ticker_reset_interval", func() {
		t := time.NewTicker(ms(5))
		sayTime(t.C)
		sleep(2)
		t.Reset(ms(2))
		sayTime(t.C)
		sayTime(t.C)
	})
	rule("ticker_reset_when_stopped", func() {
		t := time.NewTicker(ms(5))
		t.Stop()
		sleep(6)
		t.Reset(ms(3))
		sayTime(t.C)
		sayTime(t.C)
	})
	rule("ticker_reset_when_due", func() {
		t := time.NewTicker(ms(5))
		sleep(9)
		t.Reset(ms(3))
		sayTimeNow(t.C)
		sayTime(t.C)
	})
	rule("ticker_has_no_buffer", func() {
		t := time.NewTicker(ms(1))
		sleep(2)
		say("%d of %d", len(t.C), cap(t.C))
	})
	rule("ticker_for_one_each", func() {
		t, told := time.NewTicker(ms(5)), make(chan int, 4)
		for range 2 {
			go func() {
				receiveTime(t.C, told)
				receiveTime(t.C, told)
			}()
		}
		sleep(1)
		for range 4 {
			sleep(5)
			say("%d", len(told))
		}
	})
	rule("ticker_of_nothing", func() { time.NewTicker(0) })
	rule("ticker_reset_to_nothing", func() { time.NewTicker(second).Reset(-second) })
	rule("ticker_reset_uninitialized", func() { new(time.Ticker).Reset(second) })
	rule("ticker_stop_uninitialized", func() {
		new(time.Ticker).Stop()
		say("stopped")
	})
}
