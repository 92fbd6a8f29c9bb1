// init and reset: a workspace is made or brought forward; an exercise is put back.
#include "tui/commands.h"

#include "harness/workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int update(struct session *s) {
    char why[WORKSPACE_WHY];
    struct text said = {0};
    const char *folder = s->options.argument_count ? s->options.arguments[0] : ".";
    char *root = workspace_find(folder);
    if (!root)
        return complain("init: %.200s is no workspace; `unstuck init DIR` makes one", folder);
    bool good = workspace_update(&s->catalogue, root, &said, why);
    fputs(said.data ? said.data : "", stdout);
    if (good)
        printf("%s is as this unstuck makes it%s.\n", root,
               said.length ? "; what you changed stays as it is" : "");
    else
        say("%s", why);
    text_free(&said);
    free(root);
    return good ? EXIT_FINE : EXIT_UNUSABLE;
}

// Of what was done, that which is not as one would expect.
static void put_exceptions(const char *said) {
    for (; said && *said; said += strcspn(said, "\n") + 1)
        if (strncmp(said, "made ", strlen("made ")) != 0)
            printf("%.*s\n", (int)strcspn(said, "\n"), said);
}

static int make(struct session *s, const char *folder) {
    char why[WORKSPACE_WHY];
    struct text said = {0}, words = {0};
    bool good = workspace_make(&s->catalogue, folder, &said, why);
    put_exceptions(said.data);
    text_free(&said);
    if (!good) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    text_add_word(&words, folder);
    char *words_text = text_take(&words);
    printf("A workspace with %zu exercises. Go on with:\n\n  cd%s\n  unstuck\n", s->catalogue.count,
           words_text);
    free(words_text);
    return EXIT_FINE;
}

int command_init(struct session *s) {
    if (s->options.update)
        return update(s);
    if (!s->options.argument_count)
        return complain("init needs to be told where. Usage: unstuck init DIR");
    return make(s, s->options.arguments[0]);
}

int command_reset(struct session *s) {
    char why[WORKSPACE_WHY], *kept = NULL;
    const struct scenario_info *scenario = find_scenario(s, s->options.arguments[0]);
    if (!scenario)
        return EXIT_USAGE;
    if (!s->workspace)
        return complain("reset: this is no workspace; `unstuck init DIR` makes one");
    if (!workspace_reset(s->workspace, scenario, &kept, why)) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    if (kept)
        printf("%s is as shipped again. Yours is kept in %s\n", scenario->name, kept);
    else
        printf("%s is as shipped.\n", scenario->name);
    free(kept);
    return EXIT_FINE;
}
