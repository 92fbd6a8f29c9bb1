// load: the exercise, which brings the driver as its dependency: they call each other, and in one
// scope both are bound completely at load.
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

bool load_scenario(const char *driver, const char *exercise, struct loaded *out, bool *source,
                   char *why, size_t size) {
    *source = false;
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
