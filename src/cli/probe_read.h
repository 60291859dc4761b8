#pragma once

#include "base/error.h"
#include "cli/probe_report.h"
#include "parse/understand.h"

/* Reads as much of the file as understanding it takes, head and tail, and sets facts and received.
 * `context` gives path, template, zone and now; the rest is the file's. */
bool probe_read(const char *file, const struct understand_context *context,
                struct probed *probed_out, struct error *err) MUST_CHECK;
