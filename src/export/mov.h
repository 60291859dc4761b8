#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "export/walk.h"

/*
 * Writes frames as a QuickTime film (QuickTime File Format; boxes as in ISO/IEC 14496-12) of one
 * track of `jpeg` samples, each the picture as the camera sent it. The tables come first, so it
 * plays while it is fetched and from a pipe. They are never held: the frames are walked once to
 * plan, once for each table and once for the pictures, so memory does not depend on how many there
 * are. A millisecond is the unit of time.
 */
enum {
        MOV_SIZES_MAX = 16, /* of pictures with a description of their own; all others share one */
        MOV_FRAMES_MAX = 100000000
};

struct mov_size {
        int width, height;
};

/* What the first walk tells; with it the whole layout is known. */
struct mov_plan {
        int64_t frames;
        int64_t bytes; /* of the pictures */
        int64_t duration_ms;
        int64_t last_shown_ms; /* of the last picture */
        int64_t time_entries;  /* of the table of times: runs of frames shown equally long */
        int64_t size_entries;  /* of the table of chunks: runs of frames of one size */
        struct mov_size sizes[MOV_SIZES_MAX];
        size_t size_count;
        struct utc first;      /* capture time of the first frame */
        int64_t head_bytes;    /* up to the first table that is written while walking */
        int64_t length;        /* of the whole file */
        bool wide;             /* offsets need 64 bits */
        uint32_t tables_bytes; /* that follow the head, within moov */
};

enum mov_phase {
        MOV_HEAD,
        MOV_TIMES,
        MOV_CHUNKS,
        MOV_LENGTHS,
        MOV_OFFSETS,
        MOV_DATA_HEAD,
        MOV_PICTURES,
        MOV_END
};

struct mov {
        const struct export_source *source; /* borrowed */
        struct walk walk;
        struct mov_plan plan;
        enum mov_phase phase;
        bool entered;      /* the phase's own header is written */
        int64_t number;    /* of the next frame, from 0 */
        int64_t offset;    /* of it in the file */
        int64_t run;       /* frames of the run that is being counted, */
        int64_t run_value; /* and what they have in common */
};

/* Walks the frames once and lays out the file. Frames that cannot be in a film (a pause of more
 * than 24 days, too many) are ERROR_INPUT; none at all is ERROR_NOT_FOUND. */
bool mov_plan(struct mov *mov, const struct export_source *source, struct error *err) MUST_CHECK;

/* Appends some of the next bytes to `out`, or sets *picture_out to the frame whose bytes come next
 * (it lives until the next call, NULL else). At the end mov->phase is MOV_END. */
bool mov_next(struct mov *mov, struct text *out, const struct walk_item **picture_out,
              struct error *err) MUST_CHECK;
