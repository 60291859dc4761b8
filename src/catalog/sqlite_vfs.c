#include "catalog/sqlite_vfs.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static sqlite3_vfs ours;
static sqlite3_vfs *theirs;
static bool registered;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const sqlite3_io_methods *file_theirs; /* of a database; the same for each */
static sqlite3_io_methods file_ours;

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
        int code = file_theirs->xShmMap(file, region, size, extend, out);
        if (code != SQLITE_OK || *out == NULL ||
            madvise((void *)*out, (size_t)size, MADV_POPULATE_WRITE) == 0 || errno == EINVAL)
                return code;
        *out = NULL; /* it stays mapped for whoever asks again, but is not to be used */
        return SQLITE_FULL;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *flags_out)
{
        (void)vfs;
        int code = theirs->xOpen(theirs, name, file, flags, flags_out);
        if (code != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0 || file->pMethods == NULL ||
            file->pMethods->iVersion < 2)
                return code;
        pthread_mutex_lock(&lock);
        if (file_theirs == NULL) {
                file_theirs = file->pMethods;
                file_ours = *file_theirs;
                file_ours.xShmMap = shm_map;
        }
        if (file->pMethods == file_theirs)
                file->pMethods = &file_ours;
        pthread_mutex_unlock(&lock);
        return code;
}

static void register_ours(void)
{
        theirs = sqlite3_vfs_find(NULL);
        if (theirs == NULL)
                return;
        ours = *theirs;
        ours.pNext = NULL;
        ours.zName = "cctvweb";
        ours.xOpen = open_file;
        registered = sqlite3_vfs_register(&ours, 0) == SQLITE_OK;
}

const char *sqlite_vfs_name(void)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, register_ours);
        return registered ? ours.zName : NULL;
}
