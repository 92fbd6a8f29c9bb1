// logs: writes the logs of real runs as inputs for fuzz_log.c: logs FOLDER COUNT. Random programs over
// everything the core can do, each run by random schedules; the same ones each time.
#pragma GCC diagnostic ignored "-Wunused-function" // of a header whose whole is for others
#include "harness/fuzz/log_input.h"
#include "harness/tests/random_program.h"
#include "harness/text.h"

static void put(FILE *out, const void *bytes, size_t size) {
    if (fwrite(bytes, 1, size, out) != size)
        exit(1);
}

static void log_write(FILE *out) {
    const event_log *log = program_log;
    uint32_t sites = log->site_count - 1, strings = log->string_bytes - 1;
    struct log_head head = {
        .capacity = 6,
        .flags = program.slow ? LOG_SLOW : 0,
        .sites = (uint8_t)(sites < INPUT_SITES ? sites : INPUT_SITES),
        .strings = (uint16_t)(strings < INPUT_STRINGS ? strings : INPUT_STRINGS),
    };
    put(out, &head, sizeof head);
    put(out, log->sites + 1, head.sites * sizeof *log->sites);
    put(out, log->strings + 1, head.strings);
    put(out, log->events, log->head * sizeof *log->events);
}

// Each its own log: what one has in its tables would be in the next as well.
static void program_log_renew(void) {
    free(program_log);
    program_log = calloc(1, event_log_size(PROGRAM_EVENTS));
    event_log_init(program_log, PROGRAM_EVENTS, false);
}

static void one(const char *folder, uint64_t seed) {
    struct policy_random policy;
    char *path = text_format("%s/program-%03d", folder, (int)seed);
    FILE *out = fopen(path, "we");
    random_program(seed);
    program_log_renew();
    program_run(policy_random_init(&policy, seed));
    if (!out)
        exit(1);
    log_write(out);
    fclose(out);
    free(path);
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    for (uint64_t seed = 1; seed <= strtoull(argv[2], NULL, 10); seed++)
        one(argv[1], seed);
    return 0;
}
