// check compares what the rules do in Go with what they must do in C. It prints TAP.
//
//	check CONFORMANCE RULES RULES-RACE [x_sync]
//
// CONFORMANCE is the C program, RULES the Go program, RULES-RACE the same built with -race.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	times    = 5  // that each rule is run, per number of processors
	atOnce   = 2  // rules that are run at the same time
	patience = 20 // seconds that one run may take
)

// A verdict is one line of TAP without its number, and what explains it.
type verdict struct {
	ok   bool
	name string
	why  string
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: check CONFORMANCE RULES RULES-RACE [x_sync]")
		os.Exit(2)
	}
	conformance, rules, rulesRace := os.Args[1], os.Args[2], os.Args[3]
	verdicts := []verdict{}
	names := lines(output(conformance, "--names", "go"))
	withSync := lines(output(conformance, "--names", "x-sync"))
	if len(os.Args) > 4 {
		names = append(names, withSync...)
	} else if len(withSync) > 0 {
		verdicts = append(verdicts, skipped("rules of golang.org/x/sync",
			"golang.org/x/sync is not installed (Debian: golang-golang-x-sync-dev)"))
	}
	verdicts = append(verdicts, sameNames(names, rules))
	verdicts = append(verdicts, inTurn(names, func(name string) verdict {
		return sameOutcome(conformance, rules, name)
	})...)
	verdicts = append(verdicts, aboutRaces(conformance, rulesRace, names)...)
	print(verdicts)
}

// aboutRaces asks Go's race detector about the rules among names that are about what is ordered.
func aboutRaces(conformance, rules string, names []string) []verdict {
	if _, err := os.Stat(rules); err != nil {
		return []verdict{skipped("Go's race detector", "this Go cannot build with -race")}
	}
	among := func(kind string) []string {
		return slices.DeleteFunc(lines(output(conformance, "--names", kind)), func(name string) bool {
			return !slices.Contains(names, name)
		})
	}
	unaware := among("go-unaware")
	ordered := slices.DeleteFunc(among("orders"), func(name string) bool {
		return slices.Contains(unaware, name)
	})
	return slices.Concat(
		inTurn(ordered, func(name string) verdict { return runsWithoutRace(rules, name) }),
		inTurn(append(among("races"), unaware...), func(name string) verdict { return races(rules, name) }))
}

func skipped(name, why string) verdict {
	return verdict{true, name + " # SKIP unavailable: " + why, ""}
}

// print writes verdicts as TAP.
func print(verdicts []verdict) {
	for i, v := range verdicts {
		n := i + 1
		if v.ok {
			fmt.Printf("ok %d - %s\n", n, v.name)
			continue
		}
		fmt.Printf("not ok %d - %s\n# %s\n", n, v.name, strings.ReplaceAll(v.why, "\n", "\n# "))
	}
	fmt.Printf("1..%d\n", len(verdicts))
}

// inTurn asks for a verdict on each, some at a time.
func inTurn(names []string, judge func(string) verdict) []verdict {
	verdicts := make([]verdict, len(names))
	slots := make(chan bool, atOnce)
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Add(1)
		slots <- true
		go func() {
			defer wg.Done()
			verdicts[i] = judge(name)
			<-slots
		}()
	}
	wg.Wait()
	return verdicts
}

func lines(text string) []string {
	return strings.Fields(text)
}

// output of a command that must succeed.
func output(command ...string) string {
	out, err := exec.Command(command[0], command[1:]...).Output()
	if err != nil {
		fmt.Printf("Bail out! %s: %v\n", strings.Join(command, " "), err)
		os.Exit(1)
	}
	return string(out)
}

func sameNames(expected []string, rules string) verdict {
	said, _, err := run(rules, "--list", "")
	v := verdict{err == nil, "the same rules stand in Go", fmt.Sprint(err)}
	there := lines(said)
	for _, name := range expected {
		if !slices.Contains(there, name) {
			v.ok, v.why = false, v.why+"\nnot in Go: "+name
		}
	}
	for _, name := range there {
		if !slices.Contains(expected, name) {
			v.ok, v.why = false, v.why+"\nonly in Go: "+name
		}
	}
	return v
}

func sameOutcome(conformance, rules, name string) verdict {
	expected := strings.Split(output(conformance, "--expected-go", name), "\nor\n")
	for _, processors := range []string{"GOMAXPROCS=1", "GOMAXPROCS=4"} {
		for range times {
			said, errors, err := run(rules, name, processors)
			outcome := said + end(errors)
			matches := func(e string) bool { return strings.TrimSpace(e) == strings.TrimSpace(outcome) }
			if !slices.ContainsFunc(expected, matches) {
				return verdict{false, name, fmt.Sprintf("%s (%v)\nexpected:\n%s\nwas:\n%s\n%s",
					processors, err, strings.Join(expected, "\nor\n"), outcome, errors)}
			}
		}
	}
	return verdict{true, name, ""}
}

func runsWithoutRace(rules, name string) verdict {
	for range times {
		_, errors, _ := run(rules, name, "")
		if strings.Contains(errors, "DATA RACE") {
			return verdict{false, name + ": no race", errors}
		}
	}
	return verdict{true, name + ": no race", ""}
}

// A race is seen when the accesses happen without what would order them, which Go leaves to chance.
func races(rules, name string) verdict {
	for range 10 * times {
		_, errors, _ := run(rules, name, "")
		if strings.Contains(errors, "DATA RACE") {
			return verdict{true, name + ": a race", ""}
		}
	}
	return verdict{false, name + ": a race", "Go's race detector sees none"}
}

// run runs one rule and returns what it said, and what the runtime wrote.
func run(rules, name, environment string) (said, errors string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience*time.Second)
	defer cancel()
	ours, theirs, err := os.Pipe()
	if err != nil {
		return
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, rules, name)
	command.Env = append(os.Environ(), environment)
	command.Stderr = &stderr
	command.ExtraFiles = []*os.File{theirs}
	if err = command.Start(); err != nil {
		return
	}
	theirs.Close()
	var text bytes.Buffer
	text.ReadFrom(ours)
	ours.Close()
	err = command.Wait()
	return text.String(), withoutTimes(stderr.Bytes()), err
}

// withoutTimes takes the headers away that each write has under the program's own clock: a mark, the
// time in 8 bytes and the length in 4.
func withoutTimes(text []byte) string {
	mark := []byte("\x00\x00PB")
	var plain bytes.Buffer
	for bytes.HasPrefix(text, mark) && len(text) >= 16 {
		n := min(int(binary.BigEndian.Uint32(text[12:])), len(text)-16)
		plain.Write(text[16 : 16+n])
		text = text[16+n:]
	}
	plain.Write(text)
	return plain.String()
}

var rootWaits = regexp.MustCompile(`(?m)^goroutine 1 .*\[([^\],]*)`)

// end says how the run ended, in the words of the C program. Go 1.23 has no word of its own for a wait
// group.
func end(errors string) string {
	i := strings.Index(errors, "fatal error: ")
	if p := strings.Index(errors, "panic: "); p >= 0 && (i < 0 || p < i) {
		i = p
	}
	if i < 0 {
		return errors
	}
	sentence, _, _ := strings.Cut(errors[i:], "\n\ngoroutine ")
	if !strings.HasSuffix(strings.TrimSpace(sentence), "deadlock!") {
		return strings.TrimSpace(sentence) + "\n"
	}
	reason := rootWaits.FindStringSubmatch(errors)
	if reason == nil {
		return "deadlock: \n"
	}
	return "deadlock: " + strings.Replace(reason[1], "semacquire", "sync.WaitGroup.Wait", 1) + "\n"
}
