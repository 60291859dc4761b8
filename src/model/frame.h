#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/facts.h"

/* A camera's number in the catalog, from 1; never used again after the camera is removed. */
struct camera_id {
        int32_t value;
};

/* A folder's number in the catalog, from 1. */
struct folder_id {
        int32_t value;
};

/* What a frame is found by, and the order frames are in: camera, then time, then tie. The tie is
 * 0 but for frames of one camera at the same millisecond. */
struct frame_key {
        struct camera_id camera;
        struct utc time;
        uint32_t tie;
};

/* <0, 0, >0 as a is before, the same as, after b. */
int frame_key_compare(const struct frame_key *a, const struct frame_key *b);

/* The id the API and URLs use: "<camera>-<time ms>-<tie>", all decimal. */
#define FRAME_ID_SIZE 44
void frame_id_format(const struct frame_key *key, char out[static FRAME_ID_SIZE]);
bool frame_id_parse(const char *text, size_t length, struct frame_key *key_out,
                    struct error *err) MUST_CHECK;

/* An hour file's number in the catalog, from 1. */
struct segment_id {
        int32_t value;
};

/* Frames of a camera with from <= time <= to; UTC_NONE for either means without bound. */
struct stretch {
        struct camera_id camera;
        struct utc from;
        struct utc to;
};

enum { PLACE_NAME_SIZE = 256 };

/*
 * Where a frame's bytes are: a file in a folder that is indexed in place, or a stretch of an hour
 * file of received frames. Exactly one of folder and segment is not 0 (both are 0 for no place).
 */
struct place {
        struct folder_id folder;
        struct segment_id segment;
        int64_t offset; /* of the picture in the hour file; its length is the frame's bytes */
        /* The file's name in the folder: bytes, never with '/' or NUL inside, not necessarily
         * UTF-8. Empty for hour files, whose records hold the name. */
        char name[PLACE_NAME_SIZE];
};

/* A frame as the catalog keeps it. */
struct frame {
        struct frame_key key;
        struct utc received;          /* receive time, or the file's modification time; UTC_NONE if
                                         unknown (imported without the file) */
        int64_t sequence;             /* -1 if none */
        uint64_t kinds;               /* bits; words by catalog_kind_word */
        uint64_t windows;             /* bit n-1: window n fired */
        bool has_trigger;             /* */
        int trigger;                  /* -n before, 0 at, +n after */
        int width, height;            /* 0 if unknown */
        int64_t bytes;                /* 0 if unknown */
        enum time_source time_source; /* */
        struct place place;
};

/* True when the camera says that something moved: kind motion, or a window fired. */
static inline bool frame_has_motion(uint64_t kinds, uint64_t windows)
{
        return windows != 0 || (kinds >> 1 & 1); /* KIND_MOTION; asserted in frame.c */
}

/* How well a frame stands for its event, less is better: the trigger frame, else one with motion,
 * else any. Among equals the first by key is the cover. */
enum cover_rank { COVER_TRIGGER, COVER_MOTION, COVER_ANY };
enum cover_rank frame_cover_rank(const struct frame *frame);
