// select: waits for the first of several channel operations, a time, or a context.
//
//     switch (chan_select(RECV(results, &r), RECV(ctx_done(ctx), NULL), AFTER(SECOND))) {
//     case 0: ...
//
// The value is the index of the one arm that happened. When several are ready the schedule
// decides which (seeded fair, or a choice point when exploring), as Go decides by chance.
// A nil channel's arm is never ready. With no arms at all the caller waits for ever.
#pragma once

#include "core/chan.h"
#include "core/wait.h"

enum arm_kind { ARM_RECV, ARM_SEND, ARM_AFTER };

typedef struct select_arm {
    enum arm_kind kind;
    chan *chan;    // RECV, SEND
    void *elem;    // where to put, or what to send; NULL: drop
    size_t size;   // of the element
    bool *ok;      // RECV_OK: false when it happened because the channel is closed
    int64_t after; // AFTER: ns from now
    site *at;      // of this arm
} select_arm;

#define RECV(c, out) RECV_OK(c, out, NULL)
#define RECV_OK(c, out, okp)                                                                       \
    {                                                                                              \
        .kind = ARM_RECV, .chan = (c).raw, .elem = (1 ? (out) : (c).elem),                         \
        .size = sizeof *(c).elem, .ok = (okp), .at = HERE_OF(c)                                    \
    }
#define SEND(c, ...)                                                                               \
    {                                                                                              \
        .kind = ARM_SEND, .chan = (c).raw, .elem = (__typeof__(*(c).elem)[1]){__VA_ARGS__},        \
        .size = sizeof *(c).elem, .at = HERE_OF(c)                                                 \
    }
#define AFTER(ns)                                                                                  \
    { .kind = ARM_AFTER, .after = (ns), .at = HERE }

// Parks until one arm happens and returns its index. Panics "send on closed channel" when a SEND
// arm's channel is closed. At most 64 arms.
#define chan_select(...)                                                                           \
    ({                                                                                             \
        select_arm arms_[] = {__VA_ARGS__};                                                        \
        select_at(arms_, sizeof arms_ / sizeof(select_arm), HERE);                                 \
    })
int select_at(select_arm *arms, size_t count, site *at);

// The same without waiting: -1 when no arm is ready (Go's select with a default).
#define chan_poll(...)                                                                             \
    ({                                                                                             \
        select_arm arms_[] = {__VA_ARGS__};                                                        \
        select_poll_at(arms_, sizeof arms_ / sizeof(select_arm), HERE);                            \
    })
int select_poll_at(select_arm *arms, size_t count, site *at);
