// The learner's editor: which one, how it is told the line, and paths that a shell would take apart.
#include "harness/tests/prefix.h"
#include "tui/editor.h"

static void end(void) {
    prefix_end();
}

TestSuite(editor, .init = prefix_start, .fini = end, .timeout = 30);

// The command for a file at a line, with this VISUAL and EDITOR; NULL: not set.
static void gives(const char *visual, const char *editor, const char *file, uint32_t line,
                  const char *expected) {
    unsetenv("VISUAL");
    unsetenv("EDITOR");
    if (visual)
        setenv("VISUAL", visual, 1);
    if (editor)
        setenv("EDITOR", editor, 1);
    char *command = editor_command(file, line);
    cr_assert(command, "no command for %s", editor ? editor : "none");
    cr_assert_str_eq(command, expected, "%s", command);
    free(command);
}

static const struct told {
    const char *editor, *at_12, *anywhere;
} told[] = {
    {"vi", "vi +12 a.c", "vi a.c"},
    {"/usr/bin/vim", "/usr/bin/vim +12 a.c", "/usr/bin/vim a.c"},
    {"nano", "nano +12 a.c", "nano a.c"},
    {"emacs -nw", "emacs -nw +12 a.c", "emacs -nw a.c"},
    {"emacsclient  -t", "emacsclient  -t +12 a.c", "emacsclient  -t a.c"},
    {"micro", "micro +12 a.c", "micro a.c"},
    {"code --wait", "code --wait --goto a.c:12", "code --wait a.c"},
    {"/snap/bin/codium -w", "/snap/bin/codium -w --goto a.c:12", "/snap/bin/codium -w a.c"},
    {"hx", "hx a.c:12", "hx a.c"},
    {"subl -w", "subl -w a.c:12", "subl -w a.c"},
    {"ed", "ed a.c", "ed a.c"},
    {"my-vi", "my-vi a.c", "my-vi a.c"},
    {"vimmer", "vimmer a.c", "vimmer a.c"},
};

Test(editor, each_is_told_the_line_in_its_own_way) {
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        gives(NULL, told[i].editor, "a.c", 12, told[i].at_12);
        gives(NULL, told[i].editor, "a.c", 0, told[i].anywhere);
    }
}

Test(editor, visual_comes_before_editor) {
    gives("hx", "vi", "a.c", 3, "hx a.c:3");
    gives("", "vi", "a.c", 3, "vi +3 a.c");
    gives(NULL, "vi", "a.c", 3, "vi +3 a.c");
}

Test(editor, a_path_is_one_word) {
    gives(NULL, "vi", "/my work/a.c", 3, "vi +3 '/my work/a.c'");
    gives(NULL, "code", "/my work/a.c", 3, "code --goto '/my work/a.c:3'");
    gives(NULL, "vi", "/it's/$HOME/`a`.c", 0, "vi '/it'\\''s/$HOME/`a`.c'");
}

static char *put_program(const char *name, const char *script) {
    char *path = prefix_write(name, script);
    chmod(path, 0755);
    return path;
}

Test(editor, without_either_it_is_one_that_is_there) {
    char *bin = text_format("%s/bin", prefix), *both = text_format("/nowhere:%s", bin);
    setenv("PATH", both, 1);
    free(put_program("bin/vi", "#!/bin/sh\n"));
    gives(NULL, NULL, "a.c", 3, "vi +3 a.c");
    free(put_program("bin/nano", "#!/bin/sh\n"));
    gives(NULL, "", "a.c", 3, "nano +3 a.c");
    free(both);
    free(bin);
}

Test(editor, that_there_is_none_is_told) {
    char why[300] = "";
    unsetenv("VISUAL");
    unsetenv("EDITOR");
    setenv("PATH", prefix, 1);
    cr_assert_null(editor_command("a.c", 1));
    cr_assert_not(editor_run("/my/a.c", 1, why));
    cr_assert(strstr(why, "There is no editor: set EDITOR"), "%s", why);
    cr_assert(strstr(why, "/my/a.c"), "%s", why);
}

// The words of the command arrive as they were meant, whatever is in the path.
Test(editor, what_is_run_gets_the_file_and_the_line) {
    char why[300] = "";
    char *script = text_format("#!/bin/sh\nprintf '%%s\\n' \"$@\" >'%s/got'\n", prefix);
    char *program = put_program("vi", script), *got = text_format("%s/got", prefix);
    unsetenv("VISUAL");
    setenv("EDITOR", program, 1);
    cr_assert(editor_run("/it's \"my\" $HOME; rm/a.c", 7, why), "%s", why);
    char *words = text_file(got, 1000);
    cr_assert_str_eq(words, "+7\n/it's \"my\" $HOME; rm/a.c\n", "%s", words);
    free(words);
    free(got);
    free(program);
    free(script);
}

Test(editor, one_that_fails_is_told) {
    static const char *const failing[] = {"/no/such/editor", "false", "kill -9 $$; true"};
    unsetenv("VISUAL");
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        char why[300] = "";
        setenv("EDITOR", failing[i], 1);
        cr_assert_not(editor_run("a.c", 1, why), "%s", failing[i]);
        cr_assert(strstr(why, "ended with a failure; is EDITOR right?"), "%s", why);
        cr_assert(strstr(why, failing[i]), "%s", why);
    }
}
