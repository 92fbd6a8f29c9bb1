package main

// apart puts times between those who wait, so that they came in a known order.
func apart() {
	sleep(1)
}

func sendRange(c chan int, first, count int) {
	for i := range count {
		c <- first + i
	}
}

func receiveAndSay(c chan int, count int) {
	for range count {
		say("%d", <-c)
	}
}

func sayLength(c chan int) {
	say("%d of %d", len(c), cap(c))
}

func init() {
	rule("chan_order", func() {
		c := make(chan int, 3)
		sendRange(c, 1, 3)
		receiveAndSay(c, 3)
	})
	rule("chan_order_without_buffer", func() {
		c := make(chan int)
		go sendRange(c, 1, 3)
		receiveAndSay(c, 3)
	})
	rule("chan_senders_in_turn", func() {
		c := make(chan int)
		for i := range 3 {
			go sendRange(c, i+1, 1)
			apart()
		}
		receiveAndSay(c, 3)
	})
	receive := func(c chan int, number int) {
		say("receiver %d got %d", number, <-c)
	}
	choose := func(c chan int, number int) {
		var never chan int
		select {
		case <-never:
		case v := <-c:
			say("receiver %d got %d", number, v)
		}
	}
	inTurn := func(receivers ...func(chan int, int)) {
		c := make(chan int)
		for i, r := range receivers {
			go r(c, i+1)
			apart()
		}
		for i := range 3 {
			c <- i + 1
			apart()
		}
	}
	rule("chan_receivers_in_turn", func() { inTurn(receive, receive, receive) })
	rule("chan_select_waits_in_turn", func() { inTurn(choose, receive, choose) })
	rule("chan_waiting_sender_comes_last", func() {
		c := make(chan int, 2)
		go sendRange(c, 1, 4)
		apart()
		receiveAndSay(c, 4)
	})
	rule("chan_handed_to_the_waiting", func() {
		c, passed := make(chan int, 1), make(chan int, 1)
		go func() { passed <- <-c }()
		apart()
		c <- 7
		select {
		case <-c:
			say("received")
		default:
			say("default")
		}
		receiveAndSay(passed, 1)
	})
	rule("chan_send_copies", func() {
		c := make(chan int, 1)
		value := 1
		c <- value
		value = 2
		value = <-c
		say("%d", value)
	})
	rule("chan_of_channels", func() {
		c, inner := make(chan chan int, 1), make(chan int, 1)
		c <- inner
		got := <-c
		got <- 5
		receiveAndSay(inner, 1)
	})
	rule("chan_of_structs", func() {
		type point struct{ x, y, z int64 }
		c := make(chan point, 1)
		c <- point{1, 2, 3}
		close(c)
		for range 2 {
			got := <-c
			say("%d %d %d", got.x, got.y, got.z)
		}
	})
	rule("chan_closed_drains", func() {
		c := make(chan int, 2)
		c <- 1
		c <- 2
		close(c)
		for range 4 {
			v, ok := <-c
			say("%d %v", v, ok)
		}
	})
	rule("chan_range", func() {
		c := make(chan int, 3)
		go func() {
			sendRange(c, 1, 10)
			close(c)
		}()
		sum := 0
		for v := range c {
			sum += v
		}
		say("%d", sum)
	})
	rule("chan_close_wakes_all", func() {
		c, woken := make(chan int), make(chan int, 3)
		for range 3 {
			go func() {
				if _, ok := <-c; !ok {
					woken <- 1
				}
			}()
		}
		apart()
		close(c)
		apart()
		say("%d", len(woken))
	})
	rule("chan_len_and_cap", func() {
		c := make(chan int, 2)
		sayLength(c)
		c <- 1
		sayLength(c)
		c <- 2
		sayLength(c)
		close(c)
		sayLength(c)
		<-c
		sayLength(c)
	})
	rule("chan_len_of_nil", func() { sayLength(nil) })
	rule("chan_len_counts_no_waiters", func() {
		c, d := make(chan int, 1), make(chan int)
		go sendRange(c, 1, 2)
		go sendRange(d, 1, 1)
		apart()
		sayLength(c)
		sayLength(d)
		<-c
		<-c
		<-d
	})
	rule("chan_capacity_bounds_sends", func() {
		c, sent := make(chan int, 3), make(chan int, 10)
		go func() {
			for {
				c <- 1
				sent <- 1
			}
		}()
		apart()
		say("%d", len(sent))
	})
	rule("chan_too_big", func() {
		room := 1 << 62
		_ = make(chan int32, room)
	})
}
