#pragma once

#include "base/error.h"
#include "base/text.h"
#include "base/utc.h"

/*
 * Waiting for the right moment without a thread: paced playback suspends its connection until a
 * frame is due, and one thread resumes each in time.
 */
struct paced;
struct MHD_Connection;

bool paced_create(struct paced **paced_out, struct error *err) MUST_CHECK;

/* Wakes all; none waits from then on. */
void paced_stop(struct paced *paced);

/* After the last request. Accepts NULL inside. */
void paced_destroy(struct paced **paced);

/* Suspends the connection until `due`; for a content reader, which then returns 0. False when the
 * server is being stopped and the stream has to end. */
bool paced_wait(struct paced *paced, struct MHD_Connection *connection, struct mono due) MUST_CHECK;

/* One more stream; false when there are too many. */
bool paced_enter(struct paced *paced) MUST_CHECK;
void paced_leave(struct paced *paced);

void paced_metrics(struct paced *paced, struct text *out);
