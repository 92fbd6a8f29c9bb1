//go:build x_sync

package main

import (
	"context"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// --- semaphores

func acquireAt(s *semaphore.Weighted, n, at, holds int) {
	sleep(at)
	s.Acquire(background, int64(n))
	say("%d at %d ms", n, milliseconds())
	sleep(holds)
	s.Release(int64(n))
}

// ok is the word for no error.
func ok(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

func sayAcquired(s *semaphore.Weighted, ctx context.Context, n int64) {
	err := s.Acquire(ctx, n)
	say("%s at %d ms", ok(err), milliseconds())
}

func init() {
	rule("sema_lets_in_so_many", func() {
		s := semaphore.NewWeighted(3)
		go acquireAt(s, 1, 1, 3)
		go acquireAt(s, 2, 2, 7)
		go acquireAt(s, 3, 3, 1)
		sleep(20)
	})
	rule("sema_in_turn", func() {
		s := semaphore.NewWeighted(1)
		go acquireAt(s, 1, 1, 5)
		for i := 2; i <= 4; i++ {
			go acquireAt(s, 1, i, 2)
		}
		sleep(20)
	})
	rule("sema_nobody_overtakes", func() {
		s := semaphore.NewWeighted(3)
		go acquireAt(s, 1, 1, 3)
		go acquireAt(s, 1, 1, 7)
		go acquireAt(s, 3, 2, 2)
		go acquireAt(s, 1, 3, 0)
		sleep(20)
	})
	rule("sema_serves_several", func() {
		s := semaphore.NewWeighted(3)
		go acquireAt(s, 3, 1, 5)
		go acquireAt(s, 1, 2, 9)
		go acquireAt(s, 1, 3, 2)
		sleep(8)
		go acquireAt(s, 1, 0, 0)
		sleep(20)
	})
	rule("sema_never_released", func() {
		s := semaphore.NewWeighted(1)
		s.Acquire(background, 1)
		s.Acquire(background, 1)
	})
	rule("sema_of_none", func() {
		s := semaphore.NewWeighted(0)
		say("%v %v", s.TryAcquire(1), s.TryAcquire(0))
	})
	rule("sema_tried", func() {
		s := semaphore.NewWeighted(3)
		say("%v %v %v", s.TryAcquire(2), s.TryAcquire(2), s.TryAcquire(1))
	})
	rule("sema_try_does_not_overtake", func() {
		s := semaphore.NewWeighted(3)
		go acquireAt(s, 2, 0, 5)
		go acquireAt(s, 2, 1, 0)
		sleep(2)
		say("%v", s.TryAcquire(1))
		sleep(9)
	})
	rule("sema_ctx_ends_wait", func() {
		s := semaphore.NewWeighted(2)
		s.Acquire(background, 1)
		sayAcquired(s, timeout(background, ms(5)), 2)
		s.Release(1)
		say("%v", s.TryAcquire(2))
	})
	rule("sema_ctx_had_ended", func() {
		ctx, cancel := context.WithCancel(background)
		cancel()
		sayAcquired(semaphore.NewWeighted(1), ctx, 1)
	})
	rule("sema_more_than_all", func() {
		sayAcquired(semaphore.NewWeighted(2), timeout(background, ms(5)), 3)
	})
	rule("sema_more_than_all_in_nobodys_way", func() {
		s := semaphore.NewWeighted(2)
		go acquireAt(s, 2, 1, 0)
		s.Acquire(timeout(background, ms(5)), 3)
	})
	rule("sema_leaver_lets_the_next", func() {
		s, told := semaphore.NewWeighted(2), make(chan int, 1)
		ctx := timeout(background, ms(5))
		s.Acquire(background, 1)
		go sayAcquired(s, ctx, 2)
		sleep(1)
		go func() {
			s.Acquire(background, 1)
			told <- 1
		}()
		sleep(1)
		say("%d served", len(told))
		sleep(9)
		say("%d served", len(told))
	})
	rule("sema_ctx_ends_all", func() {
		s, told := semaphore.NewWeighted(2), make(chan int, 2)
		ctx := timeout(background, ms(5))
		s.Acquire(background, 1)
		for i := range 2 {
			go func() {
				sleep(i + 1)
				told <- one(s.Acquire(ctx, int64(2-i)) == nil)
			}()
		}
		say("%d of 2", <-told+<-told)
	})
	rule("sema_released_too_often", func() {
		s := semaphore.NewWeighted(2)
		s.Acquire(background, 1)
		s.Release(2)
	})
}

// --- groups

func sayWait(g *errgroup.Group) {
	err := g.Wait()
	say("%s at %d ms", ok(err), milliseconds())
}

func returnAt(at int, err error) func() error {
	return func() error {
		sleep(at)
		return err
	}
}

func waitFor(ctx context.Context) func() error {
	return func() error {
		<-ctx.Done()
		say("ended at %d ms", milliseconds())
		return ctx.Err()
	}
}

func init() {
	rule("group_empty", func() { sayWait(&errgroup.Group{}) })
	rule("group_waits_for_all", func() {
		var g errgroup.Group
		for i := range 3 {
			g.Go(returnAt(i+1, nil))
		}
		sayWait(&g)
	})
	rule("group_first_error", func() {
		var g errgroup.Group
		g.Go(returnAt(4, errLimit))
		g.Go(returnAt(2, io.EOF))
		g.Go(returnAt(5, nil))
		sayWait(&g)
	})
	rule("group_error_again", func() {
		var g errgroup.Group
		g.Go(returnAt(2, io.EOF))
		sayWait(&g)
		sayWait(&g)
	})
	rule("group_error_ends_ctx", func() {
		g, ctx := errgroup.WithContext(background)
		g.Go(waitFor(ctx))
		g.Go(returnAt(2, io.EOF))
		sayWait(g)
	})
	rule("group_wait_ends_ctx", func() {
		g, ctx := errgroup.WithContext(background)
		g.Go(returnAt(2, nil))
		say("%s", ok(ctx.Err()))
		sayWait(g)
		say("%s", ok(ctx.Err()))
	})
	rule("group_ctx_ends_with_parent", func() {
		g, ctx := errgroup.WithContext(timeout(background, ms(3)))
		g.Go(waitFor(ctx))
		sayWait(g)
	})
	rule("group_cause", func() {
		g, ctx := errgroup.WithContext(background)
		g.Go(returnAt(2, io.EOF))
		g.Wait()
		say("%s", context.Cause(ctx))
	})
	rule("group_goexit", func() {
		var g errgroup.Group
		g.Go(func() error {
			runtime.Goexit()
			return nil
		})
		say("%s", ok(g.Wait()))
	})
	rule("group_limit", func() {
		var g errgroup.Group
		g.SetLimit(1)
		for i := range 3 {
			g.Go(func() error {
				say("%d at %d ms", i+1, milliseconds())
				sleep(2)
				return nil
			})
		}
		sayWait(&g)
	})
	rule("group_tried", func() {
		var g errgroup.Group
		g.SetLimit(2)
		try := func() bool { return g.TryGo(returnAt(2, nil)) }
		say("%v %v %v", try(), try(), try())
		sleep(3)
		say("%v", try())
		sayWait(&g)
	})
	rule("group_tried_without_limit", func() {
		var g errgroup.Group
		say("%v", g.TryGo(returnAt(2, nil)))
		sayWait(&g)
	})
	rule("group_limit_of_none", func() {
		var g errgroup.Group
		g.SetLimit(0)
		say("%v", g.TryGo(returnAt(2, nil)))
		g.Go(returnAt(2, nil))
	})
	rule("group_limit_removed", func() {
		var g errgroup.Group
		g.SetLimit(0)
		g.SetLimit(-1)
		say("%v", g.TryGo(returnAt(2, nil)))
		sayWait(&g)
	})
	rule("group_limit_changed", func() {
		var g errgroup.Group
		g.SetLimit(3)
		g.Go(returnAt(2, nil))
		g.Go(returnAt(2, nil))
		g.SetLimit(4)
	})
	rule("group_limit_set_late", func() {
		var g errgroup.Group
		g.Go(returnAt(2, nil))
		g.SetLimit(4)
		sayWait(&g)
	})
	rule("group_panic", func() {
		var g errgroup.Group
		g.Go(returnAt(2, nil))
		g.Go(func() error { panic("out of ink") })
		sayWait(&g)
	})
	rule("group_started_late", func() {
		var g errgroup.Group
		sayWait(&g)
		g.Go(returnAt(2, nil))
		sayWait(&g)
	})
	rule("wakeup_by_release", func() {
		s := semaphore.NewWeighted(3)
		go func() {
			for range items {
				if s.Acquire(timeout(background, 0), 3) == nil {
					s.Release(3)
				}
			}
		}()
		allDone(workers, func(i int) {
			for range items {
				s.Acquire(background, int64(i+1))
				runtime.Gosched()
				s.Release(int64(i + 1))
			}
		})
		sleep(1)
		say("%v", s.TryAcquire(3))
	})
	rule("wakeup_at_limit", func() {
		var g errgroup.Group
		g.SetLimit(2)
		for range items {
			g.Go(func() error {
				runtime.Gosched()
				return nil
			})
		}
		say("%s", ok(g.Wait()))
	})
}
