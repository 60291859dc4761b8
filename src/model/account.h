#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/frame.h"

enum { ACCOUNT_USER_SIZE = 64, ACCOUNT_HASH_SIZE = 128 };

/* An FTP account as the catalog keeps it. It belongs to a camera, or is shared by several that are
 * told apart by path or picture. */
struct account {
        int64_t number;               /* from 1; may be used again after it is removed */
        char user[ACCOUNT_USER_SIZE]; /* bytes, not necessarily UTF-8 */
        char hash[ACCOUNT_HASH_SIZE]; /* Argon2id, as libsodium writes it */
        struct camera_id camera;      /* 0: shared */
        bool download;                /* may fetch what it uploaded */
        bool disabled;
        struct utc created;
};
