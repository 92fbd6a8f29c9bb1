// chan_now: what a channel is, and what a send or a receive does at once.
//
// Inline, because both the operations of one channel (chan.c) and select (select.c) have to be quick
// (quick.h). What is known to be quick neither tells ThreadSanitizer anything nor meets a channel of
// a timer, and then all of this is a few dozen instructions. Private to the core.
#pragma once

#include "core/chan.h"
#include "core/quick.h"

struct chan {
    struct object object;
    size_t elem_size;
    size_t plain_size;          // the same, but that of no element while it is a timer's
    size_t capacity;            // elements that fit in the buffer
    size_t length;              // elements in it now
    char *put, *take;           // the first free slot of the buffer, and the oldest element's
    char *end;                  // of the buffer
    struct wait_list senders;   // waiting to put, oldest first
    struct wait_list receivers; // waiting to take, oldest first
    bool closed;
    char sync_closed;      // ThreadSanitizer: close happens before a receive that sees it
    struct timer *timer;   // whose times it gives, NULL: it is none of a timer
    const struct ctx *ctx; // whose end closes it, NULL: no context's
    char buffer[] __attribute__((aligned(16)));
};

// Tell whoever is to be told: a value passed through a slot, or from one task to another.
void chan_passed(struct task *t, char *slot);
void chan_met(struct task *t, struct task *parked);

// --- the buffer ---------------------------------------------------------------------------------

// ThreadSanitizer knows each slot by its address: the k-th send into a slot happens before its
// receive, and that before the send that uses the slot again. One cell for the whole channel would
// hide races between senders to different slots.
// Who watches the run hears the same.
ALWAYS_INLINE void slot_sync(const struct op *op, char *s) {
    if (unlikely(op->watched))
        chan_passed(op->task, s);
}

// The same in the name of a task that waits.
ALWAYS_INLINE void slot_sync_for(const struct waiter *w, const struct op *op, char *s) {
    if (likely(!op->watched))
        return;
    sanitize_as(w->op->task);
    chan_passed(w->op->task, s);
    sanitize_as(op->task);
}

ALWAYS_INLINE void slot_advance(const chan *c, char **s) {
    *s += c->elem_size;
    if (*s == c->end)
        *s = (char *)(uintptr_t)c->buffer;
}

ALWAYS_INLINE void buffer_put(chan *c, const void *elem, const struct op *op) {
    slot_sync(op, c->put);
    copy_elem(c->put, elem, c->elem_size);
    slot_advance(c, &c->put);
    c->length++;
}

ALWAYS_INLINE void buffer_take(chan *c, void *out, const struct op *op) {
    slot_sync(op, c->take);
    if (out)
        copy_elem(out, c->take, c->elem_size);
    slot_advance(c, &c->take);
    c->length--;
}

// --- handing over to a waiter ---------------------------------------------------------------------

// Both ways: an unbuffered send happens before its receive returns, and the receive before the
// send returns.
ALWAYS_INLINE void rendezvous(const struct op *op, const struct waiter *w) {
    if (unlikely(op->watched))
        chan_met(op->task, w->op->task);
}

// Buffered: as if through the buffer, so that the k-th receive still happens before the send that
// is `capacity` later.
ALWAYS_INLINE void through_buffer(chan *c, struct waiter *receiver, const struct op *op) {
    slot_sync(op, c->put);
    slot_sync_for(receiver, op, c->put);
    slot_advance(c, &c->put);
    c->take = c->put;
}

ALWAYS_INLINE void give(chan *c, struct waiter *receiver, const void *elem, const struct op *op) {
    if (receiver->elem)
        copy_elem(receiver->elem, elem, c->elem_size);
    if (receiver->ok)
        *receiver->ok = true;
    if (c->capacity == 0)
        rendezvous(op, receiver);
    else
        through_buffer(c, receiver, op);
}

// A sender waits because there is no room; the value it brings takes the place that became free.
// The receiver that made the room is not ordered after this sender, whose value it did not get.
ALWAYS_INLINE void admit(chan *c, struct waiter *sender, const struct op *op) {
    slot_sync_for(sender, op, c->put);
    copy_elem(c->put, sender->elem, c->elem_size);
    slot_advance(c, &c->put);
    c->length++;
}

ALWAYS_INLINE void chan_zero(void *out, size_t size) {
    for (size_t i = 0; out && i < size; i++)
        ((volatile char *)out)[i] = 0;
}

// --- now or not at all ------------------------------------------------------------------------------

// For `op`, which is told whom it wakes and of a panic. False: nothing has happened.
ALWAYS_INLINE bool chan_send_now(chan *c, const void *elem, struct op *op) {
    struct waiter *receiver = c->receivers.first;
    if (unlikely(c->closed)) {
        op->panic = "send on closed channel";
        return true;
    }
    if (receiver) {
        give(c, receiver, elem, op);
        op->wakes = receiver;
        return true;
    }
    if (c->length == c->capacity)
        return false;
    buffer_put(c, elem, op);
    return true;
}

ALWAYS_INLINE bool chan_recv_now(chan *c, void *out, bool *ok, struct op *op) {
    struct waiter *sender = c->senders.first;
    *ok = true;
    op->wakes = sender;
    if (c->length) {
        buffer_take(c, out, op);
        if (sender)
            admit(c, sender, op);
        return true;
    }
    if (sender) {
        if (out)
            copy_elem(out, sender->elem, c->elem_size);
        rendezvous(op, sender);
        return true;
    }
    if (c->timer && timer_is_due(c->timer)) {
        timer_take(c->timer, out);
        return true;
    }
    *ok = false;
    if (likely(!c->closed))
        return false;
    op->flags |= EVENT_CLOSED;
    op_acquire(op, &c->sync_closed);
    chan_zero(out, c->elem_size);
    return true;
}

// No branches where each is as likely as the other.
ALWAYS_INLINE bool chan_can_send(const chan *c) {
    return c && (c->closed | (c->receivers.first != NULL) | (c->length < c->capacity));
}

ALWAYS_INLINE bool chan_can_recv(const chan *c) {
    return c && ((c->closed | (c->senders.first != NULL) | (c->length != 0)) ||
                 (c->timer && timer_is_due(c->timer)));
}

// Whether op_quick may be asked to send or receive elements of that size.
ALWAYS_INLINE bool chan_is_plain(const chan *c, size_t size) {
    if (!c || c->plain_size != size)
        return false;
    GRANTED(!c->timer);
    return true;
}
