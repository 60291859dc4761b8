#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/watch.h"
#include "base/error.h"

/*
 * The scans of a watch: a thread that waits until one is wanted, runs it over all roots, and says
 * when it is through. All functions are safe from any thread.
 */
struct watch_scan;

struct watch_scan_events {
        /* On the scan's thread. */
        void (*finished)(void *context, bool ok);
        void (*unfinished_file)(void *context, const char *folder, const char *name);
        void *context;
};

/* The strings and folders of `config` are borrowed until watch_scan_stop. */
bool watch_scan_start(const struct watch_config *config, const struct watch_scan_events *events,
                      struct watch_scan **scan_out, struct error *err) MUST_CHECK;

/* Wants a scan; one that runs already is followed by another. */
void watch_scan_want(struct watch_scan *scan);

/* One runs or is about to. */
bool watch_scan_busy(struct watch_scan *scan);

void watch_scan_stop(struct watch_scan **scan);
