#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "app/batch.h"
#include "app/held.h"
#include "app/receiver.h"
#include "app/record_facts.h"
#include "app/senders.h"
#include "base/log.h"

/*
 * The inside of the receiver, shared by receiver.c (life, the thread), receiver_arrive.c (what
 * comes from the network), receiver_decide.c (what becomes of an upload), receiver_group.c (frames:
 * append, sync, commit) and receiver_aside.c (the rest).
 */

/* An upload, or what is to be done with a held one, on its way. */
struct delivery {
        struct delivery *next;
        struct upload *upload; /* owned; NULL: `handle` is to be taken first */
        struct ftp_ticket ticket;
        enum receipt receipt;
        uint64_t handle; /* the held file it comes from, until that is no longer needed; 0: none */
        enum upload_end end; /* of a held one */
        bool old;            /* held by an earlier run: may be in the catalog already */
        bool later;          /* it cannot be done without waiting */
        char *path;          /* a held one's new name; NULL: as it was */

        /* What was found. */
        struct facts facts;
        struct finding finding;
        struct camera_id camera; /* of a frame */
        char directory[CAMERA_NAME_SIZE];
        char name[CAMERA_NAME_SIZE];
        char owner[ASIDE_OWNER_SIZE]; /* of what is kept aside */

        /* Where a frame went. */
        bool appended;
        unsigned failures;
        struct place place;
        int64_t end_offset;
        struct ftp_result result;
};

struct delivery_queue {
        struct delivery *first, **last;
        size_t length;
};

/*
 * Frames that are committed together: those whose senders wait for that, and, when what the kernel
 * has is enough for the answer (durability: os), those that were answered already.
 */
struct group {
        struct receiver *receiver;
        struct batch *batch;     /* owned until it is committed */
        struct delivery **items; /* owned; they wait */
        size_t count, room;
        int64_t answered, answered_bytes;
        unsigned epoch;
};

struct receiver {
        struct receiver_config config;
        char *data_directory, *incoming;
        struct aside *quarantine, *attachments;
        struct held *held;
        struct upload_budget budget; /* of held ones that are read again */
        pthread_t thread, aside_thread;
        bool thread_runs, aside_runs;

        struct delivery_queue arrived; /* of the network thread: what receiver_go hands over */

        pthread_mutex_t work; /* guards what follows, up to `renew` and `epoch` */
        struct senders *senders;
        struct frame_store *store;
        struct segment_id next_segment;
        struct group *group; /* being made; NULL: none */
        struct ended_segment {
                struct segment_id id;
                enum segment_state state;
        } * ended;
        size_t ended_count, ended_room;
        struct mono retired;

        /* Groups of an epoch build on each other: when one could not be committed the rest of it
         * is given up too. The next epoch begins with a recovery, as a start does. */
        bool hurried; /* by the network thread: nothing that may wait */
        unsigned epoch;
        struct mono renewed;        /* when that was tried last, */
        struct error not_renewed;   /* and why it did not work out, unless it did */
        atomic_uint failed_epoch;   /* the last one given up */
        atomic_bool failed_full;    /* for want of room */
        atomic_uint camera_changes; /* told of; what senders know from before has to be read anew */

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t changed, aside_changed;
        struct delivery_queue queue, aside_queue;
        struct mono commit_at; /* of frames that were answered and are not committed */
        bool uncommitted;      /* there are some */
        bool idle;             /* the thread waits for something to do */
        bool stopping, aside_stopping;
        struct receiver_counters counters;

        struct log_limit quarantined; /* of the thread aside */
};

enum { COMMIT_MS = 25 /* later than its answer a frame is committed, if that may be later */ };

/* ---- receiver.c ---- */

void delivery_free(struct delivery **delivery);
/* Decides and stores these; what would have to wait, in a hurry, goes to the thread's queue. `work`
 * is held. */
void receiver_work(struct receiver *receiver, struct delivery **items, size_t count);
/* Tells whoever waits, and ends the deliveries. */
void receiver_answer_all(struct receiver *receiver, struct delivery **deliveries, size_t count);
void receiver_answer(struct receiver *receiver, struct delivery **delivery);
/* Uploads wait for the next group. */
bool receiver_has_more(struct receiver *receiver);
void receiver_put_aside(struct receiver *receiver, struct delivery **delivery);
/* In a hurry: leaves it to the thread. */
void receiver_put_off(struct receiver *receiver, struct delivery **delivery);
/* Opens a store over what an earlier run or epoch left, which is taken in. */
bool receiver_open_store(struct receiver *receiver, struct recovery *recovery_out,
                         struct error *err) MUST_CHECK;

/* True when frames can be appended without waiting for anything first. */
bool receiver_ready(struct receiver *receiver);

/* ---- receiver_arrive.c ---- */

void delivery_queue_put(struct delivery_queue *queue, struct delivery *delivery);
/* Asks for what is done with a held one. */
bool delivery_queue_put_held(struct delivery_queue *queue, const struct delivery *like,
                             const char *path);

/* ---- receiver_decide.c ---- */

/* Understands it and sets finding, camera and owner. On failure the result says what to answer.
 * *known_out: a frame that is in the catalog already. */
bool receiver_decide(struct receiver *receiver, struct delivery *delivery,
                     bool *known_out) MUST_CHECK;
/* The record's header. */
size_t receiver_facts(const struct delivery *delivery, char out[static RECORD_FACTS_SIZE]);

/* ---- receiver_group.c ---- */

/* Takes the frames, which are answered when they are safe, or now when that cannot be. */
void receiver_store(struct receiver *receiver, struct delivery **items, size_t count);
/* Commits those that were answered and are not committed yet, if any. */
void receiver_commit(struct receiver *receiver);
/* Ends files of hours that are over, which nothing was appended to since then. */
void receiver_retire(struct receiver *receiver, struct mono unused_since);
bool receiver_begin_segment(void *context, struct segment *segment, struct error *err);
void receiver_end_segment(void *context, struct segment_id segment, enum segment_state state);

/* ---- receiver_aside.c ---- */

void *receiver_run_aside(void *context);
