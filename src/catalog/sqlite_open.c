#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "catalog/sqlite_handle.h"
#include "catalog/sqlite_schema.h"
#include "catalog/sqlite_vfs.h"
#include "catalog/sqlite_write.h"

/* How long to wait for another writing process. */
enum { BUSY_TIMEOUT_MS = 30000 };

/* A file written by FTP or found in a folder is there whatever happens to the catalog, so a commit
 * may be lost in a power cut (never torn): NORMAL. secure_delete would write what it frees. */
static const char *const write_pragmas = "PRAGMA page_size = 4096;"
                                         "PRAGMA journal_mode = WAL;"
                                         "PRAGMA synchronous = NORMAL;"
                                         "PRAGMA secure_delete = OFF;"
                                         "PRAGMA foreign_keys = OFF;"
                                         "PRAGMA wal_autocheckpoint = 4000;"
                                         "PRAGMA journal_size_limit = 67108864;"
                                         "PRAGMA cache_size = -16384;"
                                         "PRAGMA temp_store = MEMORY;";
/* No memory map: it would count as ours, and an unreadable block would end the process. */
static const char *const read_pragmas = "PRAGMA query_only = ON;"
                                        "PRAGMA cache_size = -8192;";

/* SQLite's count of its own memory takes a lock at each allocation. No effect once it is in use. */
static void leave_memory_uncounted(void)
{
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* The catalog knows who came when, and holds hashes of passwords: it is for its owner alone,
 * whatever the mask of the command that makes it and of the one that made it. What SQLite makes
 * beside it gets its mode. Where the file is another's, it is left to him. */
static void keep_private(const char *path)
{
        static const char *const beside[] = {"", "-wal", "-shm"};
        char name[PATH_MAX];
        struct stat status;
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0)
                close(fd); /* it was not there: nobody has locks on it, which closing would drop */
        for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
                int length = snprintf(name, sizeof name, "%s%s", path, beside[i]);
                if (length > 0 && (size_t)length < sizeof name && stat(name, &status) == 0 &&
                    (status.st_mode & 077) != 0)
                        (void)chmod(name, status.st_mode & 0700);
        }
}

static bool open_database(struct catalog *catalog, const char *directory, struct error *err)
{
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        if (catalog->mode == CATALOG_WRITE)
                flags |= SQLITE_OPEN_CREATE;
        struct stat status;
        if (catalog->mode == CATALOG_READ && stat(catalog->path, &status) < 0) {
                if (errno == ENOENT || errno == ENOTDIR)
                        return error_set(err, ERROR_NOT_FOUND,
                                         "%s: there is no catalog yet; scan a folder or import a "
                                         "list first",
                                         catalog->path);
                return error_sys(err, "%s", catalog->path);
        }
        /* Readers too write beside it (WAL's index); SQLite says of all this "unable to open". */
        if (access(directory, W_OK | X_OK) < 0)
                return error_sys(err, "the catalog's folder has to be writable: %s", directory);
        if (catalog->mode == CATALOG_WRITE)
                keep_private(catalog->path);
        int code = sqlite3_open_v2(catalog->path, &catalog->db, flags, sqlite_vfs_name());
        if (code != SQLITE_OK) {
                sqlite_failed(catalog->db, code, "open", err);
                return error_prefix(err, "%s", catalog->path);
        }
        sqlite3_extended_result_codes(catalog->db, 1);
        sqlite3_busy_timeout(catalog->db, BUSY_TIMEOUT_MS);
        return true;
}

static bool set_up(struct catalog *catalog, struct error *err)
{
        const char *pragmas = catalog->mode == CATALOG_WRITE ? write_pragmas : read_pragmas;
        int code = sqlite3_exec(catalog->db, pragmas, NULL, NULL, NULL);
        if (code != SQLITE_OK) {
                sqlite_failed(catalog->db, code, "set up", err);
                return error_prefix(err, "%s", catalog->path);
        }
        if (catalog->mode == CATALOG_WRITE)
                return schema_migrate(catalog->db, catalog->path, schema_steps, schema_step_count,
                                      err);
        int version = 0;
        if (!schema_version(catalog->db, catalog->path, &version, err))
                return false;
        if (version == 0)
                return error_set(err, ERROR_NOT_FOUND, "%s: the catalog is not set up yet",
                                 catalog->path);
        if (version != schema_step_count)
                return error_set(err, ERROR_CONFLICT,
                                 "%s has schema version %d, this cctvweb has %d: %s", catalog->path,
                                 version, schema_step_count,
                                 version < schema_step_count
                                         ? "`cctvweb scan` or `cctvweb serve` brings it up to date"
                                         : "use the newer cctvweb that wrote it");
        return true;
}

/* One process at a time sets up a catalog for writing: SQLite does not wait for others while it
 * goes over to WAL, and says "database is locked" or "disk I/O error". Held by the folder itself
 * until the descriptor is closed; where a file system knows no locks, we do without. */
static int lock_folder(const char *directory)
{
        int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
                while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
                        ;
        return fd;
}

static bool open_and_set_up(struct catalog *catalog, const char *directory, struct error *err)
{
        int lock = catalog->mode == CATALOG_WRITE ? lock_folder(directory) : -1;
        bool ok = open_database(catalog, directory, err) && set_up(catalog, err);
        if (lock >= 0)
                close(lock);
        return ok;
}

bool catalog_open(const char *directory, enum catalog_mode mode, struct catalog **catalog_out,
                  struct error *err)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, leave_memory_uncounted);
        if (mode == CATALOG_WRITE && !folder_make(directory, err))
                return false;
        struct catalog *catalog = calloc(1, sizeof *catalog);
        if (catalog == NULL)
                return error_sys(err, "catalog");
        catalog->mode = mode;
        catalog->traits_ids = calloc(TRAITS_SLOTS, sizeof *catalog->traits_ids);
        catalog->traits_rows = calloc(TRAITS_SLOTS, sizeof *catalog->traits_rows);
        catalog->cameras = calloc(CAMERA_SLOTS, sizeof *catalog->cameras);
        if (mode == CATALOG_WRITE)
                catalog->recent = calloc(RECENT_SLOTS, sizeof *catalog->recent);
        bool ok = asprintf(&catalog->path, "%s/catalog.db", directory) >= 0;
        if (!ok)
                catalog->path = NULL;
        if (!ok || catalog->traits_ids == NULL || catalog->traits_rows == NULL ||
            catalog->cameras == NULL || (mode == CATALOG_WRITE && catalog->recent == NULL))
                ok = error_sys(err, "catalog");
        ok = ok && open_and_set_up(catalog, directory, err);
        if (!ok) {
                catalog_close(&catalog);
                return false;
        }
        *catalog_out = catalog;
        return true;
}

void catalog_close(struct catalog **catalog)
{
        struct catalog *gone = *catalog;
        if (gone == NULL)
                return;
        if (gone->in_transaction)
                catalog_rollback(gone);
        for (int i = 0; i < STATEMENTS; i++)
                sqlite3_finalize(gone->statements[i]);
        sqlite3_close(gone->db);
        while (gone->kept != NULL) {
                struct kept_string *next = gone->kept->next;
                free(gone->kept);
                gone->kept = next;
        }
        free(gone->folder_paths);
        free(gone->traits_ids);
        free(gone->traits_rows);
        free(gone->cameras);
        free(gone->recent);
        free(gone->path);
        free(gone);
        *catalog = NULL;
}
