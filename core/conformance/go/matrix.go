package main

import "time"

func idle() chan int {
	return make(chan int)
}

func withSender() chan int {
	c := idle()
	go func() {
		select {
		case c <- 7:
		case <-time.After(second):
		}
	}()
	time.Sleep(millisecond)
	return c
}

func withReceiver() chan int {
	c := idle()
	go func() {
		select {
		case <-c:
		case <-time.After(second):
		}
	}()
	time.Sleep(millisecond)
	return c
}

// buffered has room for two, and so many in it: 7, 8.
func buffered(length int) chan int {
	c := make(chan int, 2)
	for i := range length {
		c <- 7 + i
	}
	return c
}

func closedWith(length int) chan int {
	c := buffered(length)
	close(c)
	return c
}

var states = map[string]func() chan int{
	"nil":           func() chan int { return nil },
	"idle":          idle,
	"with_receiver": withReceiver,
	"with_sender":   withSender,
	"empty":         func() chan int { return buffered(0) },
	"half":          func() chan int { return buffered(1) },
	"full":          func() chan int { return buffered(2) },
	"closed":        func() chan int { return closedWith(0) },
	"closed_half":   func() chan int { return closedWith(1) },
	"closed_full":   func() chan int { return closedWith(2) },
}

var sends = map[string]func(c chan int){
	"": func(c chan int) {
		c <- 1
		say("sent")
	},
	"_in_select": func(c chan int) {
		var never chan int
		select {
		case c <- 1:
			say("sent")
		case <-never:
			say("other")
		}
	},
	"_with_default": func(c chan int) {
		select {
		case c <- 1:
			say("sent")
		default:
			say("default")
		}
	},
	"_beside_blocked": func(c chan int) {
		select {
		case c <- 1:
			say("sent")
		case <-idle():
			say("other")
		}
	},
	"_beside_ready": func(c chan int) {
		select {
		case c <- 1:
			say("sent")
		case <-buffered(1):
			say("other")
		}
	},
}

var receives = map[string]func(c chan int){
	"": func(c chan int) {
		v, ok := <-c
		say("received %d %v", v, ok)
	},
	"_in_select": func(c chan int) {
		var never chan int
		select {
		case v, ok := <-c:
			say("received %d %v", v, ok)
		case <-never:
			say("other")
		}
	},
	"_with_default": func(c chan int) {
		select {
		case v, ok := <-c:
			say("received %d %v", v, ok)
		default:
			say("default")
		}
	},
	"_beside_blocked": func(c chan int) {
		select {
		case v, ok := <-c:
			say("received %d %v", v, ok)
		case <-idle():
			say("other")
		}
	},
	"_beside_ready": func(c chan int) {
		select {
		case v, ok := <-c:
			say("received %d %v", v, ok)
		case <-buffered(1):
			say("other")
		}
	},
}

func init() {
	for _, state := range []string{
		"nil", "idle", "with_receiver", "half", "full", "closed", "closed_full",
	} {
		for form, send := range sends {
			rule("send_"+state+form, func() { send(states[state]()) })
		}
	}
	for _, state := range []string{
		"nil", "idle", "with_sender", "empty", "half", "full", "closed", "closed_half",
	} {
		for form, receive := range receives {
			rule("recv_"+state+form, func() { receive(states[state]()) })
		}
	}
	for _, state := range []string{
		"nil", "idle", "with_receiver", "with_sender", "full", "closed", "closed_full",
	} {
		rule("close_"+state, func() {
			close(states[state]())
			time.Sleep(millisecond)
			say("closed")
		})
	}
}
