#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/camera.h"
#include "model/frame.h"

/*
 * An hour file as the catalog knows it: received frames of one camera and one UTC hour of capture.
 * What is in it is the store's business (store/segment.h).
 */
enum segment_state {
        SEGMENT_OPEN,   /* may grow; looked at by recovery */
        SEGMENT_CLOSED, /* nothing more is written to it */
        SEGMENT_BROKEN, /* likewise, since a write or sync failed */
        SEGMENT_EMPTY,  /* all in it was purged: the file is removed, or is gone already */
        SEGMENT_STATES
};

struct segment {
        struct segment_id id;
        struct camera_id camera;
        char directory[CAMERA_NAME_SIZE]; /* of the camera, below DATA/frames */
        struct utc hour;                  /* its start */
        int number;                       /* 0, or n of HH.n.mjpeg */
        int64_t committed; /* bytes whose records are in the catalog; the end of a record */
        enum segment_state state;
};

enum { SEGMENT_PATH_SIZE = CAMERA_NAME_SIZE + 40, SEGMENT_NUMBER_MAX = 99999 };

/* Its path below DATA/frames, of directory, hour and number: "yard/2014-05-23/14.mjpeg". */
void segment_path(const struct segment *segment, char out[static SEGMENT_PATH_SIZE]);

/* The reverse; false when the path is not one that segment_path writes. */
bool segment_path_parse(const char *path, size_t length, struct segment *segment_out) MUST_CHECK;

/* The hour a capture time belongs to. */
struct utc segment_hour(struct utc time);
