#pragma once

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/utc.h"
#include "serve/frame_cache.h"
#include "serve/http.h"
#include "serve/live.h"
#include "serve/metrics.h"
#include "serve/paced.h"
#include "serve/reader_pool.h"
#include "serve/thumbnails.h"
#include "serve/writing.h"

/*
 * What the calls share: only for the files of serve/. Set up by http_start before the first request
 * and never changed after; what the pointers lead to has its own locks.
 */
struct server {
        struct http_config config; /* its texts are borrowed from http_start's caller */
        struct utc started;
        struct reader_pool *readers;
        struct frame_cache *frames;
        struct thumbnails *thumbnails;
        struct paced *paced;
        struct live *live;
        struct writing *writing;
        struct metrics metrics;
        /* Bytes received in a day, looked up now and then; -1: not known. */
        _Atomic int64_t a_day;
        _Atomic int64_t a_day_asked_ns; /* 0: never */
        struct MHD_Daemon *daemon;
        int listen_fd;
        uint16_t port;
        atomic_bool stopping;     /* streams end, nothing waits any more */
        atomic_size_t answering;  /* requests that are not over */
        atomic_size_t body_bytes; /* of their bodies, kept or to be kept */
};
