#pragma once

#include "query/event_filter.h"
#include "serve/request.h"

/* The cameras a request names with `camera`, all when it names none, by the same rules as for
 * events. To be closed with event_plan_close. */
bool cameras_asked_open(const struct request *request, struct catalog *catalog,
                        struct event_plan *plan, struct error *err) MUST_CHECK;

/* Puts them in order of their ids, which stays the same from page to page. */
void cameras_asked_order(struct event_plan *plan);
