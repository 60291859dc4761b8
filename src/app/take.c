#include "app/take.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse/understand.h"

enum {
        BUFFER_KEPT = 65536, /* larger ones are for rare pictures and given back */
        HEAD_SMALL = 1024,   /* holds all that an IQeye says; half the cost of reading is copying */
        JUDGED_AFTER = 1024  /* files, then the counts are halved */
};

static bool set_path(struct taker *taker, const struct take_from *from, size_t *length_out)
{
        size_t before = strlen(from->relative);
        size_t name = strlen(from->name);
        size_t wanted = before + 1 + name + 1;
        if (wanted > taker->path_room) {
                char *grown = realloc(taker->path, wanted + 256);
                if (grown == NULL)
                        return false;
                taker->path = grown;
                taker->path_room = wanted + 256;
        }
        size_t at = before;
        memcpy(taker->path, from->relative, before);
        if (before > 0)
                taker->path[at++] = '/';
        memcpy(taker->path + at, from->name, name + 1);
        *length_out = at + name;
        return true;
}

static bool make_room(struct taker *taker, size_t wanted)
{
        if (wanted <= taker->room)
                return true;
        uint8_t *grown = realloc(taker->buffer, wanted);
        if (grown == NULL) {
                errno = ENOMEM;
                return false;
        }
        taker->buffer = grown;
        taker->room = wanted;
        return true;
}

static void give_back(struct taker *taker)
{
        if (taker->room <= BUFFER_KEPT)
                return;
        free(taker->buffer);
        taker->buffer = NULL;
        taker->room = 0;
}

/* Cameras differ; most of those at work in a folder are of a kind. */
static size_t first_read(struct taker *taker)
{
        if (taker->enough + taker->short_of >= JUDGED_AFTER) {
                taker->enough /= 2;
                taker->short_of /= 2;
        }
        return taker->short_of * 4 <= taker->enough ? HEAD_SMALL : UNDERSTAND_HEAD_FIRST;
}

static void judge_first_read(struct taker *taker, size_t used)
{
        if (used <= HEAD_SMALL)
                taker->enough++;
        else
                taker->short_of++;
}

/* Reads as much of the head as is asked for; false and errno when it cannot be read. */
static bool read_head(struct taker *taker, struct picture_file *file,
                      const struct understand_context *context, struct facts *facts)
{
        size_t wanted = first_read(taker);
        size_t length = 0;
        bool whole = false;
        while (wanted > length && !whole) {
                if (!make_room(taker, wanted))
                        return false;
                ssize_t got = picture_read(file, taker->buffer + length, wanted - length,
                                           (int64_t)length);
                if (got < 0)
                        return false;
                length += (size_t)got;
                whole = got == 0 || (int64_t)length >= file->bytes;
                if (length < wanted && !whole)
                        continue;
                wanted = understand_head(taker->buffer, length, whole, context, facts);
                if (wanted > length && wanted < UNDERSTAND_HEAD_FIRST)
                        wanted = UNDERSTAND_HEAD_FIRST;
        }
        judge_first_read(taker, length);
        return true;
}

static bool is_young(const struct picture_file *file, struct utc now, int young_ms)
{
        int64_t age = now.ms - file->modified.ms;
        return age > -young_ms && age < young_ms;
}

static enum take_outcome take_open(struct taker *taker, const struct take_from *from,
                                   struct utc now, struct batch *batch, struct taken *taken)
{
        struct picture_file *file = &taken->file;
        uint32_t folder = batch_folder(batch, from->folder_path);
        struct facts facts;
        struct understand_context context = {
                .template = taker->template,
                .zone = taker->zone,
                .received = file->modified,
                .now = now,
                .bytes = file->bytes,
        };
        if (!set_path(taker, from, &context.path_length)) {
                taken->number = ENOMEM;
                return TAKE_FAILED;
        }
        context.path = taker->path;
        taken->reason = SKIP_EMPTY;
        if (file->bytes > 0) {
                if (!read_head(taker, file, &context, &facts)) {
                        taken->number = errno;
                        return TAKE_FAILED;
                }
                taken->reason = facts.is_jpeg ? SKIP_NONE : SKIP_NOT_JPEG;
        }
        if (taken->reason != SKIP_NONE) {
                batch_add_skip(batch, folder, from->name, file->bytes, file->modified,
                               taken->reason);
                return TAKE_SKIPPED;
        }
        facts.bytes = file->bytes;
        batch_add_frame(batch, folder, from->name, &facts, file->modified);
        return TAKE_FRAME;
}

enum take_outcome take_file(struct taker *taker, const struct take_from *from, struct utc now,
                            bool as_it_is, struct batch *batch, struct taken *taken_out)
{
        enum take_outcome outcome = TAKE_FAILED;
        switch (picture_open(from->folder_fd, from->name, &taken_out->file)) {
        case PICTURE_GONE: return TAKE_GONE;
        case PICTURE_LINK: taken_out->reason = SKIP_LINK; return TAKE_REFUSED;
        case PICTURE_SPECIAL: taken_out->reason = SKIP_SPECIAL; return TAKE_REFUSED;
        case PICTURE_FAILED: taken_out->number = errno; return TAKE_FAILED;
        case PICTURE_OPENED: break;
        }
        if (!as_it_is && is_young(&taken_out->file, now, taker->young_ms) &&
            !picture_ended(&taken_out->file)) {
                taken_out->reason = SKIP_UNFINISHED;
                outcome = TAKE_UNFINISHED;
        } else {
                outcome = take_open(taker, from, now, batch, taken_out);
                give_back(taker);
        }
        picture_close(&taken_out->file);
        return outcome;
}

void taker_finish(struct taker *taker)
{
        free(taker->buffer);
        free(taker->path);
        *taker = (struct taker){0};
}
