#include "store/hour_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/disk.h"

enum { FOLDER_TRIES = 10 };

bool hour_files_init(struct hour_files *files, const char *directory, const char *journal,
                     struct error *err)
{
        bool created;
        *files = (struct hour_files){.begun = {.fd = -1}};
        if (strlen(directory) + SEGMENT_PATH_SIZE + 1 >= PATH_MAX)
                return error_set(err, ERROR_INPUT, "the path of the frames is too long: %s",
                                 directory);
        if (disk_make_folder(directory, &created) < 0)
                return error_sys(err, "create %s", directory);
        files->directory = strdup(directory);
        if (files->directory == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame store");
        return begun_init(&files->begun, journal, err);
}

static void path_of(const struct hour_files *files, const struct segment *segment,
                    char out[static PATH_MAX])
{
        char path[SEGMENT_PATH_SIZE];
        segment_path(segment, path);
        snprintf(out, PATH_MAX, "%s/%s", files->directory, path);
}

/* Cuts the last part off a path. */
static void to_parent(char *path)
{
        char *slash = strrchr(path, '/');
        if (slash != NULL)
                *slash = '\0';
}

static struct hour_file **bucket_of(struct hour_files *files, struct camera_id camera,
                                    struct utc hour)
{
        uint64_t hash = (uint64_t)camera.value * UINT64_C(0x9e3779b97f4a7c15) +
                        (uint64_t)hour.ms * UINT64_C(0xc2b2ae3d27d4eb4f);
        return &files->buckets[(hash >> 40) % HOUR_BUCKETS];
}

struct hour_file *hour_files_find(struct hour_files *files, struct camera_id camera,
                                  struct utc hour)
{
        struct hour_file *file = *bucket_of(files, camera, hour);
        while (file != NULL &&
               (file->segment.camera.value != camera.value || file->segment.hour.ms != hour.ms))
                file = file->next;
        return file;
}

/* ---- order of use ---- */

static void unlink_use(struct hour_files *files, struct hour_file *file)
{
        *(file->newer != NULL ? &file->newer->older : &files->newest) = file->older;
        *(file->older != NULL ? &file->older->newer : &files->oldest) = file->newer;
        file->newer = file->older = NULL;
}

static void link_newest(struct hour_files *files, struct hour_file *file)
{
        file->older = files->newest;
        file->newer = NULL;
        *(files->newest != NULL ? &files->newest->newer : &files->oldest) = file;
        files->newest = file;
        file->used = mono_now();
}

void hour_files_insert(struct hour_files *files, struct hour_file *file)
{
        struct hour_file **bucket = bucket_of(files, file->segment.camera, file->segment.hour);
        file->next = *bucket;
        *bucket = file;
        link_newest(files, file);
        files->known++;
}

void hour_files_remove(struct hour_files *files, struct hour_file *file)
{
        struct hour_file **at = bucket_of(files, file->segment.camera, file->segment.hour);
        while (*at != file)
                at = &(*at)->next;
        *at = file->next;
        file->next = NULL;
        unlink_use(files, file);
        files->known--;
}

/* ---- one file ---- */

bool hour_files_known(struct hour_files *files, const struct segment *segment,
                      struct hour_file **file_out, struct error *err)
{
        (void)files;
        struct hour_file *file = calloc(1, sizeof *file);
        if (file == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame store");
        file->segment = *segment;
        file->fd = -1;
        file->end = file->synced = file->allocated = segment->committed;
        *file_out = file;
        return true;
}

/* The folders of camera and day, made where they are not there. */
static bool make_folders(const struct hour_files *files, const struct segment *segment,
                         int *folders_out, struct error *err)
{
        char day[PATH_MAX];
        char camera[PATH_MAX];
        bool day_created;
        bool camera_created = false;
        path_of(files, segment, day);
        to_parent(day);
        memcpy(camera, day, sizeof camera);
        to_parent(camera);
        int result = disk_make_folder(day, &day_created);
        if (result < 0 && errno == ENOENT) {
                if (disk_make_folder(camera, &camera_created) < 0)
                        return error_sys(err, "create %s", camera);
                result = disk_make_folder(day, &day_created);
        }
        if (result < 0)
                return error_sys(err, "create %s", day);
        *folders_out = camera_created ? 3 : day_created ? 2 : 1;
        return true;
}

static bool open_new(struct hour_files *files, struct segment *segment, int *fd_out,
                     struct error *err)
{
        for (; segment->number <= SEGMENT_NUMBER_MAX; segment->number++) {
                char path[PATH_MAX];
                char below[SEGMENT_PATH_SIZE];
                path_of(files, segment, path);
                if (access(path, F_OK) == 0)
                        continue;
                segment_path(segment, below);
                if (!begun_add(&files->begun, below, err))
                        return false;
                *fd_out = disk_open(path, true);
                if (*fd_out >= 0)
                        return true;
                if (errno != EEXIST)
                        return error_sys(err, "create %s", path);
        }
        return error_set(err, ERROR_FULL, "too many files of one hour in %s", segment->directory);
}

bool hour_files_create(struct hour_files *files, struct segment *segment,
                       struct hour_file **file_out, struct error *err)
{
        int folders = 0;
        int fd = -1;
        segment->committed = 0;
        /* A day's folder that is empty may be removed between making and using it. */
        for (int tries = 0; fd < 0; tries++) {
                segment->number = 0;
                if (!make_folders(files, segment, &folders, err))
                        return false;
                if (!open_new(files, segment, &fd, err) &&
                    (err->kind != ERROR_NOT_FOUND || tries == FOLDER_TRIES))
                        return false;
        }
        if (!hour_files_known(files, segment, file_out, err)) {
                close(fd);
                return false;
        }
        (*file_out)->fd = fd;
        (*file_out)->folders = folders;
        files->open++;
        return true;
}

/* It must not have become shorter than what we wrote. */
static bool open_known(struct hour_files *files, struct hour_file *file, struct error *err)
{
        char path[PATH_MAX];
        struct stat status;
        path_of(files, &file->segment, path);
        int fd = disk_open(path, false);
        if (fd < 0)
                return error_sys(err, "open %s", path);
        if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < file->end) {
                close(fd);
                return error_set(err, ERROR_CORRUPT, "%s is not as we left it", path);
        }
        file->fd = fd;
        file->allocated = file->end;
        files->open++;
        return true;
}

bool hour_files_use(struct hour_files *files, struct hour_file *file, struct error *err)
{
        if (file->fd < 0 && !open_known(files, file, err))
                return false;
        if (files->newest != file) {
                unlink_use(files, file);
                link_newest(files, file);
        }
        file->used = mono_now();
        return true;
}

void hour_files_close(struct hour_files *files, struct hour_file *file)
{
        if (file->fd < 0)
                return;
        /* Also frees what was allocated past the end. What fails here is found at start-up. */
        if (file->allocated > file->end)
                (void)disk_truncate(file->fd, file->end);
        close(file->fd);
        file->fd = -1;
        files->open--;
}

void hour_files_free(struct hour_files *files, struct hour_file **file)
{
        hour_files_close(files, *file);
        free(*file);
        *file = NULL;
}

void hour_files_finish(struct hour_files *files)
{
        struct hour_file *file = files->newest;
        while (file != NULL) {
                struct hour_file *older = file->older;
                hour_files_free(files, &file);
                file = older;
        }
        begun_finish(&files->begun);
        free(files->directory);
        *files = (struct hour_files){.begun = {.fd = -1}};
}

bool hour_files_is_there(const struct hour_files *files, struct hour_file *file)
{
        char path[PATH_MAX];
        struct stat status;
        if (fstat(file->fd, &status) < 0 || status.st_nlink > 0)
                return true;
        path_of(files, &file->segment, path);
        error_set(&file->failure, ERROR_GONE, "%s was removed", path);
        return false;
}

void hour_files_sync(const struct hour_files *files, struct hour_file *file)
{
        char path[PATH_MAX];
        path_of(files, &file->segment, path);
        if (disk_sync(file->fd) < 0) {
                error_sys(&file->failure, "sync %s", path);
                return;
        }
        for (int i = 0; i < file->folders; i++) {
                to_parent(path);
                if (disk_sync_folder(path) < 0) {
                        error_sys(&file->failure, "sync the folder %s", path);
                        return;
                }
        }
}
