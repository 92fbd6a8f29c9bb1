// depend: the dependency relation of the search.
//
// The claim: where two neighbouring steps of a run use nothing in ways that conflict here, they may
// change places, and the run ends in the same state: each task has done the same, with the same
// results, and is where it was. (Numbers given in order of making, of tasks and objects, may change
// places with them.) A fuzzer holds the claim against every order of thousands of programs
// (tests/test_reduction.c), and each unsound relation that it once caught is kept as a mutant (tests/mutants.sh).
//
// Why each pair of ways commutes that is said to:
//
//   LOOK LOOK    neither changes anything.
//
//   SEND RECV    on one channel. The k-th send meets the k-th receive, whichever came first: the first
//                parks or finds room, the second completes it. So the order between a send and a
//                receive decides nothing but which of the two parks, and in no state of rest is it
//                seen. What looks at more than its own end of a channel (close, len, the arms of a
//                select, a poll) conflicts with both. A receive of a value is after its send all the
//                same, but that is an order of what their tasks do next, not of the two steps: it is
//                added to the tasks' past alone (trace.c). Likewise reads of one side of a connection
//                and writes to it: what is written goes to the other side.
//
//   WAIT WAIT, WAIT DONE, DONE DONE, ADD ADD
//                on one wait group. Waits end when the counter is zero, whenever they came, and a sum
//                does not depend on the order of what is added. A done may come before or after a wait:
//                the wait ends after all of them. But an add conflicts with a wait (which may find zero
//                before it) and with a done (which would make the counter negative before it). A done
//                beyond the count panics, which conflicts with all on the group; and the one that
//                reaches zero wakes those that sleep before a done of their own. A group is the same: a
//                start is an add, a return a done. With a limit, starts also take turns with returns,
//                and everything conflicts. So is a scope, but of two joins the first takes the panic of
//                a task, so they conflict (RECV), and a start may find that it was left.
//
//   SHARE SHARE  on one rwmutex: readers enter and leave. A reader that finds a writer parks whatever
//                other readers do; the last to leave hands over to the writer, and which one is the last
//                makes no difference to it: it is after all of them. Who leaves without having entered
//                ends another's reading, and conflicts with all; from then on so do all who enter and
//                leave, because then their number matters.
//
//   SEND (of a group's error, or a scope's) with ADD, DONE, WAIT: whose error is kept depends on the errors
//                alone.
//
//   Contexts     whoever looks at a context, or waits for its end, looks at it and at all above it,
//                for the end of any of those is its end. Who ends a context changes that one, and looks
//                at those above: an end that came from there before would have been the cause. So two
//                ends in different branches commute, and so do two that wait. Waiting on a done channel
//                takes nothing away from others who wait on it.
//
//   Timers       a timer and its channel are one thing, always changed. Time itself is in no relation:
//                that it moves comes after all that was done before and before all that is done later,
//                since any of it may have read the clock (trace.c). A timer that fires is a step like
//                any other and uses what it completes.
//
//   A waiting select, or another wait for several things, that is completed leaves all its queues: so
//   who completes it changes every one of them. That it was to stand in those queues was a conflict
//   already when it parked.
//
// Not written down because nothing in the core can tell: yields, sleeps, choices, started tasks, checks,
// prints. What the code of tasks shares by plain memory is not in the relation: two such accesses are a
// data race, which the race engines judge, and a racy run is never part of an exhaustive answer. Nor are
// atomics: code that uses them is not reduced. Where accesses are operations (core/access.h) they are in it:
// a read looks at its 8 bytes, a write changes them. Nor are the limits of a run (tasks alive at once, memory): a
// program that only just keeps them may break them in another order of the same class.
#include "harness/depend.h"

#include "core/internal.h"

uint8_t depend_against(uint8_t how) {
    static const struct {
        uint8_t use, against;
    } table[] = {
        {USE_LOOK, 0xff & ~USE_LOOK},
        {USE_CHANGE, 0xff},
        {USE_SEND, USE_SEND | USE_LOOK | USE_CHANGE},
        {USE_RECV, USE_RECV | USE_LOOK | USE_CHANGE},
        {USE_WAIT, USE_ADD | USE_LOOK | USE_CHANGE},
        {USE_ADD, USE_WAIT | USE_DONE | USE_LOOK | USE_CHANGE},
        {USE_DONE, USE_ADD | USE_LOOK | USE_CHANGE},
        {USE_SHARE, USE_LOOK | USE_CHANGE},
    };
    static uint8_t all[256];
    if (!all[USE_CHANGE])
        for (unsigned set = 0; set < 256; set++)
            for (size_t i = 0; i < sizeof table / sizeof *table; i++)
                if (set & table[i].use)
                    all[set] |= table[i].against;
    return all[how];
}

// A wait group's change, by its sign.
static uint8_t use_of_add(const struct op *op) {
    int32_t delta = (int32_t)(op->value >> 32);
    return delta > 0 ? USE_ADD : delta < 0 ? USE_DONE : USE_LOOK;
}

// It may have found that it could not, and then changed nothing.
static uint8_t use_of_try(const struct op *op, uint8_t success) {
    return op->flags & EVENT_FRUITLESS ? USE_LOOK : success;
}

// What each kind of operation does to what it is on, beside a set of USE_.
enum {
    NOTHING = 0x100, // known to use nothing but what its operands say
    TRIES = 0x200,   // it may find that it cannot, and then only looks
    STARTS = 0x400,  // the same, said by its value
    SUM = 0x800,     // by the sign of what it adds
};
static const uint16_t use_of_kind[EV_KINDS] = {
    [EV_YIELD] = NOTHING,
    [EV_SLEEP] = NOTHING,
    [EV_CHOOSE] = NOTHING,
    [EV_TIMER_SET] = NOTHING, // nobody else knows the timer yet
    [EV_LOAD] = NOTHING,
    [EV_STORE] = NOTHING,
    [EV_READ] = NOTHING,
    [EV_WRITE] = NOTHING,
    [EV_ACCEPT] = NOTHING,
    [EV_DIAL] = NOTHING,
    [EV_SEND] = USE_SEND,
    [EV_RECV] = USE_RECV,
    [EV_LEN] = USE_LOOK,
    [EV_CLOSE] = USE_CHANGE,
    [EV_SELECT] = USE_CHANGE,
    [EV_LOCK] = USE_CHANGE,
    [EV_TRYLOCK] = USE_CHANGE | TRIES,
    [EV_UNLOCK] = USE_CHANGE,
    [EV_RLOCK] = USE_SHARE,
    [EV_TRYRLOCK] = USE_SHARE | TRIES,
    [EV_RUNLOCK] = USE_SHARE,
    [EV_WLOCK] = USE_CHANGE,
    [EV_COND_WAIT] = USE_CHANGE,
    [EV_SIGNAL] = USE_CHANGE,
    [EV_BROADCAST] = USE_CHANGE,
    [EV_ADD] = SUM,
    [EV_DONE] = SUM,
    [EV_WAIT] = USE_WAIT,
    [EV_ONCE] = USE_CHANGE,
    [EV_ONCE_DONE] = USE_CHANGE,
    [EV_ACQUIRE] = USE_CHANGE,
    [EV_TRYACQUIRE] = USE_CHANGE | TRIES,
    [EV_SEMA_RELEASE] = USE_CHANGE,
    [EV_GROUP_GO] = USE_ADD | TRIES,
    [EV_GROUP_ERR] = USE_SEND,
    [EV_GROUP_DONE] = USE_DONE,
    [EV_GROUP_WAIT] = USE_WAIT,
    [EV_GROUP_LIMIT] = USE_CHANGE,
    [EV_SCOPE_GO] = USE_ADD | STARTS,
    [EV_SCOPE_ERR] = USE_SEND,
    [EV_SCOPE_DONE] = USE_DONE,
    [EV_SCOPE_JOIN] = USE_WAIT | USE_RECV, // the first takes the panic
    [EV_FLIGHT] = USE_CHANGE,
    [EV_FLIGHT_CHAN] = USE_CHANGE,
    [EV_FLIGHT_DONE] = USE_CHANGE,
    [EV_FLIGHT_FORGET] = USE_CHANGE,
    [EV_ERR] = USE_LOOK,
    [EV_CANCEL] = USE_CHANGE,
    [EV_AFTER_STOP] = USE_CHANGE,
    [EV_TIMER_RESET] = USE_CHANGE,
    [EV_TIMER_STOP] = USE_CHANGE,
    [EV_POOL_GET] = USE_CHANGE,
    [EV_POOL_PUT] = USE_CHANGE,
    [EV_MAP_LOAD] = USE_LOOK,
    [EV_MAP_NEXT] = USE_LOOK,
    [EV_MAP_STORE] = USE_CHANGE,
    [EV_MAP_LOAD_OR_STORE] = USE_CHANGE,
    [EV_MAP_DELETE] = USE_CHANGE,
    [EV_MAP_COMPARE] = USE_CHANGE,
    [EV_MAP_CLEAR] = USE_CHANGE,
};

// False: of this kind nothing is known. One that panics has found its object as it should not be: what came
// before may be why.
static bool use_of_main(const struct op *op, uint8_t *how) {
    uint16_t use = use_of_kind[op->kind->event];
    if (op->panic)
        *how = USE_CHANGE;
    else if (use & SUM)
        *how = use_of_add(op);
    else if (use & STARTS && !op->value)
        *how = USE_LOOK;
    else
        *how = use & TRIES ? use_of_try(op, (uint8_t)use) : (uint8_t)use;
    return use;
}

uint8_t depend_touched(enum operand_role role) {
    switch (role) {
    case ROLE_DONE:
    case ROLE_CTX:
    case ROLE_LOOK:
        return USE_LOOK;
    case ROLE_RAISE:
        return USE_ADD;
    case ROLE_LOWER:
        return USE_DONE;
    case ROLE_TAKE:
        return USE_RECV;
    case ROLE_PUT:
        return USE_SEND;
    case ROLE_APPEND: // nobody sees it before it arrives
        return USE_WAIT;
    default:
        return USE_CHANGE;
    }
}

// What the operation does to one of its operands.
static uint8_t use_of_operand(const struct op *op, const struct operand *o, uint8_t main) {
    switch ((enum operand_role)o->role) {
    case ROLE_MAIN:
        return main;
    case ROLE_ARM: // a poll that finds nothing leaves everything as it is
        return use_of_try(op, USE_CHANGE);
    default:
        return depend_touched(o->role);
    }
}

void depend_operands(const struct op *op, struct operands *out) {
    out->count = 0;
    out->more = false;
    if (op->kind->operands)
        op->kind->operands(op, out);
    else if (op->object)
        operands_add(out, op->object->id, ROLE_MAIN);
}

void depend_did(const struct op *op, const struct operands *about, struct uses *out) {
    uint8_t main;
    out->all = !use_of_main(op, &main) || about->more;
    out->count = 0;
    for (uint32_t i = 0; i < about->count && !out->all; i++) {
        uint8_t how = use_of_operand(op, &about->list[i], main);
        if (how)
            out->list[out->count++] = (struct use){about->list[i].key, how};
    }
}

void depend_woke(const struct op *op, struct uses *out) {
    struct operands about;
    out->all = !use_of_kind[op->kind->event];
    out->count = 0;
    switch (op->kind->event) {
    case EV_SELECT:
    case EV_ACQUIRE:
    case EV_READ:
    case EV_WRITE:
    case EV_ACCEPT:
    case EV_DIAL:
        depend_operands(op, &about);
        depend_did(op, &about, out);
        break;
    default: // it stood in one queue, which the one that completes it has changed
        break;
    }
}

bool depend_exhausts(const struct op *op) {
    return (op->kind->event == EV_ADD || op->kind->event == EV_DONE) && (int32_t)op->value == 0;
}

int depend_enters(const struct op *op) {
    switch (op->kind->event) {
    case EV_RLOCK:
        return 1;
    case EV_TRYRLOCK:
        return op->value != 0;
    case EV_RUNLOCK:
        return -1;
    default:
        return 0;
    }
}

bool depend_is_lock(const struct op *op) {
    return op->kind->enabled;
}

bool depend_takes(const struct op *op) {
    return op->kind->enabled || (op->kind->event == EV_TRYLOCK && op->value);
}

bool depend_is_summed(const struct op *op) {
    switch (op->kind->event) {
    case EV_ADD:
    case EV_DONE:
        return use_of_add(op) == USE_DONE;
    case EV_GROUP_DONE:
    case EV_SCOPE_DONE:
    case EV_RUNLOCK:
        return true;
    default:
        return false;
    }
}

bool depend_awaits_sum(const struct op *op) {
    switch (op->kind->event) {
    case EV_WAIT:
    case EV_GROUP_WAIT:
    case EV_SCOPE_JOIN:
    case EV_WLOCK:
        return true;
    default:
        return false;
    }
}
