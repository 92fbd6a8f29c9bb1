// What the program says of its commands.
#include "tui/commands.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The help of a command, of all of them for NULL; the caller frees it.
static char *help_of(const char *name) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (name)
        help_command(command_find(name, NULL), out);
    else
        help_all(out);
    fclose(out);
    return text;
}

static void says(const char *name, const char *words) {
    char *text = help_of(name);
    cr_assert(strstr(text, words), "`%s` in\n%s", words, text);
    free(text);
}

Test(commands, help_tells_how_long_live_goes_on_without_a_terminal) {
    char words[64];
    snprintf(words, sizeof words, "(%ds if not on a terminal)", LIVE_SECONDS);
    says("live", words);
    says(NULL, words);
    snprintf(words, sizeof words, "virtual time (%ds if not on a terminal)", LIVE_SECONDS);
    says("live", words);
}

Test(commands, every_command_that_is_shown_is_in_the_help) {
    for (size_t i = 0; i < command_count; i++)
        if (!commands[i].hidden)
            says(NULL, commands[i].help);
}

Test(commands, no_line_of_help_is_wider_than_a_terminal) {
    for (size_t i = 0; i <= command_count; i++) {
        char *text = help_of(i < command_count ? commands[i].name : NULL);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            cr_assert_leq(strlen(line), 80, "%s", line);
        free(text);
    }
}
