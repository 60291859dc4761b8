#include "model/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "model/kind.h"

static_assert(KIND_MOTION == 1, "frame_has_motion tests bit 1");

int frame_key_compare(const struct frame_key *a, const struct frame_key *b)
{
        if (a->camera.value != b->camera.value)
                return a->camera.value < b->camera.value ? -1 : 1;
        if (a->time.ms != b->time.ms)
                return a->time.ms < b->time.ms ? -1 : 1;
        return a->tie < b->tie ? -1 : a->tie > b->tie;
}

void frame_id_format(const struct frame_key *key, char out[static FRAME_ID_SIZE])
{
        snprintf(out, FRAME_ID_SIZE, "%" PRId32 "-%" PRId64 "-%" PRIu32, key->camera.value,
                 key->time.ms, key->tie);
}

/* One decimal number without sign up to `most`, ended by `stop` or the end of the text. */
static bool take_number(const char **at, const char *end, int64_t most, int64_t *value_out)
{
        const char *start = *at;
        int64_t value = 0;
        while (*at < end && **at >= '0' && **at <= '9') {
                value = value * 10 + (**at - '0');
                if (value > most)
                        return false;
                (*at)++;
        }
        *value_out = value;
        return *at > start;
}

static bool take_dash(const char **at, const char *end)
{
        if (*at == end || **at != '-')
                return false;
        (*at)++;
        return true;
}

bool frame_id_parse(const char *text, size_t length, struct frame_key *key_out, struct error *err)
{
        const char *at = text;
        const char *end = text + length;
        int64_t camera = 0;
        int64_t ms = 0;
        int64_t tie = 0;
        bool ok = take_number(&at, end, INT32_MAX, &camera) && take_dash(&at, end);
        bool minus = ok && take_dash(&at, end); /* a time before 1970 */
        ok = ok && take_number(&at, end, UTC_MAX_MS, &ms) && take_dash(&at, end) &&
             take_number(&at, end, UINT32_MAX, &tie) && at == end;
        if (!ok)
                return error_set(err, ERROR_INPUT, "\"%.*s\" is not a frame id",
                                 (int)(length > 64 ? 64 : length), text);
        *key_out = (struct frame_key){{(int32_t)camera}, {minus ? -ms : ms}, (uint32_t)tie};
        return true;
}

enum cover_rank frame_cover_rank(const struct frame *frame)
{
        if (frame->has_trigger && frame->trigger == 0)
                return COVER_TRIGGER;
        return frame_has_motion(frame->kinds, frame->windows) ? COVER_MOTION : COVER_ANY;
}
