// network: what the two networks share. In memory (net_memory.c) connections are objects of the
// run, carried by its clock; over sockets (net_socket.c) they are the kernel's. The operations are
// the same (net.c): each attempt asks the run's network whether it can be done now. Private to the
// core.
#pragma once

#include "core/internal.h"
#include "core/net.h"

#pragma GCC visibility push(hidden)

// One side of a connection. The networks put it at the front of what they keep of theirs.
struct conn {
    struct object object;
    struct wait_list readers; // at most one
    struct wait_list writers; // who waits for room, the first of them in the middle of its bytes
    bool closed;              // by this side
    bool counted;             // a resource that must be given back
    uint32_t owner;           // creation number + 1 of who alone writes and closes, 0: anyone
    site *at;                 // where this side was dialled or accepted
};

struct listener {
    struct object object;
    struct wait_list acceptors; // at most one
    const char *address;        // what to dial to reach it
    bool closed;
};

// What a wait is given up for: the end of a context.
struct patience {
    ctx *context;
    bool lives;           // false: it ended during the wait
    struct waiter waiter; // in the queue of its done channel
};

struct read_op {
    struct op op; // value: bytes read
    conn *conn;
    void *buf;
    size_t size;
    err result;
    struct segment *source; // in memory: where the bytes came from; its write happens before this
    struct segment *spent;  // in memory: to be freed by the reader
    struct patience patience;
    struct waiter waiter;
};

struct write_op {
    struct op op; // value: bytes written
    conn *conn;
    const char *bytes;
    size_t size;
    err result;
    struct segment *segment; // in memory: the bytes, made beforehand
    struct patience patience;
    struct waiter waiter;
};

struct accept_op {
    struct op op;
    listener *listener;
    conn *conn; // the one accepted, NULL: none
    conn *room; // over sockets: where the one accepted goes, made beforehand
    err result;
    struct patience patience;
    struct waiter waiter;
};

struct dial_op {
    struct op op;
    const char *name;
    conn *conn; // this side, made beforehand
    err result;
    struct patience patience;
    struct timer_node timer; // in memory: when the call reaches its place
    struct waiter waiter;
};

// What a network provides. Attempts never park, and false means: not now, nothing has changed (but
// for bytes of a write that are on their way already).
struct network {
    // A new listener that has this address. The err: it cannot be had.
    err (*listen)(const char *address, listener **out);
    // The next connection into op->conn, or an err into op->result.
    bool (*accept)(struct accept_op *op);
    void (*stop)(listener *l);
    // The room that accept needs, before it; NULL: none.
    conn *(*accept_room)(void);

    // This side of a connection that is to be dialled.
    conn *(*dial_make)(int64_t latency, site *at);
    // Goes to `name`: true when it is over, with op->result said.
    bool (*dial)(struct dial_op *op);
    // Begins to wait for the rest, and ends that wait, over or given up.
    void (*dial_wait)(struct dial_op *op);
    void (*dial_stop)(struct dial_op *op);
    // A dial that failed: what was made for it goes.
    void (*dial_undo)(conn *c);

    // Bytes into op->buf and their number into op->op.value, or the end into op->result.
    bool (*read)(struct read_op *op);
    // As many of the bytes as there is room for; true: all of them, or an err is in op->result.
    bool (*write)(struct write_op *op);
    // What write needs, before it and given back after it.
    void (*write_prepare)(struct write_op *op);
    void (*write_finish)(struct write_op *op);
    void (*close)(conn *c);

    // Whether a read would find nothing, and an accept nobody.
    bool (*conn_is_quiet)(const conn *c);
    bool (*listener_is_quiet)(const listener *l);
};
extern const struct network memory_network, socket_network;

// The clock has done what the waiter waited for: it is completed, and the record says so.
void net_complete(struct waiter *w, const struct object *o);

#pragma GCC visibility pop
