#pragma once

#include <stdint.h>

#include "base/utc.h"

/* What was deleted in one go. */
struct deletion_id {
        int64_t value; /* from 1; never used again; 0: none */
};

enum deletion_state {
        DELETION_WAITING,  /* can be undone */
        DELETION_PURGING,  /* its bytes are being freed: nothing comes back */
        DELETION_RESTORING /* it was undone, and comes back step by step */
};

struct deletion {
        struct deletion_id id;
        struct utc made, until; /* until when it can surely be undone */
        enum deletion_state state;
        int64_t frames, bytes; /* still in it */
};
