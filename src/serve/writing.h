#pragma once

#include "base/error.h"
#include "base/text.h"

/*
 * Calls that change something wait for the catalog's one writer, which may be busy with much that
 * arrives. So their handlers run on threads of their own, from a bounded queue, with the connection
 * suspended; they hold up nobody who only looks. What they answer (reply.h) is kept and sent when
 * the connection is resumed.
 */
struct writing;
struct request;

bool writing_create(struct writing **writing_out, struct error *err) MUST_CHECK;

/* Finishes what has begun, answers what waits with "not now", and so whatever comes later. */
void writing_stop(struct writing *writing);

/* After the last request. Accepts NULL inside. */
void writing_destroy(struct writing **writing);

/* Suspends the request and runs its route's handler; ERROR_BUSY when too many wait. */
bool writing_run(struct writing *writing, struct request *request, struct error *err) MUST_CHECK;
