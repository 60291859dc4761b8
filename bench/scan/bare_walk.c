#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * The least that reading the heads of all files below a folder costs: getdents, openat, pread of
 * 4 KiB, close, with a number of threads that share folders. Prints files and nanoseconds.
 *
 *     bench_bare_walk THREADS DIR [random]
 *
 * With `random` each file is read without read-ahead, as for a cold cache.
 */
enum { LISTING = 32768, HEAD = 4096, FOLDERS_MAX = 1 << 20 };

struct linux_entry {
        uint64_t inode;
        int64_t next;
        uint16_t size;
        uint8_t type;
        char name[];
};

struct walk {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        char **folders; /* a stack */
        size_t count;
        unsigned busy;
        bool random;
        int64_t files;
};

static void push(struct walk *walk, const char *folder, const char *name)
{
        char *path = NULL;
        if (asprintf(&path, "%s%s%s", folder, name[0] != '\0' ? "/" : "", name) < 0)
                abort();
        pthread_mutex_lock(&walk->lock);
        if (walk->count == FOLDERS_MAX)
                abort();
        walk->folders[walk->count++] = path;
        pthread_cond_signal(&walk->changed);
        pthread_mutex_unlock(&walk->lock);
}

static char *pop(struct walk *walk)
{
        char *path = NULL;
        pthread_mutex_lock(&walk->lock);
        walk->busy--;
        while (walk->count == 0 && walk->busy > 0)
                pthread_cond_wait(&walk->changed, &walk->lock);
        if (walk->count > 0) {
                path = walk->folders[--walk->count];
                walk->busy++;
        } else {
                pthread_cond_broadcast(&walk->changed);
        }
        pthread_mutex_unlock(&walk->lock);
        return path;
}

static int64_t read_folder(struct walk *walk, const char *path)
{
        _Alignas(struct linux_entry) static _Thread_local char listing[LISTING];
        static _Thread_local char head[HEAD];
        int64_t files = 0;
        int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
                return 0;
        long got = 0;
        while ((got = syscall(SYS_getdents64, folder, listing, sizeof listing)) > 0) {
                for (long at = 0; at < got;) {
                        const struct linux_entry *entry = (const void *)(listing + at);
                        at += entry->size;
                        if (entry->type == DT_DIR) {
                                if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
                                        push(walk, path, entry->name);
                                continue;
                        }
                        int fd = openat(folder, entry->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
                        if (fd < 0)
                                continue;
                        if (walk->random)
                                posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
                        files += pread(fd, head, sizeof head, 0) >= 0;
                        close(fd);
                }
        }
        close(folder);
        return files;
}

static void *run(void *context)
{
        struct walk *walk = context;
        char *path = NULL;
        while ((path = pop(walk)) != NULL) {
                __atomic_fetch_add(&walk->files, read_folder(walk, path), __ATOMIC_RELAXED);
                free(path);
        }
        return NULL;
}

int main(int argc, char **argv)
{
        struct walk walk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
        int threads = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
        if (threads < 1 || threads > 256) {
                fputs("usage: bench_bare_walk THREADS DIR [random]\n", stderr);
                return 2;
        }
        pthread_t ids[256];
        struct timespec start;
        struct timespec end;
        walk.random = argc > 3;
        walk.busy = (unsigned)threads;
        walk.folders = calloc(FOLDERS_MAX, sizeof(char *));
        if (walk.folders == NULL)
                return 1;
        clock_gettime(CLOCK_MONOTONIC, &start);
        push(&walk, argv[2], "");
        for (int i = 0; i < threads; i++) {
                if (pthread_create(&ids[i], NULL, run, &walk) != 0)
                        return 1;
        }
        for (int i = 0; i < threads; i++)
                pthread_join(ids[i], NULL);
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("%lld %lld\n", (long long)walk.files,
               (long long)(end.tv_sec - start.tv_sec) * 1000000000 + (end.tv_nsec - start.tv_nsec));
        free((void *)walk.folders);
        return 0;
}
