// The log: sites and strings, what happens when a table is full, rings, damaged logs.
#include "core/internal.h"
#include "core/tests/world.h"

static int_chan c;

// --- words ----------------------------------------------------------------------------------------------

Test(event, everything_has_a_word) {
    for (int i = 0; i < EV_KINDS; i++)
        cr_assert_str_neq(event_word(i), "unknown");
    for (int i = 1; i < WAIT_REASON_COUNT; i++)
        cr_assert(*wait_reason_text(i) && strcmp(wait_reason_text(i), "unknown") != 0);
    for (int i = 1; i < OBJECT_KIND_COUNT; i++)
        cr_assert_str_neq(object_word(i), "unknown");
    cr_assert_str_eq(event_word(200), "unknown");
    cr_assert_str_eq(wait_reason_text(200), "unknown");
    cr_assert_str_eq(object_word(200), "unknown");
}

// --- sites ----------------------------------------------------------------------------------------------

static int site_line;

static void site_root(void *arg) {
    (void)arg;
    chan_make(&c, 1);
    site_line = __LINE__ + 1;
    chan_send(c, 1);
}

static void check_site(void) {
    log_site at = event_log_site(world.log, world_event(EV_SEND, 0)->site);
    cr_assert_eq(at.line, (uint32_t)site_line);
    cr_assert_str_eq(event_log_string(world.log, at.function), "site_root");
    cr_assert_str_eq(event_log_string(world.log, at.operand), "c");
    const char *file = event_log_string(world.log, at.file);
    cr_assert(strstr(file, "test_event.c"), "%s", file);
    const event *made = world_event(EV_MAKE, 0);
    cr_assert_eq((enum object_kind)(made->value >> 32), OBJECT_CHAN);
    cr_assert_eq(made->peer, 1, "its capacity");
    cr_assert_str_eq(event_log_string(world.log, (uint32_t)made->value), "c");
}

Test(event, a_site_tells_file_line_function_and_operand) {
    world_default(site_root);
    check_site();
}

Test(event, sites_and_names_are_in_every_log_that_is_written) {
    for (int i = 0; i < 4; i++) {
        world_log_use(1 << (8 + i), false); // often at the same address as the last
        world_default(site_root);
        check_site();
        world_default(site_root);
        check_site();
    }
    event_log *first = world.log;
    world.log = NULL;
    world_default(site_root);
    check_site();
    free(world.log);
    world.log = first;
    world_default(site_root);
    check_site();
}

static void many_sites_root(void *arg) {
    (void)arg;
    enum { MANY = LOG_MAX_SITES + 1000 };
    site *sites = run_calloc(MANY, sizeof *sites);
    chan_make(&c, 1);
    for (int i = 0; i < MANY; i++) {
        sites[i] = (site){.file = "many.c", .function = "f", .operand = "", .line = i + 1};
        int v = i;
        chan_send_at(c.raw, &v, sizeof v, &sites[i]);
        chan_recv(c, &v);
    }
}

Test(event, more_sites_than_fit_have_number_0) {
    world_log_use(1 << 15, false);
    world_default(many_sites_root);
    cr_assert(world_finished());
    cr_assert_eq(world.log->site_count, LOG_MAX_SITES);
    log_site at = event_log_site(world.log, world_event(EV_SEND, 100)->site);
    cr_assert_eq(at.line, 101);
    cr_assert_eq(world_event(EV_SEND, LOG_MAX_SITES)->site, 0);
    cr_assert_eq(event_log_site(world.log, 0).line, 0);
}

// --- strings --------------------------------------------------------------------------------------------

static void print_much_root(void *arg) {
    (void)arg;
    static char text[10000];
    for (int i = 0; i < 100; i++) {
        memset(text, 'a' + i % 26, sizeof text);
        note_print(text, sizeof text, 1, HERE);
    }
    chan_make(&c, 1);
    note_check(false, "the check", "a detail", HERE);
}

Test(event, a_full_string_table_drops_texts_and_keeps_names) {
    for (int i = 0; i < 3; i++) {
        world_default(print_much_root);
        cr_assert(world_finished());
        uint32_t kept = world_count(EV_PRINT);
        cr_assert(kept > 40 && kept < 60, "%u texts of 10,000 bytes in half a megabyte", kept);
        const event *last = world_event(EV_PRINT, kept - 1);
        const char *text = event_log_string(world.log, (uint32_t)last->value);
        cr_assert_eq(strlen(text), 10000);
        cr_assert_eq(text[9999], 'a' + (int)(kept - 1) % 26);
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)world_event(EV_MAKE, 0)->value),
                         "c");
        const event *check = world_event(EV_CHECK, 0);
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)check->value), "the check");
        cr_assert_eq(check->value >> 32, 0);
    }
    cr_assert_geq(world.log->dropped_strings, 3 * 40);
}

static void notes_root(void *arg) {
    (void)arg;
    note_call("lookup", HERE);
    note_return("lookup", HERE);
    note_check(true, "right", NULL, HERE);
    note_check(false, "wrong", "12 instead of 13", HERE);
    note_check(false, "silent", NULL, HERE);
    note_print("hello\n", 6, 2, HERE);
    misuse_at(HERE, "%s twice", "closed");
}

static const char *text_of(enum event_kind kind, uint32_t n) {
    return event_log_string(world.log, (uint32_t)world_event(kind, n)->value);
}

Test(event, notes_are_kept) {
    world_default(notes_root);
    cr_assert_str_eq(text_of(EV_CALL, 0), "lookup");
    cr_assert_str_eq(text_of(EV_RETURN, 0), "lookup");
    cr_assert_str_eq(text_of(EV_CHECK, 0), "right");
    cr_assert_eq(world_event(EV_CHECK, 0)->value >> 32, 1);
    cr_assert_eq(world_event(EV_CHECK, 1)->value >> 32, 0);
    cr_assert_str_eq(event_log_string(world.log, world_event(EV_CHECK, 1)->object),
                     "12 instead of 13");
    cr_assert_str_eq(event_log_string(world.log, world_event(EV_CHECK, 2)->object), "");
    cr_assert_str_eq(text_of(EV_PRINT, 0), "hello\n");
    cr_assert_eq(world_event(EV_PRINT, 0)->peer, 2);
    cr_assert_str_eq(text_of(EV_MISUSE, 0), "closed twice");
}

static void resource_root(void *arg) {
    (void)arg;
    resource r = {0};
    resource_open_at(&r, "response body", HERE);
    resource_close_at(&r, HERE);
    resource_close_at(&r, HERE);
}

Test(event, a_resource_closed_twice_is_misuse) {
    world_default(resource_root);
    cr_assert(world_finished());
    cr_assert_eq(world_event(EV_OPEN, 0)->object, world_event(EV_RELEASE, 0)->object);
    cr_assert_eq(world_count(EV_RELEASE), 1);
    cr_assert_str_eq(text_of(EV_MISUSE, 0), "response body closed twice");
}

// --- rings ----------------------------------------------------------------------------------------------

enum { ROUNDS = 1000, LEFT = 7 };

TASK(parks, int unused;) {
    chan_recv(c, NULL);
}

static void wrap_root(void *arg) {
    (void)arg;
    int_chan busy;
    chan_make(&busy, 1);
    chan_make(&c, 0);
    for (int i = 0; i < LEFT; i++)
        go(parks, .unused = 0);
    for (int i = 0; i < ROUNDS; i++) {
        chan_send(busy, i);
        chan_recv(busy, NULL);
    }
}

Test(event, a_ring_wraps_round_and_its_counters_stay_exact) {
    world_log_use(64, true);
    EVERY_WORLD(wrap_root, 10) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        // makes, goes, receives that park, rounds, the root's exit, the end
        cr_assert_eq(world.log->head, 2 + LEFT + LEFT + 2 * ROUNDS + 1 + 1, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_RECV), LEFT);
        cr_assert_eq(world.log->alive, LEFT);
        cr_assert_eq(world.log->started, 1 + LEFT);
        cr_assert_eq(world.log->events[(world.log->head - 1) & 63].kind, EV_END);
    }
}

static void burst_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    for (int i = 0; i < 200; i++)
        go(parks, .unused = 0);
    task_sleep(1);
    chan_close(c);
    panic("stop here"); // before anybody else goes on
}

Test(event, one_operation_that_overruns_a_ring_damages_no_record) {
    world_log_use(64, true);
    world_default(burst_root);
    cr_assert_eq(world.end, RUN_PANICKED);
    uint64_t head = world.log->head;
    cr_assert_eq(world.log->events[(head - 1) & 63].kind, EV_END);
    cr_assert_eq(world.log->events[(head - 2) & 63].kind, EV_PANIC);
    for (uint64_t i = 3; i <= 64; i++) {
        const event *e = &world.log->events[(head - i) & 63];
        cr_assert_eq(e->kind, EV_WAKE);
        cr_assert_eq(e->task, 203 - i, "the %" PRIu64 "-th from the end", i);
        cr_assert_eq(e->peer, EVENT_NOBODY);
    }
}

// --- what an operation causes comes after it ------------------------------------------------------------

static void close_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    for (int i = 0; i < 3; i++)
        go(parks, .unused = 0);
    task_sleep(1);
    chan_close(c);
}

Test(event, the_record_of_an_operation_comes_before_those_it_woke) {
    world_default(close_root);
    const event *close = world_event(EV_CLOSE, 0);
    cr_assert_eq(close->peer, 1, "the first is named by the record itself");
    cr_assert_eq(close[1].kind, EV_WAKE);
    cr_assert_eq(close[1].task, 2);
    cr_assert_eq(close[2].kind, EV_WAKE);
    cr_assert_eq(close[2].task, 3);
}

// --- reading a damaged log --------------------------------------------------------------------------------

Test(event, ids_out_of_range_give_empty_answers) {
    world_default(site_root);
    cr_assert_str_eq(event_log_string(world.log, LOG_STRING_BYTES), "");
    cr_assert_str_eq(event_log_string(world.log, UINT32_MAX), "");
    cr_assert_eq(event_log_site(world.log, LOG_MAX_SITES).line, 0);
    cr_assert_eq(event_log_site(world.log, UINT16_MAX).file, 0);
    memset(world.log->strings + LOG_STRING_BYTES - 100, 'x', 100);
    cr_assert_str_eq(event_log_string(world.log, LOG_STRING_BYTES - 50), "", "no end in sight");
}

Test(event, a_parked_record_tells_why) {
    static const struct {
        enum event_kind kind;
        uint32_t object;
        int64_t value;
        enum wait_reason reason;
    } rows[] = {
        {EV_SEND, 1, 0, WAIT_SEND},      {EV_SEND, 0, 0, WAIT_SEND_NIL},
        {EV_RECV, 1, 0, WAIT_RECV},      {EV_RECV, 0, 0, WAIT_RECV_NIL},
        {EV_SELECT, 0, -1, WAIT_SELECT}, {EV_SELECT, 0, SELECT_NO_ARMS, WAIT_SELECT_EMPTY},
        {EV_SLEEP, 0, 5, WAIT_SLEEP},    {EV_LOCK, 1, 0, WAIT_MUTEX},
        {EV_WAIT, 1, 0, WAIT_WAITGROUP}, {EV_READ, 1, 0, WAIT_IO},
        {EV_ACCEPT, 1, 0, WAIT_ACCEPT},  {EV_YIELD, 0, 0, WAIT_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        event e = {.kind = (uint8_t)rows[i].kind, .object = rows[i].object, .value = rows[i].value};
        cr_assert_eq(event_wait_reason(&e), WAIT_NONE, "row %zu", i);
        e.flags = EVENT_PARKED;
        cr_assert_eq(event_wait_reason(&e), rows[i].reason, "row %zu", i);
    }
}
