// requests: everything a reader can ask for, in one table. From it come the key bindings, the
// footer of every screen, the help, and a test that no key means two things on one screen. What is
// not in the table cannot be asked for; what is cannot go undocumented.
//
// REQ(NAME, "keys", "label", "help", views): keys separated by spaces; label is what the footer
// says, "" to leave it out; earlier rows come first in the footer. The keys of one request may
// differ by view: then it has several rows, each with a name of its own.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Which views answer to a request.
enum view_bit {
    IN_LIST = 1,
    IN_RUN = 2,
    IN_LIVE = 4,
    IN_TEXT = 8, // guide, the whole reason
    IN_HELP = 16,
    IN_HINT = 32,
    IN_LISTS = IN_LIST | IN_RUN | IN_HELP, // where there is a selected row
    IN_SCROLLED = IN_TEXT | IN_HINT,
    IN_CODE = IN_LIST | IN_RUN, // where an exercise can be edited
    IN_CASE = IN_RUN | IN_LIVE, // of one variant of one scenario
    IN_ALL = IN_LIST | IN_RUN | IN_LIVE | IN_TEXT | IN_HELP | IN_HINT,
};

#define REQUESTS(REQ)                                                                              \
    REQ(OPEN, "enter", "open", "open what is selected", IN_LIST)                                   \
    REQ(DO, "enter", "do it", "go back and do the selected action", IN_HELP)                       \
    REQ(PLAY, "space", "play/pause", "play the run, or pause it; from its end: once more", IN_RUN) \
    REQ(FORWARD, "right", "step", "one event forwards", IN_RUN)                                    \
    REQ(BACK, "left u", "back", "one event backwards", IN_RUN)                                     \
    REQ(VARIANT, "v", "next variant", "the next variant: exercise, fixes, wrong fixes", IN_CASE)   \
    REQ(VARIANT_BACK, "V", "", "the variant before", IN_CASE)                                      \
    REQ(WHY, "w", "why", "the whole verdict: who is left, and why", IN_RUN)                        \
    REQ(EDIT, "e", "edit", "your editor, at the line that fails", IN_CODE)                         \
    REQ(GRAPH, "W", "", "who waits for whom, at the moment shown", IN_RUN)                         \
    REQ(HINT, "h", "hint", "one hint at a time", IN_LIST | IN_RUN)                                 \
    REQ(MORE, "h n space enter", "next hint", "open the next hint", IN_HINT)                       \
    REQ(GUIDE, "g", "guide", "the chapter of the guide", IN_LIST | IN_RUN)                         \
    REQ(NEXT_CASE, "] n N", "next case", "the next scenario", IN_CASE)                             \
    REQ(LIVE, "L", "live", "put load on it and watch the counts", IN_LIST | IN_RUN)                \
    REQ(BAD, "!", "first bad", "to the first event that went wrong", IN_RUN)                       \
    REQ(FASTER, "+ =", "faster", "twice as fast", IN_CASE)                                         \
    REQ(SLOWER, "-", "slower", "half as fast", IN_CASE)                                            \
    REQ(FIRST, "home <", "start", "to the start of the run", IN_RUN)                               \
    REQ(LAST, "end >", "end", "to the end of the run", IN_RUN)                                     \
    REQ(ZOOM, "s", "source", "source and tasks side by side, or one alone", IN_RUN)                \
    REQ(BAND, "tab", "events/why", "the events, or the reason, below", IN_RUN)                     \
    REQ(AXIS, "x", "axis", "the curve over events, or over virtual time", IN_RUN)                  \
    REQ(AGAIN, "r", "again", "run it again, compiled first if it was edited", IN_CASE)             \
    REQ(RESET, "R", "", "the exercise as shipped; yours is kept", IN_CODE)                         \
    REQ(TASKS, "m", "task limit", "the most tasks: 1,000, 10,000 or 100,000", IN_LIVE)             \
    REQ(FILTER, "/", "filter", "show only what has some text; esc ends it", IN_LIST)               \
    REQ(DOWN, "down j", "move", "one row down", IN_LISTS)                                          \
    REQ(UP, "up k", "", "one row up", IN_LISTS)                                                    \
    REQ(SCROLL_DOWN, "down j", "scroll", "one line down", IN_SCROLLED)                             \
    REQ(SCROLL_UP, "up k", "", "one line up", IN_SCROLLED)                                         \
    REQ(PAGE_DOWN, "pgdn ctrl-d", "page", "one page down", IN_LIST | IN_HELP | IN_SCROLLED)        \
    REQ(PAGE_UP, "pgup ctrl-u", "", "one page up", IN_LIST | IN_HELP | IN_SCROLLED)                \
    REQ(TOP, "home <", "", "to the top", IN_LIST | IN_HELP | IN_SCROLLED)                          \
    REQ(BOTTOM, "end > G", "", "to the bottom", IN_LIST | IN_HELP | IN_SCROLLED)                   \
    REQ(PREVIOUS_CASE, "[ p P", "", "the scenario before", IN_CASE)                                \
    REQ(VARIANT_1, "1", "", "the exercise", IN_CASE)                                               \
    REQ(VARIANT_2, "2", "", "variant 2, as numbered on the screen", IN_CASE)                       \
    REQ(VARIANT_3, "3", "", "variant 3", IN_CASE)                                                  \
    REQ(VARIANT_4, "4", "", "variant 4", IN_CASE)                                                  \
    REQ(VARIANT_5, "5", "", "variant 5", IN_CASE)                                                  \
    REQ(VARIANT_6, "6", "", "variant 6", IN_CASE)                                                  \
    REQ(VARIANT_7, "7", "", "variant 7", IN_CASE)                                                  \
    REQ(VARIANT_8, "8", "", "variant 8", IN_CASE)                                                  \
    REQ(VARIANT_9, "9", "", "variant 9", IN_CASE)                                                  \
    REQ(REDRAW, "ctrl-l", "", "draw the whole screen again", IN_ALL)                               \
    REQ(LEAVE, "esc", "back", "back to the screen before; never quits", IN_ALL)                    \
    REQ(HELP, "?", "help", "what the keys of this screen do", IN_ALL)                              \
    REQ(QUIT, "q", "quit", "back, and from the list: leave", IN_ALL)

enum request {
    REQUEST_NONE,
#define REQ(name, keys, label, help, views) REQUEST_##name,
    REQUESTS(REQ)
#undef REQ
        REQUEST_COUNT
};

struct request_row {
    const char *name;  // "OPEN"
    const char *keys;  // "down j"
    const char *label; // footer
    const char *help;
    unsigned views; // a set of enum view_bit
};

// The row of a request. REQUEST_NONE has an empty one.
const struct request_row *request_row(enum request r);

// Keys are code points; those without one have numbers above Unicode.
#define NAMED_KEYS(X)                                                                              \
    X(UP, "up")                                                                                    \
    X(DOWN, "down")                                                                                \
    X(LEFT, "left")                                                                                \
    X(RIGHT, "right")                                                                              \
    X(HOME, "home")                                                                                \
    X(END, "end")                                                                                  \
    X(PGUP, "pgup")                                                                                \
    X(PGDN, "pgdn")                                                                                \
    X(ENTER, "enter")                                                                              \
    X(ESC, "esc")                                                                                  \
    X(TAB, "tab")                                                                                  \
    X(SPACE, "space")                                                                              \
    X(BACKSPACE, "backspace")                                                                      \
    X(COMMA, "comma")

enum key {
    KEYS_START = 0x110000, // past the last code point
#define X(name, word) KEYS_##name,
    NAMED_KEYS(X)
#undef X
        KEYS_CTRL = 0x120000, // + the letter: "ctrl-l"
};

// The key of a word ("enter", "ctrl-l", "j"). False: there is no such key.
bool key_parse(const char *word, size_t length, uint32_t *key);

// The n-th key of a request; 0 when it has fewer.
uint32_t request_key(enum request r, int n);

// What a key asks for in a view.
enum request request_of(uint32_t key, enum view_bit view);
