// poll: epoll, for live runs.
//
// Invariants: every open source is in the list and known to the kernel once, for reading and
// writing, edge-triggered: whoever waits has tried before and was told EAGAIN, so the next change
// is an edge. A source is closed only by tasks and between runs, never while poll_wait goes through
// what has changed, so no event names one that is gone.
//
// Rejected: io_uring (refused in many containers, and by our own sandbox); level-triggered events,
// switched on for each wait (two system calls more a wait); ppoll (its cost grows with what is
// open, not with what happens).
#include "core/poll.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, FOR_EVER = -1 };

static int set = -1; // the epoll descriptor, made at first use in a run
static struct poll_source *sources;

err poll_err(int number) {
    switch (number) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC: // of epoll_ctl: max_user_watches
        return ERR_LIMIT;
    case EADDRINUSE:
        return ERR_IN_USE;
    case ECONNREFUSED:
        return ERR_REFUSED;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return ERR_RESET;
    default: // no route, no such address, no answer for minutes
        return ERR_UNREACHABLE;
    }
}

static void source_link(struct poll_source *s, int fd) {
    s->fd = fd;
    s->prev = NULL;
    s->next = sources;
    if (sources)
        sources->prev = s;
    sources = s;
}

static void source_unlink(struct poll_source *s) {
    if (s->prev)
        s->prev->next = s->next;
    else
        sources = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

err poll_open(struct poll_source *s, int fd) {
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = s};
    if (set < 0)
        set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &e)) {
        err why = poll_err(errno);
        close(fd);
        s->fd = -1;
        return why;
    }
    source_link(s, fd);
    return OK;
}

void poll_close(struct poll_source *s) {
    if (s->fd < 0)
        return;
    source_unlink(s);
    close(s->fd); // which the kernel's set forgets, for nobody has a copy
    s->fd = -1;
}

// A sandbox may know only the older call, which counts in milliseconds: rounded up, since no timer
// may be early.
static int wait_for_events(struct epoll_event *events, int64_t ns) {
    struct timespec ts = {ns / SECOND, ns % SECOND};
    int n = epoll_pwait2(set, events, BATCH, ns == INT64_MAX ? NULL : &ts, NULL);
    if (n >= 0 || (errno != ENOSYS && errno != EPERM))
        return n;
    int64_t ms = ns == INT64_MAX ? FOR_EVER : ns / MILLISECOND + (ns % MILLISECOND != 0);
    return epoll_wait(set, events, BATCH, ms > INT32_MAX ? INT32_MAX : (int)ms);
}

void poll_wait(int64_t ns) {
    if (set < 0) {
        struct timespec ts = {ns / SECOND, ns % SECOND};
        nanosleep(&ts, NULL);
        return;
    }
    struct epoll_event events[BATCH];
    int n = wait_for_events(events, ns);
    for (int i = 0; i < n; i++) {
        struct poll_source *s = events[i].data.ptr;
        s->ready(s);
    }
}

void poll_reset(void) {
    while (sources)
        poll_close(sources);
    if (set >= 0)
        close(set);
    set = -1;
}
