#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "receive/ftp_path.h"

/*
 * An upload: bytes as they came, and where from. Small ones are in memory, larger ones go on in a
 * file without a name in the spool folder. What all uploads of a process have in memory is counted
 * against a budget: when it is used up none grows, but goes on in its file, and nobody begins until
 * others are done.
 *
 * Owned by one thread at a time.
 */
enum {
        UPLOAD_MEMORY_MAX = 4 << 20,
        UPLOAD_FIRST_ROOM = 64 << 10, /* what an upload begins with: most pictures fit */
        UPLOAD_SPARES = 32,
        UPLOAD_USER_SIZE = 128,
        UPLOAD_PEER_SIZE = 48
};

struct upload_budget {
        atomic_llong used; /* bytes */
        int64_t limit;
        uint8_t *window; /* what those in files are read into; of the thread that receives */
        /* First rooms of uploads that are over, for others: they are taken on one thread and freed
         * on another, which a heap does badly. */
        pthread_mutex_t lock;
        uint8_t *spares[UPLOAD_SPARES];
        size_t spare_count;
};

void upload_budget_init(struct upload_budget *budget, int64_t limit);
/* When no upload of it is left. Accepts one of zeros. */
void upload_budget_finish(struct upload_budget *budget);

enum upload_end {
        UPLOAD_WHOLE,   /* the sender closed the data connection */
        UPLOAD_CUT,     /* reset, too slow, or the session ended with it unfinished */
        UPLOAD_DROPPED, /* whole, but deleted by the sender before it got its name */
        UPLOAD_EXPIRED  /* whole, but never renamed from its temporary name */
};

struct upload {
        int64_t account; /* number of the account, 0: none */
        char user[UPLOAD_USER_SIZE];
        char peer[UPLOAD_PEER_SIZE]; /* address as text */
        char path[FTP_PATH_SIZE];    /* normalised, in the account's root */
        struct utc started, ended;
        enum upload_end end;
        bool left;         /* its sender was gone when the last byte came */
        bool readable;     /* its sender may ask for it back */
        int64_t announced; /* bytes that its sender meant to send; 0: not said */
        int64_t size;      /* bytes received */
        uint8_t *bytes;    /* all of them; once spooled, mapped while they are viewed */
        size_t room;       /* in memory */
        int fd;            /* of the spool file with all of them; -1 while in memory */

        const char *spool_directory;  /* borrowed */
        struct upload_budget *budget; /* borrowed */
};

/* NULL when there is no memory. */
struct upload *upload_create(const char *spool_directory, struct upload_budget *budget);
void upload_free(struct upload **upload);

/* Room for at least one further byte: where to read to, and how much. Moves to the spool file's
 * window when there is too much for memory. Fails when neither can grow (ERROR_FULL), to be told
 * the sender. upload_added says how much was read there. */
bool upload_room(struct upload *upload, uint8_t **at_out, size_t *room_out,
                 struct error *err) MUST_CHECK;
bool upload_added(struct upload *upload, size_t length, struct error *err) MUST_CHECK;

/* Puts the bytes into the spool file, so that they are no longer in memory. */
bool upload_spool(struct upload *upload, struct error *err) MUST_CHECK;

/* Goes back to the first `size` bytes, for REST. */
bool upload_cut_to(struct upload *upload, int64_t size, struct error *err) MUST_CHECK;

/* All bytes in one piece, mapped when they are in a file; lives as long as the upload is not
 * changed. */
bool upload_view(struct upload *upload, const uint8_t **bytes_out, struct error *err) MUST_CHECK;

/* True when the budget is used up. */
bool upload_budget_spent(struct upload_budget *budget);
