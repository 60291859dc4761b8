#include <stdlib.h>
#include <string.h>

#include "query/event_filter.h"

/* A bit no frame has: asked for alone, it finds nothing. */
#define KIND_OF_NO_FRAME (UINT64_C(1) << 63)

struct camera_list {
        struct camera *cameras;
        size_t count;
        size_t room;
        bool failed;
};

static bool list_camera(void *context, const struct camera *camera)
{
        struct camera_list *list = context;
        if (list->count == list->room) {
                size_t room = list->room == 0 ? 16 : list->room * 2;
                struct camera *grown = realloc(list->cameras, room * sizeof *grown);
                if (grown == NULL) {
                        list->failed = true;
                        return false;
                }
                list->cameras = grown;
                list->room = room;
        }
        list->cameras[list->count++] = *camera;
        return true;
}

static bool load_cameras(struct catalog *catalog, const struct event_filter *filter,
                         struct camera_list *list, struct error *err)
{
        bool ok = filter->camera_count > 0 || catalog_cameras(catalog, list_camera, list, err);
        for (size_t i = 0; ok && !list->failed && i < filter->camera_count; i++) {
                struct camera camera;
                ok = catalog_camera_by_name(catalog, filter->cameras[i], &camera, err) &&
                     (list_camera(list, &camera) || true);
        }
        if (ok && list->failed)
                ok = error_sys(err, "events");
        return ok;
}

/* Cameras of one zone share it. */
static bool load_zones(struct event_plan *plan, struct error *err)
{
        size_t count = plan->query.camera_count;
        plan->zones = calloc(count + 1, sizeof(struct zone *));
        if (plan->zones == NULL)
                return error_sys(err, "events");
        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < i && plan->zones[i] == NULL; j++) {
                        if (strcmp(plan->cameras[j].zone, plan->cameras[i].zone) == 0)
                                plan->zones[i] = plan->zones[j];
                }
                if (plan->zones[i] == NULL &&
                    !zone_load(plan->cameras[i].zone, &plan->zones[i], err))
                        return error_prefix(err, "camera \"%s\"", plan->cameras[i].name);
        }
        plan->query.zones = (const struct zone *const *)plan->zones;
        return true;
}

static uint64_t kinds_of(struct catalog *catalog, const struct event_filter *filter)
{
        uint64_t kinds = 0;
        for (size_t i = 0; i < filter->kind_count; i++) {
                int bit = catalog_kind_bit(catalog, filter->kinds[i]);
                kinds |= bit >= 0 ? UINT64_C(1) << bit : KIND_OF_NO_FRAME;
        }
        return kinds;
}

static bool open_plan(struct event_plan *plan, struct catalog *catalog,
                      const struct event_filter *filter, struct error *err)
{
        struct event_query *query = &plan->query;
        struct camera_list list = {0};
        if (utc_known(filter->from) && utc_known(filter->to) && filter->from.ms > filter->to.ms)
                return error_set(err, ERROR_INPUT, "from must not be later than to");
        if (filter->cursor[0] != '\0' &&
            !event_cursor_parse(filter->cursor, filter->sort, filter->descending, &query->after,
                                err))
                return error_prefix(err, "cursor");
        bool ok = load_cameras(catalog, filter, &list, err);
        plan->cameras = list.cameras;
        query->cameras = list.cameras;
        query->camera_count = list.count;
        query->from = filter->from;
        query->to = filter->to;
        query->dwell_ms = filter->dwell_ms;
        query->windows = filter->windows;
        query->kinds = kinds_of(catalog, filter);
        query->has_hours = filter->has_hours;
        query->hours_from_minute = filter->hours_from_minute;
        query->hours_to_minute = filter->hours_to_minute;
        query->weekdays = filter->weekdays;
        query->reviewed = filter->reviewed;
        query->pinned = filter->pinned;
        query->noted = filter->noted;
        query->sort = filter->sort;
        query->descending = filter->descending;
        query->limit = filter->limit;
        query->has_after = filter->cursor[0] != '\0';
        return ok && ((!filter->has_hours && filter->weekdays == 0) || load_zones(plan, err));
}

bool event_plan_open(struct event_plan *plan, struct catalog *catalog,
                     const struct event_filter *filter, struct error *err)
{
        *plan = (struct event_plan){0};
        if (open_plan(plan, catalog, filter, err))
                return true;
        event_plan_close(plan);
        return false;
}

void event_plan_close(struct event_plan *plan)
{
        for (size_t i = 0; plan->zones != NULL && i < plan->query.camera_count; i++) {
                struct zone *zone = plan->zones[i];
                for (size_t j = i + 1; j < plan->query.camera_count; j++) {
                        if (plan->zones[j] == zone)
                                plan->zones[j] = NULL;
                }
                zone_free(&zone);
        }
        free(plan->zones);
        free(plan->cameras);
        *plan = (struct event_plan){0};
}

const struct camera *event_plan_camera(const struct event_plan *plan, struct camera_id id)
{
        for (size_t i = 0; i < plan->query.camera_count; i++) {
                if (plan->cameras[i].id.value == id.value)
                        return &plan->cameras[i];
        }
        return NULL;
}
