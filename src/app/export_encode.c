#include "app/export_encode.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ffmpeg.h"
#include "export/burn_in.h"

/* The largest picture that H.264 has a level for, in its squares of 16 pixels: what players are
 * made for. Encoders take more, and then gigabytes: a picture of a small file can be that large. */
enum { SQUARES_MOST = 139264 };
#define PIXELS_MOST "35651584"

enum { TEXT_BOUND = 1 << 20, TEXT_FLUSH = 64 << 10, FILTER_SIZE = 400, LOOK_NS = 1000000000 };

/* ---- the text ---- */

static bool flush(struct text *text, FILE *file, struct error *err)
{
        if (!text_ok(text))
                return error_set(err, ERROR_FULL, "no memory for the text in the picture");
        if (fwrite(text->bytes, 1, text->length, file) != text->length)
                return error_sys(err, "write the text in the picture");
        text_clear(text);
        return true;
}

static bool write_lines(struct export_work *work, struct text *text, FILE *file, struct error *err)
{
        struct walk *walk;
        const struct walk_item *item;
        walk = malloc(sizeof *walk);
        if (walk == NULL)
                return error_set(err, ERROR_FULL, "no memory for the text in the picture");
        bool fine = true;
        walk_begin(walk, work->frames);
        while (fine && walk_next(walk, &item, err)) {
                burn_in_line(text, work->frames, item);
                if (text->length >= TEXT_FLUSH)
                        fine = flush(text, file, err) && export_work_go_on(work, err);
        }
        free(walk);
        return fine && err->kind == ERROR_NONE && flush(text, file, err);
}

static bool write_text(struct export_work *work, int width, int height, struct error *err)
{
        char path[PATH_MAX];
        struct text text;
        int length = snprintf(path, sizeof path, "%s/%s", work->make->folder, EXPORT_TEXT);
        if (length < 0 || (size_t)length >= sizeof path)
                return error_set(err, ERROR_INPUT, "the path of %s is too long",
                                 work->make->folder);
        FILE *file = fopen(path, "wxe");
        if (file == NULL)
                return error_sys(err, "open %s", path);
        text_init_growing(&text, TEXT_BOUND);
        burn_in_head(&text, width, height);
        bool fine = write_lines(work, &text, file, err);
        if (fclose(file) != 0 && fine)
                fine = error_sys(err, "write %s", path);
        text_finish(&text);
        return fine;
}

/* ---- the command ---- */

/* Even sizes, as the format of colours wants: one row or column more at most. Pictures of several
 * sizes are brought to the largest. */
static void write_filter(char out[static FILTER_SIZE], const struct export_film *film, bool burn_in)
{
        struct text text;
        text_init(&text, out, FILTER_SIZE);
        if (film->several)
                text_add_format(&text,
                                "scale=%d:%d:force_original_aspect_ratio=decrease,"
                                "pad=%d:%d:(ow-iw)/2:(oh-ih)/2,setsar=1,",
                                film->width, film->height, film->width, film->height);
        else
                text_add_string(&text, "pad=ceil(iw/2)*2:ceil(ih/2)*2,setsar=1,");
        text_add_string(&text, "format=yuv420p");
        if (burn_in)
                text_add_format(&text, ",setpts=PTS*%d,ass=" EXPORT_TEXT ",setpts=PTS/%d",
                                BURN_IN_SLOWER, BURN_IN_SLOWER);
}

struct encoding {
        struct export_work *work;
        int folder_fd;
        struct mono looked_at;
};

static bool feed(void *context, char *buffer, size_t room, size_t *got_out, struct error *err)
{
        struct encoding *encoding = context;
        return export_read(encoding->work->stream, buffer, room, got_out, err);
}

static bool go_on(void *context, struct error *err)
{
        struct encoding *encoding = context;
        struct mono now = mono_now();
        struct stat status;
        if (!export_work_go_on(encoding->work, err))
                return false;
        if (now.ns - encoding->looked_at.ns < LOOK_NS)
                return true;
        encoding->looked_at = now;
        int64_t bytes = fstatat(encoding->folder_fd, EXPORT_MADE, &status, 0) == 0
                                ? (int64_t)status.st_size
                                : 0;
        return export_work_room(encoding->work, encoding->folder_fd, bytes, err);
}

static bool run_ffmpeg(struct export_work *work, const struct export_film *film, const char *filter,
                       char *said, struct error *err)
{
        char last[80];
        snprintf(last, sizeof last, "setts=pts=PTS:dts=DTS:duration=%lld",
                 (long long)film->last_shown_ms);
        /* Each picture once, at its own time; how long the last is shown has to be said, as it is
         * the only one of which that does not follow from the next. */
        const char *const arguments[] = {
                /* clang-format off */
                "ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info",
                "-max_pixels", PIXELS_MOST, "-f", "mov", "-i", "pipe:0", "-map", "0:v:0", "-vf", filter,
                "-fps_mode", "passthrough", "-enc_time_base", "1:1000",
                "-video_track_timescale", "1000", "-bsf:v", last,
                "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p",
                "-movflags", "+faststart", "-f", "mp4", EXPORT_MADE, NULL,
                /* clang-format on */
        };
        struct encoding encoding = {.work = work};
        encoding.folder_fd = open(work->make->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (encoding.folder_fd < 0)
                return error_sys(err, "open %s", work->make->folder);
        struct ffmpeg_run run = {
                .directory = work->make->folder,
                .arguments = arguments,
                .context = &encoding,
                .feed = feed,
                .go_on = go_on,
        };
        bool fine = ffmpeg_run(&run, said, err);
        close(encoding.folder_fd);
        return fine;
}

/* Without any font the text is left out, and ffmpeg says nothing that makes it fail. */
static bool check_font(const char *said, struct error *err)
{
        const char *choice = strstr(said, "fontselect:");
        if (choice != NULL && strstr(choice, "->") != NULL)
                return true;
        return error_set(err, ERROR_NOT_FOUND,
                         "there is no font to write with: apt install fonts-dejavu-core");
}

bool export_encode(struct export_work *work, struct error *err)
{
        char filter[FILTER_SIZE];
        struct export_film film = export_film(work->stream);
        bool burn_in = work->make->order->burn_in;
        if ((film.width + 15) / 16 * ((film.height + 15) / 16) > SQUARES_MOST)
                return error_set(err, ERROR_INPUT,
                                 "%d x %d pixels are more than a film of H.264 holds; mov keeps "
                                 "the pictures as they are",
                                 film.width, film.height);
        film.width += film.width & 1;
        film.height += film.height & 1;
        char *said = malloc(FFMPEG_SAID_SIZE);
        if (said == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        write_filter(filter, &film, burn_in);
        bool fine = (!burn_in || write_text(work, film.width, film.height, err)) &&
                    run_ffmpeg(work, &film, filter, said, err) &&
                    (!burn_in || check_font(said, err));
        free(said);
        return fine;
}
