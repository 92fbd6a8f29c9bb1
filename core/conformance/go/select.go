package main

import (
	"context"
	"runtime"
	"time"
)

var never chan int

func alwaysReady() chan int {
	c := make(chan int)
	close(c)
	return c
}

func sendMany(c chan int, count int) {
	for range count {
		c <- 1
	}
	close(c)
}

func merge(a, b chan int) int {
	taken := 0
	for a != nil || b != nil {
		select {
		case _, ok := <-a:
			if ok {
				taken++
			} else {
				a = nil
			}
		case _, ok := <-b:
			if ok {
				taken++
			} else {
				b = nil
			}
		}
	}
	return taken
}

func sayArm(arm int) {
	say("arm %d at %d ms", arm, since()/millisecond)
}

// sayFair says "fair" when each was taken within six standard deviations of its share.
func sayFair(taken ...int) {
	all, arms := 0, len(taken)
	for _, n := range taken {
		all += n
	}
	for _, n := range taken {
		off := n*arms - all
		if off*off > 36*all*(arms-1) {
			say("unfair: %v", taken)
			return
		}
	}
	say("fair")
}

func init() {
	rule("select_without_arms", func() {
		select {}
	})
	rule("select_of_nil_channels", func() {
		select {
		case <-never:
		case never <- 1:
		}
	})
	rule("select_default_alone", func() {
		select {
		default:
			say("-1")
		}
	})
	rule("select_not_with_itself", func() {
		c := make(chan int)
		select {
		case c <- 1:
		case <-c:
		}
	})
	rule("select_takes_one", func() {
		a, b := make(chan int, 1), make(chan int, 1)
		a <- 1
		b <- 1
		select {
		case <-a:
		case <-b:
		}
		say("%d", len(a)+len(b))
	})
	rule("select_sends_one", func() {
		a, b := make(chan int, 1), make(chan int, 1)
		select {
		case a <- 1:
		case b <- 1:
		}
		say("%d", len(a)+len(b))
	})
	rule("select_never_two", func() {
		a, b := make(chan int), make(chan int)
		go sendMany(a, 30)
		go sendMany(b, 30)
		say("%d", merge(a, b))
	})
	rule("select_meets_select", func() {
		a, b := make(chan int), make(chan int)
		traded := make(chan int, 40)
		trade := func(gives, takes chan int) {
			for range 20 {
				select {
				case gives <- 1:
					traded <- 1
				case <-takes:
					traded <- -1
				}
			}
		}
		go trade(a, b)
		go trade(b, a)
		sum := 0
		for range 40 {
			sum += <-traded
		}
		say("%d", sum)
	})
	rule("select_leaves_the_other_queue", func() {
		a, b := make(chan int), make(chan int)
		go func() {
			select {
			case <-a:
				say("arm 0")
			case <-b:
				say("arm 1")
			}
		}()
		apart()
		a <- 1
		apart()
		select {
		case b <- 1:
			say("sent")
		default:
			say("default")
		}
	})
	rule("select_withdraws_the_other_send", func() {
		a, b := make(chan int), make(chan int)
		go func() {
			select {
			case a <- 1:
				say("arm 0")
			case b <- 2:
				say("arm 1")
			}
		}()
		apart()
		<-b
		apart()
		select {
		case <-a:
			say("received")
		default:
			say("default")
		}
	})
	rule("select_evaluates_all", func() {
		a, evaluated := make(chan int, 1), 0
		count := func(value int) int {
			evaluated++
			return value
		}
		select {
		case a <- count(1):
		case never <- count(2):
		}
		say("evaluated %d, sent %d", evaluated, <-a)
	})
	rule("select_ready_before_default", func() {
		c, taken := alwaysReady(), 0
		for range rounds {
			select {
			case <-never:
			case <-c:
				taken++
			default:
			}
		}
		say("%d", taken)
	})
	rule("select_polled", func() {
		c := make(chan int)
		go func() {
			runtime.Gosched()
			c <- 5
		}()
		for {
			select {
			case v := <-c:
				say("%d", v)
				return
			default:
				runtime.Gosched()
			}
		}
	})

	closeLater := func(c chan int) {
		sleep(1)
		close(c)
	}
	rule("select_woken_by_close", func() {
		a, b := make(chan int), make(chan int)
		go closeLater(b)
		select {
		case <-a:
			say("arm 0")
		case v, ok := <-b:
			say("arm 1 %v %d", ok, v)
		}
	})
	rule("select_woken_into_panic", func() {
		a, b := make(chan int), make(chan int)
		go closeLater(b)
		select {
		case <-a:
		case b <- 1:
		}
	})

	sendAt := func(c chan int, ms int) {
		sleep(ms)
		c <- 1
	}
	rule("select_after", func() {
		select {
		case <-make(chan int):
			sayArm(0)
		case <-time.After(5 * millisecond):
			sayArm(1)
		}
	})
	rule("select_before_time", func() {
		c := make(chan int)
		go sendAt(c, 3)
		select {
		case <-c:
			sayArm(0)
		case <-time.After(time.Hour):
			sayArm(1)
		}
	})
	rule("select_first_time", func() {
		select {
		case <-time.After(4 * millisecond):
			sayArm(0)
		case <-time.After(2 * millisecond):
			sayArm(1)
		case <-time.After(3 * millisecond):
			sayArm(2)
		}
	})
	rule("select_no_time", func() {
		for _, d := range []time.Duration{0, -second} {
			select {
			case <-make(chan int):
				sayArm(0)
			case <-time.After(d):
				sayArm(1)
			}
		}
	})
	rule("select_at_the_same_time", func() {
		c := make(chan int, 1)
		go sendAt(c, 5)
		select {
		case <-c:
			sayArm(0)
		case <-time.After(5 * millisecond):
			sayArm(1)
		}
	})
	rule("select_ctx", func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*millisecond)
		defer cancel()
		select {
		case <-make(chan int):
			sayArm(0)
		case <-ctx.Done():
			sayArm(1)
		}
	})

	rule("select_fair_to_receives", func() {
		a, b := alwaysReady(), alwaysReady()
		var taken [2]int
		for range rounds {
			select {
			case <-a:
				taken[0]++
			case <-b:
				taken[1]++
			}
		}
		sayFair(taken[:]...)
	})
	rule("select_fair_to_eight", func() {
		c := alwaysReady()
		var taken [8]int
		for range 8 * rounds {
			select {
			case <-c:
				taken[0]++
			case <-c:
				taken[1]++
			case <-c:
				taken[2]++
			case <-c:
				taken[3]++
			case <-c:
				taken[4]++
			case <-c:
				taken[5]++
			case <-c:
				taken[6]++
			case <-c:
				taken[7]++
			}
		}
		sayFair(taken[:]...)
	})
	rule("select_fair_to_the_ready", func() {
		c := alwaysReady()
		var taken [2]int
		for range rounds {
			select {
			case <-never:
			case <-c:
				taken[0]++
			case <-never:
			case <-never:
			case <-never:
			case <-never:
			case <-never:
			case <-c:
				taken[1]++
			}
		}
		sayFair(taken[:]...)
	})
	rule("select_fair_to_sends", func() {
		a, b := make(chan int, 1), alwaysReady()
		var taken [2]int
		for range rounds {
			select {
			case a <- 1:
				taken[0]++
			case <-b:
				taken[1]++
			}
			select {
			case <-a:
			default:
			}
		}
		sayFair(taken[:]...)
	})
	rule("select_fair_with_default", func() {
		a, b := alwaysReady(), alwaysReady()
		var taken [2]int
		for range rounds {
			select {
			case <-a:
				taken[0]++
			case <-b:
				taken[1]++
			default:
			}
		}
		sayFair(taken[:]...)
	})
	rule("select_fair_at_first", func() {
		c := alwaysReady()
		select {
		case <-c:
			say("0")
		case <-c:
			say("1")
		case <-c:
			say("2")
		case <-c:
			say("3")
		}
	})
}
