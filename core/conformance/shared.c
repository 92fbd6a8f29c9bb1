// What tasks share without a lock: pools of objects and concurrent maps.
#include "core/conformance/conformance.h"

// --- pools --------------------------------------------------------------------------------------------

static int made;

static void *make_object(void) {
    made++;
    return run_calloc(1, sizeof(int));
}

RULE(pool_gives_what_was_put, "An object that was put is handed out again.", "same\n") {
    pool p = {0};
    int object;
    pool_put(&p, &object);
    say(pool_get(&p) == &object ? "same" : "other");
}

RULE(pool_gives_each_once, "An object is handed out once for each put.", "same\nnothing\n") {
    pool p = {0};
    int object;
    pool_put(&p, &object);
    say(pool_get(&p) == &object ? "same" : "other");
    say(pool_get(&p) ? "something" : "nothing");
}

RULE(pool_makes, "An empty pool makes an object, if it was told how.", "made 2\nnothing\n") {
    pool makes = {.make = make_object}, empty = {0};
    made = 0;
    bool both = pool_get(&makes) && pool_get(&makes);
    say("%s %d", both ? "made" : "nothing", made);
    say(pool_get(&empty) ? "something" : "nothing");
}

RULE(pool_put_nothing, "Putting nothing does nothing.", "made 1\n") {
    pool p = {.make = make_object};
    made = 0;
    pool_put(&p, NULL);
    bool got = pool_get(&p);
    say("%s %d", got ? "made" : "nothing", made);
}

RULE(pool_put_twice, "Putting an object that is in the pool panics.",
     "panic: pool: put of an object that is in the pool already\n",
     .differs = "it hands the object to two users") {
    pool p = {0};
    int object;
    pool_put(&p, &object);
    pool_put(&p, &object);
}

RULE(pool_put_of_a_stranger,
     "A pool that lends takes back only what it has lent; else it is misuse.",
     "misuse: buffer was put into a pool that had not handed it out\n",
     .differs = "its pools do not know what is theirs") {
    pool p = {.lends = "buffer"};
    int object;
    pool_put(&p, &object);
}

// --- maps ---------------------------------------------------------------------------------------------

typedef cmap_of(int, int) int_map;
typedef cmap_of(const char *, int) text_map;

static void say_load(int_map *m, int key) {
    int value = -1;
    bool found = cmap_load(m, key, &value);
    say("%d: %s %d", key, yes_no(found), found ? value : 0);
}

RULE(map_load, "A load gets what was stored last under its key.",
     "1: false 0\n1: true 11\n2: false 0\n") {
    int_map m = {0};
    say_load(&m, 1);
    cmap_store(&m, 1, 10);
    cmap_store(&m, 1, 11);
    say_load(&m, 1);
    say_load(&m, 2);
}

RULE(map_load_or_store, "load_or_store stores only where nothing was, and tells what is there.",
     "false 10\ntrue 10\n") {
    int_map m = {0};
    for (int value = 10; value < 12; value++) {
        int actual;
        bool there = cmap_load_or_store(&m, 1, value, &actual);
        say("%s %d", yes_no(there), actual);
    }
}

RULE(map_load_and_delete, "load_and_delete takes the value out, once.",
     "true 10\nfalse 0\n1: false 0\n") {
    int_map m = {0};
    cmap_store(&m, 1, 10);
    for (int i = 0; i < 2; i++) {
        int value = 0;
        bool there = cmap_load_and_delete(&m, 1, &value);
        say("%s %d", yes_no(there), value);
    }
    say_load(&m, 1);
}

RULE(map_delete, "A delete takes one key out, and may find nothing.", "1: false 0\n2: true 20\n") {
    int_map m = {0};
    cmap_store(&m, 1, 10);
    cmap_store(&m, 2, 20);
    cmap_delete(&m, 1);
    cmap_delete(&m, 1);
    say_load(&m, 1);
    say_load(&m, 2);
}

RULE(map_swap, "A swap stores, and tells what was there.", "false 0\ntrue 10\n1: true 11\n") {
    int_map m = {0};
    for (int value = 10; value < 12; value++) {
        int previous = 0;
        bool there = cmap_swap(&m, 1, value, &previous);
        say("%s %d", yes_no(there), previous);
    }
    say_load(&m, 1);
}

RULE(map_compare_and_swap, "compare_and_swap stores only over the value that it names.",
     "false false true\n1: true 12\n") {
    int_map m = {0};
    bool missing = cmap_compare_and_swap(&m, 1, 0, 5);
    cmap_store(&m, 1, 10);
    bool other = cmap_compare_and_swap(&m, 1, 11, 12);
    bool same = cmap_compare_and_swap(&m, 1, 10, 12);
    say("%s %s %s", yes_no(missing), yes_no(other), yes_no(same));
    say_load(&m, 1);
}

RULE(map_compare_and_delete, "compare_and_delete deletes only the value that it names.",
     "false false true\n1: false 0\n") {
    int_map m = {0};
    bool missing = cmap_compare_and_delete(&m, 1, 0);
    cmap_store(&m, 1, 10);
    bool other = cmap_compare_and_delete(&m, 1, 11);
    bool same = cmap_compare_and_delete(&m, 1, 10);
    say("%s %s %s", yes_no(missing), yes_no(other), yes_no(same));
    say_load(&m, 1);
}

RULE(map_clear, "A clear takes everything out.", "1: false 0\n2: false 0\n") {
    int_map m = {0};
    cmap_store(&m, 1, 10);
    cmap_store(&m, 2, 20);
    cmap_clear(&m);
    say_load(&m, 1);
    say_load(&m, 2);
}

RULE(map_walk, "A walk comes to each key once.", "100 keys, sum 4950\n") {
    int_map m = {0};
    for (int i = 0; i < 100; i++)
        cmap_store(&m, i, i);
    cmap_cursor at = {0};
    int key, count = 0, sum = 0;
    while (cmap_next(&m, &at, &key, NULL)) {
        count++;
        sum += key;
    }
    say("%d keys, sum %d", count, sum);
}

RULE(map_walk_and_delete, "What a walk deletes is gone, and the walk goes on.",
     "100 keys\nempty\n") {
    int_map m = {0};
    for (int i = 0; i < 100; i++)
        cmap_store(&m, i, i);
    cmap_cursor at = {0}, again = {0};
    int key, count = 0;
    while (cmap_next(&m, &at, &key, NULL)) {
        cmap_delete(&m, key);
        count++;
    }
    say("%d keys", count);
    say(cmap_next(&m, &again, NULL, NULL) ? "not empty" : "empty");
}

RULE(map_walk_sees_changes, "A walk gives the value that is there when it comes to a key.",
     "keys 10, newer 9\n") {
    int_map m = {0};
    for (int i = 0; i < 10; i++)
        cmap_store(&m, i, 0);
    cmap_cursor at = {0};
    int key, value, count = 0, newer = 0;
    while (cmap_next(&m, &at, &key, &value)) {
        newer += value;
        for (int i = 0; count == 0 && i < 10; i++)
            cmap_store(&m, i, 1);
        count++;
    }
    say("keys %d, newer %d", count, newer);
}

RULE(map_walk_and_store, "A walk that stores comes to an end, and to no key twice.",
     "all true, twice false\n20 keys\n") {
    int_map m = {0};
    for (int i = 0; i < 10; i++)
        cmap_store(&m, i, i);
    cmap_cursor at = {0};
    int key, seen[20] = {0}, count = 0;
    bool twice = false, all = true;
    while (cmap_next(&m, &at, &key, NULL)) {
        twice |= seen[key]++ > 0;
        cmap_store(&m, (key + 10) % 20, key);
    }
    for (int i = 0; i < 10; i++)
        all &= seen[i] == 1;
    say("all %s, twice %s", yes_no(all), yes_no(twice));
    for (at = (cmap_cursor){0}; cmap_next(&m, &at, NULL, NULL);)
        count++;
    say("%d keys", count);
}

TASK(changes_map, int_map *m; int first;) {
    for (int i = a->first; i < a->first + 5; i++) {
        cmap_delete(a->m, i);
        task_yield();
        cmap_store(a->m, i + 100, i);
    }
}

RULE(map_walk_while_others_change,
     "A walk comes once to each key that stays, whatever others store and delete meanwhile.",
     "stay 10, twice 0\n") {
    int_map m = {0};
    for (int i = 0; i < 20; i++)
        cmap_store(&m, i, i);
    go(changes_map, .m = &m, .first = 10);
    go(changes_map, .m = &m, .first = 15);
    cmap_cursor at = {0};
    int key, seen[200] = {0}, stay = 0, twice = 0;
    while (cmap_next(&m, &at, &key, NULL)) {
        seen[key]++;
        task_yield();
    }
    for (int i = 0; i < 200; i++) {
        stay += i < 10 && seen[i] == 1;
        twice += seen[i] > 1;
    }
    say("stay %d, twice %d", stay, twice);
    task_sleep(MILLISECOND);
}

RULE(map_of_text, "Texts are equal when their letters are.", "true 1\n") {
    text_map m = {.raw.keys = &cmap_text};
    char key[] = "ann";
    cmap_store(&m, "ann", 1);
    int value = 0;
    bool found = cmap_load(&m, key, &value);
    say("%s %d", yes_no(found), value);
}

TASK(stores_first, int_map *m; int number; int_chan stored;) {
    int actual;
    if (!cmap_load_or_store(a->m, 1, a->number, &actual))
        chan_send(a->stored, a->number);
}

RULE(map_one_is_first, "Of many that load_or_store at the same time one stores.", "1\n") {
    int_map m = {0};
    int_chan stored;
    chan_make(&stored, 5);
    for (int i = 0; i < 5; i++)
        go(stores_first, .m = &m, .number = i, .stored = stored);
    task_sleep(MILLISECOND);
    say("%zu", chan_len(stored));
}

TASK(counts_in_map, int_map *m; waitgroup *wg;) {
    for (int i = 0; i < 10; i++) {
        int value = 0;
        do
            cmap_load(a->m, 1, &value);
        while (!cmap_compare_and_swap(a->m, 1, value, value + 1));
    }
    waitgroup_done(a->wg);
}

RULE(map_no_update_lost, "A loop around compare_and_swap loses no update.", "30\n") {
    int_map m = {0};
    waitgroup wg = {0};
    cmap_store(&m, 1, 0);
    waitgroup_add(&wg, 3);
    for (int i = 0; i < 3; i++)
        go(counts_in_map, .m = &m, .wg = &wg);
    waitgroup_wait(&wg);
    int value;
    cmap_load(&m, 1, &value);
    say("%d", value);
}
