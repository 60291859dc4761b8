#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/frame.h"

/*
 * Frames asked for a moment ago, ready to be sent: the open file and the response around it, so
 * that a frame that many look at costs neither SQL nor open. Bounded in number; an entry is
 * kept for FRAME_CACHE_MS (a thread of its own sees to that) and believed only while its file still
 * has its size, time and a name (an hour file: a name). Safe from any thread.
 */
struct frame_cache;

enum { FRAME_CACHE_MS = 5000, FRAME_ETAG_SIZE = 96 };

/* A frame's file, open and known to be the one that was catalogued. */
struct frame_file {
        struct frame_key key;
        int fd;         /* the response's */
        bool received;  /* a stretch of an hour file, which may grow */
        int64_t offset; /* of the picture in the file */
        int64_t length;
        struct utc modified;
        char etag[FRAME_ETAG_SIZE];
        struct MHD_Response *response; /* of the whole */
};

/* `files` bounds how many are held open. */
bool frame_cache_create(unsigned files, struct frame_cache **cache_out,
                        struct error *err) MUST_CHECK;
void frame_cache_destroy(struct frame_cache **cache);

/* Calls `use` with the entry of `key` while it cannot go away; false when there is none. */
bool frame_cache_use(struct frame_cache *cache, const struct frame_key *key,
                     void (*use)(void *context, const struct frame_file *), void *context);

/* Changes whenever something was forgotten. */
uint64_t frame_cache_age(const struct frame_cache *cache);

/* Takes over the response (and so the file) of `file`, which the catalog was asked for when the
 * cache was of that age; it is not kept when something was forgotten since. */
void frame_cache_put(struct frame_cache *cache, const struct frame_file *file, uint64_t age);

/* Frames of the stretch are no longer to be answered. */
void frame_cache_forget(struct frame_cache *cache, const struct stretch *stretch);
