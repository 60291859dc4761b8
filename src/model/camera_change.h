#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/account.h"
#include "model/camera.h"

/* What people ask to be made of cameras. Texts are borrowed; NULL and 0: not asked for. */

/* A new camera with its FTP account. */
struct camera_wish {
        const char *name; /* NULL: an account shared by several cameras */
        const char *zone;
        const char *path_template; /* empty: none */
        int64_t dwell_ms;
        const char *user;     /* NULL: made from the name */
        const char *password; /* NULL: one is made */
        bool download;        /* the account may fetch what it uploaded */
        bool may_be_there;    /* a camera that is there already, without an account, gets one */
};

/* Other values for a camera. */
struct camera_change {
        const char *name;
        const char *zone;
        const char *path_template; /* empty: none */
        int64_t dwell_ms;
        bool has_disabled, disabled; /* its account as well */
        bool has_is_new, is_new;
        bool has_windows;
        const struct camera_window *windows; /* in the place of all it had */
        size_t window_count;
};

enum { CAMERA_PASSWORD_SIZE = 256 };

/* A camera and how it logs in. */
struct camera_access {
        struct camera camera; /* id 0: none */
        struct account account;
        char password[CAMERA_PASSWORD_SIZE]; /* when it was made here; else empty */
};

/* Where a camera has to send to. */
enum { UPLOAD_ADDRESSES = 8, UPLOAD_ADDRESS_SIZE = 48 };

struct upload_target {
        bool off;          /* nothing is received here, and why */
        char why[128];     /* when off */
        uint16_t port;     /* 0: not listening (yet) */
        uint16_t tls_port; /* implicit TLS; 0: none */
        bool tls;          /* AUTH TLS on the plain port */
        bool tls_required;
        bool only_here; /* listens on loopback: no other machine can reach it */
        uint16_t passive_first, passive_last; /* 0: any port */
        size_t count;
        char addresses[UPLOAD_ADDRESSES][UPLOAD_ADDRESS_SIZE]; /* the likeliest first */
};
