#include "serve/cameras_asked.h"

#include <stdlib.h>
#include <string.h>

bool cameras_asked_open(const struct request *request, struct catalog *catalog,
                        struct event_plan *plan, struct error *err)
{
        struct event_filter filter;
        event_filter_init(&filter);
        for (size_t i = 0; i < request->parameter_count; i++) {
                const struct query_parameter *parameter = &request->parameters[i];
                if (strcmp(parameter->name, "camera") == 0 && parameter->value[0] != '\0' &&
                    !event_filter_set(&filter, "camera", parameter->value, err))
                        return false;
        }
        return event_plan_open(plan, catalog, &filter, err);
}

static int compare_cameras(const void *a, const void *b)
{
        const struct camera *one = a;
        const struct camera *other = b;
        return (one->id.value > other->id.value) - (one->id.value < other->id.value);
}

void cameras_asked_order(struct event_plan *plan)
{
        qsort(plan->cameras, plan->query.camera_count, sizeof *plan->cameras, compare_cameras);
}
