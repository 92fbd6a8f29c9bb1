// tool: see tool.h.
#include "harness/tool.h"

#include "harness/cache.h"
#include "harness/text.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_MOST = 1 << 22 };

static int is_source(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strlen(dot) == 2 && strchr("chS", dot[1]);
}

static uint64_t mix_file(uint64_t hash, const char *folder, const char *name) {
    char *path = text_format("%s/%s", folder, name);
    char *source = text_file(path, SOURCE_MOST);
    hash = cache_mix(cache_mix(hash, name), source ? source : "");
    free(source);
    free(path);
    return hash;
}

static uint64_t mix_folder(uint64_t hash, const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_source, alphasort);
    for (int i = 0; i < count; i++) {
        hash = mix_file(hash, folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return hash;
}

static uint64_t hash_sources(const struct catalogue *c) {
    static const char *const folders[] = {"core", "harness", "harness/grade", "harness/hooks",
                                          "harness/runner"};
    uint64_t hash = CACHE_NOTHING;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *folder = text_format("%s/%s", c->root, folders[i]);
        hash = mix_folder(hash, folder);
        free(folder);
    }
    return mix_file(hash, c->root, "harness/exercise-flags.txt");
}

static uint64_t hash_scenarios(const struct catalogue *c) {
    uint64_t hash = CACHE_NOTHING;
    for (size_t i = 0; i < c->count; i++)
        hash = mix_folder(cache_mix(hash, c->scenarios[i].name), c->scenarios[i].folder);
    return hash;
}

static void set_hash(json_t *j, const char *key, uint64_t hash) {
    char digits[20];
    snprintf(digits, sizeof digits, "%016" PRIx64, hash);
    json_object_set_new(j, key, json_string(digits));
}

json_t *tool_json(const struct catalogue *c) {
    json_t *j = json_object();
    json_object_set_new(j, "name", json_string("unstuck"));
    json_object_set_new(j, "version", json_string(UNSTUCK_VERSION));
    set_hash(j, "sources", hash_sources(c));
    set_hash(j, "scenarios", hash_scenarios(c));
    return j;
}
