// load: the exercise first, with its functions visible to all, then the driver that calls them.
#include "harness/runner/runner.h"

#include <dlfcn.h>
#include <stdio.h>

static void *open_object(const char *path, int mode, char *why, size_t size) {
    void *handle = dlopen(path, RTLD_NOW | mode);
    if (!handle)
        snprintf(why, size, "%s", dlerror());
    return handle;
}

bool load_scenario(const char *driver, const char *exercise, struct loaded *out, char *why,
                   size_t size) {
    out->exercise = open_object(exercise, RTLD_GLOBAL, why, size);
    if (!out->exercise)
        return false;
    out->driver = open_object(driver, RTLD_LOCAL, why, size);
    if (!out->driver)
        return false;
    out->scenario = dlsym(out->driver, "scenario");
    if (out->scenario && out->scenario->driver)
        return true;
    snprintf(why, size, "%s declares no SCENARIO with a driver", driver);
    return false;
}
