/* /exports: files that are made in the background, and fetched when they are there. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/answer_export.h"
#include "serve/calls.h"
#include "serve/disposition.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/stretches.h"

enum { EXPORTS_LIMIT_DEFAULT = 50, EXPORTS_LIMIT_MAX = 200, EXPORTS_BYTES_MOST = 64 << 20 };

static bool have_exporting(const struct request *request, const struct exporting **exporting_out,
                           struct error *err)
{
        *exporting_out = request->server->config.exporting;
        return *exporting_out != NULL ||
               error_set(err, ERROR_DENIED, "nothing can be exported in the background here");
}

static bool read_number(const char *text, int64_t *number_out)
{
        char *end = NULL;
        bool digits = text[0] >= '0' && text[0] <= '9' && strlen(text) < 19;
        *number_out = digits ? strtoll(text, &end, 10) : 0;
        return digits && *end == '\0';
}

static bool read_id(const struct request *request, int64_t *id_out, struct error *err)
{
        return read_number(request->capture, id_out) ||
               error_set(err, ERROR_NOT_FOUND, "there is no export %.40s", request->capture);
}

static int64_t done_of(const struct request *request, const struct export_row *row)
{
        const struct exporting *exporting = request->server->config.exporting;
        return exporting != NULL && row->state == EXPORT_RUNNING
                       ? exporting->done(exporting->context, row->id)
                       : 0;
}

/* ---- asking for one ---- */

/* The order with its stretches, whose cameras are names yet. */
static bool read_order(struct request *request, struct export_order *order,
                       struct stretches *stretches, struct error *err)
{
        enum { FORMAT, STRETCHES, BURN_IN, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [FORMAT] = {"format", JSON_WANT_STRING, true, false},
                [STRETCHES] = {"stretches", JSON_WANT_ARRAY, true, false},
                [BURN_IN] = {"burn_in", JSON_WANT_BOOL, false, false},
        };
        json_t *document = NULL;
        json_t *values[MEMBERS];
        if (!body_json(request, &document, err))
                return false;
        bool fine = json_members(document, members, MEMBERS, values, err) &&
                    export_format_parse(json_string_value(values[FORMAT]), &order->format, err) &&
                    stretches_read(values[STRETCHES], stretches, err);
        order->burn_in = fine && json_is_true(values[BURN_IN]);
        json_decref(document);
        return fine && order_check(order, err);
}

/* Looks the cameras up and counts the frames. */
static bool resolve(struct request *request, struct export_order *order,
                    struct stretches *stretches, int64_t *frames_out, struct error *err)
{
        struct catalog *catalog;
        int64_t frames;
        int64_t bytes;
        int64_t all_bytes = 0;
        if (!request_reader(request, &catalog, err) || !stretches_resolve(stretches, catalog, err))
                return false;
        order->stretches = calloc(stretches->count, sizeof *order->stretches);
        if (order->stretches == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        for (; order->count < stretches->count; order->count++) {
                const struct stretch *stretch = &stretches->items[order->count].stretch;
                if (!catalog_frames_count(catalog, stretch, &frames, &bytes, err))
                        return false;
                order->stretches[order->count] = *stretch;
                *frames_out += frames;
                all_bytes += bytes;
        }
        request_reader_give(request);
        return all_bytes > 0 ||
               error_set(err, ERROR_NOT_FOUND, "there are no pictures in this time");
}

/* Takes the row. */
static bool answer_row(struct request *request, unsigned status, struct export_row *row,
                       bool removed, struct error *err)
{
        struct catalog *catalog;
        struct text body;
        struct json json;
        text_init_growing(&body, EXPORTS_BYTES_MOST);
        json_init(&json, &body);
        struct export_told told = {row, done_of(request, row), removed, 0};
        bool fine =
                request_reader(request, &catalog, err) && answer_export(&json, catalog, &told, err);
        catalog_export_free(row);
        if (fine)
                return reply_new_json(request, status, &body, err);
        text_finish(&body);
        return false;
}

bool call_add_export(struct request *request, struct error *err)
{
        const struct exporting *exporting;
        struct export_order order = {0};
        struct stretches stretches = {0};
        struct export_row row = {0};
        int64_t frames = 0;
        bool fine = have_exporting(request, &exporting, err) &&
                    read_order(request, &order, &stretches, err) &&
                    resolve(request, &order, &stretches, &frames, err) &&
                    exporting->add(exporting->context, &order, frames, &row, err);
        order_free(&order);
        stretches_free(&stretches);
        return fine && answer_row(request, 202, &row, false, err);
}

/* ---- looking ---- */

static bool read_page(const struct request *request, int64_t *limit_out, int64_t *before_out,
                      struct error *err)
{
        static const int64_t limits[2] = {1, EXPORTS_LIMIT_MAX};
        const char *cursor = request_parameter(request, "cursor");
        *before_out = INT64_MAX;
        if (!request_number(request, "limit", limits, EXPORTS_LIMIT_DEFAULT, limit_out, err))
                return false;
        if (cursor == NULL || cursor[0] == '\0')
                return true;
        return read_number(cursor, before_out) ||
               error_set(err, ERROR_INPUT, "cursor: wanted is the `next` of a page");
}

/* The newest first, behind *before, which becomes that of the last one; 0 when no more follow. */
static bool write_rows(struct request *request, struct json *json, struct catalog *catalog,
                       int64_t limit, int64_t *before, struct error *err)
{
        for (;;) {
                struct export_row row;
                struct error missing = {0};
                if (!catalog_export_before(catalog, *before, &row, &missing)) {
                        *before = 0;
                        if (missing.kind == ERROR_NOT_FOUND)
                                return true;
                        *err = missing;
                        return false;
                }
                struct export_told told = {&row, done_of(request, &row), false, 0};
                bool full = limit-- == 0;
                bool fine = full || answer_export(json, catalog, &told, err);
                if (!full)
                        *before = row.id;
                catalog_export_free(&row);
                if (!fine || full)
                        return fine;
        }
}

static bool write_list(struct request *request, struct json *json, struct catalog *catalog,
                       struct error *err)
{
        int64_t limit;
        int64_t before;
        int64_t count;
        int64_t bytes;
        char next[24];
        if (!read_page(request, &limit, &before, err) ||
            !catalog_exports_sums(catalog, &count, &bytes, err))
                return false;
        json_open_object(json);
        json_name(json, "exports");
        json_open_array(json);
        if (!write_rows(request, json, catalog, limit, &before, err))
                return false;
        json_close_array(json);
        json_add_int(json, "total", count);
        json_add_int(json, "bytes", bytes);
        snprintf(next, sizeof next, "%" PRId64, before);
        if (before > 0)
                json_add_string(json, "next", next);
        else
                json_add_null(json, "next");
        json_close_object(json);
        return true;
}

bool call_exports(struct request *request, struct error *err)
{
        return reply_catalog_json(request, EXPORTS_BYTES_MOST, write_list, err);
}

static bool write_one(struct request *request, struct json *json, struct catalog *catalog,
                      struct error *err)
{
        struct export_row row;
        int64_t id;
        if (!read_id(request, &id, err) || !catalog_export(catalog, id, &row, err))
                return false;
        struct export_told told = {&row, done_of(request, &row), false, 0};
        bool fine = answer_export(json, catalog, &told, err);
        catalog_export_free(&row);
        return fine;
}

bool call_get_export(struct request *request, struct error *err)
{
        return reply_catalog_json(request, EXPORTS_BYTES_MOST, write_one, err);
}

/* ---- removing ---- */

bool call_remove_export(struct request *request, struct error *err)
{
        const struct exporting *exporting;
        struct export_row row = {0};
        int64_t id;
        bool removed;
        return have_exporting(request, &exporting, err) && read_id(request, &id, err) &&
               exporting->remove(exporting->context, id, &row, &removed, err) &&
               answer_row(request, 200, &row, removed, err);
}

/* ---- fetching ---- */

struct export_file {
        int fd;
        int64_t bytes;
        struct utc modified;
        char name[EXPORT_FILE_SIZE];
        char etag[64];
        const char *type;
};

static bool open_path(const char *path, struct export_file *file, struct error *err)
{
        struct stat status;
        file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (file->fd < 0 && errno == ENOENT)
                return error_set(err, ERROR_GONE, "the file of this export is no longer there");
        if (file->fd < 0 || fstat(file->fd, &status) < 0)
                return error_sys(err, "open the file of an export");
        file->bytes = (int64_t)status.st_size;
        return true;
}

static const char *type_of(const char *name)
{
        const char *dot = strrchr(name, '.');
        for (int i = 0; dot != NULL && i < EXPORT_FORMATS; i++) {
                if (strcmp(dot + 1, export_formats[i].word) == 0)
                        return export_formats[i].type;
        }
        return "application/octet-stream";
}

static bool open_export_file(struct request *request, struct export_file *file, struct error *err)
{
        struct catalog *catalog;
        struct export_row row;
        char path[EXPORT_PATH_SIZE];
        int64_t id;
        if (!read_id(request, &id, err) || !request_reader(request, &catalog, err) ||
            !catalog_export(catalog, id, &row, err))
                return false;
        bool fine = row.state == EXPORT_DONE ||
                    error_set(err, ERROR_CONFLICT, "the export has no file%s",
                              row.state < EXPORT_DONE ? " yet" : "");
        fine = fine && export_path(request->server->config.data_directory, &row, path, err) &&
               open_path(path, file, err);
        memcpy(file->name, row.file, sizeof file->name);
        file->type = type_of(file->name);
        snprintf(file->etag, sizeof file->etag, "\"export-%" PRId64 "-%" PRId64 "\"", row.id,
                 row.ended.ms);
        catalog_export_free(&row);
        return fine;
}

/* Takes the file. */
static bool send_file(struct request *request, struct export_file *file, int64_t offset,
                      int64_t length, bool part, struct error *err)
{
        char disposition[DISPOSITION_SIZE];
        struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(
                (uint64_t)length, file->fd, (uint64_t)offset);
        if (response == NULL) {
                close(file->fd);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        disposition_format(file->name, disposition);
        reply_add_common(response);
        reply_add(response, "Content-Type", file->type);
        reply_add(response, "Content-Disposition", disposition);
        reply_add(response, "Cache-Control", "private, no-cache");
        reply_add(response, "Accept-Ranges", "bytes");
        reply_add(response, "ETag", file->etag);
        if (part)
                reply_add_content_range(response, offset, length, file->bytes);
        return reply_send(request, part ? 206 : 200, response, err);
}

bool call_export_file(struct request *request, struct error *err)
{
        struct export_file file = {.fd = -1};
        int64_t offset = 0;
        int64_t length = 0;
        if (!open_export_file(request, &file, err)) {
                if (file.fd >= 0)
                        close(file.fd);
                return false;
        }
        struct conditions conditions = reply_conditions(request);
        struct validators validators = {
                .etag = file.etag, .modified = UTC_NONE, .length = file.bytes};
        switch (condition_decide(&conditions, &validators, &offset, &length)) {
        case CONDITION_WHOLE: return send_file(request, &file, 0, file.bytes, false, err);
        case CONDITION_PART: return send_file(request, &file, offset, length, true, err);
        case CONDITION_NOT_MODIFIED:
                close(file.fd);
                return reply_not_modified(request, file.etag, "private, no-cache", err);
        case CONDITION_NOT_SATISFIED: break;
        }
        close(file.fd);
        return reply_range_refused(request, file.bytes, err);
}
