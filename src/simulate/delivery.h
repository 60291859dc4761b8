#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "base/zone.h"
#include "simulate/device.h"

/*
 * Puts a camera's uploads where an FTP server would have put them, the way it would have written
 * them: `DIR/<MAC>/2026-11-22/14/14_10_39.trig-02.jpg`, the result of the camera's path template
 * `$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)` and name `$ST.$FN`, in its local time. A name that exists
 * gets `.1`, `.2` ... as with unique names (STOU).
 */
struct delivery {
        const char *directory;   /* borrowed */
        const struct zone *zone; /* NULL: UTC; borrowed */
        bool rename;             /* write under another name, then rename */
        bool slowly;             /* in pieces with pauses, as a network delivers them */
        bool past;               /* set the modification time to when it was sent */
        int folder;              /* open folder of the hour, or -1 */
        char folder_path[64];    /* relative to directory */
};

#define DELIVERY_INIT                                                                              \
        {                                                                                          \
                .folder = -1                                                                       \
        }

bool delivery_store(struct delivery *delivery, const uint8_t mac[static 6],
                    const struct upload *upload, const uint8_t *bytes, size_t length,
                    struct error *err) MUST_CHECK;
void delivery_finish(struct delivery *delivery);
