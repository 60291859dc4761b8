/* GET /events. */
#include <stdlib.h>

#include "base/json.h"
#include "query/answer.h"
#include "query/event_filter.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { EVENTS_BYTES_MOST = 16 << 20 };

static bool write_page(struct json *json, struct catalog *catalog, const struct event_plan *plan,
                       const struct event_page *page, struct error *err)
{
        bool fine = true;
        json_open_object(json);
        json_name(json, "events");
        json_open_array(json);
        for (size_t i = 0; fine && i < page->count; i++) {
                const struct camera *camera = event_plan_camera(plan, page->events[i].camera);
                fine = answer_event(json, catalog, camera, &page->events[i], err);
        }
        json_close_array(json);
        json_add_int(json, "total", page->total);
        if (page->more) {
                char next[EVENT_CURSOR_TEXT_SIZE];
                event_cursor_format(&page->next, plan->query.sort, plan->query.descending, next);
                json_add_string(json, "next", next);
        } else {
                json_add_null(json, "next");
        }
        json_close_object(json);
        return fine;
}

static bool filter_of(const struct request *request, struct event_filter *filter, struct error *err)
{
        event_filter_init(filter);
        for (size_t i = 0; i < request->parameter_count; i++) {
                const struct query_parameter *parameter = &request->parameters[i];
                if (parameter->value[0] != '\0' &&
                    !event_filter_set(filter, parameter->name, parameter->value, err))
                        return false;
        }
        return true;
}

static bool write_events(struct request *request, struct json *json, struct catalog *catalog,
                         struct error *err)
{
        struct event_filter filter;
        struct event_plan plan;
        if (!filter_of(request, &filter, err) || !event_plan_open(&plan, catalog, &filter, err))
                return false;
        if (plan.query.limit == 0)
                plan.query.limit = EVENTS_LIMIT_DEFAULT;
        struct event_page page = {0};
        bool fine = events_find(catalog, &plan.query, &page, err) &&
                    write_page(json, catalog, &plan, &page, err);
        event_page_free(&page);
        event_plan_close(&plan);
        return fine;
}

bool call_events(struct request *request, struct error *err)
{
        return reply_catalog_json(request, EVENTS_BYTES_MOST, write_events, err);
}
