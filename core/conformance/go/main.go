// The rules of core/conformance, in Go.
//
//	rules --list    the names, one a line
//	rules NAME      runs one; what it says goes to file 3, a file in memory
//
// Built with -tags faketime the clock is the program's own: it moves when all goroutines wait.
// The race detector knows no such clock; with it, time passes.
package main

import (
	"fmt"
	"os"
	"slices"
	"time"
)

var rules = map[string]func(){}

// rule enters a rule; body is the root.
func rule(name string, body func()) {
	if rules[name] != nil {
		panic("two rules are called " + name)
	}
	rules[name] = body
}

// say adds a line to the outcome.
func say(format string, args ...any) {
	write(fmt.Sprintf(format+"\n", args...))
}

var start = time.Now()

// since is the time since the program began.
func since() time.Duration {
	return time.Since(start)
}

const (
	rounds      = 200
	second      = time.Second
	millisecond = time.Millisecond
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: rules NAME | --list")
		os.Exit(1)
	}
	if os.Args[1] == "--list" {
		names := []string{}
		for name := range rules {
			names = append(names, name+"\n")
		}
		slices.Sort(names)
		for _, name := range names {
			write(name)
		}
		return
	}
	body := rules[os.Args[1]]
	if body == nil {
		fmt.Fprintln(os.Stderr, "no rule is called "+os.Args[1])
		os.Exit(1)
	}
	body()
}
