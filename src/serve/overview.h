#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"

/*
 * How the program is doing, beside what the catalog knows: a function of whoever joins the stages,
 * safe from any thread, quick.
 */
enum { OVERVIEW_SCANS = 16, OVERVIEW_PATH_SIZE = 1024 };

struct overview_scan {
        char folder[OVERVIEW_PATH_SIZE];
        int64_t done;  /* files looked at */
        int64_t total; /* -1: not known */
        int64_t rate;  /* files a second */
};

struct overview {
        bool receives; /* else another process does */
        bool listening;
        char why_not[128]; /* it does not listen; empty: not known, or it does */
        int port;          /* of FTP */
        int64_t sessions, uploads;
        bool full;       /* uploads are refused for want of room */
        int64_t reserve; /* bytes of the disk left free; -1: not known */
        int64_t quarantine_bytes, attachments_bytes;

        /* Taken in by way of the catalog's writer, received or found. */
        int64_t frames_a_minute, bytes_a_minute;
        int64_t queue, queue_limit;

        struct overview_scan scans[OVERVIEW_SCANS]; /* that run now */
        size_t scan_count;

        const char *const
                *folders; /* watched ones, as they were named; live as long as the server */
        size_t folder_count;
        bool (*is_managed)(void *context, const char *folder);
        int64_t undo_ms;
};

struct overview_source {
        void *context;
        void (*look)(void *context, struct overview *overview_out);
};
