// hang: the log of a run whose process had to be ended, because a task never called the core again.
#pragma once

#include "harness/shared.h"

// Brings the log of a runner that is dead to its end: a HANG record that names the task that was
// busy, at the source line that the runner found if it did, and an END. `capacity` is the log's, as
// the parent made it. Nothing happens where no task was busy, or there is no room: then the log
// stays without an end. The log's texts are the child's and not trusted.
void hang_end_log(event_log *log, uint32_t capacity, const struct hang *hang);
