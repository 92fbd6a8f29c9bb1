// tui: the screens; where they cannot be shown, the list as text and a word on how to go on.
#include "tui/commands.h"
#include "tui/tui.h"

#include <stdio.h>

static enum tui_colour colour_of(enum colour_choice choice) {
    static const enum tui_colour same[] = {[COLOUR_AUTO] = TUI_COLOUR_AUTO,
                                           [COLOUR_ALWAYS] = TUI_COLOUR_ALWAYS,
                                           [COLOUR_NEVER] = TUI_COLOUR_NEVER};
    return same[choice];
}

// `list`, then why there are no screens and what to do instead.
static int as_text(struct session *s, const char *why) {
    int code = command_list(s);
    printf("\nNo screens here: %s Every command has a plain-text form: unstuck --help\n", why);
    return code;
}

int command_tui(struct session *s) {
    const struct options *o = &s->options;
    struct tui_options options = {.colour = colour_of(o->colour),
                                  .ascii = o->ascii,
                                  .workspace = s->workspace,
                                  .snapshot = o->snapshot,
                                  .keys = o->keys};
    char why[300], notice[200];
    if (o->keys && !o->snapshot)
        return complain("--keys needs --snapshot");
    if (o->argument_count > 0) {
        const struct scenario_info *scenario = find_scenario(s, o->arguments[0]);
        if (!scenario)
            return EXIT_USAGE;
        options.start = scenario->name;
    }
    if (!o->snapshot && !tui_possible(why))
        return as_text(s, why);
    if (s->packs.fault_count) {
        say_faults(s); // for when the screens are gone
        snprintf(notice, sizeof notice, "Left out, as it cannot be used: %s%s",
                 s->packs.faults[0].scenario.name,
                 s->packs.fault_count > 1 ? " and others (see stderr)" : " (see stderr)");
        options.notice = notice;
    }
    return tui_main(&s->catalogue, &options);
}
