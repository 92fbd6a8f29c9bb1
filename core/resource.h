// resource: things that must be given back (responses, connections, handles), counted by site and
// owner. What is still open when the run is over is a `resource` verdict.
#pragma once

#include "core/base.h"
#include "core/wait.h"

// Embedded in what must be given back. Zero value: not open.
typedef struct resource {
    struct object object;
    bool open;
} resource;

// Marks it taken by the calling task; `name` says what it is ("response body") and must be static.
void resource_open_at(resource *r, const char *name, site *at);

// Marks it given back. A second close is recorded as misuse.
void resource_close_at(resource *r, site *at);
