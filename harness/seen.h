// seen: the world as a log tells it, after any number of its events.
//
// Fold events in with seen_apply and read off tasks, objects and counts. The judge folds a whole
// log; the player of the terminal UI folds up to the event it shows; the live view folds what has
// come so far. Nothing else interprets events.
#pragma once

#include "core/event.h"
#include "core/inspect.h"

// What became of a task.
struct seen_task {
    uint32_t number, parent;
    enum task_state state;   // READY, RUNNING, PARKED, ENDED
    enum wait_reason reason; // while parked
    uint32_t object;         // while parked: on what, 0: nothing or several (select)
                             // Once the log has ended, `reason`, `object`, `at` and `since` of
                             // an outlived task that is not parked for ever say what they were
                             // when the grace was over: that is how a report names it.
    uint32_t name;           // string id
    uint32_t labels;         // string id: "job=3, urgent", 0: none
    uint16_t started_at;     // site of its go; 0 for the root
    uint16_t at;             // where it was last: site of its last operation or note
    uint8_t last_kind;       // enum event_kind of its last operation
    bool daemon;
    bool outlived;        // was alive when the grace after the root's end was over
    bool hangs;           // was busy, and never called the core again
    int64_t since;        // when it entered its state
    uint32_t since_event; // ... and the event's number
    int64_t born;
    uint32_t last_object; // of its last operation, 0: nothing or several
    uint32_t group;       // the group or scope it was started in, 0: none
    int64_t wanted;       // parked on a semaphore: the permits it asks for; on a singleflight:
                          // the call, as its records name it
    int64_t wakes_at;     // sleeping: when the clock will wake it, else INT64_MAX
    uint32_t arms[8];     // parked in a select: the objects of its arms (as many as fit)
    uint8_t arm_kinds[8]; // enum arm_kind of each
    uint8_t arm_count;    // arms in all, may be more than 8
    struct seen_late {    // outlived: how it was when the grace was over
        enum wait_reason reason;
        uint32_t object;
        uint16_t at;
        int64_t since;
    } late;
    int64_t ended_at; // ended: when
};

struct seen_object {
    uint32_t id;
    enum object_kind kind;
    uint32_t name;             // string id: the text by which the source first called it
    uint16_t made_at;          // site of that first use
    uint32_t maker;            // task
    uint32_t capacity, length; // channels: room and what is buffered; semaphores: permits in all
    bool closed;               // channels, contexts (ended), resources (given back), onces (done)
    uint32_t owner;            // mutexes: who holds it; rwmutexes: who writes; onces: who runs the
                               // function. EVENT_NOBODY: nobody
    int32_t count;             // wait groups: the counter; groups, scopes: tasks that have not
                               // returned; rwmutexes: readers that hold it; singleflights: calls
                               // under way
    int64_t held;              // semaphores: permits taken
    int64_t limit;             // groups: how many may be active, -1: any number
    bool open;                 // resources: taken and not given back
    bool vague;                // channels: `length` is not certain
};

// Which task ever did what on which object: one row per (object, task, kind).
struct seen_touch {
    uint32_t object, task;
    uint8_t kind;   // enum event_kind; for a select's arms SEND or RECV, but SELECT
                    // where the log does not tell which
    uint32_t times; // attempts: a wait counts, whatever came of it
    uint16_t at;    // the last site
    uint32_t event; // the last event
};

struct seen {
    const event_log *log;
    uint32_t capacity; // of the log, as it was at the start: a log may be tampered with
    uint64_t next;     // number of the first event not yet folded in
    int64_t now;
    uint32_t running;        // who acted last, EVENT_NOBODY or EVENT_CLOCK otherwise
    struct seen_task *tasks; // by creation number
    uint32_t task_count, task_room;
    struct seen_object *objects; // by id; [0] is unused
    uint32_t object_count, object_room;
    struct seen_touch *touches;
    uint32_t touch_count, touch_room;
    uint32_t waiting[WAIT_REASON_COUNT]; // parked now, by reason
    uint32_t alive, ready, ended;
    uint32_t open_resources;
    bool root_ended;
    int64_t root_end_time;
    uint64_t root_end_event;
    bool record_touches;      // explanations need them, counting does not
    int64_t grace;            // ns after the root's end until `outlived` is decided
    bool lost;                // a ring overran the reader: tables are incomplete, counts are not
    bool grace_over;          // the tasks alive at that moment are marked `outlived`
    uint32_t late_operations; // operations since the root's end
    uint32_t hung;            // who was busy when the run was ended for it, EVENT_NOBODY: nobody
    bool over;                // the END record was met
    enum run_end end;         // ... and what it says; RUN_UNFINISHED before
    uint64_t *notes;          // numbers of the CHECK, PANIC, MISUSE and RACE events
    uint32_t note_count, note_room;
    const char *contradiction; // the first thing in the log that cannot be; NULL: none
    uint64_t contradiction_at; // ... and in which event
    uint32_t *touch_index;     // hash of `touches`: row number + 1, 0: free
    uint32_t touch_index_room; // a power of two
};

// Operations that tasks may do after the root's end before they count as outliving it.
enum { SEEN_GRACE_OPERATIONS = 10000 };

// An empty world before the first event of `log`; grace as in the scenario (0: one minute). The
// first time on a zeroed struct; then again at will, which keeps the memory (and record_touches).
void seen_init(struct seen *s, const event_log *log, int64_t grace);

// Folds in events until `upto` have been (or all that there are). Going back is seen_init and
// again from the start.
void seen_fold(struct seen *s, uint64_t upto);

void seen_free(struct seen *s);

// The row of one task's operations of one kind on one object, NULL: there were none (or touches
// are not recorded).
const struct seen_touch *seen_touch_of(const struct seen *s, uint32_t object, uint32_t task,
                                       enum event_kind kind);

// "results (chan#1)", "&a->mu (mutex#2)": how reports call an object. Returns out.
const char *seen_object_label(const struct seen *s, uint32_t object, char *out, size_t size);

// "worker (#1)", "the clock": how reports call who did something. Returns out.
const char *seen_task_label(const struct seen *s, uint32_t task, char *out, size_t size);

// The same with the task's labels, where it has some: "worker (#1) {job=3}".
const char *seen_task_labelled(const struct seen *s, uint32_t task, char *out, size_t size);

// "exercise.c:11", "" for no site. Returns out.
const char *seen_site_label(const struct seen *s, uint16_t site, char *out, size_t size);

// A span of time for people: "0", "40 ms", "1.5 s", "10 h". Returns out.
const char *seen_time_label(int64_t ns, char *out, size_t size);

// Event number n in words, without its time and task: "send on results (chan#1): waits". For
// --events, replay and the UI. Returns out.
const char *seen_event_text(const struct seen *s, uint64_t n, char *out, size_t size);
