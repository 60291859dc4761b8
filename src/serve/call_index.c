/* GET /playback/index: where each frame is in the stream of /playback. */
#include <stdlib.h>

#include "base/json.h"
#include "query/answer.h"
#include "serve/body_stream.h"
#include "serve/calls.h"
#include "serve/range.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { PAGE = 1000 };

/* The document as it is written; memory for one page, whatever the range. */
struct index {
        struct server *server;
        struct range range;
        struct utc asked_from;
        struct utc asked_to;
        struct json json; /* its text is set at each piece */
        bool begun;
        int64_t offset;
        int64_t count;
        struct frame page[PAGE];
};

static void write_head(struct index *index)
{
        struct json *json = &index->json;
        json_open_object(json);
        json_add_string(json, "camera", index->range.camera.name);
        json_add_utc(json, "from", index->asked_from);
        json_add_utc(json, "to", index->asked_to);
        json_add_string(json, "type", "video/x-motion-jpeg");
        json_add_int(json, "bytes", index->range.bytes);
        json_name(json, "frames");
        json_open_array(json);
}

static void write_frame(struct index *index, struct catalog *catalog, const struct frame *frame)
{
        struct json *json = &index->json;
        char id[FRAME_ID_SIZE];
        frame_id_format(&frame->key, id);
        json_open_object(json);
        json_add_string(json, "id", id);
        json_add_int(json, "offset", index->offset);
        json_add_int(json, "length", frame->bytes);
        json_add_utc(json, "time", frame->key.time);
        json_name(json, "windows");
        json_bit_numbers(json, frame->windows);
        json_name(json, "kinds");
        answer_kinds(json, catalog, frame->kinds);
        if (frame->has_trigger)
                json_add_int(json, "trigger", frame->trigger);
        else
                json_add_null(json, "trigger");
        json_close_object(json);
        index->offset += frame->bytes;
        index->count++;
}

static bool produce(void *context, struct text *out, bool *last_out, struct error *err)
{
        struct index *index = context;
        struct catalog *catalog;
        size_t count;
        index->json.text = out;
        if (!index->begun)
                write_head(index);
        index->begun = true;
        if (!range_page(&index->range, index->page, PAGE, &count, err) ||
            !reader_take(index->server->readers, &catalog, err))
                return false;
        for (size_t i = 0; i < count; i++)
                write_frame(index, catalog, &index->page[i]);
        reader_give(index->server->readers, &catalog);
        *last_out = index->range.ended;
        if (*last_out) {
                json_close_array(&index->json);
                json_add_int(&index->json, "count", index->count);
                json_close_object(&index->json);
        }
        return true;
}

bool call_index(struct request *request, struct error *err)
{
        struct index *index = calloc(1, sizeof *index);
        if (index == NULL)
                return error_set(err, ERROR_FULL, "no memory for an index");
        index->server = request->server;
        if (!range_open(&index->range, request, err) ||
            !request_time(request, "from", &index->asked_from, err) ||
            !request_time(request, "to", &index->asked_to, err)) {
                free(index);
                return false;
        }
        request_reader_give(request);
        struct body_source source = {.produce = produce, .destroy = free, .context = index};
        return body_stream_send(request, &source, err);
}
