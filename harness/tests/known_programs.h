// known_programs: each once told the reduced search apart from the whole one, or tells a mutant of it apart
// (mutants.sh). The text is what random_program.h prints and reads.
#pragma once

static const struct {
    const char *name;
    const char *text;
} known_programs[] = {
    // The panic is in the code after the unlock that would have let the other in.
    {"panic_after_unlock",
     "CHAN/118 MUTEX/154 MUTEX/173 ; 2.2(128>0) 2.2(165>0) -.4(32>3) ; 2.1(169>0)"},
    {"panic_after_trylock",
     "MUTEX/74 MUTEX/183 MUTEX/94 ; 0.0(66>0) ; 0.0(112>0) ; 2.3(9>0) 0.3(9>0) 0.3(175>0) -.4(76>4)"},
    // Both go on after they met, and look at one counter: who came to wait went second.
    {"order_of_waking", "MAP/123 COUNT/143 CHAN/96 ; 2.1(21>0) 1.2(79>0) ; ; 2.4(7>0) 1.0(99>0)"},
    // What is due keeps the clock from moving early: who makes it due comes before or after.
    {"due_arrival", "slow CONN/137 CONN/222 CONN/95 ; ; 1.0(110>0) ; 0.1(65>0) 2.5(227>0)"},
    {"due_arrival_of_close",
     "slow CONN/253 CONN/219 CONN/126 ; 2.0(241>0) ; 1.1(193>0) -.2(52>4) 2.1(181>0) ; 2.5(189>0)"},
    // Who panics for a counter below zero may recover, and the others go on.
    {"recovered_panic",
     "WAITGROUP/195 WAITGROUP/35 SCOPE/66 ; 2.0(57>3) ; 1.0(242>0) 1.2(248>0) ; ; 1.3(163>0)"},
    // Where the order of waking matters a writer still comes before, between or after the readers.
    {"readers_in_order",
     "RWMUTEX/206 RESOURCE/35 RWMUTEX/81 ; 0.2(25>0) 1.0(37>0) ; 0.4(99>0) 0.4(213>0) ; 0.1(126>0) 1.0(190>0)"},
    // Who was woken acts in its code on what the waker's child looks at later.
    {"woken_by_the_parent",
     "CHAN/149 SCOPE/56 SCOPE/192 ; 0.3(218>0) 1.3(111>3) 1.6(172>4) ; 0.1(16>0) 1.0(172>5)"},
    {"woken_before_a_lock",
     "CHAN/196 RWMUTEX/223 RESOURCE/135 ; 0.5(62>0) 2.1(6>0) ; 0.1(133>0) 1.3(251>0) ; 1.6(124>0) 2.0(196>0)"},
    // Two that wait for one end, and one of them panics then.
    {"woken_to_panic", "CHAN/55 CTX/231 CHAN/151 ; 1.5(173>3) ; ; 1.5(215>0) -.4(128>0)"},
    // The child of one of two that meet looks at what the other changes then.
    {"child_of_a_partner",
     "CHAN/218 CHAN/28 COUNT/76 ; 0.0(229>0) -.5(118>3) ; ; 0.3(169>0) 2.0(241>0) ; 2.2(220>0)"},
    // What arrives waits until no task can go on, and each that could was in its way.
    {"arrival_between_sleepers",
     "COUNT/123 CONN/142 COUNT/104 ; 0.0(24>0) 1.8(157>0) ; ; 2.0(74>0) 1.6(93>0)"},
    // What followed a context's end is under no context any more for who comes to stop it.
    {"stopped_too_late",
     "CHAN/236 FLIGHT/118 CTX/135 ; 0.2(97>0) 2.7(164>3) ; 2.6(54>4) 0.7(10>0) -.5(96>5) ; ; ; ; 2.1(168>0)"},
    // Who leaves a lock that somebody else has entered takes that one's place.
    {"left_for_another",
     "RWMUTEX/47 RWMUTEX/66 RWMUTEX/17 ; 0.1(173>0) 0.5(221>0) ; 0.7(131>0) 0.2(190>0)"},
    {"left_for_another_thrice",
     "CHAN/235 RWMUTEX/135 RWMUTEX/72 ; 1.5(249>0) ; 1.0(5>0) 1.5(151>0) ; 1.7(120>0)"},
    // A group's error is as it was when the wait ended, not when whoever waited looked at it.
    {"error_after_the_wait",
     "GROUP/10 RESOURCE/175 RESOURCE/144 ; 0.4(132>3) 2.0(252>0) ; 0.0(42>4) 0.1(206>5) ; ; ; 2.1(122>0)"},
    // Each of the rest is of a mutant, named as in mutants.sh.
    {"meeting_is_past",
     "CHAN/24 GROUP/115 GROUP/66 ; 0.7(244>0) ; 1.3(103>3) 2.1(208>4) ; ; 0.5(3>0) ; 0.1(132>0)"},
    {"close_and_send", "CHAN/248 TIMER/120 TIMER/91 ; 0.2(29>0) ; -.5(190>3) ; ; 0.6(163>0)"},
    {"wait_and_add", "SCOPE/204 CHAN/132 SCOPE/81 ; 2.0(69>5) ; ; 2.6(45>0)"},
    {"lock_waits_in_a_cut_run",
     "MUTEX/175 MUTEX/209 MUTEX/164 ; 2.0(23>0) ; 1.1(102>0) 0.3(88>0) ; 0.2(216>0) 2.2(125>0)"},
    {"panic_conflicts", "CONN/71 CONN/216 CONN/87 ; 2.2(104>0) ; 1.1(54>0) ; 1.8(80>0) 2.4(68>0)"},
    {"sleeping_while_time_moves",
     "slow TIMER/250 CHAN/40 CHAN/128 ; 1.0(30>0) ; 1.2(195>0) -.1(232>4)"},
    {"timer_cleared_early", "slow CTX/206 CTX/3 CTX/203 ; 0.8(106>3) 2.2(5>5)"},
    {"select_leaves_all_queues", "TICKER/206 TICKER/3 TICKER/203 ; 0.3(94>0) ; 2.1(167>0)"},
    {"sends", "CHAN/14 WAITGROUP/202 CHAN/191 ; 0.4(145>0) ; 0.2(54>0) ; 0.0(221>0)"},
    {"receives", "RWMUTEX/59 CHAN/85 RWMUTEX/173 ; 1.6(128>0) ; 1.9(97>0) 1.3(108>0) ; 1.3(103>0)"},
};
