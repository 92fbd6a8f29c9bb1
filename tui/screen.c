// The ncurses backend.
//
// Rejected: initscr (it ends the process on a bad TERM), A_DIM (invisible on some terminals), the
// alternate character set (dropped in non-UTF-8 locales; glyphs.h has its own ASCII twins).
#include "tui/screen.h"

#include "tui/requests.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

enum { ESC_DELAY = 25, GRACE_SECONDS = 2, ALT_STACK = 64 * 1024, EMPTY_READS = 50, GREY = 244 };

static SCREEN *terminal;
static struct cell *shown; // what is on the screen, shown_rows * shown_cols; NULL: unknown
static int shown_rows, shown_cols;
static int empty_reads; // reads in a row that were promised a key and got none

// ---- the way back ----

// Read by signal handlers: set before they are installed, never changed while they are.
static struct termios saved_modes;
static char restore_bytes[256];
static size_t restore_length;
static char alternate_stack[ALT_STACK];
static volatile sig_atomic_t ending, stopping;

static const int fatal_signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGALRM};
static const int asking_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum {
    FATALS = sizeof fatal_signals / sizeof *fatal_signals,
    ASKING = sizeof asking_signals / sizeof *asking_signals
};
static struct sigaction fatal_before[FATALS], asking_before[ASKING], stop_before;

// Appends a terminfo string without its padding marks `$<5>`.
static void keep_string(const char *capability) {
    const char *text = tigetstr((char *)(uintptr_t)capability);
    if (!text || text == (char *)-1)
        return;
    while (*text && restore_length < sizeof restore_bytes) {
        const char *end = strncmp(text, "$<", 2) == 0 ? strchr(text, '>') : NULL;
        if (end)
            text = end + 1;
        else
            restore_bytes[restore_length++] = *text++;
    }
}

// Async-signal-safe.
static void restore_terminal(void) {
    ssize_t ignored = write(STDOUT_FILENO, restore_bytes, restore_length);
    (void)ignored;
    tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
}

// Restores the terminal, then lets the signal do what it would have done without us: a fault is
// raised again by returning to it, one that was sent is sent again.
static void on_fatal(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    restore_terminal();
    for (int i = 0; i < FATALS; i++)
        if (fatal_signals[i] == signal_number)
            sigaction(signal_number, &fatal_before[i], NULL);
    if (signal_number == SIGALRM && ending) {
        signal(ending, SIG_DFL);
        raise(ending);
    }
    if (info->si_code <= 0)
        raise(signal_number);
}

// The loop ends in order. A second signal, or a loop that does not answer, ends it at once.
static void on_asking(int signal_number) {
    if (ending) {
        restore_terminal();
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    ending = signal_number;
    alarm(GRACE_SECONDS);
}

static void on_stop(int signal_number) {
    (void)signal_number;
    stopping = 1;
}

// Unless whoever started us wants no stops. With a handler there, newterm installs none of its own, which would
// leave the screen and paint it again from within the signal.
static void install_stop_handler(void) {
    struct sigaction stop = {.sa_handler = on_stop};
    sigaction(SIGTSTP, NULL, &stop_before);
    if (stop_before.sa_handler != SIG_IGN)
        sigaction(SIGTSTP, &stop, NULL);
}

static void install_handlers(void) {
    install_stop_handler();
    stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
    sigaltstack(&stack, NULL);
    struct sigaction fatal = {.sa_sigaction = on_fatal,
                              .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    struct sigaction asking = {.sa_handler = on_asking, .sa_flags = SA_NODEFER};
    for (int i = 0; i < FATALS; i++)
        sigaction(fatal_signals[i], &fatal, &fatal_before[i]);
    for (int i = 0; i < ASKING; i++)
        sigaction(asking_signals[i], &asking, &asking_before[i]);
}

static void remove_handlers(void) {
    alarm(0);
    for (int i = 0; i < FATALS; i++)
        sigaction(fatal_signals[i], &fatal_before[i], NULL);
    for (int i = 0; i < ASKING; i++)
        sigaction(asking_signals[i], &asking_before[i], NULL);
    sigaction(SIGTSTP, &stop_before, NULL);
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
}

int screen_ending(void) {
    return ending;
}

// ---- how roles look ----

static bool coloured;

// With colours: a foreground, -1 the terminal's own, and attributes. Without: attributes alone.
static const struct look {
    short colour;
    attr_t attributes, mono;
} looks[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, A_NORMAL, A_NORMAL},
    [ROLE_TITLE] = {-1, A_BOLD, A_BOLD},
    [ROLE_DIM] = {GREY, A_NORMAL, A_NORMAL},
    [ROLE_FRAME] = {GREY, A_NORMAL, A_NORMAL},
    [ROLE_KEY] = {COLOR_CYAN, A_BOLD, A_BOLD},
    [ROLE_GOOD] = {COLOR_GREEN, A_BOLD, A_BOLD},
    [ROLE_BAD] = {COLOR_RED, A_BOLD, A_BOLD},
    [ROLE_WARN] = {COLOR_MAGENTA, A_NORMAL, A_BOLD},
    [ROLE_RUNNING] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
    [ROLE_BLOCKED] = {COLOR_MAGENTA, A_NORMAL, A_NORMAL},
    [ROLE_SLEEPING] = {COLOR_CYAN, A_NORMAL, A_NORMAL},
    [ROLE_ENDED] = {GREY, A_NORMAL, A_NORMAL},
    [ROLE_SELECTED] = {-1, A_REVERSE, A_REVERSE},
    [ROLE_SELECTED_BAD] = {COLOR_RED, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD},
    [ROLE_MARK] = {COLOR_CYAN, A_BOLD, A_BOLD | A_UNDERLINE},
};

// --color, then NO_COLOR, then CLICOLOR_FORCE, then what the terminal can.
static bool want_colour(enum tui_colour colour) {
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
    if (colour != TUI_COLOUR_AUTO)
        return colour == TUI_COLOUR_ALWAYS;
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    return has_colors();
}

static void set_up_colours(enum tui_colour colour) {
    coloured = want_colour(colour) && has_colors() && start_color() == OK;
    if (!coloured)
        return;
    short background = use_default_colors() == OK ? -1 : COLOR_BLACK;
    for (int role = 0; role < ROLE_COUNT; role++) {
        short own = background == -1 ? -1 : COLOR_WHITE;
        short wanted = looks[role].colour;
        bool there = wanted >= 0 && wanted < COLORS;
        init_pair((short)(role + 1), there ? wanted : own, background);
    }
}

// ---- open and close ----

static bool is_terminal_usable(const char *term, char *why, size_t size) {
    int result;
    if (setupterm((char *)(uintptr_t)term, STDOUT_FILENO, &result) != OK) {
        snprintf(why, size, "TERM is `%.60s`, which this system knows nothing of.", term);
        return false;
    }
    const char *move_cursor = tigetstr((char *)(uintptr_t) "cup");
    bool usable = move_cursor && move_cursor != (char *)-1;
    if (!usable)
        snprintf(why, size, "TERM is `%.60s`, which cannot place its cursor.", term);
    del_curterm(cur_term);
    return usable;
}

bool screen_possible(char *why) {
    enum { WHY = 300 };
    const char *term = getenv("TERM");
    why[0] = '\0';
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        snprintf(why, WHY, "Input or output is not a terminal.");
    else if (!term || !*term)
        snprintf(why, WHY, "TERM is not set.");
    else if (!strcmp(term, "dumb") || !strcmp(term, "unknown"))
        snprintf(why, WHY, "TERM is `%s`.", term);
    else
        return is_terminal_usable(term, why, WHY);
    return false;
}

// What some terminals send whatever TERM says. An unknown sequence would begin with esc, which leaves
// the screen the reader is on.
static void define_keys(void) {
    static const struct {
        const char *bytes;
        int key;
    } keys[] = {
        {"\033[H", KEY_HOME},  {"\033OH", KEY_HOME},  {"\033[1~", KEY_HOME}, {"\033[7~", KEY_HOME},
        {"\033[F", KEY_END},   {"\033OF", KEY_END},   {"\033[4~", KEY_END},  {"\033[8~", KEY_END},
        {"\033[A", KEY_UP},    {"\033OA", KEY_UP},    {"\033[B", KEY_DOWN},  {"\033OB", KEY_DOWN},
        {"\033[C", KEY_RIGHT}, {"\033OC", KEY_RIGHT}, {"\033[D", KEY_LEFT},  {"\033OD", KEY_LEFT},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        define_key(keys[i].bytes, keys[i].key);
}

bool screen_open(enum tui_colour colour, char *why) {
    static bool registered;
    if (!registered) // exit() from anywhere, as when memory runs out
        registered = atexit(screen_close) == 0;
    unsetenv("LINES"); // they would win over the window's real size
    unsetenv("COLUMNS");
    use_tioctl(TRUE);
    tcgetattr(STDIN_FILENO, &saved_modes);
    install_stop_handler();
    terminal = newterm(NULL, stdout, stdin);
    sigaction(SIGTSTP, &stop_before, NULL);
    if (!terminal) {
        snprintf(why, 300, "This terminal could not be set up (TERM is `%.60s`).",
                 getenv("TERM") ? getenv("TERM") : "");
        return false;
    }
    set_term(terminal);
    restore_length = 0;
    keep_string("sgr0");
    keep_string("cnorm");
    keep_string("rmkx");
    keep_string("rmcup");
    set_escdelay(ESC_DELAY);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    define_keys();
    nodelay(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    set_up_colours(colour);
    ending = stopping = 0;
    install_handlers();
    return true;
}

void screen_close(void) {
    if (!terminal)
        return;
    endwin();
    remove_handlers();
    delscreen(terminal);
    terminal = NULL;
    free(shown);
    shown = NULL;
}

void screen_suspend(void) {
    endwin();
    remove_handlers();
}

void screen_resume(void) {
    install_handlers();
    refresh();
    free(shown);
    shown = NULL;
}

bool screen_stopping(void) {
    return stopping;
}

void screen_stop(void) {
    screen_suspend();
    stopping = 0;
    raise(SIGTSTP); // returns when we are continued
    screen_resume();
}

// ---- output ----

void screen_size(int *rows, int *cols) {
    getmaxyx(stdscr, *rows, *cols);
}

static void send_cell(int row, int col, const struct cell *at) {
    wchar_t text[4] = {(wchar_t)at->base, (wchar_t)at->marks[0], (wchar_t)at->marks[1], 0};
    cchar_t out;
    attr_t attributes = coloured ? looks[at->role].attributes : looks[at->role].mono;
    setcchar(&out, text, attributes, coloured ? (short)(at->role + 1) : 0, NULL);
    mvadd_wchnstr(row, col, &out, 1);
}

// Makes `shown` as large as the cells, and unknown when it was not.
static void fit_shown(const struct cells *c, bool repaint) {
    if (shown && !repaint && shown_rows == c->rows && shown_cols == c->cols)
        return;
    free(shown);
    shown = calloc((size_t)c->rows * (size_t)c->cols + 1, sizeof *shown);
    shown_rows = c->rows;
    shown_cols = c->cols;
    clearok(curscr, TRUE);
}

void screen_show(const struct cells *c, bool repaint) {
    fit_shown(c, repaint);
    for (int i = 0; i < c->rows * c->cols; i++) {
        const struct cell *at = &c->at[i];
        if (at->base == 0 || (shown && !memcmp(at, &shown[i], sizeof *at)))
            continue;
        send_cell(i / c->cols, i % c->cols, at);
    }
    if (shown)
        memcpy(shown, c->at, (size_t)c->rows * (size_t)c->cols * sizeof *shown);
    move(c->cursor_row, c->cursor_col);
    refresh();
}

// ---- input ----

static bool translate_function_key(wint_t key, uint32_t *out) {
    static const struct {
        wint_t curses;
        uint32_t key;
    } keys[] = {
        {KEY_UP, KEYS_UP},         {KEY_DOWN, KEYS_DOWN},
        {KEY_LEFT, KEYS_LEFT},     {KEY_RIGHT, KEYS_RIGHT},
        {KEY_HOME, KEYS_HOME},     {KEY_END, KEYS_END},
        {KEY_PPAGE, KEYS_PGUP},    {KEY_NPAGE, KEYS_PGDN},
        {KEY_ENTER, KEYS_ENTER},   {KEY_BACKSPACE, KEYS_BACKSPACE},
        {KEY_RESIZE, KEYS_RESIZE},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].curses == key) {
            *out = keys[i].key;
            return true;
        }
    return false;
}

static uint32_t translate_character(wint_t key) {
    switch (key) {
    case '\r':
    case '\n':
        return KEYS_ENTER;
    case 27:
        return KEYS_ESC;
    case '\t':
        return KEYS_TAB;
    case ' ':
        return KEYS_SPACE;
    case 8:
    case 127:
        return KEYS_BACKSPACE;
    default:
        return key < 27 ? KEYS_CTRL + (uint32_t)key - 1 + 'a' : (uint32_t)key;
    }
}

// A read that was promised a key and gets none, again and again: the terminal went away.
static void note_empty_read(short events) {
    if (events & (POLLHUP | POLLERR | POLLNVAL) || ++empty_reads > EMPTY_READS)
        ending = SIGHUP;
}

bool screen_key(int ms, uint32_t *key) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    wint_t got;
    int kind = get_wch(&got); // what ncurses has read already, and changes of size
    if (kind == ERR && poll(&input, 1, ms) >= 0 && input.revents) {
        kind = get_wch(&got);
        if (kind == ERR)
            note_empty_read(input.revents);
    } else if (kind == ERR) {
        kind = get_wch(&got); // interrupted by a change of size
    }
    if (kind == ERR)
        return false;
    empty_reads = 0;
    if (kind == KEY_CODE_YES)
        return translate_function_key(got, key);
    *key = translate_character(got);
    return true;
}
