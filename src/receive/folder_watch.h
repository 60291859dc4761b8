#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Watches folders and all below them with inotify and says what happened to files. A folder is
 * watched before it is listed, so nothing between the two is missed; what is said twice because of
 * that is the visitor's to bear. Knows neither pictures nor a catalog. One thread.
 */
enum watch_what {
        WATCH_CLOSED,   /* written and closed */
        WATCH_MOVED_IN, /* whole, by a rename */
        WATCH_FOUND, /* it is there, who knows whether whole: created, listed, its time changed */
        WATCH_GONE   /* deleted or moved away */
};

struct watch_visitor {
        /* The strings live until it returns. */
        void (*file)(void *context, size_t root, const char *folder, const char *name,
                     enum watch_what what);
        /* A folder with all below it is no longer at this path. */
        void (*folder_gone)(void *context, const char *path);
        /* A root came (with what it holds not told file by file) or went. */
        void (*root)(void *context, size_t root, bool there);
        /* The kernel dropped events; the watches were made anew, but files have to be looked for.
         */
        void (*overflow)(void *context);
        /* The kernel gives no more watches: what happens in some folders is not seen. Once. */
        void (*limited)(void *context, const char *path);
        void *context;
};

struct folder_watch;

/* `roots` are absolute, normalised and not inside of each other; borrowed for its life. None is
 * watched before the first folder_watch_tick. `most`: watches at most, 0: no bound of ours. */
bool folder_watch_create(const char *const *roots, size_t count, size_t most,
                         const struct watch_visitor *visitor, struct folder_watch **watch_out,
                         struct error *err) MUST_CHECK;
void folder_watch_free(struct folder_watch **watch);

/* Readable when something happened; changes when the watches are made anew. */
int folder_watch_fd(const struct folder_watch *watch);

/* Takes what the kernel has to say, up to some thousand events; never waits. */
void folder_watch_read(struct folder_watch *watch);

/* The same for bytes as the kernel would give them. */
void folder_watch_feed(struct folder_watch *watch, const char *bytes, size_t length);

/* Looks whether roots came, went or were exchanged; every few seconds. */
void folder_watch_tick(struct folder_watch *watch);

/* Tries to watch folders that the kernel had no watches for; does not say what is in them. */
void folder_watch_retry(struct folder_watch *watch);

size_t folder_watch_folders(const struct folder_watch *watch);
size_t folder_watch_watched(const struct folder_watch *watch);
int64_t folder_watch_events(const struct folder_watch *watch);
