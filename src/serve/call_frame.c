/* GET /frames/{id}.jpg: the bytes as received, or a thumbnail. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "serve/calls.h"
#include "serve/frame_open.h"
#include "serve/query_string.h"
#include "serve/reply.h"
#include "serve/server.h"

#define FRAME_CACHE_CONTROL "private, max-age=31536000, immutable"

static void etag_format(const struct frame_file *file, char out[static FRAME_ETAG_SIZE])
{
        char id[FRAME_ID_SIZE];
        frame_id_format(&file->key, id);
        snprintf(out, FRAME_ETAG_SIZE, "\"%s-%" PRIx64 "-%" PRIx64 "\"", id, file->length,
                 file->modified.ms);
}

/* gate_2014-05-23T14-08-20.529Z.jpg, for who saves the picture. */
static void add_file_name(struct MHD_Response *response, const char *camera, struct utc time)
{
        char when[UTC_TEXT_SIZE];
        utc_format(time, when);
        for (char *at = when; *at != '\0'; at++)
                *at = *at == ':' ? '-' : *at;
        char encoded[CAMERA_NAME_SIZE * 3];
        char value[sizeof encoded + 120];
        if (!percent_encode(camera, encoded, sizeof encoded))
                return;
        if (strchr(encoded, '%') == NULL)
                snprintf(value, sizeof value, "inline; filename=\"%s_%s.jpg\"", encoded, when);
        else
                snprintf(value, sizeof value,
                         "inline; filename=\"%s.jpg\"; filename*=UTF-8''%s_%s.jpg", when, encoded,
                         when);
        reply_add(response, "Content-Disposition", value);
}

static void add_frame_headers(struct MHD_Response *response, const struct frame_file *file)
{
        char modified[HTTP_DATE_SIZE];
        http_date_format(file->modified, modified);
        reply_add_common(response);
        reply_add(response, "Content-Type", "image/jpeg");
        reply_add(response, "Cache-Control", FRAME_CACHE_CONTROL);
        reply_add(response, "ETag", file->etag);
        reply_add(response, "Last-Modified", modified);
        reply_add(response, "Accept-Ranges", "bytes");
}

/* Looks the frame up and opens its file. */
static bool find(struct request *request, const struct frame_key *key, struct frame *frame_out,
                 struct camera *camera_out, struct extent *extent_out, struct error *err)
{
        struct catalog *catalog;
        /* One read state for the three questions: SQLite locks and unlocks once. */
        if (!request_reader(request, &catalog, err) || !catalog_read_begin(catalog, err))
                return false;
        bool fine = catalog_frame(catalog, key, frame_out, err) &&
                    catalog_camera_by_id(catalog, key->camera, camera_out, err) &&
                    frame_open(catalog, request->server->config.data_directory, frame_out,
                               extent_out, err);
        catalog_read_end(catalog);
        return fine;
}

/* Finds the frame and makes the response of its whole. */
static bool open_file(struct request *request, const struct frame_key *key,
                      struct frame_file *file_out, struct error *err)
{
        struct frame frame;
        struct camera camera;
        struct extent extent;
        if (!find(request, key, &frame, &camera, &extent, err))
                return false;
        struct frame_file file = {
                .key = *key,
                .fd = extent.fd,
                .received = frame.place.segment.value != 0,
                .offset = extent.offset,
                .length = extent.length,
                .modified = extent.modified,
        };
        file.response = MHD_create_response_from_fd_at_offset64((uint64_t)extent.length, extent.fd,
                                                                (uint64_t)extent.offset);
        if (file.response == NULL) {
                close(extent.fd);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        etag_format(&file, file.etag);
        add_frame_headers(file.response, &file);
        reply_add_origin(file.response, request->server->config.allowed_origin);
        add_file_name(file.response, camera.name, key->time);
        *file_out = file;
        return true;
}

struct sending {
        struct request *request;
        struct error *err;
        bool fine;
};

static bool send_part(struct request *request, const struct frame_file *file, int64_t offset,
                      int64_t length, struct error *err)
{
        int fd = dup(file->fd);
        if (fd < 0)
                return error_sys(err, "open the picture once more");
        struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(
                (uint64_t)length, fd, (uint64_t)(file->offset + offset));
        if (response == NULL) {
                close(fd);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        add_frame_headers(response, file);
        reply_add_content_range(response, offset, length, file->length);
        return reply_send(request, 206, response, err);
}

/* Answers from an open file. */
static void send_file(void *context, const struct frame_file *file)
{
        struct sending *sending = context;
        struct request *request = sending->request;
        struct conditions conditions = reply_conditions(request);
        struct validators validators = {
                .etag = file->etag, .modified = file->modified, .length = file->length};
        int64_t offset = 0;
        int64_t length = 0;
        switch (condition_decide(&conditions, &validators, &offset, &length)) {
        case CONDITION_WHOLE:
                sending->fine = reply_send_shared(request, 200, file->response, sending->err);
                return;
        case CONDITION_PART:
                sending->fine = send_part(request, file, offset, length, sending->err);
                return;
        case CONDITION_NOT_MODIFIED:
                sending->fine =
                        reply_not_modified(request, file->etag, FRAME_CACHE_CONTROL, sending->err);
                return;
        case CONDITION_NOT_SATISFIED:
                sending->fine = reply_range_refused(request, file->length, sending->err);
                return;
        }
}

static bool send_whole(struct request *request, const struct frame_key *key, struct error *err)
{
        struct sending sending = {.request = request, .err = err};
        if (frame_cache_use(request->server->frames, key, send_file, &sending))
                return sending.fine;
        struct frame_file file;
        uint64_t age = frame_cache_age(request->server->frames);
        if (!open_file(request, key, &file, err))
                return false;
        send_file(&sending, &file);
        frame_cache_put(request->server->frames, &file, age);
        return sending.fine;
}

bool call_frame(struct request *request, struct error *err)
{
        struct frame_key key;
        struct error cause;
        if (!frame_id_parse(request->capture, strlen(request->capture), &key, &cause))
                return error_set(err, ERROR_NOT_FOUND,
                                 "\"%.60s\" is not the id of a frame; they look like "
                                 "1-1400854100529-0",
                                 request->capture);
        if (request_parameter(request, "width") != NULL)
                return thumbnail_answer(request, &key, err);
        return send_whole(request, &key, err);
}
