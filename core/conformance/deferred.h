// deferred: calls that most rules about panics, goexit and defer defer.
#pragma once

#include "core/conformance/conformance.h"

DEFERRED(says, const char *text;) {
    say("%s", a->text);
}

DEFERRED(says_number, int number;) {
    say("%d", a->number);
}

// Recovers and says from what.
DEFERRED(recovers, int unused;) {
    const panicked *p = recover();
    say("recovered %s", p ? p->text : "nothing");
}
