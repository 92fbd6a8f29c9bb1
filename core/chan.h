// chan: Go's channels, unbuffered and buffered, with Go's semantics.
//
//     typedef chan_of(int) int_chan;
//     int_chan c;
//     chan_make(&c, 0);
//
// A typed channel is a union of the one untyped implementation and a phantom element pointer, so
// it is pointer-sized, passed by value, and receiving into the wrong type is a compiler warning.
// The zero value is the nil channel: sends and receives on it wait for ever, close panics.
//
// Channels belong to the run that made them and go with it.
#pragma once

#include "core/base.h"
#include "core/panic.h"

typedef struct chan chan;

#define chan_of(type)                                                                              \
    union {                                                                                        \
        chan *raw;                                                                                 \
        type *elem;                                                                                \
    }

// A channel that carries no data: only its close matters.
typedef chan_of(char) signal_chan;

// Makes *c a new channel with room for `capacity` elements; 0: a send waits for its receiver.
#define chan_make(c, capacity)                                                                     \
    ((void)((c)->raw = chan_make_at(sizeof *(c)->elem, (capacity), HERE_OF(c))))
chan *chan_make_at(size_t elem_size, size_t capacity, site *at);

// Sends a value. Parks until a receiver takes it or the buffer has room.
// Panics "send on closed channel", also when the channel is closed while the sender waits.
#define chan_send(c, ...)                                                                          \
    ({                                                                                             \
        __typeof__(*(c).elem) value_ = (__VA_ARGS__);                                              \
        chan_send_at((c).raw, &value_, sizeof value_, HERE_OF(c));                                 \
    })
void chan_send_at(chan *c, const void *elem, size_t size, site *at);

// Receives into *out (NULL: drop it). Parks until there is a value or the channel is closed.
// Returns true with a value; false, and zeros in *out, once it is closed and drained; so
// `while (chan_recv(jobs, &job))` is Go's `for job := range jobs`.
#define chan_recv(c, out)                                                                          \
    chan_recv_at((c).raw, (1 ? (out) : (c).elem), sizeof *(c).elem, HERE_OF(c))
bool chan_recv_at(chan *c, void *out, size_t size, site *at);

// Closes: waiting and later receivers drain what is buffered, then get false. Never parks.
// Panics "close of closed channel", "close of nil channel".
#define chan_close(c) chan_close_raw((c).raw, HERE_OF(c))
void chan_close_raw(chan *c, site *at);

// Elements buffered now, and room in all. 0 for a nil channel. A look at shared state: the answer
// may be old by the time it is used.
#define chan_len(c) chan_len_at((c).raw, HERE_OF(c))
#define chan_cap(c) chan_cap_raw((c).raw)
size_t chan_len_at(chan *c, site *at);
size_t chan_cap_raw(const chan *c);

// defer(chan_close, c.raw): closes at the end of the block.
void chan_close_at(chan *c, site *at);
DEFERRABLE(chan_close, chan *)
