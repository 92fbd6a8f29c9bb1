// resource: what must be given back. Opening and closing commute with what other tasks do, so
// neither is a choice point.
//
// Invariant: `open` is what the log says, where each OPEN is an object of its own.
//
// Rejected: counting references (who forgets to give back would forget to drop one as well).
#include "core/resource.h"

#include "core/internal.h"
#include "core/panic.h"

void resource_open_at(resource *r, const char *name, site *at) {
    run_check();
    touch(operand_at(r), ROLE_CHANGE);
    object_register(&r->object, OBJECT_RESOURCE, name, at);
    r->open = true;
    event_write(EV_OPEN, r->object.id, at, EVENT_NOBODY, 0, 0);
}

void resource_close_at(resource *r, site *at) {
    run_check();
    touch(operand_at(r), ROLE_CHANGE);
    if (!r->open) {
        misuse_at(at, "%s closed twice", r->object.name ? r->object.name : "resource");
        return;
    }
    r->open = false;
    event_write(EV_RELEASE, r->object.id, at, EVENT_NOBODY, 0, 0);
}
