#include "export/manifest.h"

#include <stdio.h>

#include "export/name.h"

enum { PATH_BOUND = 8192 };

void sha256_format(const uint8_t hash[static SHA256_BYTES], char out[static SHA256_TEXT_SIZE])
{
        for (size_t i = 0; i < SHA256_BYTES; i++)
                snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void add_text_or_null(struct json *json, const char *name, const char *text)
{
        if (text[0] != '\0')
                json_add_string(json, name, text);
        else
                json_add_null(json, name);
}

static void add_camera(struct json *json, const struct camera *camera)
{
        char mac[MAC_TEXT_SIZE] = "";
        if (camera->has_mac)
                mac_format(camera->mac, mac);
        json_open_object(json);
        json_add_string(json, "name", camera->name);
        add_text_or_null(json, "mac", mac);
        add_text_or_null(json, "model", camera->model);
        json_add_string(json, "timezone", camera->zone);
        json_close_object(json);
}

static void add_cameras(struct json *json, const struct export_source *source)
{
        json_name(json, "cameras");
        json_open_array(json);
        for (size_t i = 0; i < source->stretches; i++) {
                const struct export_camera *camera = source->camera(source->context, i);
                size_t j = 0;
                while (j < i && source->camera(source->context, j) != camera)
                        j++;
                if (j == i)
                        add_camera(json, &camera->camera);
        }
        json_close_array(json);
}

void manifest_begin(struct json *json, const struct export_source *source, struct utc made)
{
        json_open_object(json);
        json_add_int(json, "version", 1);
        json_add_string(json, "made_by", "cctvweb");
        json_add_utc(json, "made", made);
        json_add_string(json, "names",
                        "camera/capture time in UTC.jpg; pictures are as the camera sent them");
        add_cameras(json, source);
        json_name(json, "stretches");
        json_open_array(json);
        for (size_t i = 0; i < source->stretches; i++) {
                const struct stretch *stretch = source->stretch(source->context, i);
                json_open_object(json);
                json_add_string(json, "camera", source->camera(source->context, i)->camera.name);
                json_add_utc(json, "from", stretch->from);
                json_add_utc(json, "to", stretch->to);
                json_close_object(json);
        }
        json_close_array(json);
        json_name(json, "frames");
        json_open_array(json);
        text_add_char(json->text, '\n');
}

static void add_frame(struct json *json, const struct frame *frame)
{
        json_add_utc(json, "time", frame->key.time);
        json_add_string(json, "time_source", time_source_word(frame->time_source));
        json_add_utc(json, "received", frame->received);
        if (frame->sequence >= 0)
                json_add_int(json, "sequence", frame->sequence);
        else
                json_add_null(json, "sequence");
        json_name(json, "windows");
        json_bit_numbers(json, frame->windows);
        if (frame->has_trigger)
                json_add_int(json, "trigger", frame->trigger);
        else
                json_add_null(json, "trigger");
        json_add_int(json, "width", frame->width);
        json_add_int(json, "height", frame->height);
        json_add_int(json, "bytes", frame->bytes);
}

bool manifest_frame(struct json *json, const struct export_source *source,
                    const struct walk_item *item, const uint8_t hash[static SHA256_BYTES],
                    struct error *err)
{
        const struct camera *camera = &source->camera(source->context, item->stretch)->camera;
        const struct frame *frame = &item->frame;
        char name[EXPORT_NAME_SIZE];
        char id[FRAME_ID_SIZE];
        char sum[SHA256_TEXT_SIZE];
        struct text path;
        export_picture_name(camera, frame, name);
        frame_id_format(&frame->key, id);
        sha256_format(hash, sum);
        text_init_growing(&path, PATH_BOUND);
        json_open_object(json);
        json_add_string(json, "file", name);
        json_add_string(json, "id", id);
        json_add_string(json, "camera", camera->name);
        add_frame(json, frame);
        json_name(json, "kinds");
        bool fine = source->describe(source->context, frame, json, &path, err);
        json_name(json, "path");
        if (path.length > 0)
                json_string_bytes(json, path.bytes, path.length);
        else
                json_none(json);
        json_add_string(json, "sha256", sum);
        json_close_object(json);
        text_add_char(json->text, '\n');
        text_finish(&path);
        return fine;
}

void manifest_end(struct json *json, int64_t count)
{
        json_close_array(json);
        json_add_int(json, "count", count);
        json_close_object(json);
        text_add_char(json->text, '\n');
}
