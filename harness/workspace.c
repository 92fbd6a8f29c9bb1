// workspace: one table of the files that are made, and three states that each of them can be in.
//
// A file of the table is *missing*, *as made* (equal to its copy in .unstuck/shipped) or *edited*. Making
// one adds what is missing; bringing one forward also renews what is as made. What is edited is never
// written to. The copy is written after the file itself: who is killed in between finds a file without a
// copy, which counts as edited unless it is what would be made.
//
// Rejected: a list of hashes in place of the copies (a copy also shows what was changed); times of files,
// which a checkout sets as it likes.
#include "harness/workspace.h"

#include "harness/compile.h"
#include "harness/file.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOURCE_LIMIT = 1 << 20 };

#define FORMAT "unstuck-workspace/v1"
#define MARK   ".unstuck/workspace.json"

// --- where ------------------------------------------------------------------------------------------

static char *inside(const char *root, const char *name) {
    return text_format("%s/%s", strcmp(root, "/") == 0 ? "" : root, name);
}

char *workspace_inside(const char *root, const char *name) {
    return text_format("%s/.unstuck/%s", root, name);
}

char *workspace_exercise(const char *root, const struct scenario_info *s) {
    return text_format("%s/exercises/%s.c", root, s->name);
}

static char *copy_path(const char *root, const char *name) {
    return text_format("%s/.unstuck/shipped/%s", root, name);
}

static bool is_workspace(const char *root) {
    char *mark = inside(root, MARK);
    bool there = access(mark, F_OK) == 0;
    free(mark);
    return there;
}

char *workspace_find(const char *path) {
    char *at = realpath(path, NULL);
    while (at && !is_workspace(at)) {
        char *slash = strrchr(at, '/');
        if (!slash || !at[1]) {
            free(at);
            return NULL;
        }
        slash[slash == at] = '\0';
    }
    return at;
}

// --- what is in it ----------------------------------------------------------------------------------

static const char readme[] =
    "# Leaks and deadlocks to mend\n"
    "\n"
    "Each file in `exercises/` is a small service with one bug: some task waits for ever.\n"
    "\n"
    "    unstuck              see the next one fail; `e` edits it, `h` is a hint\n"
    "    unstuck watch        the same without screens: save, and read the verdict\n"
    "    unstuck verify       what a grader would say\n"
    "    unstuck reset NAME   the exercise as it was; yours is kept in `.unstuck/history`\n"
    "\n"
    "Change nothing but the files in `exercises/`: no other is looked at. Commit `.unstuck/` too.\n";

static const char gitignore[] = "compile_commands.json\n"
                                ".cache/\n"
                                ".unstuck/*.lock\n"
                                "*.unstuck-new-*\n";

static const char gitattributes[] = "# both sides of a merge made attempts: keep them all\n"
                                    ".unstuck/progress.jsonl merge=union\n";

static const char github[] =
    "# Grades every push. The course sets one of two variables (Settings, Variables):\n"
    "#   UNSTUCK_IMAGE       a container image with unstuck in it, or\n"
    "#   UNSTUCK_REPOSITORY  the address of unstuck's sources, which are then built each time.\n"
    "name: unstuck\n"
    "on: [push, pull_request, workflow_dispatch]\n"
    "permissions:\n"
    "  contents: read\n"
    "jobs:\n"
    "  grade:\n"
    "    runs-on: ubuntu-latest\n"
    "    timeout-minutes: 20\n"
    "    container: ${{ vars.UNSTUCK_IMAGE || 'debian:12' }}\n"
    "    steps:\n"
    "      - uses: actions/checkout@v4\n"
    "      - name: unstuck\n"
    "        env:\n"
    "          REPOSITORY: ${{ vars.UNSTUCK_REPOSITORY }}\n"
    "        run: |\n"
    "          command -v unstuck && exit\n"
    "          test -n \"$REPOSITORY\" || { echo \"set UNSTUCK_IMAGE or UNSTUCK_REPOSITORY\"; exit 4; }\n"
    "          apt-get update -q && apt-get install -qy git\n"
    "          git clone -q --depth 1 \"$REPOSITORY\" /opt/unstuck\n"
    "          /opt/unstuck/unstuck --yes doctor\n"
    "          ln -s /opt/unstuck/unstuck /usr/local/bin/unstuck\n"
    "      - name: grade\n"
    "        run: unstuck grade . --format github --format junit=unstuck.xml --format json=unstuck.json\n"
    "      - uses: actions/upload-artifact@v4\n"
    "        if: always()\n"
    "        with:\n"
    "          name: unstuck\n"
    "          path: unstuck.*\n";

static const char gitlab[] =
    "# Grades every push. UNSTUCK_IMAGE (Settings, CI/CD, Variables) is a container image with unstuck.\n"
    "unstuck:\n"
    "  image: $UNSTUCK_IMAGE\n"
    "  timeout: 20m\n"
    "  script:\n"
    "    - unstuck grade . --format text --format junit=unstuck.xml --format json=unstuck.json\n"
    "  artifacts:\n"
    "    when: always\n"
    "    paths: [unstuck.json]\n"
    "    reports:\n"
    "      junit: unstuck.xml\n";

// Beside the exercises.
static const struct made {
    const char *name, *content;
} made[] = {
    {"README.md", readme},
    {".gitignore", gitignore},
    {".gitattributes", gitattributes},
    {".github/workflows/unstuck.yml", github},
    {".gitlab-ci.yml", gitlab},
};

// --- one file ---------------------------------------------------------------------------------------

enum state { STATE_MISSING, STATE_AS_MADE, STATE_EDITED };

static enum state state_of(const char *root, const char *name, const char *content) {
    char *path = inside(root, name), *copy = copy_path(root, name);
    char *now = text_file(path, SOURCE_LIMIT);
    enum state state = now || errno != ENOENT ? STATE_EDITED : STATE_MISSING;
    if (now && (file_holds(copy, now) || strcmp(now, content) == 0))
        state = STATE_AS_MADE;
    free(now);
    free(copy);
    free(path);
    return state;
}

static bool put_if_other(char *path, const char *content, char *why) {
    bool good = file_holds(path, content) || file_put(path, content, why);
    free(path);
    return good;
}

static bool put(const char *root, const char *name, const char *content, char *why) {
    return put_if_other(inside(root, name), content, why) &&
           put_if_other(copy_path(root, name), content, why);
}

static void say_kept(const char *root, const char *name, const char *content, struct text *said) {
    char *copy = copy_path(root, name);
    if (!file_holds(copy, content))
        text_addf(said,
                  "kept     %s: it is your own, and there is a newer one, now in "
                  ".unstuck/shipped/%s\n",
                  name, name);
    free(copy);
}

// Makes or renews a file, or leaves it where it was edited.
static bool bring(const char *root, const char *name, const char *content, struct text *said,
                  char *why) {
    enum state state = state_of(root, name, content);
    char *path = inside(root, name);
    bool same = file_holds(path, content);
    free(path);
    if (state == STATE_EDITED) {
        say_kept(root, name, content, said);
        return put_if_other(copy_path(root, name), content, why);
    }
    if (!same)
        text_addf(said, "%s %s\n", state == STATE_MISSING ? "made    " : "renewed ", name);
    return put(root, name, content, why);
}

// --- exercises --------------------------------------------------------------------------------------

// NULL: `why` says why not.
static char *shipped_source(const struct scenario_info *s, char *why) {
    char *path = text_format("%s/exercise.c", s->folder);
    char *source = text_file(path, SOURCE_LIMIT);
    if (!source)
        snprintf(why, WORKSPACE_WHY, "%.200s: %.60s", path, strerror(errno));
    free(path);
    return source;
}

static bool bring_exercise(const char *root, const struct scenario_info *s, struct text *said,
                           char *why) {
    char *source = shipped_source(s, why);
    if (!source)
        return false;
    char *name = text_format("exercises/%s.c", s->name);
    bool good = bring(root, name, source, said, why);
    free(name);
    free(source);
    return good;
}

// --- for editors ------------------------------------------------------------------------------------

static json_t *command_of(const struct catalogue *c, const char *root,
                          const struct scenario_info *s) {
    char *file = workspace_exercise(root, s), *words = compile_words(c, s, file);
    json_t *arguments = json_array();
    for (const char *line = words; *line;) {
        size_t length = strcspn(line, "\n");
        json_array_append_new(arguments, json_stringn_nocheck(line, length));
        line += length + (line[length] == '\n');
    }
    json_t *entry = json_pack("{s:s, s:s, s:o}", "directory", root, "file", file, "arguments",
                              arguments);
    free(words);
    free(file);
    return entry;
}

// clangd and others read it; nothing of ours does, so that it cannot be written is only told.
static void put_commands(const struct catalogue *c, const char *root, struct text *said) {
    char why[FILE_WHY];
    json_t *list = json_array();
    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(list, command_of(c, root, &c->scenarios[i]));
    char *content = json_dumps(list, JSON_INDENT(1));
    if (content && !put_if_other(inside(root, "compile_commands.json"), content, why))
        text_addf(said, "without  compile_commands.json: %s\n", why);
    json_decref(list);
    free(content);
}

// --- all of it --------------------------------------------------------------------------------------

static bool put_mark(const char *root, char *why) {
    static const char content[] = "{\"format\": \"" FORMAT "\", \"program\": \"" UNSTUCK_VERSION
                                  "\"}\n";
    return put_if_other(inside(root, MARK), content, why);
}

static bool bring_all(const struct catalogue *c, const char *root, struct text *said, char *why) {
    bool good = true;
    for (size_t i = 0; i < sizeof made / sizeof *made && good; i++)
        good = bring(root, made[i].name, made[i].content, said, why);
    for (size_t i = 0; i < c->count && good; i++)
        good = bring_exercise(root, &c->scenarios[i], said, why);
    if (!good)
        return false;
    put_commands(c, root, said);
    return put_mark(root, why); // last: from here on it is one
}

// The first exercise that is there already and is another file. NULL: there is none; else malloc'ed.
static char *in_the_way(const struct catalogue *c, const char *root) {
    char why[WORKSPACE_WHY], *found = NULL;
    for (size_t i = 0; i < c->count && !found; i++) {
        char *name = text_format("exercises/%s.c", c->scenarios[i].name);
        char *source = shipped_source(&c->scenarios[i], why);
        if (source && state_of(root, name, source) == STATE_EDITED)
            found = text_copy(name);
        free(source);
        free(name);
    }
    return found;
}

// The workspace that a folder lies in, or would lie in once it is made.
static char *outer_workspace(const char *folder) {
    char *at = text_copy(folder);
    while (access(at, F_OK) != 0 && strrchr(at, '/') > at)
        *strrchr(at, '/') = '\0';
    char *outer = workspace_find(access(at, F_OK) == 0 ? at : *at == '/' ? "/" : ".");
    free(at);
    return outer;
}

static bool refuse(const struct catalogue *c, const char *root, char *why) {
    char *outer = outer_workspace(root), *name = in_the_way(c, root);
    bool refused = outer || name;
    if (outer)
        snprintf(why, WORKSPACE_WHY,
                 "%.200s is a workspace already; `unstuck init --update` there brings it forward",
                 outer);
    else if (name)
        snprintf(why, WORKSPACE_WHY,
                 "%.150s/%.80s is there already, and is another file; name a folder without it",
                 root, name);
    free(outer);
    free(name);
    return refused;
}

bool workspace_make(const struct catalogue *c, const char *folder, struct text *said, char *why) {
    char *probe = text_format("%s/", folder);
    bool good = !refuse(c, folder, why) && file_folders(probe, why);
    char *root = good ? realpath(folder, NULL) : NULL;
    if (good && !root)
        snprintf(why, WORKSPACE_WHY, "%.200s: %.60s", folder, strerror(errno));
    good = root && bring_all(c, root, said, why);
    free(root);
    free(probe);
    return good;
}

// What the mark says its format is, malloc'ed; NULL: it cannot be read.
static char *format_of(const char *path) {
    json_t *mark = json_load_file(path, 0, NULL);
    const char *format = json_string_value(json_object_get(mark, "format"));
    char *copy = format ? text_copy(format) : NULL;
    json_decref(mark);
    return copy;
}

// Whether this program may use it; if only the mark cannot be read, it may `renew` it.
static bool usable(const char *root, bool renew, char *why) {
    char *path = inside(root, MARK), *format = format_of(path);
    bool good = format ? strcmp(format, FORMAT) == 0 : renew;
    if (!good && !format)
        snprintf(why, WORKSPACE_WHY,
                 "%.200s cannot be read; `unstuck init --update` writes it anew", path);
    else if (!good)
        snprintf(why, WORKSPACE_WHY, "%.150s is of another unstuck (%.40s); this one reads " FORMAT,
                 path, format);
    free(format);
    free(path);
    return good;
}

bool workspace_update(const struct catalogue *c, const char *root, struct text *said, char *why) {
    return usable(root, true, why) && bring_all(c, root, said, why);
}

static void forget_objects(struct variant *v) {
    free(v->object);
    free(v->tsan);
    v->object = v->tsan = NULL;
}

static void adopt_one(const char *root, struct scenario_info *s) {
    char why[WORKSPACE_WHY];
    char *path = workspace_exercise(root, s), *shipped = shipped_source(s, why);
    struct variant *v = s->variant_count ? &s->variants[0] : NULL;
    if (v && access(path, F_OK) == 0) {
        if (!shipped || !file_holds(path, shipped))
            forget_objects(v);
        free(v->shipped);
        v->shipped = text_format("%s/exercise.c", s->folder);
        free(v->source);
        free(v->file);
        v->source = text_copy(path);
        v->file = text_format("%s.c", s->name);
    }
    free(shipped);
    free(path);
}

bool workspace_adopt(const char *root, struct catalogue *c, char *why) {
    if (!usable(root, false, why))
        return false;
    for (size_t i = 0; i < c->count; i++)
        adopt_one(root, &c->scenarios[i]);
    return true;
}

// --- versions of an exercise ------------------------------------------------------------------------

static char *history_path(const char *root, const struct scenario_info *s, const char *file) {
    char hash[SOURCE_HASH];
    struct variant v = {.source = (char *)(uintptr_t)file};
    return text_format("%s/.unstuck/history/%s/%s.c", root, s->name, variant_hash(&v, hash));
}

bool workspace_keep(const char *root, const struct scenario_info *s, char **kept, char *why) {
    char *file = workspace_exercise(root, s), *source = text_file(file, SOURCE_LIMIT);
    char *path = source ? history_path(root, s, file) : NULL;
    if (!source)
        snprintf(why, WORKSPACE_WHY, "%.200s: %.60s", file, strerror(errno));
    bool good = source && (file_holds(path, source) || file_put(path, source, why));
    if (kept)
        *kept = good ? text_copy(path) : NULL;
    free(path);
    free(source);
    free(file);
    return good;
}

bool workspace_reset(const char *root, const struct scenario_info *s, char **kept, char *why) {
    char *source = shipped_source(s, why);
    *kept = NULL;
    if (!source)
        return false;
    char *path = workspace_exercise(root, s), *name = text_format("exercises/%s.c", s->name);
    bool there = access(path, F_OK) == 0, good = true;
    if (there && !file_holds(path, source))
        good = workspace_keep(root, s, kept, why);
    good = good && put(root, name, source, why);
    free(name);
    free(path);
    free(source);
    return good;
}
