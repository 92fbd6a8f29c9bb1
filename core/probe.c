// probe: the counters of who listens to which probe. Tools raise them in the running process.
#include "core/probe.h"

#ifdef UNSTUCK_PROBES
#define COUNTER __attribute__((section(".probes"), used))
COUNTER unsigned short unstuck_task_create_semaphore;
COUNTER unsigned short unstuck_task_park_semaphore;
COUNTER unsigned short unstuck_task_ready_semaphore;
COUNTER unsigned short unstuck_task_exit_semaphore;
#endif
