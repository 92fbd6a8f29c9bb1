// load: the exercise, which brings the driver as its dependency: they call each other, and in one
// scope both are bound completely at load.
#include "harness/runner/runner.h"

#include <dlfcn.h>
#include <stdio.h>

bool load_scenario(const char *driver, const char *exercise, struct loaded *out, char *why,
                   size_t size) {
    out->exercise = dlopen(exercise, RTLD_NOW | RTLD_LOCAL);
    if (!out->exercise) {
        snprintf(why, size, "%s", dlerror());
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
