#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Walks the marker segments of a JPEG's head (ITU-T T.81, annex B), from SOI to the first SOS, and
 * decodes nothing but the frame header. Made for pictures as cameras write them: a length is only
 * a hint, and where no marker follows a segment it searches on, within a bound. Pure, any bytes.
 */
enum {
        JPEG_SOI = 0xd8,
        JPEG_EOI = 0xd9,
        JPEG_SOS = 0xda,
        JPEG_APP0 = 0xe0,
        JPEG_APP1 = 0xe1,
        JPEG_APP15 = 0xef,
        JPEG_COM = 0xfe,
        JPEG_SEARCH_MAX = 1 << 16 /* bytes searched for a lost marker */
};

struct jpeg_walk {
        const uint8_t *bytes;
        size_t length;
        size_t most;       /* never asks for more bytes than this */
        bool whole;        /* there are no bytes after `length` */
        size_t at;         /* of the next marker, if lengths are right */
        bool after_data;   /* the last segment had a length */
        size_t wanted;     /* after JPEG_MORE: bytes from the start wanted */
        bool has_frame;    /* a frame header was met; width and height are its own */
        int width, height; /* 0 if unknown */
        uint32_t notes;
};

struct jpeg_segment {
        uint8_t marker;
        const uint8_t *data;
        size_t length; /* bytes that are there, the two of the length not counted */
        bool cut;      /* fewer than declared */
};

enum jpeg_step {
        JPEG_SEGMENT, /* *segment_out is one; those of width and height are in the walk */
        JPEG_SCAN,    /* SOS: the picture's data begins at walk->at */
        JPEG_END,     /* EOI without a scan before it; walk->at is behind it */
        JPEG_LOST,    /* no marker to be found any more, or the bytes have ended */
        JPEG_MORE,    /* walk->wanted bytes from the start are needed to go on */
        JPEG_NONE     /* does not begin with SOI */
};

/* Begins a walk over the first `length` bytes of a picture; at most `most` are looked at. */
void jpeg_walk_init(struct jpeg_walk *walk, const uint8_t *bytes, size_t length, bool whole,
                    size_t most);

/* To be called until it returns something else than JPEG_SEGMENT. */
enum jpeg_step jpeg_walk_next(struct jpeg_walk *walk, struct jpeg_segment *segment_out);

/* The offset behind the EOI that ends the picture in its last `length` bytes, -1 if there is none.
 * `start` is where to begin: behind SOS if that is among these bytes, else 0. The EOI of a
 * thumbnail, after which more segments follow, is passed over. */
int64_t jpeg_find_eoi(const uint8_t *bytes, size_t length, size_t start);
