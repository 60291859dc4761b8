#include "serve/stretches.h"

#include <stdlib.h>
#include <string.h>

#include "serve/live.h"

bool named_camera(const json_t *value, struct named_stretch *stretch_out, struct error *err)
{
        const char *name = json_string_value(value);
        if (strlen(name) >= sizeof stretch_out->camera)
                return error_set(err, ERROR_NOT_FOUND, "there is no camera \"%.64s\"", name);
        memcpy(stretch_out->camera, name, strlen(name) + 1);
        return true;
}

bool stretch_read(const json_t *object, struct named_stretch *stretch_out, struct error *err)
{
        enum { CAMERA, FROM, TO, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [CAMERA] = {"camera", JSON_WANT_STRING, true, false},
                [FROM] = {"from", JSON_WANT_TIME, true, false},
                [TO] = {"to", JSON_WANT_TIME, true, false},
        };
        json_t *values[MEMBERS];
        struct named_stretch read = {0};
        if (!json_members(object, members, MEMBERS, values, err) ||
            !json_read_time(values[FROM], "from", &read.stretch.from, err) ||
            !json_read_time(values[TO], "to", &read.stretch.to, err))
                return false;
        if (read.stretch.from.ms > read.stretch.to.ms)
                return error_set(err, ERROR_INPUT, "to: lies before from");
        if (!named_camera(values[CAMERA], &read, err))
                return false;
        *stretch_out = read;
        return true;
}

bool stretches_read(const json_t *array, struct stretches *stretches_out, struct error *err)
{
        size_t count = json_array_size(array);
        if (count == 0 || count > STRETCHES_MOST)
                return error_set(err, ERROR_INPUT, "stretches: wanted are 1 .. %d of them",
                                 STRETCHES_MOST);
        struct named_stretch *items = calloc(count, sizeof *items);
        if (items == NULL)
                return error_set(err, ERROR_FULL, "no memory for the stretches");
        for (size_t i = 0; i < count; i++) {
                if (!stretch_read(json_array_get(array, i), &items[i], err)) {
                        free(items);
                        return error_prefix(err, "stretches[%zu]", i);
                }
        }
        *stretches_out = (struct stretches){items, count};
        return true;
}

bool stretches_resolve(struct stretches *stretches, struct catalog *catalog, struct error *err)
{
        struct camera camera = {0};
        for (size_t i = 0; i < stretches->count; i++) {
                struct named_stretch *item = &stretches->items[i];
                /* Mostly they are all of one. */
                if ((i == 0 || strcmp(item->camera, camera.name) != 0) &&
                    !catalog_camera_by_name(catalog, item->camera, &camera, err))
                        return false;
                item->stretch.camera = camera.id;
                memcpy(item->camera, camera.name, sizeof item->camera);
        }
        return true;
}

void stretches_tell(const struct stretches *stretches, struct live *live, const char *event)
{
        for (size_t i = 0; i < stretches->count; i++) {
                const struct named_stretch *first = &stretches->items[i];
                struct stretch hull = first->stretch;
                bool told = false;
                for (size_t k = 0; k < stretches->count && !told; k++) {
                        const struct stretch *other = &stretches->items[k].stretch;
                        if (other->camera.value != hull.camera.value)
                                continue;
                        told = k < i;
                        if (other->from.ms < hull.from.ms)
                                hull.from = other->from;
                        if (other->to.ms > hull.to.ms)
                                hull.to = other->to;
                }
                if (!told)
                        live_stretch(live, event, first->camera, &hull);
        }
}

void stretches_free(struct stretches *stretches)
{
        free(stretches->items);
        *stretches = (struct stretches){0};
}
