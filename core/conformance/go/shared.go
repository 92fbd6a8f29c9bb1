package main

import (
	"runtime"
	"sync"
)

func sayLoad(m *sync.Map, key int) {
	v, found := m.Load(key)
	if !found {
		v = 0
	}
	say("%d: %v %d", key, found, v)
}

// sayFound says what one of the operations of a map returned.
func sayFound(v any, found bool) {
	if v == nil {
		v = 0
	}
	say("%v %d", found, v)
}

func filled(n int) *sync.Map {
	m := &sync.Map{}
	for i := range n {
		m.Store(i, i)
	}
	return m
}

func init() {
	nothing := func(v any) string {
		if v == nil {
			return "nothing"
		}
		return "something"
	}
	rule("pool_gives_what_was_put", func() {
		var p sync.Pool
		object := new(int)
		p.Put(object)
		if p.Get() == any(object) {
			say("same")
		}
	})
	rule("pool_gives_each_once", func() {
		var p sync.Pool
		object := new(int)
		p.Put(object)
		if p.Get() == any(object) {
			say("same")
		}
		say("%s", nothing(p.Get()))
	})
	rule("pool_makes", func() {
		made := 0
		p := sync.Pool{New: func() any {
			made++
			return new(int)
		}}
		if p.Get() != nil && p.Get() != nil {
			say("made %d", made)
		}
		say("%s", nothing((&sync.Pool{}).Get()))
	})
	rule("pool_put_nothing", func() {
		made := 0
		p := sync.Pool{New: func() any {
			made++
			return new(int)
		}}
		p.Put(nil)
		if p.Get() != nil {
			say("made %d", made)
		}
	})

	rule("map_load", func() {
		var m sync.Map
		sayLoad(&m, 1)
		m.Store(1, 10)
		m.Store(1, 11)
		sayLoad(&m, 1)
		sayLoad(&m, 2)
	})
	rule("map_load_or_store", func() {
		var m sync.Map
		sayFound(m.LoadOrStore(1, 10))
		sayFound(m.LoadOrStore(1, 11))
	})
	rule("map_load_and_delete", func() {
		var m sync.Map
		m.Store(1, 10)
		sayFound(m.LoadAndDelete(1))
		sayFound(m.LoadAndDelete(1))
		sayLoad(&m, 1)
	})
	rule("map_delete", func() {
		var m sync.Map
		m.Store(1, 10)
		m.Store(2, 20)
		m.Delete(1)
		m.Delete(1)
		sayLoad(&m, 1)
		sayLoad(&m, 2)
	})
	rule("map_swap", func() {
		var m sync.Map
		sayFound(m.Swap(1, 10))
		sayFound(m.Swap(1, 11))
		sayLoad(&m, 1)
	})
	rule("map_compare_and_swap", func() {
		var m sync.Map
		missing := m.CompareAndSwap(1, 0, 5)
		m.Store(1, 10)
		say("%v %v %v", missing, m.CompareAndSwap(1, 11, 12), m.CompareAndSwap(1, 10, 12))
		sayLoad(&m, 1)
	})
	rule("map_compare_and_delete", func() {
		var m sync.Map
		missing := m.CompareAndDelete(1, 0)
		m.Store(1, 10)
		say("%v %v %v", missing, m.CompareAndDelete(1, 11), m.CompareAndDelete(1, 10))
		sayLoad(&m, 1)
	})
	rule("map_clear", func() {
		var m sync.Map
		m.Store(1, 10)
		m.Store(2, 20)
		m.Clear()
		sayLoad(&m, 1)
		sayLoad(&m, 2)
	})
	rule("map_walk", func() {
		count, sum := 0, 0
		filled(100).Range(func(key, _ any) bool {
			count++
			sum += key.(int)
			return true
		})
		say("%d keys, sum %d", count, sum)
	})
	rule("map_walk_and_delete", func() {
		m, count, empty := filled(100), 0, "empty"
		m.Range(func(key, _ any) bool {
			m.Delete(key)
			count++
			return true
		})
		say("%d keys", count)
		m.Range(func(_, _ any) bool {
			empty = "not empty"
			return false
		})
		say("%s", empty)
	})
	rule("map_walk_sees_changes", func() {
		m, count, newer := filled(10), 0, 0
		for i := range 10 {
			m.Store(i, 0)
		}
		m.Range(func(_, value any) bool {
			newer += value.(int)
			for i := 0; count == 0 && i < 10; i++ {
				m.Store(i, 1)
			}
			count++
			return true
		})
		say("keys %d, newer %d", count, newer)
	})
	rule("map_walk_and_store", func() {
		m, seen, twice, all, count := filled(10), [20]int{}, false, true, 0
		m.Range(func(key, _ any) bool {
			twice = twice || seen[key.(int)] > 0
			seen[key.(int)]++
			m.Store((key.(int)+10)%20, key)
			return true
		})
		for _, n := range seen[:10] {
			all = all && n == 1
		}
		say("all %v, twice %v", all, twice)
		m.Range(func(_, _ any) bool {
			count++
			return true
		})
		say("%d keys", count)
	})
	rule("map_walk_while_others_change", func() {
		m, seen, stay, twice := filled(20), [200]int{}, 0, 0
		change := func(first int) {
			for i := first; i < first+5; i++ {
				m.Delete(i)
				runtime.Gosched()
				m.Store(i+100, i)
			}
		}
		go change(10)
		go change(15)
		m.Range(func(key, _ any) bool {
			seen[key.(int)]++
			runtime.Gosched()
			return true
		})
		for i, n := range seen {
			stay += one(i < 10 && n == 1)
			twice += one(n > 1)
		}
		say("stay %d, twice %d", stay, twice)
		sleep(1)
	})
	rule("map_of_text", func() {
		var m sync.Map
		key := []byte("ann")
		m.Store("ann", 1)
		sayFound(m.Load(string(key)))
	})
	rule("map_one_is_first", func() {
		var m sync.Map
		stored := make(chan int, 5)
		for i := range 5 {
			go func() {
				if _, there := m.LoadOrStore(1, i); !there {
					stored <- i
				}
			}()
		}
		sleep(1)
		say("%d", len(stored))
	})
	rule("map_no_update_lost", func() {
		var m sync.Map
		m.Store(1, 0)
		allDone(3, func(int) {
			for range 10 {
				for {
					v, _ := m.Load(1)
					if m.CompareAndSwap(1, v, v.(int)+1) {
						break
					}
				}
			}
		})
		v, _ := m.Load(1)
		say("%d", v)
	})
}
