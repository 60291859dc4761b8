#include "query/answer.h"

#include <assert.h>
#include <stdio.h>

#include "catalog/marks.h"
#include "query/health.h"

void frame_url_format(const struct frame_key *key, char out[static FRAME_URL_SIZE])
{
        char id[FRAME_ID_SIZE];
        frame_id_format(key, id);
        snprintf(out, FRAME_URL_SIZE, "/api/v1/frames/%s.jpg", id);
}

void answer_kinds(struct json *json, struct catalog *catalog, uint64_t kinds)
{
        json_open_array(json);
        for (int bit = 0; bit < 64; bit++) {
                const char *word = (kinds >> bit & 1) != 0 ? catalog_kind_word(catalog, bit) : NULL;
                if (word != NULL)
                        json_text(json, word);
        }
        json_close_array(json);
}

static void add_id_and_time(struct json *json, const struct frame_key *key)
{
        char id[FRAME_ID_SIZE];
        frame_id_format(key, id);
        json_add_string(json, "id", id);
        json_add_utc(json, "time", key->time);
}

static void add_url(struct json *json, const struct frame_key *key)
{
        char url[FRAME_URL_SIZE];
        frame_url_format(key, url);
        json_add_string(json, "url", url);
}

static void add_windows(struct json *json, uint64_t windows)
{
        json_name(json, "windows");
        json_bit_numbers(json, windows);
}

static void add_kinds(struct json *json, struct catalog *catalog, uint64_t kinds)
{
        json_name(json, "kinds");
        answer_kinds(json, catalog, kinds);
}

static void add_text_or_null(struct json *json, const char *name, const char *text)
{
        json_name(json, name);
        if (text[0] != '\0')
                json_text(json, text);
        else
                json_none(json);
}

static void add_trigger(struct json *json, const struct frame *frame)
{
        if (frame->has_trigger)
                json_add_int(json, "trigger", frame->trigger);
        else
                json_add_null(json, "trigger");
}

static void add_size(struct json *json, const struct frame *frame)
{
        json_add_int(json, "width", frame->width);
        json_add_int(json, "height", frame->height);
}

/* ---- camera ---- */

static const char *camera_state(const struct camera *camera, const struct frame *latest,
                                struct utc now)
{
        if (!camera->has_frames)
                return "empty";
        struct utc seen = utc_known(latest->received) ? latest->received : latest->key.time;
        /* A clock that is ahead is no sign of life in itself, but it is all there is. */
        return now.ms - seen.ms <= CAMERA_LIVE_MS ? "live" : "quiet";
}

static void add_latest(struct json *json, const struct camera *camera, const struct frame *latest)
{
        json_name(json, "latest");
        if (!camera->has_frames) {
                json_none(json);
                return;
        }
        json_open_object(json);
        add_id_and_time(json, &latest->key);
        add_url(json, &latest->key);
        add_windows(json, latest->windows);
        add_size(json, latest);
        json_close_object(json);
}

/* Who may upload as this camera; nobody when it is known by a shared account, or a folder. */
static bool find_account(struct catalog *catalog, const struct camera *camera,
                         struct account *account, struct error *err)
{
        struct error missing = {0};
        if (catalog_account_of_camera(catalog, camera->id, account, &missing))
                return true;
        *account = (struct account){0};
        if (missing.kind != ERROR_NOT_FOUND)
                *err = missing;
        return missing.kind == ERROR_NOT_FOUND;
}

static void add_fraction(struct json *json, const char *name, int32_t parts)
{
        static_assert(WINDOW_UNIT == 100000, "five digits");
        json_name(json, name);
        json_decimal(json, parts, 5);
}

/* Where its motion windows lie on the picture. */
static bool add_rectangles(struct json *json, struct catalog *catalog, const struct camera *camera,
                           struct error *err)
{
        struct camera_window windows[CAMERA_WINDOWS];
        size_t count;
        if (!catalog_camera_windows(catalog, camera->id, windows, &count, err))
                return false;
        json_name(json, "windows");
        json_open_array(json);
        for (size_t i = 0; i < count; i++) {
                json_open_object(json);
                json_add_int(json, "window", windows[i].number);
                add_text_or_null(json, "name", windows[i].name);
                add_fraction(json, "x", windows[i].x);
                add_fraction(json, "y", windows[i].y);
                add_fraction(json, "width", windows[i].width);
                add_fraction(json, "height", windows[i].height);
                json_close_object(json);
        }
        json_close_array(json);
        return true;
}

static void add_health(struct json *json, const struct camera_health *health,
                       const struct frame *latest, const struct rejections *rejections)
{
        json_name(json, "health");
        json_open_object(json);
        json_add_int(json, "rate", health->rate);
        json_name(json, "usual_rate");
        if (health->usual_days > 0)
                json_decimal(json, health->usual_thousandths, 3);
        else
                json_none(json);
        json_add_int(json, "usual_days", health->usual_days);
        json_name(json, "clock_skew");
        if (health->skew_known)
                json_seconds(json, health->skew_ms);
        else
                json_none(json);
        json_name(json, "time_source");
        if (latest != NULL)
                json_text(json, time_source_word(latest->time_source));
        else
                json_none(json);
        json_add_utc(json, "silent_since", health->silent_since);
        json_name(json, "silent_after");
        if (health->silent_after_ms > 0)
                json_seconds(json, health->silent_after_ms);
        else
                json_none(json);
        json_add_bool(json, "overdue", health->overdue);
        json_name(json, "rejected");
        json_open_array(json);
        for (int i = 0; rejections != NULL && i < rejections->count; i++) {
                json_open_object(json);
                json_add_string(json, "reason", rejections->reasons[i].reason);
                json_add_int(json, "count", rejections->reasons[i].count);
                json_close_object(json);
        }
        json_close_array(json);
        json_close_object(json);
}

bool answer_camera(struct json *json, struct catalog *catalog, const struct camera *camera,
                   struct utc now, const struct rejections *rejections, struct error *err)
{
        struct frame latest = {.received = UTC_NONE};
        struct account account = {0};
        struct camera_health health;
        if ((camera->has_frames && !catalog_frame(catalog, &camera->last, &latest, err)) ||
            !find_account(catalog, camera, &account, err))
                return false;
        struct health_question question = {camera->has_frames ? &latest : NULL,
                                           account.user[0] != '\0', now};
        if (!camera_health(catalog, camera, &question, &health, err))
                return false;
        char mac[MAC_TEXT_SIZE] = "";
        if (camera->has_mac)
                mac_format(camera->mac, mac);
        json_open_object(json);
        json_add_string(json, "name", camera->name);
        add_text_or_null(json, "mac", mac);
        add_text_or_null(json, "model", camera->model);
        json_add_string(json, "timezone", camera->zone);
        json_name(json, "dwell");
        json_seconds(json, camera->dwell_ms);
        add_text_or_null(json, "template", camera->path_template);
        if (!add_rectangles(json, catalog, camera, err))
                return false;
        json_add_int(json, "frames", camera->frames);
        json_add_int(json, "motion_frames", camera->motion_frames);
        json_add_int(json, "bytes", camera->bytes);
        json_add_utc(json, "first", camera->has_frames ? camera->first.time : UTC_NONE);
        json_add_utc(json, "last", camera->has_frames ? camera->last.time : UTC_NONE);
        json_add_utc(json, "last_received", latest.received);
        json_add_string(json, "state", camera_state(camera, &latest, now));
        add_latest(json, camera, &latest);
        add_text_or_null(json, "account", account.user);
        json_add_bool(json, "new", camera->is_new);
        json_add_bool(json, "disabled", camera->disabled);
        json_add_int(json, "rejected", rejections != NULL ? rejections->total : 0);
        add_health(json, &health, camera->has_frames ? &latest : NULL, rejections);
        json_close_object(json);
        return true;
}

/* ---- event ---- */

void answer_note(struct json *json, const char *camera, const struct stretch_note *note)
{
        json_open_object(json);
        json_add_int(json, "id", note->id);
        json_add_string(json, "camera", camera);
        json_add_utc(json, "from", note->stretch.from);
        json_add_utc(json, "to", note->stretch.to);
        json_add_string(json, "text", note->text);
        json_add_utc(json, "changed", note->changed);
        json_close_object(json);
}

struct noting {
        struct json *json;
        const char *camera;
};

static bool add_note(void *context, const struct stretch_note *note)
{
        struct noting *noting = context;
        answer_note(noting->json, noting->camera, note);
        return text_ok(noting->json->text);
}

static bool add_marks(struct json *json, struct catalog *catalog, const struct camera *camera,
                      const struct span *event, struct error *err)
{
        struct stretch stretch = {event->camera, event->start, event->end};
        struct noting noting = {json, camera->name};
        json_add_bool(json, "reviewed", event->reviewed);
        json_add_bool(json, "pinned", event->pinned);
        json_name(json, "notes");
        json_open_array(json);
        if (event->noted && !catalog_notes(catalog, &stretch, add_note, &noting, err))
                return false;
        json_close_array(json);
        return true;
}

bool answer_event(struct json *json, struct catalog *catalog, const struct camera *camera,
                  const struct span *event, struct error *err)
{
        struct frame cover;
        if (!catalog_frame(catalog, &event->cover.key, &cover, err))
                return error_prefix(err, "cover of an event");
        json_open_object(json);
        json_add_string(json, "camera", camera->name);
        json_add_utc(json, "start", event->start);
        json_add_utc(json, "end", event->end);
        json_name(json, "duration");
        json_seconds(json, event->end.ms - event->start.ms);
        json_add_int(json, "frames", event->frames);
        json_add_int(json, "motion_frames", event->motion_frames);
        add_windows(json, event->windows);
        add_kinds(json, catalog, event->kinds);
        json_name(json, "cover");
        json_open_object(json);
        add_id_and_time(json, &cover.key);
        add_url(json, &cover.key);
        add_windows(json, cover.windows);
        add_trigger(json, &cover);
        add_size(json, &cover);
        json_close_object(json);
        json_add_int(json, "bytes", event->bytes);
        if (!add_marks(json, catalog, camera, event, err))
                return false;
        json_close_object(json);
        return true;
}

/* ---- frame ---- */

/* The file the frame is in: its own, or below the data folder the hour file it lies in. */
static bool add_path(struct json *json, struct catalog *catalog, const struct place *place,
                     struct error *err)
{
        char buffer[PLACE_NAME_SIZE + 4097];
        char hour[SEGMENT_PATH_SIZE];
        const char *folder = NULL;
        struct text path;
        text_init(&path, buffer, sizeof buffer);
        if (place->segment.value != 0) {
                if (!catalog_segment_path(catalog, place->segment, hour, err))
                        return false;
                text_add_format(&path, "frames/%s", hour);
        } else if (place->folder.value != 0) {
                if (!catalog_folder_path(catalog, place->folder, &folder, err))
                        return false;
                text_add_format(&path, "%s/%s", folder, place->name);
        } else {
                json_add_null(json, "path");
                return true;
        }
        json_add_string(json, "path", buffer);
        return true;
}

bool answer_frame(struct json *json, struct catalog *catalog, const struct camera *camera,
                  const struct frame *frame, struct error *err)
{
        char id[FRAME_ID_SIZE];
        frame_id_format(&frame->key, id);
        json_open_object(json);
        json_add_string(json, "id", id);
        json_add_string(json, "camera", camera->name);
        json_add_utc(json, "time", frame->key.time);
        json_add_utc(json, "received", frame->received);
        if (frame->sequence >= 0)
                json_add_int(json, "sequence", frame->sequence);
        else
                json_add_null(json, "sequence");
        add_kinds(json, catalog, frame->kinds);
        add_windows(json, frame->windows);
        add_trigger(json, frame);
        json_add_int(json, "bytes", frame->bytes);
        add_size(json, frame);
        json_add_string(json, "time_source", time_source_word(frame->time_source));
        add_url(json, &frame->key);
        bool ok = add_path(json, catalog, &frame->place, err);
        json_close_object(json);
        return ok;
}
