// load: the exercise, which brings the driver as its dependency: they call each other, and in one
// scope both are bound completely at load. What it may not call is refused before.
#include "harness/refused.h"
#include "harness/runner/runner.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// The loader's message ends in the name: "...: undefined symbol: price_of". Who lacks it is said
// first in it.
static bool undefined_symbol(const char *message, const char *driver, char *why, size_t size) {
    static const char words[] = "undefined symbol: ";
    const char *name = strstr(message, words);
    if (!name)
        return false;
    name += sizeof words - 1;
    if (!strncmp(message, driver, strlen(driver)))
        snprintf(why, size, "the source does not define %s, which exercise.h asks for", name);
    else
        snprintf(why, size, "the source calls %s, which neither exercise.h nor core.h offers",
                 name);
    return true;
}

// Whether this program has the symbol, and offers it: the core, scenario.h, the shims.
static bool offered(const char *symbol) {
    static const char here;
    Dl_info mine, found;
    const void *at = dlsym(RTLD_DEFAULT, symbol);
    return at && dladdr(&here, &mine) && dladdr(at, &found) && mine.dli_fbase == found.dli_fbase;
}

// Whether libc has it, or another library that is loaded.
static bool elsewhere(const char *symbol) {
    return dlsym(RTLD_DEFAULT, symbol);
}

static bool is_refused(const char *driver, const char *exercise, char *why, size_t size) {
    struct refused r;
    if (!refused_find(exercise, driver, offered, elsewhere, &r))
        return false;
    if (*r.symbol)
        snprintf(why, size, "the source calls %s(), but a run depends on its schedule alone. %s",
                 r.symbol, r.instead);
    else
        snprintf(why, size, "%s", r.instead);
    return true;
}

bool load_scenario(const char *driver, const char *exercise, struct loaded *out, bool *source,
                   char *why, size_t size) {
    *source = is_refused(driver, exercise, why, size);
    if (*source)
        return false;
    out->exercise = dlopen(exercise, RTLD_NOW | RTLD_LOCAL);
    if (!out->exercise) {
        const char *message = dlerror();
        *source = undefined_symbol(message, driver, why, size);
        if (!*source)
            snprintf(why, size, "%s", message);
        return false;
    }
    out->driver = dlopen(driver, RTLD_NOW | RTLD_NOLOAD);
    if (!out->driver) {
        snprintf(why, size, "%s was not linked with its driver %s", exercise, driver);
        return false;
    }
    out->scenario = dlsym(out->driver, "scenario");
    if (out->scenario && out->scenario->driver)
        return true;
    snprintf(why, size, "%s declares no SCENARIO with a driver", driver);
    return false;
}
