#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "app/scan_job.h"
#include "base/log.h"
#include "receive/fingerprint.h"

enum {
        MISSED = 8,      /* files of a chunk read from a disk: it is worth to have more readers */
        FRESH_MS = 2000, /* a file changed this lately may change again within the same tick */
        PATH_ROOM = 4096 + 256
};

static void problem(struct scan *scan, unsigned worker, const char *folder, const char *name,
                    int number)
{
        char path[PATH_ROOM];
        char why[128];
        snprintf(path, sizeof path, "%s%s%s", folder, name != NULL ? "/" : "",
                 name != NULL ? name : "");
        scan_problem(scan, worker, path, strerror_r(number, why, sizeof why));
}

/* ---- a folder begins ---- */

static bool load_known(struct scan *scan, struct folder_state *state)
{
        struct catalog *reader = NULL;
        struct error err = {0};
        bool ok = scan_reader_take(scan, &reader, &err) &&
                  known_files_load(&state->known, reader, state->id, &err);
        if (reader != NULL)
                scan_reader_give(scan, reader);
        if (!ok)
                scan_fail(scan, &err);
        return ok;
}

static bool entered(void *context, unsigned worker, struct scan_folder *folder)
{
        struct scan *scan = context;
        if (roots_is_own(&scan->roots, folder->root, folder->path))
                return false;
        scan_count(&scan->workers[worker].folders, 1);
        struct folder_state *state = calloc(1, sizeof *state);
        if (state == NULL || (state->path = strdup(folder->path)) == NULL) {
                free(state);
                problem(scan, worker, folder->path, NULL, ENOMEM);
                return false;
        }
        state->root = folder->root;
        atomic_init(&state->holders, 1);
        struct known_folder *known = known_folders_find(&scan->known, folder->path);
        if (known != NULL) {
                atomic_store(&known->visited, true);
                state->is_known = true;
                state->id = known->id;
                state->stored = known->fingerprint;
                state->plan = known->fingerprint != 0 ? PLAN_VERIFY : PLAN_COMPARE;
        }
        folder->state = state;
        if (state->plan == PLAN_COMPARE && !load_known(scan, state)) {
                atomic_store(&state->troubled, true);
                state->plan = PLAN_FRESH;
        }
        return true;
}

/* ---- its names ---- */

/* What one thread adds up over a chunk of names, so that shared counters are touched once. */
struct chunk_sums {
        struct utc now;
        uint64_t sum, pictures;
        int64_t files, unchanged, frames;
        int64_t skipped[SKIP_REASONS];
        int64_t missed; /* files that were not in memory */
        bool troubled;
};

static void add_share(struct chunk_sums *sums, const char *name, const struct stat *status)
{
        struct entry_facts entry = {
                .name = name,
                .bytes = status->st_size,
                .modified_s = status->st_mtim.tv_sec,
                .modified_ns = status->st_mtim.tv_nsec,
                .inode = status->st_ino,
        };
        sums->sum += fingerprint_share(&entry);
        sums->pictures++;
        int64_t age = sums->now.ms - picture_modified(status).ms;
        if (age > -FRESH_MS && age < FRESH_MS)
                sums->troubled = true;
}

static void unfinished(struct scan *scan, const struct folder_state *state, const char *name)
{
        if (scan->config.on_unfinished == NULL)
                return;
        pthread_mutex_lock(&scan->lock);
        scan->config.on_unfinished(scan->config.context, state->path, name);
        pthread_mutex_unlock(&scan->lock);
}

static void take(struct scan *scan, unsigned worker, struct scan_folder *folder, const char *name,
                 struct chunk_sums *sums)
{
        struct folder_state *state = folder->state;
        struct batch *batch = scan_batch(scan, worker, state);
        if (batch == NULL) {
                sums->troubled = true;
                return;
        }
        struct taken taken;
        const struct take_from from = {
                .folder_fd = folder->fd,
                .folder_path = folder->path,
                .relative = folder->relative,
                .name = name,
        };
        switch (take_file(&scan->workers[worker].taker, &from, sums->now, false, batch, &taken)) {
        case TAKE_FRAME:
                sums->frames++;
                sums->missed += taken.file.missed;
                add_share(sums, name, &taken.file.status);
                break;
        case TAKE_SKIPPED:
                sums->skipped[taken.reason]++;
                add_share(sums, name, &taken.file.status);
                break;
        case TAKE_REFUSED: sums->skipped[taken.reason]++; break;
        case TAKE_UNFINISHED:
                sums->skipped[SKIP_UNFINISHED]++;
                sums->troubled = true;
                unfinished(scan, state, name);
                break;
        case TAKE_GONE: sums->files--; break;
        case TAKE_FAILED:
                sums->troubled = true;
                problem(scan, worker, folder->path, name, taken.number);
                break;
        }
        scan_hand_when_full(scan, worker);
}

/* Looks at a file's inode; true when it need not be opened. */
static bool look(struct scan *scan, unsigned worker, struct scan_folder *folder, const char *name,
                 struct chunk_sums *sums)
{
        struct folder_state *state = folder->state;
        struct stat status;
        if (fstatat(folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
                if (errno == ENOENT) {
                        sums->files--;
                        return true;
                }
                sums->troubled = true;
                if (state->plan != PLAN_VERIFY) /* which is followed by a closer look */
                        problem(scan, worker, folder->path, name, errno);
                return true;
        }
        if (state->plan == PLAN_VERIFY) {
                if (S_ISREG(status.st_mode)) {
                        add_share(sums, name, &status);
                        sums->unchanged++;
                }
                return true;
        }
        if (!S_ISREG(status.st_mode) ||
            !known_files_meet(&state->known, name, status.st_size, picture_modified(&status)))
                return false;
        add_share(sums, name, &status);
        sums->unchanged++;
        return true;
}

static void keep_sums(struct scan *scan, unsigned worker, struct folder_state *state,
                      const struct chunk_sums *sums)
{
        struct scan_worker *own = &scan->workers[worker];
        atomic_fetch_add(&state->sum, sums->sum);
        atomic_fetch_add(&state->pictures, sums->pictures);
        scan_count(&state->files, sums->files);
        scan_count(&state->unchanged, sums->unchanged);
        scan_count(&own->frames, sums->frames);
        scan_count(&own->looked, sums->files);
        for (int i = 0; i < SKIP_REASONS; i++) {
                if (sums->skipped[i] > 0)
                        scan_count(&state->skipped[i], sums->skipped[i]);
        }
        if (sums->troubled)
                atomic_store(&state->troubled, true);
}

/* Blocks that this thread had to read from a disk so far. */
static long blocks_read(void)
{
        struct rusage usage;
        return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_inblock : 0;
}

static void names(void *context, unsigned worker, struct scan_folder *folder,
                  struct scan_names *list)
{
        struct scan *scan = context;
        long blocks = blocks_read();
        struct folder_state *state = folder->state;
        struct chunk_sums sums = {.now = utc_now()};
        unsigned char type = DT_UNKNOWN;
        for (const char *name = NULL; (name = scan_names_next(list, &type)) != NULL;) {
                enum skip_reason reason = picture_name_skip(name);
                sums.files++;
                if (type == DT_LNK)
                        reason = SKIP_LINK;
                else if (type != DT_REG && type != DT_UNKNOWN)
                        reason = SKIP_SPECIAL;
                if (reason != SKIP_NONE)
                        sums.skipped[reason]++;
                else if (state->plan == PLAN_FRESH || !look(scan, worker, folder, name, &sums))
                        take(scan, worker, folder, name, &sums);
                if (folder_scan_stopping(scan->walker)) {
                        atomic_store(&folder->listed, false);
                        break;
                }
        }
        keep_sums(scan, worker, state, &sums);
        if (sums.missed >= MISSED || blocks_read() - blocks >= MISSED)
                folder_scan_widen(scan->walker);
}

/* ---- a pass ends ---- */

struct vanishing {
        struct scan *scan;
        unsigned worker;
        struct folder_state *state;
        int fd;
};

/* A file that was known and not met: looked for once more by name, since it may only have changed.
 */
static bool vanish_if_gone(void *context, const struct known_file *file)
{
        struct vanishing *vanishing = context;
        struct stat status;
        if (file->as == KNOWN_DELETED || !known_files_missed(&vanishing->state->known, file))
                return true;
        if (fstatat(vanishing->fd, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
                if (S_ISREG(status.st_mode))
                        return true;
        } else if (errno != ENOENT) {
                return true;
        }
        struct batch *batch = scan_batch(vanishing->scan, vanishing->worker, vanishing->state);
        if (batch == NULL)
                return false;
        batch_add_vanished(batch, batch_folder(batch, vanishing->state->path), file->name);
        scan_hand_when_full(vanishing->scan, vanishing->worker);
        return true;
}

static void mark_vanished(struct scan *scan, unsigned worker, struct scan_folder *folder)
{
        struct vanishing vanishing = {scan, worker, folder->state, folder->fd};
        struct catalog *reader = NULL;
        struct error err = {0};
        bool ok = scan_reader_take(scan, &reader, &err) &&
                  catalog_files_of(reader, vanishing.state->id, vanish_if_gone, &vanishing, &err);
        if (reader != NULL)
                scan_reader_give(scan, reader);
        if (!ok)
                scan_fail(scan, &err);
}

static bool looks_unmounted(struct scan *scan, const struct scan_folder *folder)
{
        return folder->relative[0] == '\0' && folder->entries == 0 &&
               scan->root_known[folder->root];
}

static void count_pass(struct scan *scan, unsigned worker, struct folder_state *state)
{
        struct scan_worker *own = &scan->workers[worker];
        scan_count(&own->files, state->files);
        scan_count(&own->unchanged, state->unchanged);
        for (int i = 0; i < SKIP_REASONS; i++)
                scan_count(&own->skipped[i], state->skipped[i]);
}

/* Ready to be listed again, with the known files at hand. */
static bool compare_next(struct scan *scan, struct folder_state *state)
{
        state->plan = PLAN_COMPARE;
        state->sum = state->pictures = 0;
        state->files = state->unchanged = 0;
        for (int i = 0; i < SKIP_REASONS; i++)
                state->skipped[i] = 0;
        return load_known(scan, state);
}

static bool listed(void *context, unsigned worker, struct scan_folder *folder)
{
        struct scan *scan = context;
        struct folder_state *state = folder->state;
        if (looks_unmounted(scan, folder) && folder->listed) {
                scan->root_bad[folder->root] = true;
                scan_problem(scan, worker, folder->path,
                             "the folder is empty but frames below it are known; if this is a disk "
                             "that is not mounted, mount it. Nothing was marked as vanished");
                return false;
        }
        bool settled = state->plan == PLAN_VERIFY && !state->troubled &&
                       fingerprint_of_sum(state->sum, state->pictures) == state->stored;
        if (folder->listed && state->plan == PLAN_VERIFY && !settled && compare_next(scan, state))
                return true;
        count_pass(scan, worker, state);
        if (!folder->listed || state->plan == PLAN_VERIFY)
                return false;
        if (state->plan == PLAN_COMPARE)
                mark_vanished(scan, worker, folder);
        state->complete = state->pictures > 0 || state->is_known;
        return false;
}

static void left(void *context, unsigned worker, struct scan_folder *folder)
{
        scan_release(context, worker, folder->state);
        scan_hand_when_full(context, worker);
}

static void failed(void *context, unsigned worker, const char *path, int number)
{
        struct scan *scan = context;
        char why[128];
        char text[256];
        const char *hint = "";
        for (size_t i = 0; i < scan->roots.count; i++) {
                if (strcmp(scan->roots.paths[i], path) != 0)
                        continue;
                scan->root_bad[i] = true;
                if (scan->root_known[i])
                        hint = "; what is known below it was left as it is";
        }
        snprintf(text, sizeof text, "%s%s", strerror_r(number, why, sizeof why), hint);
        scan_problem(scan, worker, path, text);
}

static void finished(void *context, unsigned worker)
{
        struct scan *scan = context;
        scan_hand_all(scan, worker);
}

const struct scan_visitor scan_visitor = {
        .entered = entered,
        .names = names,
        .listed = listed,
        .left = left,
        .failed = failed,
        .finished = finished,
};
