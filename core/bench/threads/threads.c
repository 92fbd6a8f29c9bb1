// threads: the same work as each program beside this folder, on POSIX threads. Prints one number.
//
//     threads pingpong
//
// On one processor, as the tasks are, and by the CPU time of the process, the kernel's part included.
// What needs a million threads is left out.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMES = 3, MAILBOXES = 1000 };

static double now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void must(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "threads: the work was not done right: %s\n", what);
    exit(1);
}
#define MUST(condition) must((condition), #condition)

static void stay_on_one_processor(void) {
    cpu_set_t allowed, one;
    int cpu = 0;
    MUST(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    while (!CPU_ISSET(cpu, &allowed))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    MUST(sched_setaffinity(0, sizeof one, &one) == 0);
}

static pthread_t start(void *(*fn)(void *), void *arg) {
    pthread_attr_t attr;
    pthread_t t;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, (size_t)64 << 10);
    MUST(pthread_create(&t, &attr, fn, arg) == 0);
    pthread_attr_destroy(&attr);
    return t;
}

static void join(pthread_t t) {
    MUST(pthread_join(t, NULL) == 0);
}

// --- a channel ------------------------------------------------------------------------------------

// With room for `capacity`; of those that one select waits for, all share a lock and a condition.
struct shared {
    pthread_mutex_t lock;
    pthread_cond_t came, room;
};
struct queue {
    struct shared *shared;
    int64_t items[128];
    unsigned capacity, first, length;
};

static void queue_put(struct queue *q, int64_t v) {
    pthread_mutex_lock(&q->shared->lock);
    while (q->length == q->capacity)
        pthread_cond_wait(&q->shared->room, &q->shared->lock);
    q->items[(q->first + q->length++) % q->capacity] = v;
    pthread_cond_signal(&q->shared->came);
    pthread_mutex_unlock(&q->shared->lock);
}

// From the first of `n` that has something. All that wait for room are woken where there are
// several, because the one that is signalled may be another queue's.
static int64_t queue_take(struct queue *q, unsigned n) {
    struct shared *shared = q->shared;
    unsigned i = 0;
    pthread_mutex_lock(&shared->lock);
    while (q[i].length == 0)
        if (++i == n) {
            pthread_cond_wait(&shared->came, &shared->lock);
            i = 0;
        }
    int64_t v = q[i].items[q[i].first];
    q[i].first = (q[i].first + 1) % q[i].capacity;
    q[i].length--;
    if (n > 1)
        pthread_cond_broadcast(&shared->room);
    else
        pthread_cond_signal(&shared->room);
    pthread_mutex_unlock(&shared->lock);
    return v;
}

static struct shared shared[2] = {
    {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER},
    {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER}};

// --- the work ---------------------------------------------------------------------------------------

struct producer {
    struct queue *queue;
    int64_t n;
};

static void *produce(void *arg) {
    struct producer *p = arg;
    for (int64_t i = 0; i < p->n; i++)
        queue_put(p->queue, i);
    return NULL;
}

// `producers` queues of `capacity`, with a producer each; or all on the first queue.
static void consume(int64_t n, unsigned producers, unsigned queues, unsigned capacity) {
    struct queue q[8];
    pthread_t threads[MAILBOXES];
    struct producer p[MAILBOXES];
    int64_t sum = 0, each = n / producers;
    for (unsigned i = 0; i < queues; i++)
        q[i] = (struct queue){.shared = &shared[0], .capacity = capacity};
    for (unsigned i = 0; i < producers; i++) {
        p[i] = (struct producer){&q[i % queues], each};
        threads[i] = start(produce, &p[i]);
    }
    for (int64_t i = 0; i < n; i++)
        sum += queue_take(q, queues);
    for (unsigned i = 0; i < producers; i++)
        join(threads[i]);
    MUST(sum == n * (each - 1) / 2);
}

static void buffered128(int64_t n) {
    consume(n, 1, 1, 128);
}

static void select2(int64_t n) {
    consume(n, 2, 2, 1);
}

static void select8(int64_t n) {
    consume(n, 8, 8, 1);
}

static void fanin1000(int64_t n) {
    consume(n, 1000, 1, 1);
}

struct echo {
    struct queue there, back;
    int64_t n;
};

static void *echo(void *arg) {
    struct echo *e = arg;
    for (int64_t i = 0; i < e->n; i++)
        queue_put(&e->back, queue_take(&e->there, 1));
    return NULL;
}

static void pingpong(int64_t n) {
    struct echo e = {
        {.shared = &shared[0], .capacity = 1}, {.shared = &shared[1], .capacity = 1}, n};
    pthread_t t = start(echo, &e);
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
        queue_put(&e.there, i);
        sum += queue_take(&e.back, 1);
    }
    join(t);
    MUST(sum == n * (n - 1) / 2);
}

static void *yields(void *arg) {
    for (int64_t i = *(int64_t *)arg; i > 0; i--)
        sched_yield();
    return NULL;
}

static void in_two(void *(*fn)(void *), int64_t n) {
    int64_t half = n / 2;
    pthread_t a = start(fn, &half), b = start(fn, &half);
    join(a);
    join(b);
}

static void yield2(int64_t n) {
    in_two(yields, n);
}

static void *nothing(void *arg) {
    return arg;
}

static void spawn_join(int64_t n) {
    for (int64_t i = 0; i < n; i++)
        join(start(nothing, NULL));
}

// As many as the machine usually allows, then the next.
static void spawn_batch(int64_t n) {
    static pthread_t batch[1000];
    for (int64_t i = 0; i < n / 1000; i++) {
        for (int k = 0; k < 1000; k++)
            batch[k] = start(nothing, NULL);
        for (int k = 0; k < 1000; k++)
            join(batch[k]);
    }
}

static void mutex_free(int64_t n) {
    pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
    for (int64_t i = 0; i < n; i++) {
        pthread_mutex_lock(&mu);
        pthread_mutex_unlock(&mu);
    }
}

static void *locks(void *arg) {
    static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
    for (int64_t i = *(int64_t *)arg; i > 0; i--) {
        pthread_mutex_lock(&mu);
        sched_yield();
        pthread_mutex_unlock(&mu);
    }
    return NULL;
}

static void mutex_contended(int64_t n) {
    in_two(locks, n);
}

// --- which --------------------------------------------------------------------------------------------

static const struct work {
    const char *name;
    void (*work)(int64_t n);
    int64_t n;
} works[] = {
    {"yield2", yield2, 20000},
    {"pingpong", pingpong, 20000},
    {"buffered128", buffered128, 200000},
    {"select2", select2, 20000},
    {"select8", select8, 20000},
    {"spawn_join", spawn_join, 10000},
    {"spawn_batch", spawn_batch, 10000},
    {"fanin1000", fanin1000, 20000},
    {"mutex_free", mutex_free, 1000000},
    {"mutex_contended", mutex_contended, 20000},
};

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const struct work *w) {
    double ns[TIMES];
    for (int i = 0; i < TIMES; i++) {
        double began = now();
        w->work(w->n);
        ns[i] = now() - began;
    }
    qsort(ns, TIMES, sizeof *ns, compare);
    return ns[TIMES / 2] / (double)w->n;
}

int main(int argc, char **argv) {
    stay_on_one_processor();
    for (size_t i = 0; argc == 2 && i < sizeof works / sizeof *works; i++)
        if (strcmp(argv[1], works[i].name) == 0) {
            printf("%.3f\n", median(&works[i]));
            return 0;
        }
    fputs("usage: threads NAME\n", stderr);
    return 2;
}
