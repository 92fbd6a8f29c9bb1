// tool: which program and which scenarios a result is of.
#pragma once

#include "harness/catalogue.h"

#include <jansson.h>

// {"name", "version", "sources", "scenarios"}: the last two are hashes of the sources this installation
// was built from and of its scenarios, packs too. So results of one course are comparable when these
// are equal, on whatever machines they were made. The caller owns it.
json_t *tool_json(const struct catalogue *c);
