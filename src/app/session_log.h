#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/frame.h"
#include "receive/upload.h"

/*
 * What cameras and server said to each other lately, by account and peer, so that an owner sees why
 * a camera does not get on. Passwords were masked before. Bounded: 200 lines and 16 KiB an account
 * and peer; what was said before a login is kept for all together and found by the user that was
 * named. Of an account that cameras share, what was said by a peer is theirs who sent pictures from
 * there. Safe from any thread.
 */
struct session_log;

enum { SESSION_LOG_LINES = 200, SESSION_LINE_MAX = 240 };

struct session_log *session_log_create(void);
void session_log_destroy(struct session_log **log);

/* Account 0: before the login. */
void session_log_add(struct session_log *log, int64_t account, const char *peer, bool by_client,
                     const char *line, size_t length);

/* The camera sends from that peer, over an account it shares. */
void session_log_attribute(struct session_log *log, int64_t account, const char *peer,
                           struct camera_id camera);

struct session_line {
        struct utc time;
        bool by_client;
        char peer[UPLOAD_PEER_SIZE];
        char text[SESSION_LINE_MAX + 1];
};

/* The last lines of an account (0: none) with those before a login of peers that named `user`
 * (NULL: none), and of what a camera (0: none) was found to say over shared accounts; oldest first;
 * returns how many. */
size_t session_log_read(struct session_log *log, int64_t account, const char *user,
                        struct camera_id camera,
                        struct session_line lines[static SESSION_LOG_LINES]);
