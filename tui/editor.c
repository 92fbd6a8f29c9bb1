#include "tui/editor.h"

#include "harness/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// How an editor is told the line.
enum line_style {
    LINE_NONE,
    LINE_PLUS,  // vi +12 file
    LINE_COLON, // hx file:12
    LINE_GOTO,  // code --goto file:12
};

static const struct {
    enum line_style style;
    const char *programs; // separated by spaces
} styles[] = {
    {LINE_PLUS,
     "vi vim nvim view vim.tiny vim.basic nano emacs emacsclient mg micro kak joe ne editor"},
    {LINE_COLON, "hx helix zed subl"},
    {LINE_GOTO, "code codium code-insiders"},
};

// The program's own name in words like "/usr/bin/emacs -nw".
static void program_of(const char *words, char *out, size_t size) {
    words += strspn(words, " \t");
    size_t length = strcspn(words, " \t");
    const char *name = words;
    for (size_t i = 0; i < length; i++)
        if (words[i] == '/')
            name = words + i + 1;
    snprintf(out, size, "%.*s", (int)(words + length - name), name);
}

static bool has_word(const char *words, const char *word) {
    size_t length = strlen(word);
    for (; *words; words += strcspn(words, " "), words += strspn(words, " "))
        if (strcspn(words, " ") == length && strncmp(words, word, length) == 0)
            return true;
    return false;
}

static enum line_style style_of(const char *words) {
    char program[64];
    program_of(words, program, sizeof program);
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        if (has_word(styles[i].programs, program))
            return styles[i].style;
    return LINE_NONE;
}

static bool in_path(const char *program) {
    const char *path = getenv("PATH");
    bool found = false;
    for (path = path ? path : "/usr/bin:/bin"; *path && !found; path += *path == ':') {
        size_t length = strcspn(path, ":");
        char *file = text_format("%.*s/%s", (int)length, path, program);
        found = access(file, X_OK) == 0;
        free(file);
        path += length;
    }
    return found;
}

static const char *words_of_editor(void) {
    static const char *const fallback[] = {"editor", "nano", "vi", "vim", "emacs"};
    const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
    if (visual && *visual)
        return visual;
    if (editor && *editor)
        return editor;
    for (size_t i = 0; i < sizeof fallback / sizeof *fallback; i++)
        if (in_path(fallback[i]))
            return fallback[i];
    return NULL;
}

char *editor_command(const char *file, uint32_t line) {
    const char *words = words_of_editor();
    struct text out = {0};
    if (!words)
        return NULL;
    enum line_style style = line ? style_of(words) : LINE_NONE;
    char *at = text_format("%s:%u", file, line);
    text_addf(&out, "%s", words);
    if (style == LINE_PLUS)
        text_addf(&out, " +%u", line);
    if (style == LINE_GOTO)
        text_addf(&out, " --goto");
    text_add_word(&out, style == LINE_COLON || style == LINE_GOTO ? at : file);
    free(at);
    return text_take(&out);
}

// The signals of the terminal are the editor's while it runs, as with system(3).
static int run_shell(const char *command) {
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before[2];
    const int numbers[] = {SIGINT, SIGQUIT};
    int status = -1;
    for (int i = 0; i < 2; i++)
        sigaction(numbers[i], &ignore, &before[i]);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 2; i++)
            signal(numbers[i], SIG_DFL);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    for (int i = 0; i < 2; i++)
        sigaction(numbers[i], &before[i], NULL);
    return status;
}

bool editor_run(const char *file, uint32_t line, char *why) {
    char *command = editor_command(file, line);
    if (!command) {
        snprintf(why, 300, "There is no editor: set EDITOR, as in EDITOR=nano. The file is %.200s",
                 file);
        return false;
    }
    int status = run_shell(command);
    bool good = status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!good)
        snprintf(why, 300, "The editor ended with a failure; is EDITOR right? It was: %.200s",
                 command);
    free(command);
    return good;
}
