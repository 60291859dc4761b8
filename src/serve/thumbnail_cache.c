#include "serve/thumbnail_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { SHARDS = 256, KEEP_OF_TEN = 8 };

struct thumbnail_cache {
        char *folder;
        int64_t bytes_most;
        atomic_int_fast64_t bytes; /* -1 until counted */
        atomic_bool keeping;       /* somebody counts or drops right now */
        atomic_uint temporary;     /* numbers temporary files */
        atomic_bool complained;    /* of a file that could not be written */
};

bool thumbnail_cache_create(const char *folder, int64_t bytes_most,
                            struct thumbnail_cache **cache_out, struct error *err)
{
        struct thumbnail_cache *cache = calloc(1, sizeof *cache);
        if (cache == NULL || (cache->folder = strdup(folder)) == NULL) {
                free(cache);
                return error_set(err, ERROR_FULL, "no memory for the thumbnail cache");
        }
        cache->bytes_most = bytes_most;
        atomic_init(&cache->bytes, -1);
        *cache_out = cache;
        return true;
}

void thumbnail_cache_destroy(struct thumbnail_cache **cache)
{
        if (*cache == NULL)
                return;
        free((*cache)->folder);
        free(*cache);
        *cache = NULL;
}

static unsigned shard_of(const char *name)
{
        uint32_t hash = UINT32_C(2166136261);
        for (; *name != '\0'; name++)
                hash = (hash ^ (unsigned char)*name) * UINT32_C(16777619);
        return (hash ^ hash >> 16) % SHARDS;
}

static bool path_of(const struct thumbnail_cache *cache, const char *name,
                    char out[static PATH_MAX])
{
        int length = snprintf(out, PATH_MAX, "%s/%02x/%s", cache->folder, shard_of(name), name);
        return length > 0 && length < PATH_MAX;
}

int thumbnail_cache_open(const struct thumbnail_cache *cache, const char *name)
{
        char path[PATH_MAX];
        if (cache->bytes_most == 0 || !path_of(cache, name, path))
                return -1;
        return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* Makes the folders above `path`, from the cache's own on. */
static void make_folders(const struct thumbnail_cache *cache, char *path)
{
        size_t own = strlen(cache->folder);
        const char *parent = strrchr(cache->folder, '/');
        size_t from =
                parent != NULL && parent > cache->folder ? (size_t)(parent - cache->folder) : own;
        for (char *at = path + from; (at = strchr(at, '/')) != NULL; at++) {
                *at = '\0';
                mkdir(path, 0700);
                *at = '/';
                if (at >= path + own + 3)
                        return;
        }
}

static bool put(struct thumbnail_cache *cache, const char *name, const uint8_t *bytes,
                size_t length)
{
        char path[PATH_MAX];
        char temporary[PATH_MAX];
        unsigned number = atomic_fetch_add(&cache->temporary, 1);
        int used = snprintf(temporary, sizeof temporary, "%s/%02x/.new-%d-%u", cache->folder,
                            shard_of(name), (int)getpid(), number);
        if (used < 0 || (size_t)used >= sizeof temporary || !path_of(cache, name, path))
                return false;
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno == ENOENT) {
                make_folders(cache, temporary);
                fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        }
        if (fd < 0)
                return false;
        bool fine = file_write(fd, bytes, length);
        fine = close(fd) == 0 && fine;
        if (fine && rename(temporary, path) == 0)
                return true;
        int why = errno;
        unlink(temporary);
        errno = why;
        return false;
}

void thumbnail_cache_put(struct thumbnail_cache *cache, const char *name, const uint8_t *bytes,
                         size_t length)
{
        if (cache->bytes_most == 0 || (int64_t)length > cache->bytes_most / SHARDS)
                return;
        if (put(cache, name, bytes, length)) {
                if (atomic_load(&cache->bytes) >= 0)
                        atomic_fetch_add(&cache->bytes, (int64_t)length);
                atomic_store(&cache->complained, false);
        } else if (!atomic_exchange(&cache->complained, true)) {
                log_warn("serve", "thumbnail-not-kept", "folder=\"%s\" why=\"%s\"", cache->folder,
                         strerror(errno));
        }
}

void thumbnail_cache_drop(struct thumbnail_cache *cache, const char *name)
{
        char path[PATH_MAX];
        struct stat status;
        if (cache->bytes_most == 0 || !path_of(cache, name, path) || lstat(path, &status) < 0 ||
            unlink(path) < 0)
                return;
        if (atomic_load(&cache->bytes) >= (int64_t)status.st_size)
                atomic_fetch_sub(&cache->bytes, (int64_t)status.st_size);
}

struct kept {
        int64_t modified_ns;
        int64_t bytes;
        char name[THUMBNAIL_NAME_SIZE];
};

static int older_first(const void *a, const void *b)
{
        const struct kept *x = a;
        const struct kept *y = b;
        return x->modified_ns < y->modified_ns ? -1 : x->modified_ns > y->modified_ns;
}

/* Reads one sub-folder; false when it cannot be. */
static bool read_shard(DIR *stream, struct kept **kept_out, size_t *count_out)
{
        struct kept *kept = NULL;
        size_t count = 0;
        size_t room = 0;
        const struct dirent *entry;
        while ((entry = readdir(stream)) != NULL) {
                struct stat status;
                size_t length = strlen(entry->d_name);
                if (length >= THUMBNAIL_NAME_SIZE ||
                    fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
                    !S_ISREG(status.st_mode))
                        continue;
                if (count == room) {
                        room = room == 0 ? 64 : room * 2;
                        struct kept *grown = realloc(kept, room * sizeof *grown);
                        if (grown == NULL)
                                break;
                        kept = grown;
                }
                kept[count].bytes = status.st_size;
                kept[count].modified_ns =
                        (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
                memcpy(kept[count].name, entry->d_name, length + 1);
                count++;
        }
        *kept_out = kept;
        *count_out = count;
        return true;
}

/* Drops the oldest of a sub-folder until at most `most` bytes are left; returns what is. */
static int64_t trim_shard(const char *path, int64_t most)
{
        DIR *stream = opendir(path);
        if (stream == NULL)
                return 0;
        struct kept *kept = NULL;
        size_t count = 0;
        int64_t bytes = 0;
        if (read_shard(stream, &kept, &count)) {
                for (size_t i = 0; i < count; i++)
                        bytes += kept[i].bytes;
                if (bytes > most && count > 0)
                        qsort(kept, count, sizeof *kept, older_first);
                for (size_t i = 0; i < count && bytes > most; i++) {
                        if (unlinkat(dirfd(stream), kept[i].name, 0) == 0)
                                bytes -= kept[i].bytes;
                }
        }
        free(kept);
        closedir(stream);
        return bytes;
}

void thumbnail_cache_keep(struct thumbnail_cache *cache)
{
        int64_t known = atomic_load(&cache->bytes);
        if (cache->bytes_most == 0 || (known >= 0 && known <= cache->bytes_most) ||
            atomic_exchange(&cache->keeping, true))
                return;
        /* Each sub-folder gets its part: names are spread evenly over them. */
        int64_t most = known < 0 ? cache->bytes_most / SHARDS
                                 : cache->bytes_most / SHARDS * KEEP_OF_TEN / 10;
        int64_t bytes = 0;
        for (int i = 0; i < SHARDS; i++) {
                char path[PATH_MAX];
                int length = snprintf(path, sizeof path, "%s/%02x", cache->folder, (unsigned)i);
                if (length > 0 && (size_t)length < sizeof path)
                        bytes += trim_shard(path, most);
        }
        atomic_store(&cache->bytes, bytes);
        atomic_store(&cache->keeping, false);
}

int64_t thumbnail_cache_bytes(const struct thumbnail_cache *cache)
{
        int64_t bytes = atomic_load(&cache->bytes);
        return bytes > 0 ? bytes : 0;
}
