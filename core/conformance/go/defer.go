package main

func sayNumber(n int) {
	say("%d", n)
}

func callAndDefer(depth int) {
	defer sayNumber(depth)
	if depth == 3 {
		panic("too deep")
	}
	callAndDefer(depth + 1)
}

func init() {
	rule("defer_newest_first", func() {
		for i := range 3 {
			defer sayNumber(i + 1)
		}
		say("body")
	})
	rule("defer_arguments_at_once", func() {
		number := 1
		defer sayNumber(number)
		number = 2
		sleep(number)
	})
	rule("defer_at_end_of_block", func() {
		{
			defer say("left")
			say("in")
		}
		say("out")
	})
	rule("defer_sees_named_result", func() {
		named := func() (n int) {
			defer func() { n *= 2 }()
			return 5
		}
		say("%d", named())
	})
	rule("defer_after_result", func() {
		unnamed := func() int {
			n := 5
			defer func() { n *= 2 }()
			return n
		}
		say("%d", unnamed())
	})
	rule("defer_on_panic", func() { callAndDefer(1) })
	rule("defer_of_block_on_panic", func() {
		defer say("function")
		{
			defer say("block")
			panic("out of ink")
		}
	})
	rule("defer_not_of_others", func() {
		defer say("deferred")
		go panicAt(1)
		sleep(9)
	})
	rule("defer_not_in_deadlock", func() {
		defer say("deferred")
		<-make(chan int)
	})
}
