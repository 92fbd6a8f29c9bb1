// wait: queues of waiters, and the numbering of objects.
//
// A queue is first in, first out, doubly linked, so that a select can leave the queues of the arms
// that did not happen in constant time each.
//
// Invariants: a waiter stands in one queue at most, which its `list` names; an object has a number
// from its first use in a run on, and its own address since then, or it was copied.
//
// Rejected: queues of tasks (a select stands in many).
#include "core/internal.h"
#include "core/panic.h"

void wait_list_prepend(struct wait_list *list, struct waiter *w) {
    w->list = list;
    w->prev = NULL;
    w->next = list->first;
    if (list->first)
        list->first->prev = w;
    else
        list->last = w;
    list->first = w;
}

void object_register_sized(struct object *o, enum object_kind kind, const char *name, site *at,
                           uint32_t capacity) {
    while (*name == '&' || *name == ' ')
        name++;
    o->id = ++run.next_object;
    o->self = o;
    o->kind = kind;
    o->name = name;
    event_write(EV_MAKE, o->id, at, capacity, (int64_t)kind << 32 | (int64_t)event_literal(name),
                0);
}

void object_register(struct object *o, enum object_kind kind, const char *name, site *at) {
    object_register_sized(o, kind, name, at, 0);
}

void object_first_use(struct object *o, enum object_kind kind, site *at) {
    if (o->id == 0 && !o->self)
        object_register(o, kind, at->operand, at);
    else
        panic_at(at,
                 "%s %s was copied after its first use, or its memory is gone: the function "
                 "that declared it has returned",
                 object_word(kind), at->operand);
}
