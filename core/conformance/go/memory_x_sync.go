//go:build x_sync

package main

import (
	"context"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

func init() {
	rule("mem_release_before_acquire", func() {
		permits := semaphore.NewWeighted(2)
		for range 3 {
			go func() {
				permits.Acquire(context.Background(), 2)
				shared++
				permits.Release(2)
			}()
		}
		sleep(5)
		permits.Acquire(context.Background(), 1)
		say("%d", shared)
	})
	rule("mem_group_task_before_wait_returns", func() {
		var g errgroup.Group
		for k := range values {
			g.Go(func() error {
				received[k] = 1
				return nil
			})
		}
		g.Wait()
		marked := 0
		for k := range values {
			marked += received[k]
		}
		say("%d", marked)
	})
	rule("mem_group_task_before_next_at_limit", func() {
		var g errgroup.Group
		g.SetLimit(1)
		for range 3 {
			g.Go(func() error {
				shared++
				return nil
			})
		}
		g.Wait()
		say("%d", shared)
	})
}
