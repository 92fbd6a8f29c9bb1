// A learner's folder: made, brought forward, put back, and left whole by whatever goes wrong.
#include "harness/file.h"
#include "harness/tests/prefix.h"
#include "harness/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct catalogue c;
static struct text said;
static char why[WORKSPACE_WHY], *root;

static void start(void) {
    prefix_start();
    prefix_scenario("first-case", 1);
    prefix_scenario("second-case", 2);
    cr_assert(catalogue_open(&c, why), "%s", why);
    char *resolved = realpath(prefix, NULL);
    root = text_format("%s/mine", resolved);
    free(resolved);
    *why = '\0';
}

static void end(void) {
    catalogue_close(&c);
    text_free(&said);
    free(root);
    prefix_end();
}

TestSuite(workspace, .init = start, .fini = end, .timeout = 120);

static bool make(const char *folder) {
    text_free(&said);
    return workspace_make(&c, folder, &said, why);
}

static bool update(void) {
    text_free(&said);
    return workspace_update(&c, root, &said, why);
}

static const char *words(void) {
    return said.data ? said.data : "";
}

static bool holds(const char *name, const char *content) {
    char *path = text_format("%s/%s", root, name);
    bool same = file_holds(path, content);
    free(path);
    return same;
}

static bool there(const char *name) {
    char *path = text_format("%s/%s", root, name);
    bool found = access(path, F_OK) == 0;
    free(path);
    return found;
}

static void write_to(const char *name, const char *content) {
    char *path = text_format("%s/%s", root, name), problem[FILE_WHY];
    cr_assert(file_put(path, content, problem), "%s", problem);
    free(path);
}

static void ship(const char *name, const char *content) {
    char *path = text_format("share/unstuck/scenarios/%s/exercise.c", name);
    prefix_put(path, content);
    free(path);
}

static void makes(void) {
    cr_assert(make(root), "%s", why);
}

#define says(words_)    cr_assert(strstr(words(), words_), "no `%s` in: %s", words_, words())
#define because(words_) cr_assert(strstr(why, words_), "no `%s` in: %s", words_, why)

static const char *const files[] = {
    "README.md",
    ".gitignore",
    ".gitattributes",
    ".github/workflows/unstuck.yml",
    ".gitlab-ci.yml",
    "exercises/first-case.c",
    "exercises/second-case.c",
};
enum { FILES = sizeof files / sizeof *files };

// ---- made ----

static void is_whole(void) {
    for (size_t i = 0; i < FILES; i++) {
        char *path = text_format("%s/%s", root, files[i]);
        char *copy = text_format("%s/.unstuck/shipped/%s", root, files[i]);
        char *content = text_file(path, 1 << 20);
        cr_assert(content && *content, "%s is missing", path);
        cr_assert(file_holds(copy, content), "%s is another", copy);
        free(content);
        free(copy);
        free(path);
    }
    cr_assert(there(".unstuck/workspace.json"));
    cr_assert(there("compile_commands.json"));
}

Test(workspace, is_made_with_all_its_files) {
    makes();
    is_whole();
    says("made     exercises/first-case.c\n");
    cr_assert(holds("exercises/second-case.c", "// The desk.\n"));
}

Test(workspace, is_found_from_within_and_nowhere_else) {
    makes();
    char *below = text_format("%s/.github/workflows", root), *found;
    cr_assert_str_eq(found = workspace_find(below), root);
    free(found);
    cr_assert_str_eq(found = workspace_find(root), root);
    free(found);
    cr_assert_null(workspace_find(prefix));
    cr_assert_null(workspace_find("/"));
    cr_assert_null(workspace_find("/no/such/folder"));
    free(below);
}

Test(workspace, is_made_in_a_folder_that_is_there_with_files_of_its_own) {
    write_to("README.md", "mine\n");
    write_to("notes.txt", "mine too\n");
    makes();
    cr_assert(holds("README.md", "mine\n"));
    cr_assert(holds("notes.txt", "mine too\n"));
    says("kept     README.md: it is your own");
    cr_assert(there("exercises/first-case.c"));
}

Test(workspace, is_named_by_a_relative_path) {
    cr_assert_eq(chdir(prefix), 0);
    cr_assert(make("mine"), "%s", why);
    is_whole();
}

Test(workspace, a_link_to_its_root_is_the_root) {
    char *link = text_format("%s/link", prefix), *real = text_format("%s/real", prefix);
    cr_assert_eq(mkdir(real, 0755), 0);
    cr_assert_eq(symlink("real", link), 0);
    cr_assert(make(link), "%s", why);
    char *found = workspace_find(link), *resolved = realpath(real, NULL);
    cr_assert_str_eq(found, resolved);
    cr_assert(workspace_adopt(found, &c, why), "%s", why);
    cr_assert_eq(strncmp(c.scenarios[0].variants[0].source, resolved, strlen(resolved)), 0);
    free(resolved);
    free(found);
    free(real);
    free(link);
}

// ---- refused ----

Test(workspace, another_file_of_that_name_is_in_the_way) {
    write_to("exercises/second-case.c", "int mine;\n");
    cr_assert_not(make(root));
    because("exercises/second-case.c is there already");
    cr_assert(holds("exercises/second-case.c", "int mine;\n"));
    cr_assert_not(there("exercises/first-case.c"));
    cr_assert_not(there(".unstuck"));
}

Test(workspace, there_is_none_in_another_nor_twice) {
    makes();
    cr_assert_not(make(root));
    because("is a workspace already; `unstuck init --update` there brings it forward");
    char *inner = text_format("%s/deep/down", root);
    cr_assert_not(make(inner));
    because("is a workspace already");
    cr_assert_not(there("deep"));
    free(inner);
    cr_assert_eq(chdir(root), 0);
    cr_assert_not(make("sub"));
    because("is a workspace already");
    cr_assert_not(there("sub"));
}

Test(workspace, a_file_in_place_of_the_folder_is_told) {
    char *path = prefix_write("plain", "x");
    cr_assert_not(make(path));
    because("plain");
    cr_assert(file_holds(path, "x"));
    free(path);
}

// ---- begun and not finished ----

Test(workspace, what_was_begun_is_gone_on_with) {
    write_to("exercises/first-case.c", "// The desk.\n");
    write_to("README.md", "");
    makes();
    cr_assert(there(".unstuck/shipped/exercises/first-case.c"));
    cr_assert(there(".unstuck/workspace.json"));
    cr_assert_not(strstr(words(), "first-case"), "%s", words());
}

static int left_begun(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    return strstr(path, ".unstuck-new-") != NULL;
}

static bool any_begun(void) {
    return nftw(root, left_begun, 16, FTW_PHYS) != 0;
}

// No file is ever half there: what is there is what would be made.
static void nothing_half(void) {
    static const char *const markers[FILES] = {
        "too.\n", "-new-*\n", "=union\n", "unstuck.*\n", "unstuck.xml\n", "desk.\n", "desk.\n"};
    for (size_t i = 0; i < FILES; i++) {
        char *path = text_format("%s/%s", root, files[i]), *content = text_file(path, 1 << 20);
        size_t size = content ? strlen(content) : 0, mark = strlen(markers[i]);
        cr_assert(!content || (size >= mark && !strcmp(content + size - mark, markers[i])),
                  "half of %s: %s", path, content);
        free(content);
        free(path);
    }
}

static void remove_all(void) {
    nftw(root, prefix_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

// Killed after so many microseconds; returns whether it was killed before it was done.
static bool make_killed(useconds_t after) {
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(workspace_make(&c, root, &said, why) ? 0 : 1);
    usleep(after);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

Test(workspace, whoever_is_killed_while_it_is_made_leaves_what_can_be_gone_on_with) {
    int killed = 0;
    for (int i = 0; i < 14; i++) {
        killed += make_killed((useconds_t)(i * 2000));
        nothing_half();
        if (!there(".unstuck/workspace.json"))
            cr_assert(make(root), "after %d: %s", i, why);
        is_whole();
        cr_assert_not(any_begun(), "after %d", i);
        remove_all();
    }
    cr_assert_gt(killed, 0, "none was killed in time");
}

// ---- what cannot be written ----

// From here on permissions hold for root, too.
static void as_anybody(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    cr_assert_eq(syscall(SYS_capget, &header, data), 0);
    uint32_t both = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    data[0].effective &= ~both;
    cr_assert_eq(syscall(SYS_capset, &header, data), 0);
}

Test(workspace, a_read_only_folder_is_told_and_stays_empty) {
    cr_assert_eq(mkdir(root, 0555), 0);
    as_anybody();
    cr_assert_not(make(root));
    because("Permission denied");
    because("/mine/");
    cr_assert_eq(rmdir(root), 0, "something is in it");
}

Test(workspace, a_workspace_that_became_read_only_is_told_and_unchanged) {
    makes();
    ship("first-case", "// A newer desk.\n");
    char *exercises = text_format("%s/exercises", root);
    cr_assert_eq(chmod(exercises, 0555), 0);
    as_anybody();
    cr_assert_not(update());
    because("exercises/first-case.c: Permission denied");
    cr_assert(holds("exercises/first-case.c", "// The desk.\n"));
    write_to("exercises/../README.md", "mine\n"); // elsewhere one can
    cr_assert_eq(chmod(exercises, 0755), 0);
    cr_assert(update(), "%s", why);
    cr_assert(holds("exercises/first-case.c", "// A newer desk.\n"));
    cr_assert(holds("README.md", "mine\n"));
    free(exercises);
}

static bool make_in(rlim_t bytes) {
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    bool made = make(root);
    setrlimit(RLIMIT_FSIZE, &before);
    return made;
}

// The limit lets small files be made and stops at a larger one, as a disk does that fills.
Test(workspace, a_disk_that_is_full_leaves_nothing_half) {
    static const rlim_t sizes[] = {0, 20, 100, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cr_assert_not(make_in(sizes[i]), "with %d bytes", (int)sizes[i]);
        because("File too large");
        nothing_half();
        cr_assert_not(any_begun());
        cr_assert_not(there(".unstuck/workspace.json"));
    }
    makes();
    is_whole();
}

// ---- brought forward ----

Test(workspace, an_update_renews_what_was_not_edited_and_keeps_what_was) {
    makes();
    write_to("exercises/second-case.c", "int mine;\n");
    ship("first-case", "// A newer desk.\n");
    ship("second-case", "// Another newer desk.\n");
    cr_assert(update(), "%s", why);
    says("renewed  exercises/first-case.c\n");
    says("kept     exercises/second-case.c: it is your own, and there is a newer one, now in "
         ".unstuck/shipped/exercises/second-case.c\n");
    cr_assert(holds("exercises/first-case.c", "// A newer desk.\n"));
    cr_assert(holds("exercises/second-case.c", "int mine;\n"));
    cr_assert(holds(".unstuck/shipped/exercises/second-case.c", "// Another newer desk.\n"));
    cr_assert(update(), "%s", why);
    cr_assert_str_empty(words());
    cr_assert(holds("exercises/second-case.c", "int mine;\n"));
}

Test(workspace, an_update_adds_what_is_new_or_gone) {
    makes();
    char *path = text_format("%s/exercises/second-case.c", root);
    cr_assert_eq(unlink(path), 0);
    free(path);
    catalogue_close(&c);
    prefix_scenario("third-case", 3);
    cr_assert(catalogue_open(&c, why), "%s", why);
    cr_assert(update(), "%s", why);
    says("made     exercises/third-case.c\n");
    says("made     exercises/second-case.c\n");
    cr_assert_not(strstr(words(), "first-case"), "%s", words());
    cr_assert(holds("exercises/third-case.c", "// The desk.\n"));
}

Test(workspace, an_edit_that_is_what_is_now_shipped_is_no_edit) {
    makes();
    write_to("exercises/first-case.c", "// A newer desk.\n");
    ship("first-case", "// A newer desk.\n");
    cr_assert(update(), "%s", why);
    cr_assert_str_empty(words());
    ship("first-case", "// The newest desk.\n");
    cr_assert(update(), "%s", why);
    says("renewed  exercises/first-case.c");
}

// ---- other programs, broken marks ----

Test(workspace, a_torn_mark_is_told_and_an_update_mends_it) {
    makes();
    write_to(".unstuck/workspace.json", "{\"format\": \"unst");
    cr_assert_not(workspace_adopt(root, &c, why));
    because("workspace.json cannot be read; `unstuck init --update` writes it anew");
    cr_assert(update(), "%s", why);
    cr_assert(workspace_adopt(root, &c, why), "%s", why);
}

Test(workspace, a_workspace_of_another_format_is_left_alone) {
    static const char other[] = "{\"format\": \"unstuck-workspace/v9\"}\n";
    makes();
    write_to(".unstuck/workspace.json", other);
    ship("first-case", "// A newer desk.\n");
    cr_assert_not(workspace_adopt(root, &c, why));
    because("is of another unstuck (unstuck-workspace/v9); this one reads unstuck-workspace/v1");
    cr_assert_not(update());
    because("is of another unstuck");
    cr_assert(holds(".unstuck/workspace.json", other));
    cr_assert(holds("exercises/first-case.c", "// The desk.\n"));
}

// ---- adopted ----

Test(workspace, its_files_are_the_exercises) {
    makes();
    write_to("exercises/second-case.c", "int mine;\n");
    cr_assert(workspace_adopt(root, &c, why), "%s", why);
    const struct variant *shipped = &c.scenarios[0].variants[0];
    const struct variant *edited = &c.scenarios[1].variants[0];
    char *source = text_format("%s/exercises/second-case.c", root);
    cr_assert_str_eq(edited->source, source);
    cr_assert_str_eq(edited->file, "second-case.c");
    cr_assert_str_eq(edited->label, "exercise");
    cr_assert_null(edited->object);
    cr_assert_null(edited->tsan);
    cr_assert(shipped->object && shipped->tsan);
    cr_assert_str_eq(c.scenarios[1].variants[1].label, "solution:a.c");
    cr_assert(c.scenarios[1].variants[1].object);
    free(source);
}

Test(workspace, an_exercise_that_is_gone_is_the_shipped_one) {
    makes();
    char *path = text_format("%s/exercises/first-case.c", root);
    cr_assert_eq(unlink(path), 0);
    cr_assert(workspace_adopt(root, &c, why), "%s", why);
    cr_assert(strstr(c.scenarios[0].variants[0].source, "share/unstuck"));
    cr_assert(c.scenarios[0].variants[0].object);
    free(path);
}

// ---- for editors ----

Test(workspace, an_editor_finds_how_each_exercise_is_compiled) {
    makes();
    char *path = text_format("%s/compile_commands.json", root);
    json_t *list = json_load_file(path, 0, NULL);
    cr_assert_eq(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *entry = json_array_get(list, i), *arguments;
        char *file = text_format("%s/exercises/%s.c", root, c.scenarios[i].name);
        cr_assert_str_eq(json_string_value(json_object_get(entry, "directory")), root);
        cr_assert_str_eq(json_string_value(json_object_get(entry, "file")), file);
        arguments = json_object_get(entry, "arguments");
        size_t count = json_array_size(arguments);
        cr_assert_gt(count, 2);
        cr_assert_str_eq(json_string_value(json_array_get(arguments, count - 1)), file);
        free(file);
    }
    json_decref(list);
    free(path);
}

// ---- versions ----

Test(workspace, a_reset_keeps_the_learners_version) {
    makes();
    char *kept;
    write_to("exercises/first-case.c", "int mine;\n");
    cr_assert(workspace_reset(root, &c.scenarios[0], &kept, why), "%s", why);
    cr_assert(kept && strstr(kept, ".unstuck/history/first-case/"), "%s", kept);
    cr_assert(file_holds(kept, "int mine;\n"));
    cr_assert(holds("exercises/first-case.c", "// The desk.\n"));
    free(kept);
    cr_assert(workspace_reset(root, &c.scenarios[0], &kept, why), "%s", why);
    cr_assert_null(kept);
}

Test(workspace, a_reset_brings_back_what_was_deleted) {
    makes();
    char *path = text_format("%s/exercises/first-case.c", root), *kept;
    cr_assert_eq(unlink(path), 0);
    cr_assert(workspace_reset(root, &c.scenarios[0], &kept, why), "%s", why);
    cr_assert_null(kept);
    cr_assert(file_holds(path, "// The desk.\n"));
    free(path);
}

Test(workspace, a_reset_that_cannot_keep_changes_nothing) {
    makes();
    char *kept, *inside = text_format("%s/.unstuck", root);
    write_to("exercises/first-case.c", "int mine;\n");
    cr_assert_eq(chmod(inside, 0555), 0);
    as_anybody();
    cr_assert_not(workspace_reset(root, &c.scenarios[0], &kept, why));
    because(".unstuck/history: Permission denied");
    cr_assert_null(kept);
    cr_assert(holds("exercises/first-case.c", "int mine;\n"));
    chmod(inside, 0755);
    free(inside);
}

Test(workspace, a_version_is_kept_once) {
    makes();
    char *first, *second;
    write_to("exercises/first-case.c", "int mine;\n");
    cr_assert(workspace_keep(root, &c.scenarios[0], &first, why), "%s", why);
    struct stat before, after;
    cr_assert_eq(stat(first, &before), 0);
    cr_assert(workspace_keep(root, &c.scenarios[0], &second, why), "%s", why);
    cr_assert_str_eq(first, second);
    cr_assert_eq(stat(first, &after), 0);
    cr_assert_eq(before.st_ino, after.st_ino);
    free(first);
    free(second);
}
