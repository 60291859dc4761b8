#include "serve/camera_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t dwell_bounds[2] = {DWELL_MIN_MS, DWELL_MAX_MS};

static bool read_dwell(const json_t *value, int64_t *dwell_ms_out, struct error *err)
{
        return value == NULL ||
               json_read_thousandths(value, "dwell", dwell_bounds, dwell_ms_out, err);
}

/* NULL where it is not given, "" for null. */
static const char *text_of(const json_t *value)
{
        if (value == NULL)
                return NULL;
        return json_is_null(value) ? "" : json_string_value(value);
}

bool camera_wish_read(const json_t *document, struct camera_wish *wish_out, struct error *err)
{
        enum { NAME, TIMEZONE, DWELL, TEMPLATE, USER, PASSWORD, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [NAME] = {"name", JSON_WANT_STRING, true, false},
                [TIMEZONE] = {"timezone", JSON_WANT_STRING, false, false},
                [DWELL] = {"dwell", JSON_WANT_NUMBER, false, false},
                [TEMPLATE] = {"template", JSON_WANT_STRING, false, true},
                [USER] = {"user", JSON_WANT_STRING, false, false},
                [PASSWORD] = {"password", JSON_WANT_STRING, false, false},
        };
        json_t *values[MEMBERS];
        *wish_out = (struct camera_wish){0};
        if (!json_members(document, members, MEMBERS, values, err) ||
            !read_dwell(values[DWELL], &wish_out->dwell_ms, err))
                return false;
        wish_out->name = text_of(values[NAME]);
        wish_out->zone = text_of(values[TIMEZONE]);
        wish_out->path_template = text_of(values[TEMPLATE]);
        wish_out->user = text_of(values[USER]);
        wish_out->password = text_of(values[PASSWORD]);
        return true;
}

/* A part of the picture in WINDOW_UNIT; what is far outside is left to be refused. */
static int32_t units_of(double part)
{
        if (!(part > -1000 && part < 1000))
                return -1;
        return (int32_t)lround(part * WINDOW_UNIT);
}

static bool read_window(const json_t *object, struct camera_window *window_out, struct error *err)
{
        enum { WINDOW, NAME, X, Y, WIDTH, HEIGHT, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [WINDOW] = {"window", JSON_WANT_INTEGER, true, false},
                [NAME] = {"name", JSON_WANT_STRING, false, true},
                [X] = {"x", JSON_WANT_NUMBER, true, false},
                [Y] = {"y", JSON_WANT_NUMBER, true, false},
                [WIDTH] = {"width", JSON_WANT_NUMBER, true, false},
                [HEIGHT] = {"height", JSON_WANT_NUMBER, true, false},
        };
        static const int64_t numbers[2] = {1, CAMERA_WINDOWS};
        json_t *values[MEMBERS];
        int64_t number;
        if (!json_members(object, members, MEMBERS, values, err) ||
            !json_read_integer(values[WINDOW], "window", numbers, &number, err))
                return false;
        const char *name = values[NAME] != NULL ? text_of(values[NAME]) : "";
        if (strlen(name) >= sizeof window_out->name)
                return error_set(err, ERROR_INPUT, "name: wanted are up to %zu bytes",
                                 sizeof window_out->name - 1);
        double x = json_number_value(values[X]);
        double y = json_number_value(values[Y]);
        *window_out =
                (struct camera_window){.number = (int)number, .x = units_of(x), .y = units_of(y)};
        /* By its far edges, so that what ends with the picture still does when it is rounded. */
        window_out->width = units_of(x + json_number_value(values[WIDTH])) - window_out->x;
        window_out->height = units_of(y + json_number_value(values[HEIGHT])) - window_out->y;
        memcpy(window_out->name, name, strlen(name));
        size_t ignored;
        return camera_windows_valid(window_out, 1, &ignored) ||
               error_set(err, ERROR_INPUT,
                         "wanted is a rectangle inside the picture, which goes from 0 to 1 both "
                         "ways, that is not empty, and a name without control characters");
}

static bool read_windows(const json_t *array, struct camera_window windows[static CAMERA_WINDOWS],
                         struct camera_change *change, struct error *err)
{
        change->window_count = json_array_size(array);
        if (change->window_count > CAMERA_WINDOWS)
                return error_set(err, ERROR_INPUT, "windows: wanted are at most %d",
                                 CAMERA_WINDOWS);
        for (size_t i = 0; i < change->window_count; i++) {
                if (!read_window(json_array_get(array, i), &windows[i], err))
                        return error_prefix(err, "windows[%zu]", i);
        }
        change->has_windows = true;
        change->windows = windows;
        return true;
}

bool camera_change_read(const json_t *document, struct camera_window windows[static CAMERA_WINDOWS],
                        struct camera_change *change_out, struct error *err)
{
        enum { NAME, TIMEZONE, DWELL, TEMPLATE, WINDOWS, DISABLED, IS_NEW, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [NAME] = {"name", JSON_WANT_STRING, false, false},
                [TIMEZONE] = {"timezone", JSON_WANT_STRING, false, false},
                [DWELL] = {"dwell", JSON_WANT_NUMBER, false, false},
                [TEMPLATE] = {"template", JSON_WANT_STRING, false, true},
                [WINDOWS] = {"windows", JSON_WANT_ARRAY, false, false},
                [DISABLED] = {"disabled", JSON_WANT_BOOL, false, false},
                [IS_NEW] = {"is_new", JSON_WANT_BOOL, false, false},
        };
        json_t *values[MEMBERS];
        *change_out = (struct camera_change){0};
        if (!json_members(document, members, MEMBERS, values, err) ||
            !read_dwell(values[DWELL], &change_out->dwell_ms, err) ||
            (values[WINDOWS] != NULL && !read_windows(values[WINDOWS], windows, change_out, err)))
                return false;
        change_out->name = text_of(values[NAME]);
        change_out->zone = text_of(values[TIMEZONE]);
        change_out->path_template = text_of(values[TEMPLATE]);
        change_out->has_disabled = values[DISABLED] != NULL;
        change_out->disabled = json_is_true(values[DISABLED]);
        change_out->has_is_new = values[IS_NEW] != NULL;
        change_out->is_new = json_is_true(values[IS_NEW]);
        return true;
}

/* ---- where to upload to ---- */

static void add_text_or_null(struct json *json, const char *name, const char *text)
{
        json_name(json, name);
        if (text != NULL && text[0] != '\0')
                json_text(json, text);
        else
                json_none(json);
}

static void add_port(struct json *json, const char *name, uint16_t port)
{
        if (port > 0)
                json_add_int(json, name, port);
        else
                json_add_null(json, name);
}

static void add_passive(struct json *json, const struct upload_target *target)
{
        json_name(json, "passive_ports");
        if (target->passive_first == 0) {
                json_none(json);
                return;
        }
        json_open_array(json);
        json_int(json, target->passive_first);
        json_int(json, target->passive_last);
        json_close_array(json);
}

void upload_target_write(struct json *json, const struct upload_target *target, const char *user,
                         const char *password)
{
        json_open_object(json);
        add_text_or_null(json, "user", user);
        add_text_or_null(json, "password", password);
        json_name(json, "addresses");
        json_open_array(json);
        for (size_t i = 0; i < target->count; i++)
                json_text(json, target->addresses[i]);
        json_close_array(json);
        add_port(json, "port", target->port);
        json_name(json, "tls");
        json_open_object(json);
        json_add_bool(json, "explicit", target->tls);
        add_port(json, "implicit_port", target->tls_port);
        json_add_bool(json, "required", target->tls_required);
        json_close_object(json);
        add_passive(json, target);
        json_add_bool(json, "only_this_machine", target->only_here);
        add_text_or_null(json, "off", target->off ? target->why : NULL);
        json_close_object(json);
}
