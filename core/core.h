// unstuck's concurrency core: Go's primitives for C, on one thread, under a scheduler that owns
// every decision. Include this to write scenarios; core/run.h to run them.
#pragma once

#include "core/base.h"
#include "core/chan.h"
#include "core/cmap.h"
#include "core/cond.h"
#include "core/ctx.h"
#include "core/group.h"
#include "core/heap.h"
#include "core/http.h"
#include "core/net.h"
#include "core/once.h"
#include "core/panic.h"
#include "core/pool.h"
#include "core/resource.h"
#include "core/rwmutex.h"
#include "core/select.h"
#include "core/sema.h"
#include "core/sync.h"
#include "core/task.h"
#include "core/timer.h"
