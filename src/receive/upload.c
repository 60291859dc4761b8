#include "receive/upload.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

enum { SPOOL_WINDOW = 256 << 10 };

struct upload *upload_create(const char *spool_directory, struct upload_budget *budget)
{
        struct upload *upload = calloc(1, sizeof *upload);
        if (upload == NULL)
                return NULL;
        upload->fd = -1;
        upload->spool_directory = spool_directory;
        upload->budget = budget;
        return upload;
}

/* ---- memory ---- */

void upload_budget_init(struct upload_budget *budget, int64_t limit)
{
        *budget = (struct upload_budget){.limit = limit};
        pthread_mutex_init(&budget->lock, NULL);
}

void upload_budget_finish(struct upload_budget *budget)
{
        if (budget->limit == 0)
                return;
        while (budget->spare_count > 0)
                free(budget->spares[--budget->spare_count]);
        free(budget->window);
        pthread_mutex_destroy(&budget->lock);
        *budget = (struct upload_budget){0};
}

bool upload_budget_spent(struct upload_budget *budget)
{
        return atomic_load(&budget->used) >= budget->limit;
}

static uint8_t *take_spare(struct upload_budget *budget)
{
        uint8_t *spare = NULL;
        pthread_mutex_lock(&budget->lock);
        if (budget->spare_count > 0)
                spare = budget->spares[--budget->spare_count];
        pthread_mutex_unlock(&budget->lock);
        return spare != NULL ? spare : malloc(UPLOAD_FIRST_ROOM);
}

static void give_spare(struct upload_budget *budget, uint8_t *spare)
{
        pthread_mutex_lock(&budget->lock);
        if (budget->spare_count < UPLOAD_SPARES) {
                budget->spares[budget->spare_count++] = spare;
                spare = NULL;
        }
        pthread_mutex_unlock(&budget->lock);
        free(spare);
}

static void set_room(struct upload *upload, size_t room)
{
        atomic_fetch_add(&upload->budget->used, (long long)room - (long long)upload->room);
        upload->room = room;
}

static void forget_bytes(struct upload *upload)
{
        if (upload->fd >= 0 && upload->bytes != NULL)
                munmap(upload->bytes, (size_t)upload->size);
        else if (upload->room == UPLOAD_FIRST_ROOM)
                give_spare(upload->budget, upload->bytes);
        else
                free(upload->bytes);
        upload->bytes = NULL;
        set_room(upload, 0);
}

void upload_free(struct upload **upload)
{
        struct upload *gone = *upload;
        *upload = NULL;
        if (gone == NULL)
                return;
        forget_bytes(gone);
        if (gone->fd >= 0)
                close(gone->fd);
        free(gone);
}

bool upload_spool(struct upload *upload, struct error *err)
{
        if (upload->fd >= 0)
                return true;
        int fd = open(upload->spool_directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
                return error_sys(err, "spool file in %s", upload->spool_directory);
        if (!file_write(fd, upload->bytes, (size_t)upload->size)) {
                error_sys(err, "write spool file");
                close(fd);
                return false;
        }
        forget_bytes(upload);
        upload->fd = fd;
        return true;
}

/* Memory for more bytes. */
static bool grow(struct upload *upload, struct error *err)
{
        size_t room = upload->room == 0 ? UPLOAD_FIRST_ROOM : upload->room * 2;
        uint8_t *grown =
                upload->room == 0 ? take_spare(upload->budget) : realloc(upload->bytes, room);
        if (grown == NULL)
                return error_set(err, ERROR_FULL, "no memory for an upload");
        upload->bytes = grown;
        set_room(upload, room);
        return true;
}

bool upload_room(struct upload *upload, uint8_t **at_out, size_t *room_out, struct error *err)
{
        struct upload_budget *budget = upload->budget;
        bool full = upload->fd < 0 && (size_t)upload->size == upload->room;
        bool large = upload->size >= UPLOAD_MEMORY_MAX ||
                     (upload->size > 0 && upload_budget_spent(budget));
        if (full && large && !upload_spool(upload, err))
                return false;
        if (upload->fd >= 0) {
                forget_bytes(upload); /* a view */
                if (budget->window == NULL)
                        budget->window = malloc(SPOOL_WINDOW);
                *at_out = budget->window;
                *room_out = SPOOL_WINDOW;
                return budget->window != NULL ||
                       error_set(err, ERROR_FULL, "no memory for an upload");
        }
        if (full && !grow(upload, err))
                return false;
        *at_out = upload->bytes + upload->size;
        *room_out = upload->room - (size_t)upload->size;
        return true;
}

bool upload_added(struct upload *upload, size_t length, struct error *err)
{
        if (upload->fd >= 0 && !file_write(upload->fd, upload->budget->window, length))
                return error_sys(err, "write spool file");
        upload->size += (int64_t)length;
        return true;
}

bool upload_cut_to(struct upload *upload, int64_t size, struct error *err)
{
        if (upload->fd >= 0) {
                forget_bytes(upload);
                if (ftruncate(upload->fd, size) < 0 || lseek(upload->fd, size, SEEK_SET) < 0)
                        return error_sys(err, "cut spool file");
        }
        upload->size = size;
        return true;
}

bool upload_view(struct upload *upload, const uint8_t **bytes_out, struct error *err)
{
        static const uint8_t nothing[1];
        if (upload->fd >= 0 && upload->size > 0 && upload->bytes == NULL) {
                void *map = mmap(NULL, (size_t)upload->size, PROT_READ, MAP_PRIVATE, upload->fd, 0);
                if (map == MAP_FAILED)
                        return error_sys(err, "map spool file");
                upload->bytes = map;
        }
        *bytes_out = upload->bytes != NULL ? upload->bytes : nothing;
        return true;
}
