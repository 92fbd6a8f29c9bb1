//go:build x_sync

package main

import (
	"io"
	"runtime"

	"golang.org/x/sync/singleflight"
)

// calls is how often the work was done.
var calls int

// work takes 5 ms and gives the number of the call.
func work() (any, error) {
	calls++
	number := calls
	sleep(5)
	return number, nil
}

func fail() (any, error) {
	sleep(5)
	return nil, io.EOF
}

func sayFlight(v any, err error, shared bool) {
	if err != nil {
		v = err
	}
	say("%v, shared %v at %d ms", v, shared, milliseconds())
}

func askAt(g *singleflight.Group, key string, at int, fn func() (any, error)) {
	sleep(at)
	sayFlight(g.Do(key, fn))
}

func threeAsk(fn func() (any, error)) {
	var g singleflight.Group
	recovered := make(chan int, 3)
	for range 3 {
		go func() {
			defer func() { recovered <- one(recover() != nil) }()
			g.Do("a", fn)
			say("not reached")
		}()
	}
	say("%d of 3 recovered", <-recovered+<-recovered+<-recovered)
}

func panicSlowly() (any, error) {
	sleep(5)
	panic("out of ink")
}

func init() {
	rule("flight_alone", func() {
		var g singleflight.Group
		sayFlight(g.Do("a", work))
	})
	rule("flight_shared", func() {
		var g singleflight.Group
		for i := range 3 {
			go askAt(&g, "a", i, work)
		}
		sleep(9)
		say("calls %d", calls)
	})
	rule("flight_afresh", func() {
		var g singleflight.Group
		sayFlight(g.Do("a", work))
		sayFlight(g.Do("a", work))
	})
	rule("flight_of_another_key", func() {
		var g singleflight.Group
		go askAt(&g, "a", 0, work)
		go askAt(&g, "b", 1, work)
		sleep(9)
	})
	rule("flight_error", func() {
		var g singleflight.Group
		go askAt(&g, "a", 0, fail)
		go askAt(&g, "a", 1, fail)
		sleep(9)
	})
	rule("flight_forgotten", func() {
		var g singleflight.Group
		go askAt(&g, "a", 0, work)
		go askAt(&g, "a", 2, work)
		go askAt(&g, "a", 6, work)
		sleep(1)
		g.Forget("a")
		sleep(9)
	})
	rule("flight_by_channel", func() {
		var g singleflight.Group
		first := g.DoChan("a", work)
		other := g.DoChan("a", work)
		say("%d of %d at %d ms", len(first), cap(first), milliseconds())
		for _, c := range []<-chan singleflight.Result{first, other} {
			r := <-c
			sayFlight(r.Val, r.Err, r.Shared)
		}
		<-first
	})
	rule("flight_within_itself", func() {
		var g singleflight.Group
		var again func() (any, error)
		again = func() (any, error) {
			v, err, _ := g.Do("a", again)
			return v, err
		}
		g.Do("a", again)
	})
	rule("flight_panics", func() { threeAsk(panicSlowly) })
	rule("flight_exits", func() {
		threeAsk(func() (any, error) {
			sleep(5)
			runtime.Goexit()
			return nil, nil
		})
	})
	rule("flight_panics_for_channel", func() {
		var g singleflight.Group
		<-g.DoChan("a", panicSlowly)
	})
	rule("mem_flight_before_result", func() {
		var g singleflight.Group
		ask := func() {
			_, _, both := g.Do("a", func() (any, error) {
				sleep(2)
				shared = 1
				return nil, nil
			})
			if both { // on the clock of a busy machine the second may come too late to share
				say("%d", shared)
			}
		}
		go ask()
		go ask()
		sleep(5)
	})
	rule("wakeup_by_flight", func() {
		var g singleflight.Group
		allDone(workers, func(int) {
			for range items {
				g.Do("a", func() (any, error) {
					runtime.Gosched()
					return nil, nil
				})
			}
		})
		say("all done")
	})
}
