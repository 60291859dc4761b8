#include "parse/understand.h"

#include <string.h>

#include "parse/exif.h"
#include "parse/iqeye.h"
#include "parse/jpeg.h"
#include "parse/maker_comment.h"
#include "parse/name.h"
#include "parse/path_template.h"

enum { EARLIEST_YEAR = 2000, DAY_MS = 24 * 3600 * 1000 };

static void add_note(struct facts *facts, enum note note)
{
        facts->notes |= NOTE_BIT(note);
}

/* ---- times ---- */

static struct utc earliest(void)
{
        static const struct civil civil = {.year = EARLIEST_YEAR, .month = 1, .day = 1};
        return civil_as_utc(&civil);
}

/* Some clocks begin with the first day of 2000 when they were never set; in whichever zone. Nothing
 * that arrives years later was taken then. */
static bool never_set(const struct understand_context *context, struct utc time)
{
        struct utc received = utc_known(context->received) ? context->received : context->now;
        return time.ms < earliest().ms + DAY_MS + DAY_MS / 2 && utc_known(received) &&
               received.ms - time.ms > (int64_t)365 * DAY_MS;
}

/* Takes a time of a source if it can be true; says so if not. */
static bool believe(struct facts *facts, const struct understand_context *context, struct utc time,
                    enum time_source source)
{
        if (!utc_known(time))
                return false;
        /* A clock before the earliest time was never set, and says nothing of what is to come. */
        bool has_clock = utc_known(context->now) && context->now.ms >= earliest().ms;
        if (time.ms < earliest().ms || never_set(context, time) ||
            (has_clock && time.ms > context->now.ms + DAY_MS)) {
                add_note(facts, NOTE_IMPOSSIBLE_TIME);
                return false;
        }
        facts->time = time;
        facts->time_source = source;
        return true;
}

/* Of the two moments of a local time that happens twice, the second if the picture arrived close
 * to it. What arrived long after says nothing. */
static struct utc choose_hour(struct utc first, struct utc second, struct utc received)
{
        int64_t apart = second.ms - first.ms;
        if (!utc_known(received) || received.ms < first.ms - apart ||
            received.ms > second.ms + apart)
                return first;
        int64_t to_first = received.ms > first.ms ? received.ms - first.ms : first.ms - received.ms;
        int64_t to_second =
                received.ms > second.ms ? received.ms - second.ms : second.ms - received.ms;
        return to_second < to_first ? second : first;
}

/* A local time of the camera as a moment. The notes are set only if it is believed then. */
static bool believe_local(struct facts *facts, const struct understand_context *context,
                          const struct civil *civil, enum time_source source)
{
        if (context->zone == NULL)
                return believe(facts, context, civil_as_utc(civil), source);
        struct utc first;
        struct utc second;
        enum zone_fit fit = zone_utc(context->zone, civil, &first, &second);
        struct utc time = fit == ZONE_TWICE ? choose_hour(first, second, context->received) : first;
        if (!believe(facts, context, time, source))
                return false;
        if (fit == ZONE_TWICE)
                add_note(facts, NOTE_AMBIGUOUS_TIME);
        if (fit == ZONE_SKIPPED)
                add_note(facts, NOTE_SKIPPED_TIME);
        return true;
}

static bool believe_named(struct facts *facts, const struct understand_context *context,
                          const struct named_time *named)
{
        struct civil civil = named->civil;
        struct named_time ordered = *named;
        struct utc received = utc_known(context->received) ? context->received : context->now;
        switch (named->form) {
        case NAMED_NO_TIME: return false;
        case NAMED_MOMENT: return believe(facts, context, named->utc, named->source);
        case NAMED_YEARLESS:
                /* The day of a clock that was never set gets no year from ours. */
                if ((facts->notes & NOTE_BIT(NOTE_IMPOSSIBLE_TIME)) != 0 || !utc_known(received) ||
                    !name_infer_year(&civil, received))
                        return false;
                return believe_local(facts, context, &civil, named->source);
        case NAMED_ORDERLESS:
        case NAMED_GUESSED:
                return name_order_date(&ordered, received) &&
                       believe_local(facts, context, &ordered.civil, named->source);
        case NAMED_CIVIL: return believe_local(facts, context, &civil, named->source);
        }
        return false;
}

/* ---- the picture's bytes ---- */

struct head {
        struct utc vendor_stamp;           /* a recorder's, used if there is no other */
        char camera_name[FACTS_NAME_SIZE]; /* from a comment, used if there is no other */
        const uint8_t *exif;               /* NULL: none */
        size_t exif_length;
        bool time_found;
};

static void take_comment(const struct jpeg_segment *segment,
                         const struct understand_context *context, struct facts *facts,
                         struct head *head)
{
        struct named_time time = {.form = NAMED_MOMENT, .utc = UTC_NONE, .source = TIME_VENDOR};
        if (iqeye_identity(segment->data, segment->length, facts, &head->vendor_stamp))
                return;
        if (iqeye_is_image(segment->data, segment->length)) {
                if (!iqeye_image(segment->data, segment->length, facts, &time.utc, NULL))
                        add_note(facts, NOTE_BAD_COMMENT);
        } else if (!maker_comment(segment->data, segment->length, facts, &time)) {
                return;
        }
        /* What the path says of the camera comes before. */
        if (facts->camera_name[0] != '\0')
                memcpy(head->camera_name, facts->camera_name, sizeof head->camera_name);
        facts->camera_name[0] = '\0';
        if (!head->time_found)
                head->time_found = believe_named(facts, context, &time);
}

/* Walks the segments; returns how many bytes are wanted, 0 when there is enough. */
static size_t read_head(struct jpeg_walk *walk, const struct understand_context *context,
                        struct facts *facts, struct head *head)
{
        for (;;) {
                struct jpeg_segment segment;
                enum jpeg_step step = jpeg_walk_next(walk, &segment);
                if (step == JPEG_MORE)
                        return walk->wanted;
                facts->is_jpeg = step != JPEG_NONE;
                if (step == JPEG_NONE)
                        add_note(facts, NOTE_NOT_JPEG);
                if (step != JPEG_SEGMENT)
                        return 0;
                if (segment.marker == JPEG_COM)
                        take_comment(&segment, context, facts, head);
                else if (segment.marker == JPEG_APP1 && head->exif == NULL &&
                         exif_is(segment.data, segment.length)) {
                        head->exif = segment.data;
                        head->exif_length = segment.length;
                }
                if (head->time_found && walk->has_frame)
                        return 0; /* nothing behind could change what is believed */
        }
}

static void take_exif(const struct head *head, const struct understand_context *context,
                      struct facts *facts)
{
        struct exif_facts exif;
        if (!exif_read(head->exif, head->exif_length, &exif)) {
                add_note(facts, NOTE_BAD_EXIF);
                return;
        }
        if (facts->model[0] == '\0')
                memcpy(facts->model, exif.model, sizeof facts->model);
        if (exif.has_mac && !facts->has_mac) {
                facts->has_mac = true;
                memcpy(facts->mac, exif.mac, sizeof facts->mac);
        }
        for (int i = 0; i < exif.count && facts->time_source != TIME_EXIF; i++) {
                const struct exif_time *time = &exif.times[i];
                if (time->has_offset) {
                        struct utc utc = civil_as_utc(&time->civil);
                        utc.ms -= (int64_t)time->offset_s * 1000;
                        (void)believe(facts, context, utc, TIME_EXIF);
                } else {
                        (void)believe_local(facts, context, &time->civil, TIME_EXIF);
                }
        }
}

/* ---- the path ---- */

static void take_template(const struct understand_context *context, const struct path_parts *parts,
                          struct facts *facts)
{
        struct templated templated;
        if (!path_template_match_parts(context->template, parts, &templated)) {
                add_note(facts, NOTE_TEMPLATE_MISS);
                return;
        }
        if (!facts->has_mac && templated.has_mac) {
                facts->has_mac = true;
                memcpy(facts->mac, templated.mac, sizeof facts->mac);
        }
        memcpy(facts->camera_name, templated.camera_name, sizeof facts->camera_name);
        if (!utc_known(facts->time))
                (void)believe_named(facts, context, &templated.time);
}

static void take_path(const struct understand_context *context, struct facts *facts)
{
        struct path_parts parts;
        struct named_time named;
        path_split(context->path, context->path_length, &parts);
        if (parts.count == 0)
                return;
        const struct path_part *name = &parts.parts[parts.count - 1];
        facts->has_trigger = name_trigger(name->at, name->length, &facts->trigger);
        if (facts->kinds == 0 && facts->words[0] == '\0')
                facts->kinds = name_kinds(&parts);
        if (context->template != NULL)
                take_template(context, &parts, facts);
        if (!facts->has_mac)
                facts->has_mac = name_mac(&parts, facts->mac);
        if (!facts->has_mac && facts->camera_name[0] == '\0')
                (void)name_camera(&parts, facts->camera_name);
        if (!utc_known(facts->time)) {
                name_time(&parts, &named);
                (void)believe_named(facts, context, &named);
        }
}

/* What is not of the picture's bytes, and the time nobody said. */
static void finish(const struct understand_context *context,
                   const char own_name[static FACTS_NAME_SIZE], struct facts *facts)
{
        if (context->path != NULL && context->path_length > 0)
                take_path(context, facts);
        if (!facts->has_mac && facts->camera_name[0] == '\0')
                memcpy(facts->camera_name, own_name, sizeof facts->camera_name);
        if (!utc_known(facts->time)) {
                facts->time = utc_known(context->received) ? context->received : context->now;
                facts->time_source = TIME_RECEIVED;
        }
}

size_t understand_head(const uint8_t *bytes, size_t length, bool whole,
                       const struct understand_context *context, struct facts *facts_out)
{
        struct head head = {.vendor_stamp = UTC_NONE};
        struct jpeg_walk walk;
        facts_init(facts_out);
        if (length == 0 && whole) {
                add_note(facts_out, NOTE_EMPTY);
        } else {
                jpeg_walk_init(&walk, bytes, length, whole, UNDERSTAND_HEAD_MAX);
                size_t wanted = read_head(&walk, context, facts_out, &head);
                if (wanted > 0)
                        return wanted;
                facts_out->notes |= walk.notes;
                facts_out->width = walk.width;
                facts_out->height = walk.height;
                if (facts_out->is_jpeg && walk.width == 0)
                        add_note(facts_out, NOTE_NO_FRAME_HEADER);
        }
        facts_out->bytes = context->bytes >= 0 ? context->bytes : whole ? (int64_t)length : -1;
        if (!head.time_found)
                head.time_found = believe(facts_out, context, head.vendor_stamp, TIME_VENDOR);
        if (!head.time_found && head.exif != NULL)
                take_exif(&head, context, facts_out);
        finish(context, head.camera_name, facts_out);
        return 0;
}

/* ---- the rest ---- */

/* Where the scan begins, or the end marker of a picture without one; `length` if the segments do
 * not lead so far. */
static size_t scan_start(const uint8_t *bytes, size_t length)
{
        struct jpeg_walk walk;
        struct jpeg_segment segment;
        jpeg_walk_init(&walk, bytes, length, true, length);
        enum jpeg_step step = JPEG_SEGMENT;
        while (step == JPEG_SEGMENT)
                step = jpeg_walk_next(&walk, &segment);
        if (step == JPEG_END)
                return walk.at - 2;
        return step == JPEG_SCAN && walk.at < length ? walk.at : length;
}

/* False when there can be no end. */
static bool begin_end(struct facts *facts)
{
        facts->complete_known = true;
        facts->complete = false;
        facts->bytes_after_eoi = 0;
        return facts->is_jpeg && (facts->notes & NOTE_BIT(NOTE_TRUNCATED)) == 0;
}

/* `end`: of the picture, -1 if there is none. */
static void set_end(struct facts *facts, int64_t end, size_t length)
{
        if (end < 0) {
                add_note(facts, NOTE_TRUNCATED);
                return;
        }
        facts->complete = true;
        facts->bytes_after_eoi = (int64_t)length - end;
        if (facts->bytes_after_eoi > 0)
                add_note(facts, NOTE_AFTER_EOI);
}

void understand_tail(const uint8_t *bytes, size_t length, struct facts *facts)
{
        if (!begin_end(facts))
                return;
        /* All of it is here: where the scan begins need not be guessed. */
        bool whole = facts->bytes >= 0 && (uint64_t)facts->bytes == length;
        set_end(facts, jpeg_find_eoi(bytes, length, whole ? scan_start(bytes, length) : 0), length);
}

void understand_end(const uint8_t *bytes, size_t length, struct facts *facts)
{
        if (!begin_end(facts))
                return;
        size_t start = scan_start(bytes, length);
        size_t near = length > UNDERSTAND_TAIL ? length - UNDERSTAND_TAIL : start;
        if (start < length && near < start)
                near = start;
        int64_t end = jpeg_find_eoi(bytes, length, near);
        if (end < 0 && start < near)
                end = jpeg_find_eoi(bytes, length, start);
        set_end(facts, end, length);
}

bool understand_comment(const char *json, size_t length, const struct understand_context *context,
                        struct facts *facts_out, struct error *err)
{
        static const char no_name[FACTS_NAME_SIZE];
        struct utc time = UTC_NONE;
        facts_init(facts_out);
        facts_out->bytes = context->bytes;
        if (!iqeye_image((const uint8_t *)json, length, facts_out, &time, err))
                return false;
        (void)believe(facts_out, context, time, TIME_VENDOR);
        finish(context, no_name, facts_out);
        return true;
}
