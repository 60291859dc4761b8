#include "parse/jpeg.h"

#include <string.h>

#include "model/facts.h"

enum { ASK_MORE = 4096, TEM = 0x01, RST0 = 0xd0 };

void jpeg_walk_init(struct jpeg_walk *walk, const uint8_t *bytes, size_t length, bool whole,
                    size_t most)
{
        *walk = (struct jpeg_walk){
                .bytes = bytes,
                .length = length < most ? length : most,
                .most = most,
                .whole = whole && length <= most,
        };
}

static bool is_marker(uint8_t byte)
{
        return byte >= 0xc0 && byte != 0xff;
}

/* Without a length: TEM, RSTn, SOI, EOI. */
static bool stands_alone(uint8_t marker)
{
        return marker == TEM || (marker >= RST0 && marker <= JPEG_EOI);
}

static bool is_frame_header(uint8_t marker)
{
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
               marker != 0xcc;
}

/* The bytes end before offset `need`: ask for them, and for as much again so that the number of
 * tries stays small, or give up. */
static enum jpeg_step run_out(struct jpeg_walk *walk, size_t need)
{
        if (walk->whole)
                walk->notes |= NOTE_BIT(NOTE_TRUNCATED);
        if (walk->whole || walk->length >= walk->most || need > walk->most)
                return JPEG_LOST;
        size_t wanted = need + ASK_MORE;
        if (wanted < walk->length * 2)
                wanted = walk->length * 2;
        walk->wanted = wanted < walk->most ? wanted : walk->most;
        return JPEG_MORE;
}

/* Searches on from walk->at for FF xx that can be a marker. */
static enum jpeg_step search_marker(struct jpeg_walk *walk)
{
        size_t limit = walk->at + JPEG_SEARCH_MAX;
        size_t end = limit < walk->length ? limit : walk->length;
        const uint8_t *at = walk->bytes + walk->at;
        walk->notes |= NOTE_BIT(NOTE_RESYNCED);
        if (walk->after_data)
                walk->notes |= NOTE_BIT(NOTE_WRONG_LENGTH);
        while ((at = memchr(at, 0xff, (size_t)(walk->bytes + end - at))) != NULL) {
                at++;
                if (at == walk->bytes + walk->length)
                        break;
                if (is_marker(*at)) {
                        walk->at = (size_t)(at - walk->bytes);
                        return JPEG_SEGMENT;
                }
        }
        return limit < walk->length ? JPEG_LOST : run_out(walk, walk->length + 1);
}

/* Leaves walk->at on the marker's second byte, behind any fill bytes. */
static enum jpeg_step find_marker(struct jpeg_walk *walk)
{
        size_t at = walk->at;
        while (at < walk->length && walk->bytes[at] == 0xff)
                at++;
        if (at >= walk->length)
                return run_out(walk, at + 2);
        if (at > walk->at && (is_marker(walk->bytes[at]) || walk->bytes[at] == TEM)) {
                walk->at = at;
                return JPEG_SEGMENT;
        }
        return search_marker(walk);
}

/* The first frame header that is one by its form: as long as its components need. One that is not
 * is better than none. */
static void read_frame_header(struct jpeg_walk *walk, const struct jpeg_segment *segment)
{
        enum { FIXED = 6, COMPONENT = 3 };
        const uint8_t *data = segment->data;
        if (segment->length < FIXED || walk->has_frame)
                return;
        walk->has_frame = data[5] > 0 && segment->length >= FIXED + (size_t)data[5] * COMPONENT &&
                          data[0] >= 2 && data[0] <= 16;
        if (walk->has_frame || walk->width == 0) {
                walk->height = data[1] << 8 | data[2];
                walk->width = data[3] << 8 | data[4];
        }
}

/*
 * A segment that ends behind the last byte: of a truncated picture, or its length is wrong. If the
 * file ends as a picture does the length is wrong, and the markers behind it lie inside; but in an
 * APPn there may be a thumbnail with markers of its own, so there is no searching in those.
 */
static void cut_segment(struct jpeg_walk *walk, struct jpeg_segment *segment)
{
        segment->length = walk->length - (walk->at + 3);
        segment->cut = true;
        bool ends_well = walk->whole && walk->length >= 2 &&
                         memcmp(walk->bytes + walk->length - 2, "\xff\xd9", 2) == 0;
        bool app = segment->marker >= JPEG_APP0 && segment->marker <= JPEG_APP15;
        walk->after_data = true;
        if (ends_well)
                walk->notes |= NOTE_BIT(NOTE_WRONG_LENGTH);
        walk->at = ends_well && !app ? walk->at + 3 : walk->length;
}

static enum jpeg_step take_segment(struct jpeg_walk *walk, struct jpeg_segment *segment)
{
        if (walk->length - walk->at < 3) /* marker and length */
                return run_out(walk, walk->at + 3);
        size_t declared = (size_t)walk->bytes[walk->at + 1] << 8 | walk->bytes[walk->at + 2];
        size_t end = walk->at + 1 + declared;
        if (declared < 2) {
                walk->notes |= NOTE_BIT(NOTE_WRONG_LENGTH);
                *segment = (struct jpeg_segment){walk->bytes[walk->at], walk->bytes + walk->at + 1,
                                                 0, true};
                walk->at += 1;
                walk->after_data = true;
                return JPEG_SEGMENT;
        }
        *segment = (struct jpeg_segment){walk->bytes[walk->at], walk->bytes + walk->at + 3,
                                         declared - 2, false};
        if (segment->marker == JPEG_SOS) {
                walk->at = end;
                return JPEG_SCAN;
        }
        if (end > walk->length) {
                if (!walk->whole && walk->length < walk->most && end <= walk->most)
                        return run_out(walk, end);
                cut_segment(walk, segment);
        } else {
                walk->at = end;
                walk->after_data = true;
        }
        if (is_frame_header(segment->marker))
                read_frame_header(walk, segment);
        return JPEG_SEGMENT;
}

static enum jpeg_step begin(struct jpeg_walk *walk)
{
        if (walk->length < 2) {
                if (walk->whole || (walk->length == 1 && walk->bytes[0] != 0xff))
                        return JPEG_NONE;
                return run_out(walk, 2);
        }
        if (walk->bytes[0] != 0xff || walk->bytes[1] != JPEG_SOI)
                return JPEG_NONE;
        walk->at = 2;
        return JPEG_SEGMENT;
}

enum jpeg_step jpeg_walk_next(struct jpeg_walk *walk, struct jpeg_segment *segment_out)
{
        if (walk->at == 0) {
                enum jpeg_step step = begin(walk);
                if (step != JPEG_SEGMENT)
                        return step;
        }
        for (;;) {
                enum jpeg_step step = find_marker(walk);
                if (step != JPEG_SEGMENT)
                        return step;
                if (!stands_alone(walk->bytes[walk->at]))
                        return take_segment(walk, segment_out);
                walk->after_data = false;
                walk->at++;
                if (walk->bytes[walk->at - 1] == JPEG_EOI)
                        return JPEG_END;
        }
}

/* True when after offset `at` and any zeros comes the marker of a further segment. */
static bool segments_follow(const uint8_t *bytes, size_t length, size_t at)
{
        while (at < length && bytes[at] == 0)
                at++;
        return length - at >= 2 && bytes[at] == 0xff && is_marker(bytes[at + 1]) &&
               !stands_alone(bytes[at + 1]);
}

int64_t jpeg_find_eoi(const uint8_t *bytes, size_t length, size_t start)
{
        size_t at = start;
        while (at + 1 < length) {
                const uint8_t *found = memchr(bytes + at, 0xff, length - 1 - at);
                if (found == NULL)
                        return -1;
                at = (size_t)(found - bytes) + 1;
                if (bytes[at] == JPEG_EOI && !segments_follow(bytes, length, at + 1))
                        return (int64_t)at + 1;
        }
        return -1;
}
