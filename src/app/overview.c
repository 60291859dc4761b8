#include "app/overview.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/roots.h"
#include "base/utc.h"

enum { SAMPLES = 16, MINUTE_S = 60 };

struct sample {
        struct mono time;
        int64_t frames, bytes;
};

struct overview_board {
        struct ingest *ingest;
        _Atomic(struct ftp *) ftp;
        _Atomic(struct keeper *) keeper;
        char **folders; /* resolved */
        size_t folder_count;
        int64_t undo_ms;

        pthread_mutex_t lock; /* guards what follows */
        struct sample samples[SAMPLES];
        size_t sample_count, newest;
        struct overview_scan scans[OVERVIEW_SCANS];
        size_t scan_count;
};

static bool copy_folders(struct overview_board *board, const struct setting_value *folders,
                         struct error *err)
{
        board->folders = calloc(folders->count + 1, sizeof *board->folders);
        if (board->folders == NULL)
                return error_set(err, ERROR_FULL, "no memory for the overview");
        for (size_t i = 0; i < folders->count; i++) {
                if (!root_resolve(folders->items[i], &board->folders[i], err))
                        return false;
                board->folder_count++;
        }
        return true;
}

bool overview_create(const struct settings *settings, struct ingest *ingest,
                     struct overview_board **board_out, struct error *err)
{
        struct overview_board *board = calloc(1, sizeof *board);
        if (board == NULL)
                return error_set(err, ERROR_FULL, "no memory for the overview");
        board->ingest = ingest;
        board->undo_ms = settings_number(settings, SETTING_UNDO_HOURS) * 3600 * 1000;
        pthread_mutex_init(&board->lock, NULL);
        *board_out = board;
        if (copy_folders(board, &settings->values[SETTING_FOLDERS], err))
                return true;
        overview_destroy(board_out);
        return false;
}

void overview_destroy(struct overview_board **board)
{
        struct overview_board *gone = *board;
        *board = NULL;
        if (gone == NULL)
                return;
        for (size_t i = 0; i < gone->folder_count; i++)
                free(gone->folders[i]);
        free(gone->folders);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
}

void overview_of(struct overview_board *board, struct ftp *ftp, struct keeper *keeper)
{
        atomic_store(&board->ftp, ftp);
        atomic_store(&board->keeper, keeper);
}

/* ---- rates ---- */

static struct sample sample_now(struct overview_board *board)
{
        struct ingest_counters counters;
        ingest_counters(board->ingest, &counters);
        return (struct sample){mono_now(), counters.frames, counters.bytes};
}

void overview_sample(struct overview_board *board)
{
        struct sample now = sample_now(board);
        pthread_mutex_lock(&board->lock);
        board->newest = (board->newest + 1) % SAMPLES;
        board->samples[board->newest] = now;
        if (board->sample_count < SAMPLES)
                board->sample_count++;
        pthread_mutex_unlock(&board->lock);
}

/* The latest that is a minute old, or the oldest there is. The lock is held. */
static struct sample a_minute_ago(const struct overview_board *board, struct mono now)
{
        struct sample sample = {.time = now};
        for (size_t i = 0; i < board->sample_count; i++) {
                sample = board->samples[(board->newest + SAMPLES - i) % SAMPLES];
                if (now.ns - sample.time.ns >= MINUTE_S * INT64_C(1000000000))
                        break;
        }
        return sample;
}

static int64_t a_minute(int64_t amount, int64_t ns)
{
        return ns < 1000000000 ? 0 : (int64_t)((double)amount * MINUTE_S * 1e9 / (double)ns + 0.5);
}

static void add_rates(struct overview_board *board, struct overview *out)
{
        struct ingest_counters counters;
        struct sample now = sample_now(board);
        pthread_mutex_lock(&board->lock);
        struct sample then = a_minute_ago(board, now.time);
        pthread_mutex_unlock(&board->lock);
        out->frames_a_minute = a_minute(now.frames - then.frames, now.time.ns - then.time.ns);
        out->bytes_a_minute = a_minute(now.bytes - then.bytes, now.time.ns - then.time.ns);
        ingest_counters(board->ingest, &counters);
        out->queue = counters.queue_length;
        out->queue_limit = counters.queue_limit;
}

/* ---- scans ---- */

void overview_progress(struct overview_board *board, const struct watch_progress *progress)
{
        pthread_mutex_lock(&board->lock);
        size_t at = 0;
        while (at < board->scan_count && strcmp(board->scans[at].folder, progress->folder) != 0)
                at++;
        bool known = at < board->scan_count;
        if (progress->finished && known) {
                board->scans[at] = board->scans[--board->scan_count];
        } else if (!progress->finished && (known || at < OVERVIEW_SCANS)) {
                struct overview_scan *scan = &board->scans[at];
                snprintf(scan->folder, sizeof scan->folder, "%s", progress->folder);
                scan->done = progress->done;
                scan->total = progress->total;
                scan->rate = progress->rate;
                board->scan_count += !known;
        }
        pthread_mutex_unlock(&board->lock);
}

/* ---- the whole ---- */

static bool is_managed(void *context, const char *folder)
{
        struct overview_board *board = context;
        struct keeper *keeper = atomic_load(&board->keeper);
        return keeper != NULL && keeper_manages(keeper, folder);
}

static void look(void *context, struct overview *out)
{
        struct overview_board *board = context;
        struct ftp *ftp = atomic_load(&board->ftp);
        *out = (struct overview){
                .reserve = -1,
                .folders = (const char *const *)board->folders,
                .folder_count = board->folder_count,
                .is_managed = is_managed,
                .undo_ms = board->undo_ms,
        };
        if (ftp != NULL)
                ftp_overview(ftp, out);
        add_rates(board, out);
        pthread_mutex_lock(&board->lock);
        memcpy(out->scans, board->scans, board->scan_count * sizeof *out->scans);
        out->scan_count = board->scan_count;
        pthread_mutex_unlock(&board->lock);
}

struct overview_source overview_source(struct overview_board *board)
{
        return (struct overview_source){board, look};
}
