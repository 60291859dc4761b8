#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/utc.h"
#include "receive/upload.h"

/*
 * Pictures that come in parts, each by an APPE, perhaps in a session of its own: what is not yet
 * whole is kept for its account until the next part comes, or for a minute; then the host gets it
 * as it is. A part is no frame, so that it was answered does not mean that it survives a crash: who
 * appends to it after one is told that it is not there.
 *
 * Bounded in number, of an account and in all, and in bytes of each: what is larger, or one too
 * many, goes to the host. Its bytes are in a file. Belongs to the network thread.
 */
enum {
        FTP_PARTS_MOST = 64,
        FTP_PARTS_OF_ACCOUNT = 4,
        FTP_PART_BYTES = 16 << 20,
        FTP_PART_SECONDS = 60
};

struct ftp_part {
        uint64_t number; /* from 1 */
        struct upload *upload;
        struct mono since;
};

struct ftp_parts {
        struct ftp_part items[FTP_PARTS_MOST]; /* the oldest first */
        size_t count;
        uint64_t last;
};

struct ftp_connection;
struct ftp_server;

/* What a connection has received by APPE was the part of a picture: keeps it and tells the session
 * so. False when it was not, and it is still the connection's. */
bool ftp_part_keep(struct ftp_connection *connection);

/* Gives the one of this number and account to go on with; NULL when it is not there any more. */
struct upload *ftp_part_take(struct ftp_server *server, int64_t account, uint64_t number);

/* Those whose time is over go to the host: the event of the server's loop that looks for them. */
void ftp_parts_on_expiring(int fd, short what, void *context);
/* The server ends: all go to the host. */
void ftp_parts_finish(struct ftp_server *server);
