package main

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	background = context.Background()
	errLimit   = errors.New("limit reached")
)

// words of an error; a context without one lives.
func words(err error) string {
	if err == nil {
		return "lives"
	}
	return err.Error()
}

func sayErr(ctx context.Context) {
	say("%s", words(ctx.Err()))
}

func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

func sayState(who string, ctx context.Context) {
	say("%s: %s, done %v", who, words(ctx.Err()), isDone(ctx))
}

func sayDeadline(ctx context.Context) {
	if when, ok := ctx.Deadline(); ok {
		say("%d ms", sinceStart(when))
	} else {
		say("none")
	}
}

func sayEnd(ctx context.Context) {
	<-ctx.Done()
	say("%s at %d ms", words(ctx.Err()), milliseconds())
}

func sayCause(ctx context.Context) {
	say("%s: %s", words(ctx.Err()), words(context.Cause(ctx)))
}

// never cancelled: the rules that use these let their time pass, or end their parent.
var unused []func()

func timeout(parent context.Context, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(parent, d)
	unused = append(unused, cancel)
	return ctx
}

func derived(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	unused = append(unused, cancel)
	return ctx
}

type key string

func valueOf(ctx context.Context) string {
	if v, ok := ctx.Value(key("name")).(string); ok {
		return v
	}
	return "none"
}

func init() {
	rule("ctx_background_lives", func() {
		sayState("background", background)
		sayDeadline(background)
		if background.Value(key("name")) != nil {
			say("a value")
		} else {
			say("no value")
		}
	})
	rule("ctx_background_done", func() { <-background.Done() })
	rule("ctx_nil_parent", func() { derived(nil) })

	rule("ctx_cancel_ends", func() {
		ctx, cancel := context.WithCancel(background)
		sayState("it", ctx)
		cancel()
		sayState("it", ctx)
	})
	rule("ctx_cancel_twice", func() {
		ctx, cancel := context.WithCancel(background)
		cancel()
		cancel()
		sayState("it", ctx)
	})
	rule("ctx_cancel_wakes_all", func() {
		ctx, cancel := context.WithCancel(background)
		told := make(chan int, 3)
		for range 3 {
			go func() {
				<-ctx.Done()
				told <- 1
			}()
		}
		apart()
		cancel()
		apart()
		say("%d", len(told))
	})
	rule("ctx_cancel_goes_down", func() {
		top, cancel := context.WithCancel(background)
		child := timeout(top, time.Hour)
		grandchild := derived(child)
		withValue := context.WithValue(grandchild, key("k"), 1)
		cancel()
		sayState("child", child)
		sayState("grandchild", grandchild)
		sayState("value", withValue)
	})
	rule("ctx_cancel_goes_not_up", func() {
		parent := derived(background)
		sibling := derived(parent)
		ctx, cancel := context.WithCancel(parent)
		cancel()
		sayState("parent", parent)
		sayState("sibling", sibling)
		sayState("it", ctx)
	})
	rule("ctx_cancel_from_the_top", func() {
		top, cancel := context.WithCancel(background)
		child := derived(derived(top))
		go cancel()
		<-child.Done()
		sayErr(top)
	})
	rule("ctx_derived_from_ended", func() {
		ctx, cancel := context.WithCancel(background)
		cancel()
		sayErr(derived(ctx))
		sayErr(timeout(ctx, time.Hour))
	})
	rule("ctx_done_is_one_channel", func() {
		ctx := derived(background)
		withValue := context.WithValue(ctx, key("k"), 1)
		say("%v %v", ctx.Done() == ctx.Done(), ctx.Done() == withValue.Done())
	})

	rule("ctx_timeout_ends", func() { sayEnd(timeout(background, ms(5))) })
	rule("ctx_deadline_ends", func() {
		sleep(2)
		ctx, cancel := context.WithDeadline(background, start.Add(ms(5)))
		defer cancel()
		sayEnd(ctx)
	})
	rule("ctx_timeout_of_nothing", func() {
		sayErr(timeout(background, 0))
		sayErr(timeout(background, -second))
	})
	rule("ctx_deadline_passed", func() {
		sleep(5)
		ctx, cancel := context.WithDeadline(background, start.Add(ms(3)))
		defer cancel()
		sayErr(ctx)
		sayDeadline(ctx)
	})
	rule("ctx_cancel_before_deadline", func() {
		ctx, cancel := context.WithTimeout(background, ms(5))
		sleep(2)
		cancel()
		sayEnd(ctx)
		sleep(9)
		sayErr(ctx)
	})
	rule("ctx_cancel_after_deadline", func() {
		ctx, cancel := context.WithTimeout(background, ms(5))
		sleep(9)
		cancel()
		sayErr(ctx)
	})
	rule("ctx_cancel_at_deadline", func() {
		ctx, cancel := context.WithTimeout(background, ms(5))
		sleep(5)
		cancel()
		first := ctx.Err()
		sleep(5)
		say("%s, %s", words(first), words(ctx.Err()))
	})
	rule("ctx_deadline_inherited", func() {
		parent := timeout(background, ms(9))
		sayDeadline(derived(parent))
		sayDeadline(timeout(parent, time.Hour))
		sayDeadline(timeout(parent, ms(5)))
		sayDeadline(context.WithValue(parent, key("k"), 1))
	})
	rule("ctx_ends_at_parents_deadline", func() {
		sayEnd(timeout(timeout(background, ms(5)), ms(9)))
	})
	rule("ctx_earlier_deadline", func() {
		parent := timeout(background, ms(9))
		sayEnd(timeout(parent, ms(5)))
		sayErr(parent)
	})
	rule("ctx_timeout_for_nobody", func() {
		ctx := timeout(background, ms(5))
		sleep(4)
		sayErr(ctx)
		sleep(2)
		sayErr(ctx)
	})

	rule("ctx_value_found", func() {
		ctx := context.WithValue(background, key("name"), "ann")
		below := timeout(derived(ctx), time.Hour)
		say("%s %s %s", valueOf(ctx), valueOf(below), valueOf(background))
	})
	rule("ctx_value_nearest", func() {
		outer := context.WithValue(background, key("name"), "ann")
		inner := context.WithValue(outer, key("name"), "bob")
		say("%s %s", valueOf(inner), valueOf(outer))
	})
	rule("ctx_value_of_another_key", func() {
		type otherKey string // of the same content
		say("%s", valueOf(context.WithValue(background, otherKey("name"), "ann")))
	})
	rule("ctx_nil_key", func() { _ = context.WithValue(background, nil, 1) })

	rule("ctx_cause_of_cancel", func() {
		c, cancelC := context.WithCancelCause(background)
		d, cancelD := context.WithCancelCause(background)
		sayCause(c)
		cancelC(io.EOF)
		sayCause(c)
		cancelD(nil)
		sayCause(d)
	})
	rule("ctx_cause_first", func() {
		ctx, cancel := context.WithCancelCause(background)
		cancel(io.EOF)
		cancel(errLimit)
		sayCause(ctx)
	})
	rule("ctx_cause_handed_down", func() {
		ctx, cancel := context.WithCancelCause(background)
		child := timeout(ctx, time.Hour)
		cancel(io.EOF)
		sayCause(child)
		sayCause(derived(ctx))
	})
	rule("ctx_cause_of_its_own", func() {
		ctx, cancel := context.WithCancelCause(background)
		child, cancelChild := context.WithCancelCause(ctx)
		cancelChild(errLimit)
		cancel(io.EOF)
		sayCause(child)
	})
	rule("ctx_cause_of_deadline", func() {
		plain := timeout(background, ms(5))
		named, cancel := context.WithTimeoutCause(background, ms(5), io.EOF)
		defer cancel()
		sleep(9)
		sayCause(plain)
		sayCause(named)
	})
	rule("ctx_cause_of_deadline_unused", func() {
		ctx, cancel := context.WithTimeoutCause(background, ms(5), io.EOF)
		cancel()
		sleep(9)
		sayCause(ctx)
	})

	rule("ctx_without_cancel_lives", func() {
		parent, cancel := context.WithTimeout(background, time.Hour)
		ctx := context.WithoutCancel(parent)
		cancel()
		sayCause(ctx)
		sayDeadline(ctx)
		say("%v", isDone(ctx))
	})
	rule("ctx_without_cancel_values", func() {
		parent := context.WithValue(background, key("name"), "ann")
		say("%s", valueOf(context.WithoutCancel(parent)))
	})
	rule("ctx_without_cancel_derived", func() {
		parent, cancelParent := context.WithCancel(background)
		ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
		cancelParent()
		sayErr(ctx)
		cancel()
		sayErr(ctx)
	})

	rule("ctx_after_func_called", func() {
		context.AfterFunc(timeout(background, ms(5)), sayCalled)
		sleep(9)
		say("root at %d ms", milliseconds())
	})
	rule("ctx_after_func_once", func() {
		ctx, cancel := context.WithCancel(background)
		context.AfterFunc(ctx, sayCalled)
		cancel()
		sleep(1)
		cancel()
		sleep(1)
	})
	rule("ctx_after_func_at_once", func() {
		ctx, cancel := context.WithCancel(background)
		cancel()
		sleep(2)
		context.AfterFunc(ctx, sayCalled)
		sleep(1)
	})
	rule("ctx_after_func_of_parent", func() {
		ctx, cancel := context.WithCancel(background)
		context.AfterFunc(derived(ctx), sayCalled)
		sleep(2)
		cancel()
		sleep(1)
	})
	rule("ctx_after_func_each", func() {
		ctx, cancel := context.WithCancel(background)
		context.AfterFunc(ctx, sayCalled)
		context.AfterFunc(ctx, sayCalled)
		cancel()
		sleep(1)
	})
	rule("ctx_after_func_stopped", func() {
		ctx, cancel := context.WithCancel(background)
		stop := context.AfterFunc(ctx, sayCalled)
		first := stop()
		say("%v %v", first, stop())
		cancel()
		sleep(1)
	})
	rule("ctx_after_func_stopped_late", func() {
		ctx, cancel := context.WithCancel(background)
		stop := context.AfterFunc(ctx, sayCalled)
		cancel()
		sleep(1)
		say("%v", stop())
	})
	rule("ctx_after_func_stop_races", func() {
		ctx, cancel := context.WithCancel(background)
		told := make(chan int, 1)
		stop := context.AfterFunc(ctx, func() { told <- 1 })
		go cancel()
		stopped := one(stop())
		sleep(1)
		say("stopped %d, called %d", stopped, len(told))
	})
	rule("ctx_after_func_of_background", func() {
		stop := context.AfterFunc(background, sayCalled)
		sleep(1)
		say("%v", stop())
	})

	rule("ctx_sleep_interrupted", func() {
		ctx, cancel := context.WithCancel(background)
		go func() {
			sleep(5)
			cancel()
		}()
		for _, d := range []time.Duration{ms(2), time.Hour, time.Hour} {
			var err error
			select {
			case <-ctx.Done():
				err = ctx.Err()
			case <-time.After(d):
			}
			say("%s at %d ms", words(err), milliseconds())
		}
	})
}
