#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/aside.h"
#include "app/ingest.h"
#include "app/recover.h"
#include "app/verdict.h"
#include "base/error.h"
#include "receive/ftp_server.h"
#include "receive/upload.h"
#include "store/frame_store.h"

/*
 * The receiver: makes frames of uploads. Its thread takes all that waits as a group: understands
 * each, appends them to hour files, syncs those once, and hands the group to ingest; when ingest
 * has committed it, the senders are answered. Meanwhile the next group is on its way. A group is
 * what came while the one before was being synced: nobody waits for a fixed time.
 *
 * What is no frame goes to a second thread, which keeps it aside, so that a film of minutes does
 * not hold up pictures.
 *
 * The queues hold at most one upload a session, and the bytes of all are counted against the
 * server's budget, which stops reading from the network: that is their bound.
 */
struct receiver;

enum receipt {
        RECEIPT_NONE,     /* nobody waits for an answer */
        RECEIPT_STORED,   /* of an upload */
        RECEIPT_PUBLISHED /* of a rename */
};

struct receiver_config {
        const char *data_directory; /* this and the next two are copied */
        const char *zone;           /* what new cameras start with; NULL: UTC */
        const char *path_template;  /* NULL: none */
        struct ingest *ingest;      /* borrowed until receiver_stop */
        enum durability durability;
        int64_t quarantine_bytes;
        int64_t attachment_bytes;
        /* Those who wait are to be told; from any thread of receiver and ingest. */
        void (*answer)(void *context, const struct ftp_answer *answers, size_t count);
        /* The camera sends from that peer, over an account it shares. May be NULL. */
        void (*found)(void *context, int64_t account, const char *peer, struct camera_id camera);
        /* A disk ran full at this moment. */
        void (*disk_full)(void *context);
        void *context;
};

/* Recovers what an earlier run left (DATA must be locked for receiving), then starts. */
bool receiver_start(const struct receiver_config *config, struct receiver **receiver_out,
                    struct recovery *recovery_out, struct error *err) MUST_CHECK;

/* Stores what was taken, waits until it is committed and answered, ends; ingest must still run.
 * Accepts NULL inside. */
void receiver_stop(struct receiver **receiver);

/* ---- from the network thread; they return at once, and nothing is begun before receiver_go ----
 */

void receiver_take(struct receiver *receiver, struct ftp_ticket ticket, struct upload **upload);
void receiver_take_cut(struct receiver *receiver, struct upload **upload);
void receiver_publish(struct receiver *receiver, struct ftp_ticket ticket, uint64_t handle,
                      const char *path);
void receiver_drop(struct receiver *receiver, uint64_t handle);
void receiver_go(struct receiver *receiver);

/* ---- from any thread ---- */

/* Cameras or accounts were changed in the catalog: what is understood from now on goes by that. */
void receiver_cameras_changed(struct receiver *receiver);

struct aside *receiver_quarantine(struct receiver *receiver);
struct aside *receiver_attachments(struct receiver *receiver);
/* Whose is what is kept aside of an account when no camera was found for it. */
void receiver_account_owner(const char *user, char out[static ASIDE_OWNER_SIZE]);
/* DATA/incoming, for the spool files of uploads. */
const char *receiver_incoming(const struct receiver *receiver);

struct receiver_counters {
        int64_t frames, bytes;      /* committed */
        int64_t attachments, held;  /* ever */
        int64_t rejects[REJECTS];   /* quarantined, by reason */
        int64_t failed;             /* answered 451, 452 or 550 */
        int64_t groups, syncs;      /* syncs: of groups with frames */
        int64_t sync_ns;            /* sum */
        int64_t largest_group;      /* uploads */
        int64_t queue, aside_queue; /* waiting now */
        int64_t committing;         /* groups handed to ingest and not yet committed */
        int64_t holding;            /* uploads that wait to be renamed, now */
};
void receiver_counters(struct receiver *receiver, struct receiver_counters *counters_out);
