#pragma once

#include "export/source.h"

/*
 * A source of frames for tests: an array of them, with bytes of a pattern of their own in a file.
 */
enum { SMALL_FRAMES = 512, SMALL_STRETCHES = 4 };

struct small_source {
        struct export_source source;
        struct export_camera cameras[SMALL_STRETCHES];
        struct stretch stretches[SMALL_STRETCHES];
        struct frame frames[SMALL_FRAMES]; /* places: offset in the file */
        size_t stretch_of[SMALL_FRAMES];
        size_t count;
        size_t at;
        size_t page_most; /* frames given at once at most */
        size_t fail_open; /* the frame that cannot be opened; SIZE_MAX: none */
        int rewinds;
        int drop_last_at; /* from this rewind on the last frame is missing; 0: never */
        int fd;
        int64_t file_bytes;
};

void small_source_init(struct small_source *small);
void small_source_finish(struct small_source *small);

/* Adds one in order; `bytes` of it are in the file unless they are very many. */
void small_source_add(struct small_source *small, size_t stretch, int64_t time_ms, int64_t bytes,
                      int width, int height);

/* The byte at `at` of picture `frame`. */
unsigned char small_source_byte(size_t frame, int64_t at);
