#include "tui/complete.h"

#include "tui/commands.h"

#include <string.h>

// --- scripts ----------------------------------------------------------------------------------------

static const char bash[] =
    "# bash completion of unstuck: asks the program itself.\n"
    "_unstuck() {\n"
    "    local words line now=${COMP_WORDS[COMP_CWORD]}\n"
    "    # bash breaks words at = : and @, which the program does not; it gets them whole, and bash the\n"
    "    # part behind the last break\n"
    "    read -ra words <<<\"${COMP_LINE:0:COMP_POINT}\"\n"
    "    [[ ${COMP_LINE:0:COMP_POINT} == *\" \" ]] && words+=(\"\")\n"
    "    [[ $now == [=:@] ]] && now=\n"
    "    local whole=${words[-1]}\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        line=${line%%$'\\t'*}\n"
    "        COMPREPLY+=(\"${line#\"${whole%\"$now\"}\"}\")\n"
    "    done < <(\"${COMP_WORDS[0]}\" dev complete -- \"${words[@]:1}\" 2>/dev/null)\n"
    "}\n"
    "complete -o default -F _unstuck unstuck\n";

static const char zsh[] =
    "#compdef unstuck\n"
    "# zsh completion of unstuck: asks the program itself.\n"
    "_unstuck() {\n"
    "    local -a found\n"
    "    local line name\n"
    "    while IFS= read -r line; do\n"
    "        name=${line%%$'\\t'*}\n"
    "        found+=(\"${name//:/\\\\:}:${line#*$'\\t'}\")\n"
    "    done < <(\"${words[1]}\" dev complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
    "    if (( $#found )); then _describe unstuck found; else _files; fi\n"
    "}\n"
    "if [ \"${funcstack[1]}\" = _unstuck ]; then _unstuck \"$@\"; else compdef _unstuck unstuck; fi\n";

static const char fish[] = "# fish completion of unstuck: asks the program itself.\n"
                           "function __unstuck_complete\n"
                           "    set -l words (commandline -opc) (commandline -ct)\n"
                           "    $words[1] dev complete -- $words[2..-1] 2>/dev/null\n"
                           "end\n"
                           "complete -c unstuck -a '(__unstuck_complete)'\n";

const char *complete_script(const char *shell) {
    if (strcmp(shell, "bash") == 0)
        return bash;
    if (strcmp(shell, "zsh") == 0)
        return zsh;
    return strcmp(shell, "fish") == 0 ? fish : NULL;
}

// --- candidates -------------------------------------------------------------------------------------

// What is being completed.
struct line {
    const struct catalogue *catalogue;
    const struct command *command;
    const char *const *words;
    size_t count;
    const char *last;
    FILE *out;
};

static void offer(const struct line *l, const char *word, const char *about) {
    if (strncmp(word, l->last, strlen(l->last)) == 0)
        fprintf(l->out, "%s\t%s\n", word, about ? about : "");
}

static void offer_commands(const struct line *l) {
    for (size_t i = 0; i < command_count; i++)
        if (!commands[i].hidden)
            offer(l, commands[i].name, commands[i].help);
}

static void offer_flags(const struct line *l) {
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (command_takes(l->command, i))
            offer(l, option_rows[i].flag, option_rows[i].help);
}

static void offer_scenarios(const struct line *l, const char *ending) {
    for (size_t i = 0; l->catalogue && i < l->catalogue->count; i++) {
        char word[128];
        snprintf(word, sizeof word, "%s%s", l->catalogue->scenarios[i].name, ending);
        offer(l, word, l->catalogue->scenarios[i].title);
    }
}

// The flag that a word is, with a value to follow; NULL: none such.
static const struct option_row *valued(const struct line *l, const char *word) {
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (command_takes(l->command, i) && option_rows[i].kind != OPTION_FLAG &&
            strcmp(option_rows[i].flag, word) == 0)
            return &option_rows[i];
    return NULL;
}

// Which argument of the command is being completed, from 0; *first gets the first one.
static size_t argument_at(const struct line *l, const char **first) {
    size_t at = 0;
    *first = "";
    for (size_t i = 1; i + 1 < l->count; i++) {
        if (valued(l, l->words[i])) {
            i++;
        } else if (l->words[i][0] != '-') {
            *first = at ? *first : l->words[i];
            at++;
        }
    }
    return at;
}

static void offer_variants(const struct line *l) {
    const char *first;
    char name[128];
    argument_at(l, &first);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(first, "@"), first);
    const struct scenario_info *s = l->catalogue ? catalogue_find(l->catalogue, name) : NULL;
    offer(l, "exercise", "the exercise");
    if (!s)
        offer(l, "solution", "the first solution");
    for (size_t i = 1; s && i < s->variant_count; i++)
        offer(l, s->variants[i].label, s->variants[i].idea);
}

static void offer_choices(const struct line *l, const char *choices) {
    for (; *choices && *choices != ' '; choices += *choices == '|') {
        size_t length = strcspn(choices, "| ");
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)length, choices);
        offer(l, word, NULL);
        choices += length;
    }
}

static void offer_values(const struct line *l, const struct option_row *row) {
    if (strcmp(row->flag, "--variant") == 0)
        offer_variants(l);
    else if (row->kind == OPTION_COLOUR)
        offer_choices(l, "auto|always|never");
    else if (strcmp(row->flag, "--schedule") == 0)
        offer_scenarios(l, "@x1");
}

// What follows `dev PART`.
static void offer_part(const struct line *l, const char *part) {
    if (strcmp(part, "completion") == 0)
        offer_choices(l, "bash|zsh|fish");
    if (strcmp(part, "check") == 0)
        offer_scenarios(l, "");
}

static void offer_arguments(const struct line *l) {
    const char *usage = l->command->usage, *first;
    if (*usage == '[')
        usage++;
    bool more = strstr(usage, "...") != NULL;
    bool behind = argument_at(l, &first) > 0;
    if (behind && l->command->run == command_dev) {
        offer_part(l, first);
        return;
    }
    if (behind && !more)
        return;
    if (strncmp(usage, "NAME", 4) == 0)
        offer_scenarios(l, "");
    if (strncmp(usage, "NAME|all", 8) == 0 && !behind)
        offer(l, "all", "every scenario");
    if (strncmp(usage, "ID", 2) == 0)
        offer_scenarios(l, "@x1");
    if (strncmp(usage, "COMMAND", 7) == 0)
        offer_commands(l);
    for (size_t i = 0; strncmp(usage, "PART", 4) == 0 && dev_part(i); i++)
        offer(l, dev_part(i), NULL);
}

void complete_words(const struct catalogue *c, const char *const *words, size_t count, FILE *out) {
    struct line l = {.catalogue = c, .words = words, .count = count, .out = out};
    l.last = count ? words[count - 1] : "";
    if (count < 2) {
        offer_commands(&l);
        return;
    }
    l.command = command_find(words[0], NULL);
    if (!l.command)
        return;
    const struct option_row *row = count > 2 ? valued(&l, words[count - 2]) : NULL;
    if (row)
        offer_values(&l, row);
    else if (*l.last == '-')
        offer_flags(&l);
    else
        offer_arguments(&l);
}
