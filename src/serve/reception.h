#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/camera.h"
#include "model/rejections.h"

/*
 * What receiving knows beside the catalog, as the calls need it: what was kept aside of a camera,
 * and what it was told. Functions of whoever receives; all safe from any thread.
 */
enum {
        RECEPTION_ID_SIZE = 200,
        RECEPTION_NAME_SIZE = 256,
        RECEPTION_REASON_SIZE = 256,
        RECEPTION_ITEMS = 100, /* looked at for a summary, the newest */
        RECEPTION_OWNER_SIZE = CAMERA_NAME_SIZE * 3 + 2,
        RECEPTION_LINES = 200,
        RECEPTION_PEER_SIZE = 48,
        RECEPTION_TEXT_SIZE = 241,
        RECEPTION_TROUBLE_SIZE = 200
};

struct reception_item {
        char id[RECEPTION_ID_SIZE]; /* a URL segment once it is encoded */
        char name[RECEPTION_NAME_SIZE];
        char reason[RECEPTION_REASON_SIZE]; /* empty: none */
        struct utc time;
        int64_t bytes;
};

struct reception_line {
        struct utc time;
        bool by_camera;
        char peer[RECEPTION_PEER_SIZE];
        char text[RECEPTION_TEXT_SIZE];
};

struct reception_file {
        int fd; /* the caller closes it */
        int64_t length;
};

enum reception_kind { RECEPTION_QUARANTINE, RECEPTION_ATTACHMENTS };

struct reception {
        void *context;
        /* What is kept aside belongs to a camera (its directory is the owner), or to an account,
         * when no camera was found for it. */
        void (*account_owner)(void *context, const char *user,
                              char out[static RECEPTION_OWNER_SIZE]);
        int64_t (*count)(void *context, enum reception_kind kind, const char *owner);
        /* The newest first, from behind the id `after` on (NULL: the newest); returns how many. */
        size_t (*list)(void *context, enum reception_kind kind, const char *owner,
                       const char *after, struct reception_item *items, size_t room);
        bool (*open)(void *context, enum reception_kind kind, const char *owner, const char *id,
                     struct reception_file *file_out, struct error *err);
        /* What was said by and to an account (0: none), and by and to a camera (0: none) over
         * accounts it shares; oldest first; returns how many. */
        size_t (*log)(void *context, int64_t account, const char *user, struct camera_id camera,
                      struct reception_line lines[static RECEPTION_LINES]);
        /* How many uploads of a camera are in quarantine, and why. */
        void (*rejections)(void *context, const struct camera *camera,
                           struct rejections *rejections_out);
        /* A sentence when something is wrong. */
        bool (*trouble)(void *context, char out[static RECEPTION_TROUBLE_SIZE]);
};

/* Uploads of a camera in quarantine; `space` is for them. NULL where nothing is received. */
static inline const struct rejections *reception_rejections(const struct reception *reception,
                                                            const struct camera *camera,
                                                            struct rejections *space)
{
        if (reception == NULL)
                return NULL;
        reception->rejections(reception->context, camera, space);
        return space;
}
